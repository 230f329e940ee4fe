"""Office documents: shown through a PDF where LibreOffice is on the machine, kept for download where it is not."""

import os
import subprocess
import sys

import pytest
from booted import JSON
from test_pdf import numbers, pages

from goblin import jobs, media, reprocessing, resuming
from goblin.cli import machine
from goblin.media import office, parts
from goblin.models import Media
from tests import harm

# LibreOffice weighs 500 MB and goblin can do without it: this is tried where it is, and said where it is not.
# Whoever works on other things need not have it; where changes are judged it must be there.
needs_office = pytest.mark.skipif(
    not office.find() and "CI" not in os.environ, reason="LibreOffice, which is optional, is not here"
)
FILES = harm.offices()
RTF = b"{\\rtf1\\ansi{\\info{\\title Of the sea}{\\author Ann}}Salt and {\\b wind}\\page second page}"
STAND_IN = """#!/bin/sh
while [ "$1" != --outdir ]; do shift; done
/bin/mkdir -p "$2" && /bin/cp {} "$2/document.pdf"
"""


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine without LibreOffice, and the folder where it may appear."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def compound(stream: str) -> bytes:
    return office.COMPOUND + bytes(600) + f"{stream}\0".encode("utf-16-le") + bytes(600)


@pytest.mark.parametrize(
    ("name", "data", "form"),
    [
        ("template.docx", FILES["template.docx"], "docx"),
        ("renamed.zip", FILES["template.docx"], "docx"),
        ("links.odt", FILES["links.odt"], "odt"),
        ("renamed.jpg", FILES["links.odt"], "odt"),
        ("a.rtf", RTF, "rtf"),
        ("a.doc", compound("WordDocument"), "doc"),
        ("a.msi", compound("WordDocument"), None),
        ("a.docx", b"PK\3\4" + bytes(400), None),
        ("a.docx", b"<html>", None),
        ("a.odt", b"PK\3\4" + bytes(22) + b"\x08\0\0\0mimetypeapplication/zip", None),
    ],
)
def test_told_by_what_is_in_it(name, data, form):
    mime = media.TYPES["office"].sniff(data[:4096], name)
    assert mime == (office.FORMS[form].mime if form else None)


def test_compound_files_are_opened_as_what_they_are(tmp_path):
    for stream, form in (("WordDocument", "doc"), ("Workbook", "xls"), ("PowerPoint Document", "ppt")):
        (tmp_path / "liar.doc").write_bytes(compound(stream))
        assert office._form_of(media.TYPES["office"], tmp_path / "liar.doc") == office.FORMS[form]
    (tmp_path / "other.doc").write_bytes(compound("Something"))
    with pytest.raises(media.Unreadable, match="could not be opened"):
        office._form_of(media.TYPES["office"], tmp_path / "other.doc")


def test_without_it_the_file_is_kept_and_anybody_may_have_it(bare, site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "letter.docx", FILES["template.docx"], visibility="public")
    assert (medium.state, medium.ready, medium.lacks, medium.files) == ("processed", True, "LibreOffice", {})
    page = site.browser().get(f"/u/ann/m/{medium.slug}/")
    assert "lacks LibreOffice" in page.html.find(class_="stage").text
    link = page.html.find(class_="stage").find("a", download=True)
    assert site.browser().get(link["href"]).body == FILES["template.docx"]
    assert site.browser().get("/u/ann/gallery/", headers=JSON).json["items"][0]["id"] == medium.id
    assert [row[0] for row in reprocessing.plan(reprocessing.Wish()).work] == [medium.id]
    said = [finding.sentence for finding in machine._decoders()]
    assert any(
        "Office documents cannot be shown" in text and "apt install libreoffice" in text for text in said
    )


def test_once_it_is_here_what_waited_is_prepared_and_stays_when_it_goes(bare, site, tmp_path):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "letter.docx", FILES["template.docx"])
    assert resuming.catch_up({"LibreOffice"}) == 0 and jobs.workshop.absent == {"LibreOffice"}
    (tmp_path / "made.pdf").write_bytes(pages(3))
    (bare / "soffice").write_text(STAND_IN.format(tmp_path / "made.pdf"))
    (bare / "soffice").chmod(0o755)
    assert parts.here("LibreOffice") and resuming.catch_up(set(jobs.workshop.absent)) == 1
    site.process()
    medium = Media.by_id(medium.id)
    assert (medium.state, medium.lacks, medium.error) == ("processed", "", "")
    assert numbers(ann.get(f"/u/ann/m/{medium.slug}/")) == [1, 2, 3]
    assert reprocessing.plan(reprocessing.Wish()).work == []
    (bare / "soffice").unlink()
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[medium.id])))
    site.process()
    after = Media.by_id(medium.id)
    assert (after.state, after.lacks) == ("failed", "LibreOffice") and after.files == medium.files
    assert numbers(ann.get(f"/u/ann/m/{medium.slug}/")) == [1, 2, 3]


def test_what_the_program_is_refused():
    probe = (
        "import ctypes, os, socket, subprocess; from goblin.media.child import calls\n"
        "ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)\n"
        "if calls.refuse(asking=True):\n"
        "    assert not os.access('/tmp', os.W_OK) and os.access('/tmp', os.R_OK)\n"
        "    socket.socket(socket.AF_UNIX)\n"
        "    for family in (socket.AF_INET, socket.AF_INET6):\n"
        "        try: socket.socket(family)\n"
        "        except PermissionError: continue\n"
        "        raise AssertionError(family)\n"
        "    assert subprocess.run(['test', '-w', '/tmp']).returncode in (0, 1)\n"
    )
    root = office.__file__.rpartition("/goblin/")[0]
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr


@needs_office
def test_a_letter_becomes_pages_and_words(decode):
    result = decode(decode.write("a.rtf", RTF), "office")
    assert result.columns["printed_pages"] == 2 and result.data["type"] == "application/rtf"
    assert result.columns["title"] == "Of the sea" and result.columns["writer"] == "Ann"
    assert "Salt and wind" in result.data["text"]
    assert set(result.files) == {"thumb", "thumb2", "view", "page-1", "page-2"}
    assert {path.name for path in decode.out.iterdir()} == {file.name for file in result.files.values()}


@needs_office
@pytest.mark.parametrize("name", ["template.docx", "links.odt"])
def test_links_that_lead_out_are_left_alone(decode, name):
    result = decode(decode.write(name, FILES[name]), "office")
    assert "words" in result.data["text"] and "root:" not in result.data["text"]


@needs_office
def test_damage_is_said(decode):
    for name, data in (("a.docx", FILES["template.docx"][:900]), ("a.doc", compound("WordDocument"))):
        assert "damaged" in decode.refusal(decode.write(name, data), "office")
