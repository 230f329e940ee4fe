"""What documents and drawings tell of their makers is gone from downloads by others, and all else is as it was."""

import gzip
import io
import time
import zlib

import pypdfium2
import pytest
from booted import JSON
from PIL import Image

from goblin.media.drawing import hiding as of_drawing
from goblin.media.drawing import unpack
from goblin.media.paper import hiding as of_paper
from goblin.models import Media
from goblin.web.send import Window

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="Secret Person" '
    b'xmlns:exif="http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="48,12.5N"/></rdf:RDF></x:xmpmeta>'
)
INFO = (
    rb"<</Title (A \(Secret\) title)/Author 8 0 R/Subject<FEFF0053 0065>/CreationDate(D:2020)/Trapped/True>>"
)
PAGE = (
    *(b"<</Type/Catalog/Pages 2 0 R/Metadata 6 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"),
    b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 90 90]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
)


def photo() -> bytes:
    exif = Image.Exif()
    exif[315] = "Secret Person"
    exif.get_ifd(0x8825)[2] = (48.0, 12.0, 30.0)
    out = io.BytesIO()
    Image.linear_gradient("L").save(out, "JPEG", exif=exif)
    return out.getvalue()


def stream(head: bytes, data: bytes) -> bytes:
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (head, len(data), data)


def packed(head: bytes, data: bytes) -> bytes:
    return stream(head + b"/Filter/FlateDecode", zlib.compress(data))


def document(objects: dict[int, bytes], trailer: bytes = b"/Root 1 0 R/Info 7 0 R") -> bytes:
    """A document with a table of its objects."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % each for each in places.items())
    out += b"xref\n%strailer <<%s/Size 20>>\nstartxref\n%d\n%%%%EOF\n" % (table, trailer, len(out))
    return bytes(out)


def plain_document(**others: bytes) -> bytes:
    image = b"/Type/XObject/Subtype/Image/Width 256/Height 256/ColorSpace/DeviceGray/BitsPerComponent 8"
    objects = dict(enumerate(PAGE, 1))
    objects[4] = stream(b"", b"q 90 0 0 90 0 0 cm /I Do Q")
    objects[5] = stream(image + b"/Filter/DCTDecode", photo())
    objects[6] = stream(b"/Type/Metadata/Subtype/XML", XMP)
    return document(
        objects | {7: INFO, 8: b"(Secret Person)"} | {int(name[1:]): b for name, b in others.items()}
    )


def packed_document() -> bytes:
    """The same with its dictionary in a stream of objects, as the later versions have it."""
    told = b"8 0 7 %d " % len(b"<</A 1>> ")
    inner = told + b"<</A 1>> " + INFO.replace(b"8 0 R", b"(Secret Person)")
    objects = dict(enumerate(PAGE, 1)) | {4: stream(b"", b"")}
    objects[6] = packed(b"/Type/Metadata/Subtype/XML", XMP)
    objects[9] = packed(b"/Type/ObjStm/N 2/First %d" % len(told), inner)
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    places[10] = len(out)
    rows = {number: (1, place, 0) for number, place in places.items()} | {
        8: (2, 9, 0),
        7: (2, 9, 1),
        0: (0, 0, 0),
    }
    table = b"".join(
        bytes((kind,)) + place.to_bytes(4, "big") + bytes((last,))
        for kind, place, last in (rows.get(number, (0, 0, 0)) for number in range(11))
    )
    out += b"10 0 obj\n%s\nendobj\n" % packed(b"/Type/XRef/W[1 4 1]/Size 11/Root 1 0 R/Info 7 0 R", table)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % places[10])


def cleaned(folder, data: bytes, hiding, what="facts") -> bytes:
    """What others get of a file, of the same length."""
    (folder / "file").write_bytes(data)
    hidden = hiding.find(folder / "file")
    assert not hidden.data
    new = Window(io.BytesIO(data), len(data), hidden.patches.get(what, [])).read()
    assert len(new) == len(data)
    return new


def said(data: bytes) -> dict:
    return pypdfium2.PdfDocument(data).get_metadata_dict(skip_empty=True)


def seen(data: bytes) -> bytes:
    return pypdfium2.PdfDocument(data)[0].render(scale=2).to_pil().tobytes()


@pytest.mark.parametrize("make", [plain_document, packed_document])
def test_a_document_tells_its_pages_only(tmp_path, make):
    data = make()
    assert said(data)["Author"] == "Secret Person" and said(data)["Title"] == "A (Secret) title"
    new = cleaned(tmp_path, data, of_paper)
    assert not any(words.strip() for words in said(new).values())
    assert seen(new) == seen(data)
    for text in (new, *unpacked(new)):
        assert b"Secret" not in text and b"GPSLatitude" not in text


def unpacked(data: bytes) -> list[bytes]:
    found = []
    for part in data.split(b"stream\n")[1::2]:
        try:
            found.append(zlib.decompressobj().decompress(part))
        except zlib.error:
            continue
    return found


@pytest.mark.parametrize("make", [plain_document, packed_document])
def test_a_place_in_a_document_goes_by_itself(tmp_path, make):
    data = make()
    new = cleaned(tmp_path, data, of_paper, "place")
    assert said(new) == said(data) and seen(new) == seen(data)
    assert not any(b"GPSLatitude" in text for text in (new, *unpacked(new)))
    if make is plain_document:
        place = new[new.index(b"\xff\xd8") :]
        with Image.open(io.BytesIO(place), formats=["JPEG"]) as image:
            assert not image.getexif().get_ifd(0x8825) and image.getexif()[315] == "Secret Person"


def test_each_version_of_a_document_that_grew_is_cleaned(tmp_path):
    data = (
        plain_document() + b"7 0 obj <</Author (Secret again)>> endobj\ntrailer <</Root 1 0 R/Info 7 0 R>>\n"
    )
    assert b"Secret" not in cleaned(tmp_path, data, of_paper)


def test_a_document_that_grew_in_another_way_is_cleaned(tmp_path):
    new = cleaned(tmp_path, b"7 0 obj <</Author (Secret before)>> endobj\n" + packed_document(), of_paper)
    assert not any(b"Secret" in text for text in (new, *unpacked(new)))


@pytest.mark.parametrize(
    "data",
    [
        plain_document() + b"trailer <</Encrypt 9 0 R>>",
        plain_document() + b"trailer <</Info<</Author(A)>>>>",
        plain_document(_6=b"<</Type/Metadata/Filter 9 0 R/Length 3>>\nstream\nabc\nendstream"),
        plain_document()
        + b"trailer <</Info 77 0 R>> 9 0 obj"
        + stream(b"/Type/ObjStm/Filter/FlateDecode", b"no"),
    ],
    ids=["locked", "trailer", "filter", "packed"],
)
def test_what_cannot_be_overwritten_is_said(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    assert of_paper.find(tmp_path / "file").data["facts_stay"]


@pytest.mark.parametrize(
    "data",
    [
        b"stream\nendstream\n" * 200_000,
        b"/Type/Metadata/Filter" + b"[" * 2000 + b"stream\nendstream",
        b"(" * 1_000_000,
        b"1 0 obj " * 300_000,
        b"trailer<</Info 1 0 R>> 1 0 obj" + b"(" * 60_000 + b" endobj",
        b"1" * 1_000_000,
        b"1 " * 500_000,
        b"1" + b" " * 1_000_000,
        b"/Info" + b" " * 1_000_000,
        b"trailer<</Info 1 0 R>>" + b"1 0 obj (a)\n" * 100_000,
        b"trailer<</Info 7 0 R>>" + packed(b"/Type/ObjStm/First 800000", b"1 1 " * 200_000),
    ],
    ids=range(11),
)
def test_looking_through_a_document_takes_no_time(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    begun = time.process_time()
    of_paper.find(tmp_path / "file")
    assert time.process_time() - begun < 5


DRAWING = b"""<?xml version="1.0"?><!-- by Secret Person -->
<!DOCTYPE svg [<!-- Secret --><!ENTITY a "b">]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:sodipodi="s" width="9" height="9"
 sodipodi:docname = '/home/secret/x>y.svg'><title>Seen</title>
<metadata id="a>b"><rdf:RDF xmlns:rdf="r">Secret <!-- inside --> Person</rdf:RDF></metadata>
<g><rdf:RDF xmlns:rdf="r"><a>Secret</a></rdf:RDF><metadata a="Secret"/></g><!-- Secret --><!---->
<style>/* &#60;!-- --> */ rect { fill: red }</style><rect width="9" height="9"/></svg>"""


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["svg", "svgz"])
def test_a_drawing_tells_what_is_drawn_only(tmp_path, pack):
    new = unpack.unpack(cleaned(tmp_path, pack(DRAWING), of_drawing))
    assert len(new) == len(DRAWING) and b"ecret" not in new and b"home" not in new
    assert b"<title>Seen</title>" in new and new.endswith(DRAWING[DRAWING.index(b"<style>") :])


@pytest.mark.parametrize(
    "data",
    [
        DRAWING.decode().encode("utf-16"),
        gzip.compress(DRAWING + bytes(i * i % 251 for i in range(200_000)).hex().encode()),
        b"no xml",
        b"<!DOCTYPE svg [<!ENTITY a '<!-- Secret -->'>]><svg>&a;<g/></svg>",
        b"<!DOCTYPE svg [<!ENTITY a '<metadata>Secret</metadata>'>]><svg>&a;<g/></svg>",
    ],
    ids=["utf-16", "large", "other", "remark", "entity"],
)
def test_a_drawing_that_cannot_be_overwritten_says_so(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    assert of_drawing.find(tmp_path / "file").data == {"facts_stay": True}


@pytest.mark.parametrize(("name", "data"), [("a.pdf", plain_document()), ("a.svg", DRAWING)])
def test_others_download_it_without(site, name, data):
    ann = site.sign_in("ann")
    item = site.ready(ann, name, data, visibility="public")
    address = f"/f/{item.id}/download/{name}"
    assert site.browser().get(address).body == data or item.patches.get("place")
    Media.update(show_facts=False).where(Media.id == item.id).execute()
    assert b"ecret" not in site.browser().get(address).body
    assert ann.get(address).body == data


def test_a_locked_document_is_for_its_owner_while_facts_are_hidden(site, corpus):
    ann = site.sign_in("ann")
    item = site.ready(
        ann, "a.pdf", (corpus / "pdf" / "a-text-pass-peanuts.pdf").read_bytes(), visibility="public"
    )
    address, page = f"/f/{item.id}/download/a.pdf", f"/u/ann/m/{item.slug}/"
    site.browser().get(address)
    Media.update(show_facts=False).where(Media.id == item.id).execute()
    site.browser().get(address, status=404)
    assert not site.browser().get(page, headers=JSON).json["files"].get("download")
    ann.get(address)


def test_who_signed_a_screen_is_its_owners_to_say(decode):
    remarks, signed = b"COMNT" + b"Secret".ljust(64) * 2, b"Secret".ljust(20) * 2 + b"20201122"
    record = b"SAUCE00" + b"Ships".ljust(35) + signed + bytes(4) + b"\1\1" + bytes(8) + b"\2" + bytes(23)
    data = b"\x1b[31mships\r\n" * 9 + b"\x1a" + remarks + record
    assert len(record) == 128
    result = decode(decode.write("a.ans", data), "text")
    assert result.data["artist"] == "Secret"
    new = Window(io.BytesIO(data), len(data), result.patches["facts"]).read()
    assert new == data.replace(b"Secret", b"      ").replace(b"20201122", b" " * 8)
