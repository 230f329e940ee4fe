"""Adding media in a real browser: dropped, chosen, pasted, cut off, chosen again, and without script."""

import base64
import io
import random
import wave
from functools import lru_cache

import pytest
from browsing import JSON, PHONE, axe_findings
from PIL import Image
from slow_line import SlowLine

from goblin.web.pages import lasting


def photo(seed, size=(400, 300), form="JPEG") -> bytes:
    noise = random.Random(seed).randbytes(size[0] * size[1] * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", size, noise).save(out, form, quality=90)
    return out.getvalue()


def sound(seconds=1) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(random.Random(seconds).randbytes(16000 * seconds))
    return out.getvalue()


@lru_cache
def big_sound(seed, size=11_000_000) -> bytes:
    """A WAV of several parts; its middle never repeats, so that a byte in the wrong place shows."""
    body = random.Random(seed).randbytes(size)
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += bytes.fromhex("0100010044ac00008858010002001000") + b"data" + size.to_bytes(4, "little")
    return head + body


def as_files(*files):
    return [{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files]


def drop(page, *files):
    """Drop files onto the page as a person does."""
    given = [[name, mime, base64.b64encode(data).decode()] for name, mime, data in files]
    page.evaluate(
        """files => {
            const carried = new DataTransfer();
            for (const [name, type, data] of files) {
                const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
                carried.items.add(new File([bytes], name, {type}));
            }
            for (const kind of ["dragover", "drop"])
                document.body.dispatchEvent(
                    new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
        }""",
        given,
    )


def row(page, name):
    return page.locator("#rows .row", has_text=name)


def wait_for_state(page, name, state, timeout=20_000):
    page.locator(f'#rows .row[data-state="{state}"]', has_text=name).wait_for(timeout=timeout)


def original_of(page, name):
    """The bytes of the medium of that file name, as its owner gets them back."""
    items = page.request.get("/u/ann/panel/", headers=JSON).json()["items"]
    address = next(
        i["files"]["original"]["url"] for i in items if i["files"]["original"]["url"].endswith(name)
    )
    return page.request.get(address).body()


def test_dropped_chosen_and_pasted(visit):
    page = visit("/submit/")
    page.check('input[name="visibility"][value="public"]')
    page.fill("#collection", "Holiday")
    page.fill("#tags", "sea, sun")
    first, second = photo(1), photo(2, form="PNG")
    drop(page, ("drop.jpg", "image/jpeg", first), ("noise.wav", "audio/wav", sound()))
    page.set_input_files("#file", as_files(("chosen.png", "image/png", second)))
    assert page.locator("#rows .row").count() == 3
    page.click("#start")
    for name in ("drop.jpg", "noise.wav", "chosen.png"):
        wait_for_state(page, name, "done")
    assert page.locator("#said").inner_text() == "All 3 are in."
    assert original_of(page, "drop.jpg") == first
    item = page.request.get("/u/ann/m/drop/", headers=JSON).json()
    assert (item["visibility"], item["tags"]) == ("public", ["sea", "sun"])
    assert page.request.get("/u/ann/collection/holiday/").ok
    page.click("#see")
    page.wait_for_url("**/u/ann/gallery/")


def test_a_folders_name_is_proposed_as_the_collection(visit, tmp_path):
    folder = tmp_path / "Trip to the sea"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo(7))
    page = visit("/submit/")
    page.set_input_files("#folder", folder)
    assert page.input_value("#collection") == "Trip to the sea"
    page.fill("#collection", "Mine")
    page.set_input_files("#folder", folder)
    assert page.input_value("#collection") == "Mine"


def test_what_has_no_small_picture_shows_its_kind_and_ending(visit):
    page = visit("/submit/")
    page.set_input_files(
        "#file", as_files(("IMG_1.HEIC", "", b"x"), ("IMG_1.MOV", "", b"y"), ("odd", "", b"z"))
    )
    signs = [
        sign.get_attribute("href").partition("#")[2] for sign in page.locator("#rows .preview use").all()
    ]
    assert signs == ["image", "video", "file"]
    assert page.locator("#rows .preview small").all_inner_texts() == ["HEIC", "MOV", ""]


def test_a_pasted_picture_gets_a_name_of_its_own(visit):
    page = visit("/submit/")
    page.evaluate(
        """data => {
            const carried = new DataTransfer();
            const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
            carried.items.add(new File([bytes], "image.png", {type: "image/png"}));
            document.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true}));
        }""",
        base64.b64encode(photo(4, form="PNG")).decode(),
    )
    assert row(page, "Pasted 20").locator(".row-name").inner_text().endswith(".png")
    page.click("#start")
    wait_for_state(page, "Pasted 20", "done")


def test_folders_are_walked_through_and_what_systems_leave_is_not_taken(visit, tmp_path):
    deep = tmp_path / "Holiday" / "Day 1"
    deep.mkdir(parents=True)
    for name in ("a.jpg", ".DS_Store", "Thumbs.db", "Day 1/b.jpg"):
        (tmp_path / "Holiday" / name).write_bytes(photo(name))
    names = (
        "Array.from(document.querySelectorAll('.row-name'), name => [name.textContent, name.title]).sort()"
    )
    wanted = [["a.jpg", "Holiday/a.jpg"], ["b.jpg", "Holiday/Day 1/b.jpg"]]
    page = visit("/submit/")
    page.set_input_files("#folder", tmp_path / "Holiday")
    assert page.evaluate(names) == wanted
    page.reload()
    carried = {"items": [], "files": [str(tmp_path / "Holiday")], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": carried})
    page.locator("#rows .row >> nth=1").wait_for()
    assert page.evaluate(names) == wanted


def test_what_one_has_already_is_said_with_a_link(visit):
    page = visit("/submit/")
    data = photo(3)
    for name, state in (("once.jpg", "done"), ("twice.jpg", "have")):
        page.set_input_files("#file", as_files((name, "image/jpeg", data)))
        page.click("#start")
        wait_for_state(page, name, state)
    assert row(page, "twice.jpg").locator(".row-said a").get_attribute("href").endswith("/m/once/")


def test_what_one_has_already_is_not_sent_again(visit, tmp_path):
    file = tmp_path / "known.jpg"
    file.write_bytes(photo(21))
    for state, parts in (("done", [0]), ("have", [])):
        page = visit("/submit/")
        offsets = watched(page)
        page.set_input_files("#file", file)
        page.click("#start")
        wait_for_state(page, "known.jpg", state)
        assert offsets == parts
    assert row(page, "known.jpg").locator(".row-said a").get_attribute("href").endswith("/m/known/")


def test_what_cannot_be_taken_is_said_in_the_servers_words(visit, live):
    page = visit("/submit/")
    page.set_input_files("#file", as_files(("letter.doc", "application/msword", b"\xd0\xcf\x11\xe0" * 2000)))
    page.set_input_files("#file", as_files(("nothing.jpg", "image/jpeg", b"")))
    page.click("#start")
    wait_for_state(page, "letter.doc", "failed")
    assert "not a kind of file" in row(page, "letter.doc").locator(".row-said").inner_text()
    assert "empty" in row(page, "nothing.jpg").locator(".row-said").inner_text()
    live.forgive("status of 415")


def test_who_was_logged_out_is_told_what_to_do(visit, live):
    page = visit("/submit/")
    page.set_input_files("#file", as_files(("late.jpg", "image/jpeg", photo(14))))
    page.context.clear_cookies()
    page.click("#start")
    wait_for_state(page, "late.jpg", "failed")
    assert "Log in again and choose the same files" in row(page, "late.jpg").inner_text()
    live.forgive("status of 401")


def test_who_is_logged_out_in_the_middle_of_a_file_is_told_what_to_do(visit, live, line):
    page = visit(line.address("/submit/"))
    begin(page, as_files(("half.wav", "audio/wav", big_sound(8))), 0.45)
    page.context.clear_cookies()
    line.rate = 0
    wait_for_state(page, "half.wav", "failed")
    assert "Log in again and choose the same files" in row(page, "half.wav").inner_text()
    live.forgive("status of 401")


def watched(page):
    """The offsets of all PATCHes a page sends."""
    offsets = []
    page.on("request", lambda r: r.method == "PATCH" and offsets.append(int(r.headers["upload-offset"])))
    return offsets


@pytest.fixture
def line(live):
    """What lies between browser and server here: a line that carries 4 MB a second."""
    line = SlowLine(live.server.port)
    line.rate = 4_000_000
    yield line
    line.close()


def begin(page, files, at):
    """Choose and start; returns the offsets that are sent, once this part of the file is on its way."""
    offsets = watched(page)
    page.set_input_files("#file", files)
    page.click("#start")
    page.wait_for_function(f"() => document.querySelector('#rows progress').value > {at}")
    return offsets


def test_it_goes_on_by_itself_after_the_server_was_killed(visit, live, line):
    page, data = visit(line.address("/submit/")), big_sound(5)
    offsets = begin(page, as_files(("cut.wav", "audio/wav", data)), 0.45)
    live.stop(9)
    wait_for_state(page, "cut.wav", "lost")
    live.start()
    line.rate = 0
    wait_for_state(page, "cut.wav", "done", 40_000)
    assert original_of(page, "cut.wav") == data
    assert offsets == sorted(offsets) and offsets.count(0) == 1, "what the server had is not sent again"
    live.forgive("net::ERR_")


def test_a_cut_line_goes_on_at_once_when_it_is_back_and_each_byte_goes_over_it_once(visit, live, line):
    page, data = visit(line.address("/submit/")), big_sound(7)
    offsets = begin(page, as_files(("line.wav", "audio/wav", data)), 0.2)
    line.cut()
    page.context.set_offline(True)
    row(page, "line.wav").get_by_text("Trying again in 4 s").wait_for()
    line.mend()
    line.rate = 0
    with page.expect_response("**/upload/*", timeout=2500):
        page.context.set_offline(False)
    wait_for_state(page, "line.wav", "done")
    assert original_of(page, "line.wav") == data
    assert offsets == sorted(set(offsets)) and offsets[1] % (4 << 20), "part of a PATCH is kept"
    assert 0 < line.sent - len(data) < 50_000, "no byte twice; the rest are headers"
    live.forgive("net::ERR_")


def test_a_closed_tab_warns_and_the_same_file_goes_on_where_it_stopped(visit, tmp_path, line):
    data, file = big_sound(6), tmp_path / "tab.wav"
    file.write_bytes(data)
    page = visit(line.address("/submit/"))
    begin(page, file, 0.2)
    warned = []
    page.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    assert warned == ["beforeunload"]
    line.rate = 0
    again = visit(line.address("/submit/"))
    offsets = watched(again)
    again.set_input_files("#file", file)
    again.click("#start")
    row(again, "tab.wav").get_by_text("Goes on where it stopped").wait_for()
    wait_for_state(again, "tab.wav", "done")
    assert offsets == sorted(set(offsets)) and offsets[0] > 0, "what arrived is not sent again"
    assert original_of(again, "tab.wav") == data


def test_files_are_known_again_where_the_browser_has_no_crypto(visit):
    page = visit("/submit/")
    page.add_init_script("Object.defineProperty(crypto, 'subtle', {value: undefined})")
    page.reload()
    marks = page.evaluate(
        """async () => {
            const { fingerprint } = await import("/static/fingerprint.js");
            const file = (text, name = "a") => new File([text.repeat(200000)], name, {lastModified: 5});
            return Promise.all([file("x"), file("x"), file("y"), file("x", "b")].map(fingerprint));
        }"""
    )
    assert marks[0] == marks[1] and len(set(marks)) == 3 and all(len(mark) == 32 for mark in marks)


def test_a_file_left_out_is_thrown_away_and_can_come_back(visit, live):
    page = visit("/submit/")
    cut = "**/upload/*"
    page.route(cut, lambda r: r.abort() if r.request.method == "PATCH" else r.continue_())
    page.set_input_files("#file", as_files(("unwanted.jpg", "image/jpeg", photo(8))))
    page.click("#start")
    wait_for_state(page, "unwanted.jpg", "lost")
    with page.expect_response(lambda r: r.request.method == "DELETE") as answer:
        page.get_by_role("button", name="Leave unwanted.jpg out").click()
    assert answer.value.status == 204
    assert row(page, "unwanted.jpg").get_attribute("data-state") == "stopped"
    page.unroute(cut)
    page.get_by_role("button", name="Try unwanted.jpg again").click()
    wait_for_state(page, "unwanted.jpg", "done")
    live.forgive("net::ERR_FAILED")


def test_without_script_the_form_does_it(visit):
    page = visit("/submit/", java_script_enabled=False)
    page.set_input_files(
        "#file", as_files(("plain.jpg", "image/jpeg", photo(9)), ("two.jpg", "image/jpeg", photo(10)))
    )
    page.click("button.primary")
    assert page.request.get("/u/ann/m/plain/", headers=JSON).json()["title"] == "plain"
    assert page.request.get("/u/ann/m/two/").ok


def test_the_panel_follows_without_loading_again(visit):
    page = visit("/submit/", java_script_enabled=False)
    damaged = photo(16)[:700] + bytes(9000)
    photos = [(f"work {n}.jpg", "image/jpeg", photo(n, (1800, 1400))) for n in range(20, 24)]
    page.set_input_files("#file", as_files(("damaged.jpg", "image/jpeg", damaged), *photos))
    page.click("button.primary")
    page = visit("/u/ann/panel/")
    assert page.locator('[data-state="unprocessed"], [data-state="processing"]').count()
    page.evaluate("() => { window.sameDocument = true; }")
    page.get_by_text("Nothing waits any more.").wait_for(timeout=20_000)
    assert page.locator("[data-id][data-state=processed]", has_text="work").locator("img").count() == 4
    failed = page.locator("[data-id][data-state=failed]", has_text="damaged")
    assert failed.get_by_role("button", name="Try damaged again").count() == 1
    assert page.locator("[data-waiting]").is_hidden()
    assert page.evaluate("() => window.sameDocument")


@pytest.mark.parametrize("path", ["/submit/", "/u/ann/panel/"])
def test_time_left_is_said_as_the_server_says_it(visit, path):
    lengths = [0.2, 34, 59, 60, 61, 3540, 3541, 3600, 8430]
    said = visit(path).evaluate(
        "async lengths => { const { time } = await import('/static/says.js'); return lengths.map(time); }",
        lengths,
    )
    assert said == [lasting(seconds) for seconds in lengths]
    assert said[1] == "35 s" and said[-1] == "2 h 21 min"


@pytest.mark.parametrize("path", ["/submit/", "/u/ann/panel/"])
def test_axe_finds_nothing_serious(visit, path):
    page = visit(path)
    if path == "/submit/":
        page.set_input_files(
            "#file", as_files(("a.jpg", "image/jpeg", photo(12)), ("empty.jpg", "image/jpeg", b""))
        )
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_timeout(200)  # colours change in 150 ms
        assert axe_findings(page) == []


def test_nothing_overflows_on_a_phone(visit):
    page = visit("/submit/", size=PHONE)
    page.set_input_files("#file", as_files((f"{'long' * 30}.jpg", "image/jpeg", photo(13))))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
