"""Text: which letters bytes stand for, colours of terminals, bounded and in its place on the page."""

import struct
import time

import pytest
from booted import JSON
from decoded import rows
from PIL import Image

from goblin import media
from goblin.media.sandbox import Failed
from goblin.media.writing import drawn, encoding, sauce
from goblin.media.writing.screen import MOST_LINES, Screen, plain

SAID = {"us-ascii": "ASCII", "utf-8": "UTF-8", "utf-8 with BOM": "UTF-8", "iso-8859-1": "Latin-1"}
SAID |= {"cp437": "CP437 (DOS)"}


def test_every_text_of_the_corpus(decode, corpus):
    import json

    seen = 0
    for row in rows(corpus, "ascii-utf8", "ascii-latin1", "ascii-cp437"):
        known, seen = json.loads(row["facts_json"]), seen + 1
        result = decode(corpus / row["path"], "text")
        assert result.data["encoding"] == SAID[known["encoding"]], row["path"]
        # The tool that counted took the end-of-file byte of DOS for a line of its own.
        ends = (corpus / row["path"]).read_bytes().endswith(b"\x1a")
        assert result.columns["lines"] == known["lines"] - ends, row["path"]
        assert set(result.files) == {"thumb", "thumb2", "view"}
        with Image.open(decode.copy("view")) as image:
            low, high = image.convert("L").getextrema()
        assert high - low > 100, row["path"]
    assert seen == 10


@pytest.mark.parametrize(
    ("data", "name", "codec"),
    [
        (b"plain", "a.txt", "ascii"),
        ("größe".encode(), "a.txt", "utf-8"),
        ("größe".encode(), "a.nfo", "utf-8"),
        ("größe".encode("latin-1"), "a.txt", "cp1252"),
        ("größe und später".encode("cp437"), "a.txt", "cp437"),
        ("été à Noël".encode("cp1252"), "a.txt", "cp1252"),
        ("“Don’t”, she said — “no”".encode("cp1252"), "a.txt", "cp1252"),
        ("╔══╗\r\n║ok║\r\n╚══╝".encode("cp437"), "a.txt", "cp437"),
        ("▄▄▄ ".encode("cp437"), "a.ans", "cp437"),
        ("hällo\n".encode("utf-16"), "a.txt", "utf-16"),
        ("hällo\n".encode("utf-16-le"), "a.txt", "utf-16-le"),
        ("hällo\n".encode("utf-16-be"), "a.txt", "utf-16-be"),
        (b"\xef\xbb\xbfabc", "a.TXT", "utf-8-sig"),
        ("hällo\n".encode("utf-32"), "a.txt", "utf-32"),
        (b"\0\0\xfe\xff" + "hällo\n".encode("utf-32-be"), "a.csv", "utf-32"),
        (b"day,km\n1,7\n", "a.csv", "ascii"),
        ('{"größe": 1}'.encode(), "a.json", "utf-8"),
        (b"<note/>", "a.xml", "ascii"),
        (b"all: goblin\n", "Makefile", "ascii"),
        ("größe".encode("latin-1"), "a.csv", None),
        (b"ab\x01cd", "a.json", None),
        (b"ab\0cd", "a.txt", None),
        (bytes(range(1, 256)) * 4, "a.txt", None),
        (b"\xff\xfeab\0", "a.txt", None),
        (b"", "a.txt", None),
        (b"#!/bin/sh\n", "run.sh", None),
        (b"#EXTM3U\nfile:///etc/passwd", "list.m3u8", None),
        (b"<html>", "page.html", None),
        (b"<html>", "page.jpg", None),
        (b"WEBVTT\n", "film.vtt", None),
        (b"v 0 0 0\n", "cube.obj", None),
    ],
)
def test_letters_are_told_apart(data, name, codec):
    assert encoding.guess(data, name, whole=True) == codec


def test_a_character_cut_off_at_4096_bytes_is_still_utf8():
    head = ("a" + "ö" * 4000).encode()[:4096]
    assert encoding.guess(head, "a.txt") == "utf-8"
    assert encoding.guess(head, "a.txt", whole=True) != "utf-8"


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"%PDF-1.4\n", "pdf"),
        (b"GIF89a" + b"a" * 30, "image"),
        (b"MZ\x90\0\x03\0\0\0", None),
    ],
)
def test_what_is_anothers_is_left_to_it(data, kinds):
    media.scan()
    found = media.identify(data, "a.txt")
    assert (found and found[0]) == kinds


def shown(text: str, columns: int = 80, bright: bool = False) -> list[str]:
    screen = Screen(columns, bright)
    screen.feed(text)
    return ["".join(cell.character for cell in row) for row in screen.lines()]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\r\nb\nc", ["a", "b", "c"]),
        ("abc\x1b[2Dx", ["axc"]),
        ("\x1b[3;4Hx", ["", "", "   x"]),
        ("a\x1b[5Cb\x1b[2Bc\x1b[Ad", ["a     b", "        d", "       c"]),
        ("old\x1b[2Jnew", ["new"]),
        ("abcdef\x1b[3D\x1b[Kx", ["abcx"]),
        ("ab\x1b[scd\x1b[ux", ["abxd"]),
        ("abcd\tx", ["abcd    x"]),
        ("\x1b]0;pwned\x07a\x1b]8;;http://x\x1b\\b\x1b(Bc\x1bPq\x1b\\d\x1b", ["abcd"]),
        ("漢字x", ["漢字x"]),
        ("a\u202eb\u0300\u0300c\x9b1mx", ["abc1mx"]),
    ],
)
def test_escapes_move_the_cursor(text, lines):
    assert shown(text) == lines


def test_lines_wrap_at_the_edge():
    assert shown("abcdefg", columns=3) == ["abc", "def", "g"]
    assert shown("ab漢", columns=3) == ["ab", "漢"]


@pytest.mark.parametrize(
    ("order", "colours"),
    [
        ("31", (1, 0)),
        ("1;34;41", (12, 1)),
        ("92;103", (10, 11)),
        ("7", (0, 7)),
        ("31;0", (7, 0)),
        ("5;44", (7, 12)),
        ("31;39;44;49", (7, 0)),
        ("38;5;9;48;5;2", (9, 2)),
        ("38;2;250;10;10", (9, 0)),
        ("38;5;21", (12, 0)),
        ("38;5;232", (0, 0)),
        ("48;2;0;100", (7, 2)),
        ("38", (7, 0)),
        ("", (7, 0)),
        ("999;1111111;;", (7, 0)),
    ],
)
def test_colours(order, colours):
    screen = Screen(bright=True)
    screen.feed(f"\x1b[{order}mx")
    (cell,) = next(screen.lines())
    assert (cell.ink, cell.ground) == colours


def test_a_screen_has_bounds():
    for text in (
        "\n" * 10_000_000,
        "\x1b[999999999B" * 1000 + "x",
        "\x1b[9999999;9999999Hx",
        "\x1b[1B" * 3000,
    ):
        started = time.process_time()
        screen = Screen()
        screen.feed(text)
        assert len(screen.rows) <= MOST_LINES
        assert time.process_time() - started < 5


def test_text_stays_in_its_place():
    assert encoding.tidy("a\r\nb\rc\x0bd\x85e\u2028f") == "a\nb\nc\nd\ne\nf"
    assert encoding.tidy("safe \u202egnp.exe\u202c \u2066x\u2069\0\x1b\x9b") == "safe gnp.exe x"
    assert encoding.tidy("z" + "\u0301" * 500 + "a") == "z" + "\u0301" * 3 + "a"
    assert encoding.tidy("नमस्ते สวัสดี") == "नमस्ते สวัสดี"


@pytest.mark.parametrize(("line", "columns"), [("abc", 3), ("\tab", 10), ("漢字", 4), ("e\u0301", 1)])
def test_columns_are_those_of_the_screen(line, columns):
    assert encoding.cells(line) == columns
    assert len(plain([line])[0]) == columns


def test_pictures_of_dos_and_its_end_of_file():
    assert encoding.decode(b"\x01\x02 \x0d\x0a\x1b\x1aSAUCE", "cp437") == "☺☻ \r\n\x1b"


def record(title=b"Boat", author=b"ann", columns=40, flags=1, data_type=1) -> bytes:
    head = b"SAUCE00" + title.ljust(35) + author.ljust(20) + b" " * 20 + b"20261122" + struct.pack("<I", 9)
    head += bytes([data_type, 1]) + struct.pack("<HH", columns, 25) + bytes(4) + bytes([0, flags])
    return head.ljust(128, b"\0")


def test_what_artists_say_at_the_end(decode):
    assert sauce.read(b"x" + record()) == sauce.Sauce("Boat", "ann", 40, True)
    assert sauce.read(record(columns=60000)).columns == 0
    assert sauce.read(b"SAUCE00") == sauce.read(b"x" * 300) == sauce.Sauce()
    art = b"\x1b[44m" + "█".encode("cp437") * 50 + b"\x1a" + record()
    result = decode(decode.write("boat.ans", art), "text")
    assert result.columns["title"] == "Boat"
    assert (result.columns["lines"], result.columns["columns"]) == (2, 40)
    assert result.data["artist"] == "ann"
    assert result.data["runs"] == [["f7 b4", "█" * 40 + "\n" + "█" * 10 + "\n"]]


def test_large_files_and_long_lines_are_cut_with_a_word(decode):
    many = decode.write("many.txt", b"0123456789\n" * 1_000_000)
    result = decode(many, "text")
    assert result.columns["lines"] == 1_000_000
    assert result.data["cut"] and len(result.data["text"]) <= 100_000
    result = decode(decode.write("long.txt", b"x" * 600_000), "text")
    assert (result.columns["lines"], result.columns["columns"]) == (1, 600_000)
    assert result.data["cut"] and len(result.data["text"]) == 2001
    coloured = decode.write("long.ans", b"\x1b[31mx\x1b[32my" * 300_000)
    result = decode(coloured, "text", characters=1000)
    assert result.data["cut"] and sum(len(words) for _, words in result.data["runs"]) < 1200
    assert not decode(decode.write("short.txt", b"x"), "text").data["cut"]


def test_colours_that_change_with_every_letter_are_cut_with_a_word(decode):
    result = decode(decode.write("flicker.ans", b"\x1b[31mx\x1b[32my" * 150_000), "text")
    assert result.data["cut"] and 5000 <= len(result.data["runs"]) < 5200
    assert len(str(result.data)) < 200_000


def test_drawn_without_any_font_of_the_machine(monkeypatch):
    monkeypatch.setattr(drawn, "FONTS", ())
    drawn._font.cache_clear()
    everything = [chr(code) for code in (*range(0x2500, 0x25A0), *range(0x20, 0x7F), *range(0xA1, 0x250))]
    image = drawn.draw(
        plain(["".join(everything[at : at + 64]) for at in range(0, len(everything), 64)]), True
    )
    drawn._font.cache_clear()
    assert max(image.size) <= drawn.SIDE + 2 * drawn.WIDEST
    assert image.convert("L").getextrema() == (0, 170)


def test_blocks_join_and_have_their_shape():
    for character, part in (
        ("█", 1),
        ("▀", 0.5),
        ("▌", 0.5),
        ("▙", 0.75),
        ("▂", 0.25),
        ("▉", 7 / 8),
        ("▕", 1 / 8),
    ):
        image = drawn.draw(plain([character * 8] * 4), True).convert("L")
        edge = (image.width - image.width // 10 * 8) // 2
        inner = image.crop((edge, edge, edge + 8 * (edge), edge + 8 * edge))
        lit = inner.histogram()[170] / (inner.width * inner.height)
        assert lit == pytest.approx(part, abs=0.06), character


def test_hostile_texts_settle(decode, corpus):
    refused = []
    for row in rows(corpus, "hostile-ascii", "hostile-bomb", "hostile-disguise", "hostile-filenames"):
        path = corpus / row["path"]
        if path.suffix != ".txt":
            continue
        with path.open("rb") as file:
            found = media.identify(file.read(4096), path.name)
        if found is None:
            refused.append(path.name)
            continue
        try:
            result = decode(path, "text")
        except Failed as failed:
            pytest.fail(f"{path.name}: {failed.sentence} {failed.detail}")
        unseen = set(result.data["text"]) & {chr(n) for n in (*range(9), *range(14, 32), 127, 0x202E, 0x2066)}
        assert not unseen, path.name
    assert refused == ["ascii_nul.txt"]


@pytest.mark.parametrize("name", ["html_as.png", "html_as.mp4", "hls_file.m3u8", "playlist.m3u", "dash.mpd"])
def test_what_a_browser_or_player_would_run_is_no_text(corpus, name):
    media.scan()
    head = (corpus / "hostile" / name).read_bytes()[:4096]
    assert media.identify(head, name) is None


def test_the_gallery_shows_markup_as_letters(site):
    ann = site.sign_in("ann")
    words = "</pre><script>window.__corpus_xss=1</script> {{1+1}} %end\n\\\\\n  & é"
    medium = site.ready(ann, "page.txt", words.encode())
    address = f"/u/ann/m/{medium.slug}/"
    page = ann.get(address)
    assert page.html.find("pre", class_="writing").text.strip("\n") == words
    assert not [s for s in page.html.find_all("script") if "__corpus_xss" in s.text]
    item = ann.get(address, headers=JSON).json
    assert item["kind"] == "text" and item["facts"] == {"lines": 3, "columns": 57}
    for file in ("original", "download"):
        answer = ann.get(item["files"][file]["url"].partition("localhost")[2])
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_the_gallery_shows_colours_without_a_style(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "art.ans", b"\x1b[1;33;44m<b>\xdb\x1b[0m\r\nend")
    stage = ann.get(f"/u/ann/m/{medium.slug}/").html.find(class_="stage")
    pre = stage.find("pre")
    assert "screen" in pre["class"]
    assert [(span["class"], span.text) for span in pre.find_all("span")] == [
        (["f11", "b4"], "<b>█\n"),
        (["f7"], "end\n"),
    ]
    assert not stage.find(style=True)


def test_the_gallery_says_that_a_text_goes_on(site):
    ann = site.sign_in("ann")
    long, short = site.ready(ann, "long.txt", b"line\n" * 50_000), site.ready(ann, "short.txt", b"line\n")
    assert "Only the beginning" in ann.get(f"/u/ann/m/{long.slug}/").text
    assert "Only the beginning" not in ann.get(f"/u/ann/m/{short.slug}/").text
