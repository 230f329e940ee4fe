"""Documents: pages, title and words as the corpus says; nothing in them runs; endless ones end."""

import errno
import json
import os
import re
import signal
import socket
import sys
import time

import pytest
from booted import JSON
from decoded import rows
from PIL import Image

from goblin import events, jobs, media, reprocessing
from goblin.media import Missing, Unreadable
from goblin.media.child import apart
from goblin.media.paper import locked
from goblin.media.paper.document import Document
from goblin.media.pdf import Work
from goblin.media.sandbox import Failed
from goblin.models import Media

SAMPLE = {"pdf/pdflatex-4-pages.pdf", "pdf/google-doc-document.pdf", "pdf/a-text-pass-peanuts.pdf"}


def document(*bodies: str, root="/Type /Catalog /Pages 2 0 R", trailer="") -> bytes:
    """A PDF of objects 2, 3 ... as given, after its catalog."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate((f"<< {root} >>", *bodies), start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    start, count = len(out), len(places) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R {trailer} >>\n".encode()
    return out + f"startxref\n{start}\n%%EOF\n".encode()


def pages(count: int, box="0 0 300 200", **more) -> bytes:
    """A document of `count` empty pages."""
    kids = " ".join(f"{number} 0 R" for number in range(3, 3 + count))
    leaf = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] >>"
    return document(f"<< /Type /Pages /Count {count} /Kids [{kids}] >>", *[leaf] * count, **more)


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def hold_against(row, result):
    assert result.columns["pages"] == int(row["pages"]), row["path"]
    assert result.columns.get("title", "") == row["title"], row["path"]
    known = json.loads(row["facts_json"])
    if known["encrypted"] == "yes":
        assert result.data["locked"] and not result.files
        return
    assert result.columns.get("author", "") == known.get("author", ""), row["path"]
    ahead = min(int(row["pages"]), media.TYPES["pdf"].options["ahead"][0])
    assert {"thumb", "thumb2", "view", *(f"page-{n + 1}" for n in range(ahead))} == set(result.files)
    start = squeezed(known.get("text_start", ""))
    if start.isascii():
        assert start in squeezed(result.data["text"]), row["path"]


def test_a_sample_of_documents(decode, corpus):
    for row in rows(corpus, "pdf"):
        if row["path"] in SAMPLE:
            hold_against(row, decode(corpus / row["path"], "pdf"))


@pytest.mark.long
def test_every_document(decode, corpus):
    for row in rows(corpus, "pdf"):
        hold_against(row, decode(corpus / row["path"], "pdf"))


def test_pages_are_large_enough_to_read_and_not_empty(decode, corpus):
    result = decode(corpus / "pdf/pdflatex-4-pages.pdf", "pdf")
    for role, longest in (
        ("thumb", 320),
        ("thumb2", 640),
        ("view", 1280),
        ("page-1", 1600),
        ("page-4", 1600),
    ):
        with Image.open(decode.copy(role)) as image:
            file = result.files[role]
            assert image.size == (file.width, file.height)
            assert max(image.size) == longest
            assert image.convert("L").getextrema()[0] < 160, "thin letters are grey when they are small"
    assert sum(path.stat().st_size for path in decode.out.iterdir()) < 300_000 * 4


def test_work_is_told_in_per_cent_and_bounded(decode):
    told = []
    path = decode.write("long.pdf", pages(40))
    result = decode(path, "pdf", progress=lambda part, *step: told.append(part), pages=12)
    assert result.columns["pages"] == 40
    assert result.data["shown"] == 12 and drawn(result) == list(range(1, 13))
    assert told and all(0 <= part <= 100 for part in told)
    assert drawn(decode(path, "pdf", patience=0)) == [1]
    assert drawn(decode(path, "pdf", ahead=7)) == list(range(1, 8))


def drawn(result) -> list[int]:
    return sorted(int(role[5:]) for role in result.files if role.startswith("page-"))


def test_steps_draw_their_own(decode):
    path = decode.write("long.pdf", pages(40))
    first = decode(path, "pdf", steps=["facts", "thumbs"])
    assert set(first.files) == {"thumb", "thumb2", "view", "page-1"} and first.needless == ["more"]
    assert drawn(decode(path, "pdf", steps=["pages"], ahead=9)) == list(range(1, 10))
    further = decode(path, "pdf", steps=["more"], asked=[37, 45, 1, 28])
    assert drawn(further) == [37, 38, 39, 40] and further.data["drawn"] == [1, 28, 37]
    assert drawn(decode(path, "pdf", steps=["more"])) == []
    assert decode(path, "pdf", steps=["facts"]).files == {}
    single = decode(decode.write("one.pdf", pages(1)), "pdf", steps=["facts", "thumbs"])
    assert single.needless == ["pages", "more"]


def test_ten_thousand_pages_are_no_more_work_than_some(decode):
    path = decode.write("endless.pdf", pages(10_000))
    begun = time.monotonic()
    result = decode(path, "pdf", steps=["facts", "thumbs"])
    assert result.columns["pages"] == 10_000 and result.data["shown"] == 2000
    assert drawn(decode(path, "pdf", steps=["pages"])) == list(range(1, 31))
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize(
    ("head", "is_it"),
    [
        (b"%PDF-1.7\n", True),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", True),
        (b"GIF89a%PDF-1.4", False),
        (b"<html>%PDF-1.4", False),
        (b" " * 1030 + b"%PDF-1.4", False),
        (b"", False),
    ],
)
def test_told_by_its_header(head, is_it):
    assert bool(media.TYPES["pdf"].sniff(head, "x.pdf")) is is_it


@pytest.mark.parametrize("claimed", ["1000000000", "-5", "4294967297", "7"])
def test_a_claimed_count_is_not_believed(decode, claimed):
    data = document(
        f"<< /Type /Pages /Count {claimed} /Kids [3 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    )
    assert decode(decode.write("count.pdf", data), "pdf").columns["pages"] == 1


@pytest.mark.parametrize(
    ("box", "size"),
    [("0 0 1000000 1000000", (1600, 1600)), ("0 0 3 300000", (1, 1600)), ("0 0 0.001 0.001", None)],
)
def test_pages_of_any_size_become_pictures_of_ours(decode, box, size):
    result = decode(decode.write("box.pdf", pages(1, box)), "pdf")
    assert max(result.columns["width"], result.columns["height"]) == 1600
    assert size is None or (result.columns["width"], result.columns["height"]) == size


def test_endless_trees_end(decode):
    itself = document("<< /Type /Pages /Count 1 /Kids [2 0 R] >>")
    circle = document(
        "<< /Type /Pages /Count 9 /Kids [3 0 R 3 0 R 4 0 R] >>",
        "<< /Type /Pages /Parent 2 0 R /Count 9 /Kids [2 0 R 2 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    )
    deep = document(
        *[f"<< /Type /Pages /Count 1 /Kids [{n} 0 R] >>" for n in range(3, 3003)],
        "<< /Type /Page /Parent 3002 0 R /MediaBox [0 0 300 200] >>",
    )
    for number, data in enumerate((itself, circle, deep)):
        path = decode.write(f"{number}.pdf", data)
        try:
            assert decode(path, "pdf").columns["pages"] < 100
        except Failed as failed:
            assert failed.sentence.endswith(".")


def test_nothing_runs_and_nothing_is_fetched(decode, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        at = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        mark = tmp_path / "ran"
        actions = (
            f"/OpenAction << /S /JavaScript /JS (this.submitForm\\('{at}'\\);) "
            f"/Next [<< /S /URI /URI ({at}) >> << /S /Launch /F (touch {mark}) >>"
            f" << /S /GoToR /F << /FS /URL /F ({at}) >> /D [0 /Fit] >>] >> /AA << /WC 1 0 R >>"
        )
        data = pages(2, root=f"/Type /Catalog /Pages 2 0 R {actions}")
        assert drawn(decode(decode.write("a.pdf", data), "pdf")) == [1, 2]
        with pytest.raises(TimeoutError):
            server.accept()
    assert not mark.exists()


def test_text_is_clean_and_bounded(decode):
    title = (
        "/Title (\\376\\377\\000A\\040\\056\\000<\\000b\\000>\\000\\007\\000B) /Author (" + "x" * 5000 + ")"
    )
    columns = decode(
        decode.write("t.pdf", document(*_one_page(), f"<< {title} >>", trailer="/Info 4 0 R")), "pdf"
    ).columns
    assert columns["title"] == "A<b>B"
    assert columns["author"] == "x" * 300


def _one_page():
    return (
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    )


def test_a_damaged_one_says_so(decode):
    assert "damaged" in decode.refusal(decode.write("d.pdf", b"%PDF-1.4\n" + b"\xff" * 5000), "pdf")


def test_without_the_package_it_says_what_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    (tmp_path / "a.pdf").write_bytes(pages(1))
    with pytest.raises(Missing, match="pypdfium2"):
        Document(tmp_path / "a.pdf")


def test_no_page_at_all(tmp_path):
    (tmp_path / "a.pdf").write_bytes(pages(0))
    with pytest.raises(Unreadable, match="pages can be read"):
        Document(tmp_path / "a.pdf")


def test_a_locked_count_is_looked_for_and_not_believed_blindly(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pages(3))
    assert locked.pages(path) == 3
    path.write_bytes(document("<< /Type /Pages /Count 999999 /Kids [] >>"))
    assert locked.pages(path) is None
    path.write_bytes(b"%PDF-1.7 /Type /Pages")
    assert locked.pages(path) is None


def test_hostile_documents_settle(decode, corpus):
    shown = {}
    for row in rows(corpus, "hostile-pdf-active", "hostile-bomb", "hostile-damaged", "hostile-truncated"):
        if row["path"].endswith(".pdf"):
            try:
                shown[row["path"]] = decode(corpus / row["path"], "pdf").columns["pages"]
            except Failed as failed:
                assert failed.sentence.endswith("."), row["path"]
    assert set(shown.values()) == {1}
    assert len(shown) >= 5


def test_the_gallery_shows_pages_and_hands_out_a_download(site, corpus):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "paper.pdf", pages(5))
    address = f"/u/ann/m/{medium.slug}/"
    leaves = ann.get(address).html.find_all("a", class_="leaf")
    assert [leaf.img["alt"] for leaf in leaves] == [f"Page {n} of 5" for n in range(1, 6)]
    assert [leaf.img.get("loading") for leaf in leaves] == [None, None, "lazy", "lazy", "lazy"]
    for leaf in leaves:
        assert leaf.img["width"] == "1600" and leaf.img["height"]
        assert ann.get(leaf["href"]).content_type == "image/webp"
    item = ann.get(address, headers=JSON).json
    assert item["kind"] == "pdf" and item["facts"]["pages"] == 5
    for file in ("original", "download"):
        answer = ann.get(item["files"][file]["url"].partition("localhost")[2])
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_the_gallery_says_that_one_is_locked(site, corpus):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "locked.pdf", (corpus / "pdf/a-text-pass-peanuts.pdf").read_bytes())
    assert (medium.kind, medium.state) == ("pdf", "processed")
    page = ann.get(f"/u/ann/m/{medium.slug}/")
    assert "password" in page.html.find(class_="stage").text
    assert page.html.find(class_="stage").find("a", download=True)


def test_markup_in_a_title_is_words(site, corpus):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "a.pdf", (corpus / "hostile/pdf_title_html.pdf").read_bytes())
    page = ann.get(f"/u/ann/m/{medium.slug}/")
    assert page.html.find("h1").text == '<script>window.__corpus_xss=1;alert("corpus")</script>'
    assert not [s for s in page.html.find_all("script") if "__corpus_xss" in s.text]
    assert not page.html.find("img", onerror=True)


# --- a page at a time


def numbers(page) -> list[int]:
    """The pages a page of the gallery shows."""
    return [int(leaf.img["alt"].split()[1]) for leaf in page.html.find_all("a", class_="leaf")]


@pytest.fixture
def long(make_site):
    """(site, ann's browser, address) of 25 pages, drawn ten at a time, of which only the first is ready."""
    site = make_site(GOBLIN_MEDIA_PDF_AHEAD="10")
    ann = site.sign_in("ann", admin=True)
    medium = site.upload(ann, "long.pdf", pages(25), visibility="public")
    jobs.process(medium.id)
    return site, ann, f"/u/ann/m/{medium.slug}/"


def test_the_first_page_is_there_at_once_and_the_others_follow(long):
    site, ann, address = long
    medium = Media.get()
    assert medium.ready and (medium.state, medium.todo) == ("unprocessed", "pages")
    nobody = site.browser()
    page = nobody.get(address)
    assert numbers(page) == [1] and "Pages 1 to 10 are being drawn" in page.text
    assert page.html.find("figure", class_="stage")["data-poll"].endswith(address)
    assert page.html.find("a", string="Look again")["href"].endswith("?page=1")
    site.process()
    assert Media.get().state == "processed" and reprocessing.plan(reprocessing.Wish()).work == []
    page = nobody.get(address)
    assert numbers(page) == list(range(1, 11)) and "being drawn" not in page.text
    assert not page.html.find("figure", class_="stage").get("data-poll")
    assert page.html.find("a", string="Pages 11 to 20")["href"].endswith("?page=11")


def test_further_pages_are_drawn_once_somebody_opens_them(long):
    site, ann, address = long
    nobody, told = site.browser(), []
    events.on("media.processed", lambda item: told.append(item.id))
    site.process()
    assert told == [Media.get().id], "that it is done is told once, when its first pages are there, too"
    told.clear()
    updated = Media.get().updated
    queued = jobs.workshop.waiting()
    for _ in range(3):
        page = nobody.get(address + "?page=23")
        assert numbers(page) == [] and "Pages 21 to 25 are being drawn" in page.text
    assert jobs.workshop.waiting() == queued + 1
    assert numbers(nobody.get(address)) == list(range(1, 11)), "what there is stays on show"
    jobs.workshop.lanes["quick"].flush()
    site.process()
    assert Media.get().updated == updated and told == [], "what a reader opens is no news to others"
    page = nobody.get(address + "?page=23")
    assert numbers(page) == [23, 24, 25] and "Pages 21 to 22" in page.text, (
        "the page that was asked for comes first"
    )
    assert numbers(nobody.get(address)) == list(range(1, 11))
    nobody.get(address + "?page=11")
    site.process()
    for page, first, last in ((1, 1, 10), (14, 14, 20), (25, 25, 25), (99, 25, 25), ("x", 1, 10)):
        assert numbers(nobody.get(f"{address}?page={page}")) == list(range(first, last + 1))
    assert Media.get().data["drawn"] == [1, 11, 21] and Media.get().state == "processed"


def test_pages_of_another_size_are_drawn_anew_and_the_further_ones_when_opened(long):
    site, ann, address = long
    site.process()
    ann.get(address + "?page=11")
    site.process()
    jobs.workshop.options["pdf"]["page"] = 800
    work = reprocessing.plan(reprocessing.Wish())
    assert work.work == [(Media.get().id, "pdf", "thumbs pages")]
    reprocessing.begin(work)
    assert numbers(ann.get(address + "?page=11")) == list(range(11, 21)), "the old ones stay until then"
    site.process()
    assert Media.get().files["page-10"]["width"] == 800 and "page-11" not in Media.get().files
    assert numbers(ann.get(address + "?page=11")) == []
    site.process()
    assert Media.get().files["page-11"]["width"] == 800
    assert reprocessing.plan(reprocessing.Wish()).work == []


def test_a_page_that_cannot_be_drawn_is_said_and_not_tried_for_ever(make_site):
    site = make_site(GOBLIN_MEDIA_PDF_AHEAD="2")
    ann = site.sign_in("ann", admin=True)
    leaf = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>"
    kids = "3 0 R 4 0 R 9 0 R 5 0 R"
    data = document(f"<< /Type /Pages /Count 4 /Kids [{kids}] >>", leaf, leaf, leaf)
    medium = site.ready(ann, "gap.pdf", data)
    address = f"/u/ann/m/{medium.slug}/?page=3"
    ann.get(address)
    site.process()
    page = ann.get(address)
    assert numbers(page) == [4] and "Some of the pages 3 to 4 could not be drawn" in page.text
    assert Media.get().state == "processed"


def test_pages_that_end_their_process_cost_only_themselves(tmp_path):
    ends = {2: lambda: os.kill(os.getpid(), signal.SIGKILL), 4: lambda: bytearray(1 << 60)}

    class Paper:
        pages = 6

        @staticmethod
        def draw(number, side):
            ends.get(number + 1, lambda: None)()
            return Image.new("RGB", (30, 20))

    options = {name: default for name, (default, _) in media.TYPES["pdf"].options.items()}
    told = []
    work = Work(Paper, tmp_path, options, lambda part, step: told.append(part))
    assert work._many(range(1, 7), [])["drawn"] == [1]
    assert sorted(work.files) == ["page-1", "page-3", "page-5", "page-6"] and told[-1] == 100
    assert all((tmp_path / file.name).is_file() for file in work.files.values())


def test_a_disk_that_is_full_is_no_bad_page(tmp_path):
    def full(number):
        raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="No space"):
        apart.each([1, 2], full, lambda: 9.0, lambda *_: None)


def test_a_page_that_never_ends_takes_no_more_than_is_left(tmp_path):
    def forever(number):
        while True:
            pass

    begun = os.times()
    left = [0.05, 0.0]
    assert apart.each([1, 2], forever, lambda: left.pop(0), lambda *_: None) == {}
    assert os.times().children_user - begun.children_user < 5


def test_a_visit_can_break_nothing(long, monkeypatch):
    site, ann, address = long
    site.process()
    nobody, queued = site.browser(), jobs.workshop.waiting()
    nobody.head(address + "?page=23")
    assert Media.get().state == "processed" and jobs.workshop.waiting() == queued, "a head begins nothing"

    def fails(*_, **__):
        raise Failed("This file needs more memory.", "as it were")

    run = jobs.workshop.sandbox.run
    monkeypatch.setattr(jobs.workshop.sandbox, "run", fails)
    assert "being drawn" in nobody.get(address + "?page=23").text
    site.process()
    medium = Media.get()
    assert (medium.state, medium.todo, medium.error) == (
        "processed",
        "",
        "",
    ) and "as it were" in medium.detail
    page = nobody.get(address + "?page=23")
    assert "Some of the pages 21 to 25 could not be drawn" in page.text
    assert jobs.workshop.waiting() == queued + 1, "and is not tried for ever"
    assert numbers(nobody.get(address)) == list(range(1, 11))
    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
    nobody.get(address + "?page=11")
    site.process()
    assert numbers(nobody.get(address + "?page=11")) == list(range(11, 21)), "the other groups are drawn"
    assert reprocessing.plan(reprocessing.Wish()).work == []


def test_a_locked_one_full_of_nodes_is_not_searched_for_ever(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 " + b"/Type/Pages " * 100_000)
    begun = time.process_time()
    assert locked.pages(path) is None
    assert time.process_time() - begun < 1
