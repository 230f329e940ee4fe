"""Drawings: sizes as the corpus says, shown only as pictures, and nothing in them that runs or leads outside."""

import base64
import gzip
import io
import socket
import time

import pytest
from booted import JSON
from decoded import rows
from PIL import Image

from goblin.media import Unreadable
from goblin.media.drawing import render
from goblin.media.drawing.tame import Drawing
from goblin.media.drawing.unpack import is_svg
from goblin.media.sandbox import Failed

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
SQUARE = OPEN + 'width="100" height="100">{}</svg>'
GREEN = '<rect width="100" height="100" fill="#0f0"/>'
RED = (255, 0, 0)
SAMPLE = {"svg/logo.svgz", "svg/music.svg", "svg/mug_toh_yen_cheng_01.svg"}


def red_png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), RED).save(out, "PNG")
    return out.getvalue()


def data_uri(data: bytes, mime="image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def has_red(path) -> bool:
    with Image.open(path) as image:
        colours = image.convert("RGB").getcolors(1 << 24)
    return any(r > 200 and g < 60 and b < 60 for _, (r, g, b) in colours)


def hold_against(row, result):
    assert abs(result.columns["width"] - int(row["width"])) <= 1, row["path"]
    assert abs(result.columns["height"] - int(row["height"])) <= 1, row["path"]
    assert set(result.files) == {"thumb", "thumb2", "view", "large"}
    assert max(result.files["large"].width, result.files["large"].height) == 2560


def test_a_sample_of_drawings_has_its_size(decode, corpus):
    for row in rows(corpus, "svg", "svgz"):
        if row["path"] in SAMPLE:
            hold_against(row, decode(corpus / row["path"], "svg"))


@pytest.mark.long
def test_every_drawing_has_its_size(decode, corpus):
    for row in rows(corpus, "svg", "svgz"):
        hold_against(row, decode(corpus / row["path"], "svg"))


@pytest.mark.parametrize(
    ("root", "size"),
    [
        ('width="10cm" height="20mm"', (377.95, 75.59)),
        ('width="100%" height="100%" viewBox="0 0 40 30"', (40, 30)),
        ('width="80" viewBox="0,0,40,30"', (80, 60)),
        ('height="1in" viewBox="0 0 40 30"', (128, 96)),
        ('width="-5" height="nan" viewBox="0 0 7 8"', (7, 8)),
        ("", None),
        ('viewBox="0 0 0 8"', None),
        ('viewBox="0 0 inf 8"', None),
    ],
)
def test_sizes_in_every_unit(root, size):
    found = render.size(Drawing(f"{OPEN}{root}/>".encode()).root)
    assert found == (size and pytest.approx(size, abs=0.01))


@pytest.mark.parametrize(
    ("head", "is_it"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", True),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a -->\n<svg>", True),
        ("<?xml version='1.0' encoding='utf-16'?><svg>".encode("utf-16"), True),
        (b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg>", True),
        (b"<!DOCTYPE svg [ <!ENTITY a 'b'> ]><svg>", True),
        (b"<!DOCTYPE svg [ <!ENTITY a '" + b"b" * 5000, True),
        (b"<x:svg xmlns:x='http://www.w3.org/2000/svg'>", True),
        (gzip.compress(b"<svg>" + b" " * 9000, mtime=0)[:4096], True),
        (b"<!DOCTYPE html><html><svg>", False),
        (b"<html><body><svg></svg>", False),
        (b"<svgx>", False),
        (b"text <svg>", False),
        (gzip.compress(b"hello", mtime=0), False),
        (b"\x1f\x8bbroken", False),
        (b"", False),
    ],
)
def test_told_by_the_first_element(head, is_it):
    assert is_svg(head) is is_it


def test_what_runs_is_left_out():
    text = Drawing(
        SQUARE.format(
            "<script>a()</script><g onclick='b()'><foreignObject><p>c()</p></foreignObject></g>"
            "<a href='javascript:d()'/><set attributeName='onload' to='e()'/><?xml-stylesheet href='f()'?>"
            "<style>@import url(http://g()); rect{fill:url('http://h()')} i{fill:url(#ok)}</style>"
            "<rect fill='URL( http://j() )' stroke='url(#kept)'/>"
        ).encode()
    ).text
    assert "()" not in text
    assert "url(#ok)" in text and "url(#kept)" in text


@pytest.mark.parametrize("name", ["href", "xlink:href", "HREF", "x:href", "src", "xml:base"])
def test_no_address_but_its_own_is_kept(name):
    picture = data_uri(red_png())
    spaces = 'xmlns:x="http://www.w3.org/1999/xlink"'

    def kept(address):
        xml = SQUARE.format(f'<image {spaces} {name}="{address}" width="9" height="9"/>')
        return f'{name}="' in Drawing(xml.encode()).text

    for address in (
        *("/etc/passwd", "file:///etc/passwd", "http://x/y.png", "//x/y", "picture.png", "text:/etc/passwd"),
        *("data:text/html,x", "data:image/png,no", "&#x66;ile:///x", "", "data:image/png;base64,AAAA"),
    ):
        assert not kept(address), address
    assert kept("#here") and kept(picture)


def test_no_file_beside_it_is_read(decode, tmp_path):
    beside = decode.write("beside.png", red_png())
    addresses = [str(beside), beside.as_uri(), "beside.png", "../beside.png", "./beside.png"]
    pictures = "".join(f'<image href="{a}" width="50" height="50"/>' for a in addresses)
    inner = data_uri(SQUARE.format(pictures).encode(), "image/svg+xml")
    liar = data_uri(gzip.compress(SQUARE.format(pictures).encode()), "image/png")
    nested = "".join(f'<image href="{a}" width="50" height="50"/>' for a in (inner, liar))
    decode(decode.write("a.svg", SQUARE.format(GREEN + pictures + nested)), "svg")
    assert not has_red(decode.copy("view"))


def test_pictures_inside_are_drawn(decode):
    inner = SQUARE.format(f'<image href="{data_uri(red_png())}" width="50" height="50"/>')
    outer = f'<image href="{data_uri(inner.encode(), "image/svg+xml")}" width="100" height="100"/>'
    for number, content in enumerate((inner, SQUARE.format(GREEN + outer))):
        decode(decode.write(f"{number}.svg", content), "svg")
        assert has_red(decode.copy("view"))


def test_nothing_is_fetched(decode):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        at = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        xml = f"<?xml-stylesheet href='{at}'?><!DOCTYPE svg PUBLIC 'x' '{at}'>" + SQUARE.format(
            f"<image href='{at}'/><use href='{at}#a'/><style>@import url({at});</style>" + GREEN
        )
        decode(decode.write("a.svg", xml), "svg")
        with pytest.raises(TimeoutError):
            server.accept()


def test_words_are_drawn_on_a_bare_machine(decode, monkeypatch):
    """Only the letters that come with Pillow: the machine's own fonts are told to be skipped."""
    xml = SQUARE.format('<text x="5" y="60" font-size="40" font-family="Unheard" fill="#f00">Hi</text>')
    drawn = Drawing(xml.encode())
    with render._letters(decode.folder, True) as fonts:
        image = render._draw(drawn.text, {**fonts, "skip_system_fonts": True})
    assert image.getchannel("A").getextrema()[1] == 255
    assert not list(decode.folder.glob("*.ttf"))


def test_words_of_a_drawing_inside_are_drawn(decode):
    words = SQUARE.format('<text x="5" y="80" font-size="90" fill="#f00">M</text>')
    outer = SQUARE.format(
        f'<image width="100" height="100" href="{data_uri(words.encode(), "image/svg+xml")}"/>'
    )
    result = decode(decode.write("t.svg", outer), "svg")
    assert has_red(decode.out / result.files["view"].name)


def test_white_ink_is_seen(decode):
    decode(decode.write("w.svg", SQUARE.format('<circle cx="50" cy="50" r="20" fill="#fff"/>')), "svg")
    with Image.open(decode.copy("view")) as image:
        assert image.convert("L").getpixel((2, 2)) < 80 < 200 < image.convert("L").getpixel((640, 640))


def test_title_and_description_come_along_clean(decode):
    words = "<title>A \u202e&lt;b&gt;boat</title><desc>On\tthe sea</desc>"
    columns = decode(decode.write("t.svg", SQUARE.format(words + GREEN)), "svg").columns
    assert columns["title"] == "A <b>boat"
    assert columns["description"].startswith("On")


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        (SQUARE.format("<g>" * 201 + "</g>" * 201), "more parts"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + SQUARE.format("&a;"), "entities"),
        ('<!DOCTYPE svg [<!ENTITY % a "b"> %a;]>' + SQUARE.format(""), "entities"),
        ('<!DOCTYPE svg [<!ENTITY a "&b;&b;"><!ENTITY b "x">]>' + SQUARE.format("&a;"), "entities"),
        (f'<!DOCTYPE svg [<!ENTITY a "{"x" * 256}">]>' + SQUARE.format("&a;" * 150_000), "larger"),
        (OPEN + 'width="1e9" height="1e9"/>', "pixels large"),
        (OPEN + 'width="5000" height="1"/>', "nothing in it"),
        ('<svg xmlns="http://example.org/"/>', "nothing in it"),
        (SQUARE.format("<g>"), "damaged"),
        (gzip.compress(SQUARE.format(" " * (33 << 20)).encode(), mtime=0), "larger"),
        (gzip.compress(SQUARE.format(GREEN * 999).encode(), mtime=0)[:-40], "damaged"),
    ],
)
def test_what_does_harm_is_refused_in_a_sentence(decode, xml, word):
    assert word in decode.refusal(decode.write("h.svg", xml), "svg")


def test_copies_of_copies_end(decode):
    """Each group uses the one before ten times: ten thousand million squares."""
    groups = '<g id="g0"><rect width="5" height="5"/></g>'
    for level in range(1, 11):
        groups += f'<g id="g{level}">' + f'<use xlink:href="#g{level - 1}"/>' * 10 + "</g>"
    assert decode.refusal(decode.write("u.svg", SQUARE.format(groups)), "svg")


def test_short_entities_are_words():
    xml = '<!DOCTYPE svg [<!ENTITY ns "http://ns.adobe.com/x/">]>' + SQUARE.format('<g id="&ns;"/>')
    assert 'id="http://ns.adobe.com/x/"' in Drawing(xml.encode()).text


def test_too_many_elements():
    with pytest.raises(Unreadable, match="more parts"):
        Drawing(SQUARE.format("<g/>" * 300_001).encode())


def settle(decode, corpus, row):
    """Shown as our own picture, or a sentence; returns whether it was shown."""
    try:
        result = decode(corpus / row["path"], "svg")
    except Failed as failed:
        assert failed.sentence.endswith("."), row["path"]
        return False
    assert {file.type for file in result.files.values()} <= {"image/jpeg", "image/webp"}
    return True


@pytest.mark.long
def test_hostile_drawings_settle(decode, corpus):
    kinds = ("hostile-svg-script", "hostile-svg-external", "hostile-bomb", "hostile-disguise")
    shown = {
        row["path"]: settle(decode, corpus, row)
        for row in rows(corpus, *kinds)
        if "svg" in row["path"] or "billion" in row["path"]
    }
    assert len(shown) == 22
    refused = {path.removeprefix("hostile/") for path, was_shown in shown.items() if not was_shown}
    assert refused == {
        *("bomb.svgz", "billion_laughs.svg", "svg_huge_size.svg", "svg_deep.svg"),
        *("svg_xxe_file.svg", "svg_xxe_http.svg"),
    }


@pytest.mark.parametrize("kind", ["svg", "svgz"])
def test_the_gallery_shows_a_picture_and_hands_out_a_download(site, kind):
    ann = site.sign_in("ann")
    xml = SQUARE.format(f"<script>window.__corpus_xss=1</script>{GREEN}").encode()
    medium = site.ready(ann, f"boat.{kind}", gzip.compress(xml) if kind == "svgz" else xml)
    assert (medium.kind, medium.state) == ("svg", "processed")
    address = f"/u/ann/m/{medium.slug}/"
    page = ann.get(address)
    assert page.html.find("img", class_="picture")["src"].endswith("view.jpg")
    assert "__corpus_xss" not in page.text
    for file in ("original", "download"):
        answer = ann.get(ann.get(address, headers=JSON).json["files"][file]["url"].partition("localhost")[2])
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    play = f"/f/{medium.id}/play/{medium.generation}.svg"
    assert ann.get(play).headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    "words",
    [
        "url(" + " " * 200_000 + "#a)",
        'url("' + " " * 200_000 + '#a")',
        "url" + " " * 200_000,
        "@import" * 60_000 + "}",
        "@font-face{" * 40_000,
    ],
)
def test_words_made_up_to_keep_us_busy_do_not(words):
    begun = time.process_time()
    Drawing(SQUARE.format(f"<style>{words}</style><rect fill='{words.replace(chr(34), '')}'/>").encode())
    assert time.process_time() - begun < 1


def test_only_what_is_inside_the_drawing_may_be_named():
    for words, kept in (
        ("url( #a )", "url( #a )"),
        ("url( '#a' )", "url( '#a' )"),
        ("url( x#a )", "none"),
        ("@import x; y", " y"),
        ("@font-face {a} y", " y"),
        ("z{@import x} y", "z{} y"),
    ):
        said = Drawing(SQUARE.format(f"<style>{words}</style>").encode()).text
        assert f"<style>{kept}</style>" in said
