"""Words inside files that mean harm: markup, control characters, overrides of direction, megabytes of them."""

import struct
import unicodedata

import pytest
from PIL import Image, PngImagePlugin
from test_pdf import document

from goblin.models import Media
from tests import made

EVIL = "<script>window.__corpus_xss=1</script>\x1b[31m\x07\u202egnp\u2066\u200f {{7*7}} %end "
MUCH = EVIL + "é" * 500_000
SOME = EVIL + "é" * 20_000
LONGEST = 10_000  # characters of anything that is said of a medium, its own text aside
KEPT = {"\n", "\t"}


def mp3(folder) -> bytes:
    """ID3v2.4 (id3.org, 4): title, artist, album and comment in UTF-8, each of a megabyte."""
    sound = made.tone(folder / "a.mp3", "-id3v2_version", "0", "-write_xing", "0").read_bytes()
    text = b"\3" + MUCH.encode()
    frames = b"".join(_frame(name, text) for name in (b"TIT2", b"TPE1", b"TALB", b"TCON"))
    frames += _frame(b"COMM", b"\3eng\0" + MUCH.encode())
    return b"ID3\4\0\0" + _synchsafe(len(frames)) + frames + sound


def _frame(name, body):
    return name + _synchsafe(len(body)) + b"\0\0" + body


def _synchsafe(size):
    return bytes(size >> shift & 127 for shift in (21, 14, 7, 0))


def mp4(folder) -> bytes:
    words = [f"{name}={SOME.replace(chr(0), '')}" for name in ("title", "comment", "artist", "description")]
    told = [part for word in words for part in ("-metadata", word)]
    return made.film(folder / "a.mp4", *made.H264, *told).read_bytes()


def png(folder) -> bytes:
    rdf, dc = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "http://purl.org/dc/elements/1.1/"
    safe = SOME.replace("\x1b", "").replace("\x07", "").replace("<", "&lt;")
    words = "".join(
        f'<d:{n}><r:Alt><r:li xml:lang="x-default">{safe}</r:li></r:Alt></d:{n}>'
        for n in ("title", "description")
    )
    inner = f'<r:Description xmlns:d="{dc}">{words}</r:Description>'
    xmp = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="{rdf}">{inner}</r:RDF></x:xmpmeta>'
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp)
    info.add_itxt("Title", SOME)
    Image.new("RGB", (9, 9), "teal").save(folder / "a.png", pnginfo=info)
    return (folder / "a.png").read_bytes()


def jpeg(folder) -> bytes:
    """EXIF and IPTC (IIM 4.2, 2:05, 2:25, 2:120), as much as a segment holds."""
    exif = Image.Exif()
    for tag in (0x010E, 0x010F, 0x0110, 0x013B, 0x8298):
        exif[tag] = SOME[:8000]
    Image.new("RGB", (9, 9), "teal").save(folder / "a.jpg", exif=exif)
    data, text = (folder / "a.jpg").read_bytes(), SOME.encode()[:15_000]
    record = b"".join(b"\x1c\2" + bytes([n]) + struct.pack(">H", len(text)) + text for n in (5, 25, 120))
    block = b"Photoshop 3.0\x008BIM\4\4\0\0" + struct.pack(">I", len(record)) + record
    return data[:2] + b"\xff\xed" + struct.pack(">H", len(block) + 2) + block + data[2:]


def pdf(folder) -> bytes:
    text = (b"\xfe\xff" + MUCH.encode("utf-16-be")).hex()
    info = f"<< /Title <{text}> /Author <{text}> /Subject <{text}> >>"
    leaf = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>"
    return document("<< /Type /Pages /Count 1 /Kids [3 0 R] >>", leaf, info, trailer="/Info 4 0 R")


def svg(folder) -> bytes:
    words = MUCH.replace("\x1b", "").replace("\x07", "").replace("<", "&lt;")
    said = f'<title>{words}</title><desc>{words}</desc><path d="M0 0h9v9z"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{said}</svg>'.encode()


@pytest.mark.parametrize("make", [mp3, mp4, png, jpeg, pdf, svg], ids=lambda make: make.__name__)
def test_words_are_clean_and_bounded_wherever_they_are_said(site, tmp_path, make):
    ann = site.sign_in("ann")
    medium = site.ready(ann, f"a.{make.__name__.replace('jpeg', 'jpg')}", make(tmp_path))
    assert medium.state == "processed", medium.error
    data = {name: value for name, value in medium.data.items() if name != "text"}
    said = [medium.title, medium.description, medium.slug, *_texts(data)]
    assert any("window.__corpus_xss" in text for text in said), "nothing of it was read"
    for text in said:
        assert len(text) <= LONGEST
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in KEPT]
        assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    page = ann.get(f"/u/ann/m/{medium.slug}/")
    assert not [s for s in page.html.find_all("script") if "__corpus_xss" in s.text]
    assert len(page.body) < 200_000 and "49" not in page.html.find("h1").text
    assert Media.get().bytes == len(ann.get(f"/f/{medium.id}/original/{medium.name}").body)


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
