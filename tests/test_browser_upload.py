"""Adding media in a real browser: dropped, chosen, pasted, cut off, chosen again, and without script."""

import io
import random
import wave

import pytest
from browsing import JSON, PHONE, axe_findings
from PIL import Image


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
    import base64

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


def test_a_pasted_picture(visit):
    page = visit("/submit/")
    page.evaluate(
        """() => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(10)], "image.png", {type: "image/png"}));
            document.dispatchEvent(
                new ClipboardEvent("paste", {clipboardData: carried, bubbles: true, cancelable: true}));
        }"""
    )
    assert page.locator("#rows .row").count() == 1


def test_what_one_has_already_is_said_with_a_link(visit):
    page = visit("/submit/")
    data = photo(3)
    for name, state in (("once.jpg", "done"), ("twice.jpg", "have")):
        page.set_input_files("#file", as_files((name, "image/jpeg", data)))
        page.click("#start")
        wait_for_state(page, name, state)
    assert row(page, "twice.jpg").locator(".row-said a").get_attribute("href").endswith("/m/once/")


def test_what_cannot_be_taken_is_said_in_the_servers_words(visit, live):
    page = visit("/submit/")
    page.set_input_files("#file", as_files(("letter.doc", "application/msword", b"\xd0\xcf\x11\xe0" * 2000)))
    page.set_input_files("#file", as_files(("nothing.jpg", "image/jpeg", b"")))
    page.click("#start")
    wait_for_state(page, "letter.doc", "failed")
    assert "not a kind of file" in row(page, "letter.doc").locator(".row-said").inner_text()
    assert "empty" in row(page, "nothing.jpg").locator(".row-said").inner_text()
    live.forgive("status of 415")


def watched(page):
    """The offsets of all PATCHes a page sends."""
    offsets = []
    page.on("request", lambda r: r.method == "PATCH" and offsets.append(int(r.headers["upload-offset"])))
    return offsets


def test_it_goes_on_by_itself_after_the_server_was_killed(visit, live):
    page, data = visit("/submit/"), big_sound(5)
    offsets = watched(page)
    page.set_input_files("#file", as_files(("cut.wav", "audio/wav", data)))
    page.click("#start")
    page.wait_for_function("() => document.querySelector('#rows progress').value > 0.3")
    live.stop(9)
    wait_for_state(page, "cut.wav", "lost")
    live.start()
    wait_for_state(page, "cut.wav", "done", 40_000)
    assert original_of(page, "cut.wav") == data
    assert len(offsets) == len(set(offsets)) or offsets.count(0) <= 2
    live.forgive("ERR_CONNECTION", "ERR_EMPTY_RESPONSE", "ERR_SOCKET", "Failed to load resource")


def test_a_lost_line_and_a_closed_tab(visit, live, tmp_path):
    data, file = big_sound(6), tmp_path / "tab.wav"
    file.write_bytes(data)
    page = visit("/submit/")
    page.set_input_files("#file", file)
    page.context.route("**/upload/*", lambda route: stop_after_the_first(route))
    page.click("#start")
    wait_for_state(page, "tab.wav", "lost")
    page.close(run_before_unload=False)
    again = visit("/submit/")
    offsets = watched(again)
    again.set_input_files("#file", file)
    again.click("#start")
    wait_for_state(again, "tab.wav", "done", 40_000)
    assert offsets and min(offsets) >= 4 << 20, "what arrived is not sent again"
    assert original_of(again, "tab.wav") == data
    live.forgive("ERR_FAILED", "Failed to load resource")


def stop_after_the_first(route):
    first = route.request.method != "PATCH" or route.request.headers["upload-offset"] == "0"
    route.continue_() if first else route.abort()


def test_a_file_left_out_is_not_kept(visit):
    page = visit("/submit/")
    page.context.route("**/upload/*", lambda r: r.abort() if r.request.method == "PATCH" else r.continue_())
    page.set_input_files("#file", as_files(("unwanted.jpg", "image/jpeg", photo(8))))
    page.locator("#rows [data-do=cancel]").click()
    assert (
        page.locator("#rows .row").count() == 0
        or row(page, "unwanted.jpg").get_attribute("data-state") == "stopped"
    )


def test_without_script_the_form_does_it(visit):
    page = visit("/submit/", java_script_enabled=False)
    page.set_input_files(
        "#file", as_files(("plain.jpg", "image/jpeg", photo(9)), ("two.jpg", "image/jpeg", photo(10)))
    )
    page.click("button.primary")
    assert page.request.get("/u/ann/m/plain/", headers=JSON).json()["title"] == "plain"
    assert page.request.get("/u/ann/m/two/").ok


def test_the_panel_follows_without_loading_again(visit):
    page = visit("/u/ann/panel/")
    page.evaluate("() => { window.sameDocument = true; }")
    page.request.post(
        "/submit/",
        multipart={
            "file": {"name": "panel.jpg", "mimeType": "image/jpeg", "buffer": photo(11, (2000, 1500))}
        },
        headers={**JSON, "Origin": page.url.split("/u/")[0]},
    )
    page.goto("/u/ann/panel/")
    page.evaluate("() => { window.sameDocument = true; }")
    page.locator('[data-id][data-state="processed"]', has_text="panel").wait_for(timeout=15_000)
    assert page.evaluate("() => window.sameDocument")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/submit/", "/u/ann/panel/"])
def test_axe_finds_nothing_serious(visit, path, scheme):
    page = visit(path, scheme=scheme)
    if path == "/submit/":
        page.set_input_files(
            "#file", as_files(("a.jpg", "image/jpeg", photo(12)), ("empty.jpg", "image/jpeg", b""))
        )
    assert axe_findings(page) == []


def test_nothing_overflows_on_a_phone(visit):
    page = visit("/submit/", size=PHONE)
    page.set_input_files("#file", as_files((f"{'long' * 30}.jpg", "image/jpeg", photo(13))))
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
