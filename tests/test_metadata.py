"""What pictures say about themselves is read right, and what an owner hides is gone from a download."""

import base64
import csv
import io
import json
import shutil
import struct
import subprocess
import time
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from goblin import media
from goblin.media import boxes
from goblin.media.picture import blocks, details, iptc, patches, xmp

TELLS_PLACE = ("gps", "city", "country", "location", "latitude", "longitude", "state", "geo")
TELLS_FACTS = (
    *("make", "model", "serial", "software", "lens", "artist", "owner", "creator", "iso", "exposuretime"),
    *(
        "keywords",
        "subject",
        "title",
        "description",
        "createdate",
        "modifydate",
        "datetimeoriginal",
        "person",
    ),
)
NOT_OURS = ("SourceFile", "ExifTool:", "System:", "File:", "ICC", "Composite:", "QuickTime:Handler")
XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 exif:GPSLatitude="54,19.5N" photoshop:City="Kiel" tiff:Model="Model X" tiff:Orientation="6">
 <exif:GPSLongitude>10,8.25E</exif:GPSLongitude>
 <Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:City>Kiel
 </Iptc4xmpExt:City></rdf:li></rdf:Bag></Iptc4xmpExt:LocationShown>
 <dc:title><rdf:Alt><rdf:li xml:lang="x-default">A day out</rdf:li></rdf:Alt></dc:title>
 <dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>summer</rdf:li></rdf:Bag></dc:subject>
 <photoshop:DateCreated>2021-07-03T12:00:01+02:00</photoshop:DateCreated>
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""


def exif_of():
    """An Exif block with camera, dates and a place."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Maker", "Model X", "Editor 3"
    exif[0x0112] = 6
    exif.get_ifd(0x8769).update(
        {
            0x9003: "2020:05:04 03:02:01",
            0x9011: "-03:30",
            0x829A: 0.004,
            0x829D: 2.8,
            0x8827: 400,
            0x920A: 35.0,
            0xA434: "Lens Y",
            0xA431: "SERIAL-12345",
            0x927C: b"maker's own note with a place 54.325",
        }
    )
    gps = {1: "N", 2: (54.0, 19.0, 30.0), 3: "E", 4: (10.0, 8.0, 15.0), 29: "2020:05:04"}
    exif.get_ifd(0x8825).update(gps)
    return exif


def picture(mode="RGB"):
    image = Image.radial_gradient("L").resize((96, 64))
    return Image.merge("RGB", (image, image.rotate(180), image)).convert(mode)


def saved(name, **how):
    if name == "tif" and "exif" in how:
        return tiff(how["exif"])
    file = io.BytesIO()
    picture().save(file, {"jpg": "JPEG", "tif": "TIFF"}.get(name, name.upper()), **how)
    return file.getvalue()


def tiff(exif):
    """A grey TIFF file with all directories of this Exif block, which Pillow would leave out."""
    pixels = picture("L").tobytes()
    exif.update({256: 96, 257: 64, 258: 8, 259: 1, 262: 1, 273: 0, 277: 1, 278: 64, 279: len(pixels)})
    # Pillow adds the length of the block to the offset of the pixels by itself.
    return exif.tobytes().removeprefix(b"Exif\0\0") + pixels


def mime_of(data):
    media.scan()
    return media.identify(data[:4096], "")[1]


def read(data):
    return details.read(io.BytesIO(data), mime_of(data))


def found_in(data):
    return patches.find(io.BytesIO(data), mime_of(data))


def patched(data, *hidden):
    """The download: bytes with the overwrites of what is hidden, as the gallery applies them."""
    found = found_in(data)
    assert not found.data.get("place_stays")
    new = bytearray(data)
    for what in hidden:
        for offset, length, filling in found.patches.get(what, []):
            fill = base64.b64decode(filling)
            assert 0 < len(fill) <= length
            assert offset + length <= len(data)
            new[offset : offset + length] = (fill * (length // len(fill) + 1))[:length]
    assert len(new) == len(data)
    return bytes(new)


def same_picture(one, other):
    with Image.open(io.BytesIO(one)) as a, Image.open(io.BytesIO(other)) as b:
        assert a.size == b.size
        assert a.info.get("icc_profile") == b.info.get("icc_profile")
        assert a.getexif().get(0x0112, 1) == b.getexif().get(0x0112, 1)
        assert getattr(a, "n_frames", 1) == getattr(b, "n_frames", 1)
        assert a.tobytes() == b.tobytes()


def exiftool(data, suffix, tmp_path):
    """Group:tag -> value, everything that exiftool finds, also in embedded pictures."""
    assert shutil.which("exiftool"), "these tests need exiftool (libimage-exiftool-perl)"
    path = tmp_path / f"picture{suffix}"
    path.write_bytes(data)
    told = subprocess.run(
        ["exiftool", "-j", "-a", "-u", "-G1", "-ee", "-s", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        name: value for name, value in json.loads(told.stdout)[0].items() if not name.startswith(NOT_OURS)
    }


def telling(tags, words):
    names = {name: name.partition(":")[2].lower() for name in tags}
    return {name: tags[name] for name, tag in names.items() if any(tag.startswith(word) for word in words)}


@pytest.mark.parametrize("name", ["jpg", "png", "webp", "avif", "tif"])
def test_exif_is_read_from_every_container(name):
    found = read(saved(name, exif=exif_of()))
    assert found.columns["taken"] == "2020-05-04T03:02:01"
    assert found.columns["taken_offset"] == "-03:30"
    assert found.columns["lat"] == pytest.approx(54.325)
    assert found.columns["lon"] == pytest.approx(10.1375)
    assert found.columns["camera"] == "Maker Model X"
    assert found.columns["lens"] == "Lens Y"
    assert (found.columns["iso"], found.columns["aperture"]) == (400, 2.8)
    assert (found.columns["exposure"], found.columns["focal"]) == (0.004, 35.0)
    assert found.data["exposure"] == "1/250 s"
    assert found.data["camera"] == "Maker Model X"


@pytest.mark.parametrize("name", ["jpg", "webp", "avif", "png"])
def test_xmp_is_read(name):
    how = {"xmp": XMP.encode()}
    if name == "png":
        how = {"pnginfo": PngImagePlugin.PngInfo()}
        how["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP)
    found = read(saved(name, **how))
    assert found.columns["title"] == "A day out"
    assert found.columns["taken"] == "2021-07-03T12:00:01"
    assert found.columns["taken_offset"] == "+02:00"
    assert found.columns["lat"] == pytest.approx(54.325)
    assert found.columns["lon"] == pytest.approx(10.1375)
    assert found.data["tags"] == ["sea", "summer"]


@pytest.mark.parametrize(
    "place",
    [
        {1: "X"},
        {1: ""},
        {2: (95.0, 0.0, 0.0)},
        {4: (181.0, 0.0, 0.0)},
        {2: ()},
    ],
)
def test_impossible_places_are_left_out(place):
    assert not {"lat", "lon"} & read(saved("jpg", exif=with_place(place))).columns.keys()


def with_place(place):
    exif = exif_of()
    exif.get_ifd(0x8825).update(place)
    return exif


def test_south_and_west_are_negative_and_the_zero_point_is_a_place():
    found = read(saved("jpg", exif=with_place({1: "S", 3: "W"}))).columns
    assert (found["lat"], found["lon"]) == (pytest.approx(-54.325), pytest.approx(-10.1375))
    found = read(saved("jpg", exif=with_place({2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)}))).columns
    assert (found["lat"], found["lon"]) == (0, 0)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("2020:02:29 10:11:12", "2020-02-29T10:11:12"),
        ("2020-02-29T10:11:12.5", "2020-02-29T10:11:12"),
        ("2021:02:29 10:11:12", None),
        ("9999:01:01 00:00:00", None),
        ("0000:00:00 00:00:00", None),
        ("2020:01:01 25:61:61", None),
        ("    :  :     :  :  ", None),
        ("yesterday", None),
    ],
)
def test_dates(text, taken):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = text
    assert read(saved("jpg", exif=exif)).columns.get("taken") == taken


def test_a_date_of_change_counts_only_from_a_camera():
    exif = Image.Exif()
    exif[0x0132] = "2020:01:02 03:04:05"
    assert "taken" not in read(saved("jpg", exif=exif)).columns
    exif[0x0110] = "Model X"
    assert read(saved("jpg", exif=exif)).columns["taken"] == "2020-01-02T03:04:05"


def test_words_are_cleaned_and_bounded():
    assert details.clean("a\x00b\x1b[31m\u202ec", 20) == "a b [31mc"
    assert len(details.clean("x" * 90_000, details.DESCRIPTION)) == details.DESCRIPTION
    exif = Image.Exif()
    exif[0x010E] = "A day\x07 at the sea" + "!" * 9000
    assert len(read(saved("jpg", exif=exif)).columns["description"]) == details.DESCRIPTION


def test_iptc_is_read():
    record = b"".join(
        b"\x1c" + bytes(name) + struct.pack(">H", len(value)) + value
        for name, value in (
            ((2, 5), b"Title"),
            ((2, 25), b"one"),
            ((2, 25), "zwölf".encode()),
            ((2, 90), b"Kiel"),
        )
    )
    block = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
    assert iptc.read(block)[2, 25] == ["one", "zwölf"]
    data = with_segment(saved("jpg"), 0xED, b"Photoshop 3.0\0" + block)
    assert read(data).columns["title"] == "Title"
    assert b"Kiel" not in patched(data, "place")
    assert b"Title" in patched(data, "place")
    assert b"Title" not in patched(data, "facts")


def with_segment(jpeg, marker, content):
    return jpeg[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def test_xml_tricks_are_not_followed():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    assert xmp.read(bomb.encode()) == {}
    assert xmp.read(b"<a>" * 5000) == {}
    assert xmp.read(b"x" * (xmp.LARGEST + 1)) == {}


# Hiding


@pytest.mark.parametrize("name", ["jpg", "png", "webp", "avif", "tif"])
def test_hidden_place_and_facts_are_gone_and_pixels_stay(name, tmp_path):
    data = saved(name, exif=exif_of())
    placeless = patched(data, "place")
    same_picture(data, placeless)
    assert not {"lat", "lon"} & read(placeless).columns.keys()
    assert read(placeless).columns["camera"] == "Maker Model X"
    assert b"54.325" not in placeless
    bare = patched(data, "place", "facts")
    same_picture(data, bare)
    assert read(bare).columns == {}
    assert not any(word in bare for word in (b"SERIAL", b"Model X", b"Editor", b"Lens Y", b"2020:05"))
    faceless = patched(data, "facts")
    same_picture(data, faceless)
    assert not {"camera", "taken"} & read(faceless).columns.keys()
    tags = exiftool(placeless, f".{name}", tmp_path)
    assert telling(tags, TELLS_PLACE) == {}
    assert telling(exiftool(bare, f".{name}", tmp_path), TELLS_PLACE + TELLS_FACTS) == {}


@pytest.mark.parametrize("name", ["jpg", "webp", "avif", "png"])
def test_hidden_place_is_gone_from_xmp(name):
    how = {"xmp": XMP.encode()}
    if name == "png":
        how = {"pnginfo": PngImagePlugin.PngInfo()}
        how["pnginfo"].add_itxt("XML:com.adobe.xmp", XMP)
    data = saved(name, **how)
    placeless = patched(data, "place")
    same_picture(data, placeless)
    assert not any(word in placeless for word in (b"Kiel", b"54,19", b"10,8"))
    assert read(placeless).columns["title"] == "A day out"
    bare = patched(data, "place", "facts")
    same_picture(data, bare)
    assert read(bare).columns == {}
    assert b"Model X" not in bare
    assert (b'tiff:Orientation="6"' in bare) == (b'tiff:Orientation="6"' in data)


def test_xmp_of_a_gif_is_hidden():
    plain = saved("gif")
    packet = XMP.encode()
    trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    at = plain.index(b"\x2c", 13 + 3 * 2 ** ((plain[10] & 7) + 1))
    data = plain[:at] + b"\x21\xff\x0bXMP DataXMP" + packet + trailer + plain[at:]
    assert read(data).columns["title"] == "A day out"
    placeless = patched(data, "place")
    same_picture(data, placeless)
    assert b"Kiel" not in placeless
    bare = patched(data, "place", "facts")
    same_picture(data, bare)
    assert read(bare).columns == {}


def test_packed_remarks_of_a_png_are_hidden():
    info = PngImagePlugin.PngInfo()
    info.add_text("Raw profile type iptc", "\niptc\n4\n1c025a00", zip=True)
    info.add_text("Comment", "a remark")
    info.add_itxt("XML:com.adobe.xmp", XMP.replace('tiff:Orientation="6"', ""), zip=True)
    data = saved("png", pnginfo=info)
    placeless = patched(data, "place")
    same_picture(data, placeless)
    assert b"Raw profile" not in placeless
    assert b"XML:com.adobe" not in placeless
    assert b"a remark" in placeless
    assert b"a remark" not in patched(data, "place", "facts")
    for sums in (placeless, patched(data, "facts"), patched(data, "place", "facts")):
        assert all_sums_right(sums)


def all_sums_right(png):
    position = 8
    while position < len(png):
        length = int.from_bytes(png[position : position + 4])
        body = png[position + 4 : position + 8 + length]
        if zlib.crc32(body) != int.from_bytes(png[position + 8 + length : position + 12 + length]):
            return False
        position += 12 + length
    return True


def test_what_follows_a_picture_is_hidden():
    film = b"\0\0\0\x18ftypmp42" + b"\xa9xyz\0\x12+54.3250+010.1375/" + b"\xff\xd8\xff\xdb\0\x30 place"
    for name in ("jpg", "png"):
        data = saved(name) + film
        placeless = patched(data, "place")
        same_picture(data, placeless)
        assert b"54.3250" not in placeless
        assert b"place" not in placeless


def test_further_pictures_in_a_jpeg_are_cleaned_too_and_stay():
    file = io.BytesIO()
    picture().save(file, "MPO", save_all=True, append_images=[picture().rotate(90)], exif=exif_of())
    data = file.getvalue()
    assert data.count(b"Model X") >= 1
    bare = patched(data, "place", "facts")
    same_picture(data, bare)
    assert b"Model X" not in bare
    with Image.open(io.BytesIO(bare)) as image:
        assert image.n_frames == 2
        image.seek(1)
        image.load()


def test_segments_nobody_needs_are_hidden():
    data = with_segment(saved("jpg"), 0xE4, b"drone log 54.325 10.1375")
    data = with_segment(data, 0xFE, b"a remark")
    assert b"54.325" not in patched(data, "place")
    assert b"a remark" in patched(data, "place")
    assert b"a remark" not in patched(data, "facts")


def test_a_place_that_cannot_be_found_for_sure_is_told():
    data = saved("jpg")
    for _ in range(blocks.MOST + 1):
        data = with_segment(data, 0xFE, b"x")
    assert found_in(data).data == {"place_stays": True, "facts_stay": True}


def corpus_pictures(corpus, wanted):
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] in ("jpeg", "mpo", "heic", "png", "webp", "avif", "tiff") and wanted(row):
                yield corpus / row["path"]


def hides_everything(path, tmp_path):
    data = path.read_bytes()
    tags = exiftool(patched(data, "place"), path.suffix, tmp_path)
    assert telling(tags, TELLS_PLACE) == {}, path
    tags = exiftool(patched(data, "place", "facts"), path.suffix, tmp_path)
    assert telling(tags, TELLS_PLACE + TELLS_FACTS) == {}, path
    if path.suffix.lower() == ".heic":
        pytest.importorskip("pillow_heif").register_heif_opener()
    if path.stat().st_size < 4_000_000 and "huge" not in path.name:
        same_picture(data, patched(data, "place", "facts"))


def test_places_of_some_photos_of_the_corpus_are_hidden(corpus, tmp_path):
    some = {
        "IMG_5910.jpg",
        "newyear_london.jpg",
        "IMG_7943.HEIC",
        "flower.webp",
        "exif.png",
        "canon_hdr_NO.jpg",
    }
    found = list(corpus_pictures(corpus, lambda row: row["path"].rpartition("/")[2] in some))
    assert len(found) == len(some)
    for path in found:
        hides_everything(path, tmp_path)


@pytest.mark.long
def test_places_of_all_photos_of_the_corpus_are_hidden(corpus, tmp_path):
    for path in corpus_pictures(corpus, lambda row: True):
        hides_everything(path, tmp_path)


# Nothing in a file stops its details from being read


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["jpg", "png", "webp", "tif", "gif", "avif"]), st.data())
def test_damaged_details_are_passed_over(name, data):
    whole = bytearray(DAMAGEABLE[name])
    for _ in range(data.draw(st.integers(1, 12))):
        whole[data.draw(st.integers(12, min(len(whole), 1500) - 1))] = data.draw(st.integers(0, 255))
    whole = bytes(whole[: data.draw(st.integers(100, len(whole)))])
    mime = mime_of(DAMAGEABLE[name])
    details.read(io.BytesIO(whole), mime)
    for found in patches.find(io.BytesIO(whole), mime).patches.values():
        assert all(offset >= 0 and offset + length <= len(whole) for offset, length, _ in found)


DAMAGEABLE = {
    name: saved(
        name,
        **({} if name == "gif" else {"exif": exif_of()}),
        **({"xmp": XMP.encode()} if name == "jpg" else {}),
    )
    for name in ("jpg", "png", "webp", "tif", "gif", "avif")
}


def test_files_made_up_to_keep_us_busy_do_not():
    fill = io.BytesIO(b"\xff\xd8" + b"\xff" * 3_000_000 + b"\xfe\0\5abc\xff\xd9")
    begun = time.process_time()
    assert [block.kind for block in blocks.find(fill, "image/jpeg")] == ["text"]
    for piece in (b"<a:gps>", b"<a:gps ", b'<a:gps "', b" a:gps='"):
        words = piece * (60_000 // len(piece))
        packet = b"http://ns.adobe.com/xap/1.0/\0" + words
        file = io.BytesIO(b"\xff\xd8\xff\xe1" + struct.pack(">H", len(packet) + 2) + packet + b"\xff\xd9")
        hidden = patches.find(file, "image/jpeg").patches["place"]
        assert sum(length for _, length, _ in hidden) >= len(words) - len(piece)
    assert time.process_time() - begun < 3


def test_boxes_are_walked_however_they_say_their_length():
    whole = struct.pack(">I4s", 12, b"free") + bytes(4) + struct.pack(">I4sQ", 1, b"wide", 20) + bytes(4)
    said = [*boxes.heads(io.BytesIO(whole + struct.pack(">I4s", 0, b"last") + bytes(9)), 0, 49)]
    assert said == [(b"free", 0, 8, 12), (b"wide", 12, 28, 32), (b"last", 32, 40, 49)]
    beyond = struct.pack(">I4s", 99, b"mdat") + bytes(4)
    assert [*boxes.heads(io.BytesIO(beyond), 0, 12)] == [(b"mdat", 0, 8, 99)]
    with pytest.raises(ValueError, match="shorter"):
        [*boxes.heads(io.BytesIO(struct.pack(">I4s", 7, b"mdat") + bytes(9)), 0, 17)]
