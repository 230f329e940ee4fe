"""RAW files: each maker's is known, shown by the best picture in it or developed, and hides what it should."""

import io
import random
import shutil
import struct
import subprocess
import time
import zlib
from unittest.mock import Mock

import cameras
import made
import pytest
from decoded import rows
from PIL import Image

from goblin import media
from goblin.media.camera import cells, develop, formats, jpegs, lossless, packed
from goblin.media.sandbox import Failed, Sandbox

PIXELS = 1
WIDE = (1600, 1200)
TELLS_PLACE = ("gps", "latitude", "longitude", "54.325")
TELLS_FACTS = ("serial", "lens", "model", "maker", "2024", "fnumber")


MAKERS = {
    "a.dng": (cameras.dng, "image/x-adobe-dng"),
    "a.nef": (cameras.nef, "image/x-nikon-nef"),
    "a.orf": (cameras.orf, "image/x-olympus-orf"),
    "a.rw2": (cameras.rw2, "image/x-panasonic-rw2"),
    "a.raf": (cameras.raf, "image/x-fuji-raf"),
    "a.cr3": (cameras.cr3, "image/x-canon-cr3"),
}


def facts_in_preview():
    """What Fuji and Panasonic tell in the preview only."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Fujifilm", "X-Model"
    exif.get_ifd(0x8769)[0x9003] = "2024:07:04 21:45:43"
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 19.0, 30.0), 3: "E", 4: (10.0, 8.0, 15.0)})
    return exif.tobytes()


@pytest.mark.parametrize("name", MAKERS)
def test_the_largest_picture_in_it_is_shown(decode, name):
    make, mime = MAKERS[name]
    path = decode.write(name, make(cameras.jpeg(*WIDE, exif=facts_in_preview())))
    assert media.identify(path.read_bytes()[:4096], "x") == ("image", mime)
    result = decode(path, "image")
    turned = name in ("a.rw2", "a.cr3")
    view = Image.open(decode.copy("view"))
    assert view.size == ((960, 1280) if turned else (1280, 960))
    corner = (view.width - 20, 20) if turned else (20, 20)
    assert view.getpixel(corner)[0] > 200 > view.getpixel((view.width // 2, view.height // 2))[0]
    assert result.columns["taken"] == "2024-07-04T21:45:43"
    assert result.columns["camera"]
    assert result.data["type"] == mime


@pytest.mark.parametrize(
    "name, size", [("a.nef", (4000, 3000)), ("a.rw2", (3000, 4000)), ("a.cr3", (4000, 6000))]
)
def test_its_size_is_that_of_its_own_pixels(decode, name, size):
    result = decode(decode.write(name, MAKERS[name][0](cameras.jpeg(*WIDE))), "image")
    assert (result.columns["width"], result.columns["height"]) == size


def test_the_raw_file_says_how_it_is_turned(decode):
    result = decode(decode.write("a.dng", cameras.dng(cameras.jpeg(*WIDE), orientation=8)), "image")
    view = Image.open(decode.copy("view"))
    assert view.size == (960, 1280) and view.getpixel((20, view.height - 20))[0] > 200
    assert (result.columns["width"], result.columns["height"]) == (1200, 1600)


def test_a_directory_far_back_in_the_file_is_found(decode):
    path = decode.write("a.dng", cameras.dng(cameras.jpeg(*WIDE), pad=8192))
    assert media.identify(path.read_bytes()[:4096], "a.dng") == ("image", "image/x-adobe-dng")
    assert decode(path, "image").data["type"] == "image/x-adobe-dng"
    assert decode(path.rename(path.with_suffix(".tif")), "image").data["type"] == "image/x-adobe-dng"


def test_a_tiff_of_a_camera_is_a_picture_as_ever(decode, tmp_path):
    Image.new("RGB", (64, 48), "red").save(tmp_path / "a.tif", tiffinfo={271: "NIKON CORPORATION", 272: "D1"})
    assert decode(tmp_path / "a.tif", "image").data["type"] == "image/tiff"
    assert decode((tmp_path / "a.tif").rename(tmp_path / "a.nef"), "image").data["type"] == "image/tiff"


def test_a_name_alone_makes_no_raw_file(decode):
    """The directory lies so far back that only the name tells at first."""
    plain = {
        0x0100: 8,
        0x0101: 8,
        0x0102: 8,
        0x0103: 1,
        0x0106: 1,
        0x0111: cameras.Blob(bytes(64)),
        0x0117: 64,
    }
    path = decode.write("a.nef", cameras.tiff(plain | {0x0116: 8}, pad=8192))
    assert media.identify(path.read_bytes()[:4096], "a.nef") == ("image", "image/x-nikon-nef")
    assert decode(path, "image").data["type"] == "image/tiff"


def test_raw_data_are_not_taken_for_a_picture(tmp_path):
    """Lossless JPEG, which RAW data are packed as, has the same beginning."""
    data = bytearray(cameras.jpeg(64, 48))
    frame = data.index(b"\xff\xc0")
    path = tmp_path / "x"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert (jpegs.at(file, 0, len(data)).width, jpegs.at(file, 0, len(data)).height) == (64, 48)
    data[frame + 1] = 0xC3
    path.write_bytes(data)
    with path.open("rb") as file:
        assert jpegs.at(file, 0, len(data)) is None


def near(seen, wanted):
    return all(abs(a - b) <= 5 for a, b in zip(seen, wanted, strict=True))


def quarters(x, y):
    """Red, green, blue and half-bright grey, in linear light."""
    return {(0, 0): (1, 0, 0), (1, 0): (0, 1, 0), (0, 1): (0, 0, 1), (1, 1): (0.5, 0.5, 0.5)}[
        x // 32, y // 32
    ]


@pytest.mark.parametrize("pattern", [bytes([0, 1, 1, 2]), bytes([1, 2, 0, 1])])
def test_simple_data_without_a_preview_are_developed(decode, pattern):
    result = decode(decode.write("a.dng", cameras.mosaic(64, 64, pattern, quarters)), "image")
    view = Image.open(decode.copy("view"))
    assert view.size == (32, 32) and (result.columns["width"], result.columns["height"]) == (64, 64)
    grey = view.getpixel((28, 28))
    assert near(grey, (188, 188, 188)), "half of the light is 188 of 255"
    assert (
        view.getpixel((4, 4))[0] > 240 and view.getpixel((28, 4))[1] > 240 and view.getpixel((4, 28))[2] > 240
    )


@pytest.mark.parametrize("bits", [10, 12, 14])
@pytest.mark.parametrize("width", [64, 70])
def test_packed_data_are_developed_too(decode, bits, width):
    levels = {"black": 1 << bits - 5, "white": (1 << bits) - 3, "bits": bits}

    def seen(x, y):
        return quarters(min(x, 63), y)

    data = cameras.mosaic(width, 64, bytes([0, 1, 1, 2]), seen, **levels)
    decode(decode.write("a.dng", data), "image")
    view = Image.open(decode.copy("view"))
    assert view.size == (width // 2, 32) and near(view.getpixel((28, 28)), (188, 188, 188))
    assert (
        view.getpixel((4, 4))[0] > 240 and view.getpixel((28, 4))[1] > 240 and view.getpixel((4, 28))[2] > 240
    )


@pytest.mark.parametrize("bits", packed.WIDTHS)
def test_packed_samples_come_apart_exactly(bits):
    values = random.Random(bits).choices(range(1 << bits), k=1001)
    row = cameras.row(values, bits)
    assert list(packed.apart(row, bits, 1001)) == values


def noise(width, height, bits, seed):
    """Samples that seldom jump, so that short codes and long ones are used."""
    rnd = random.Random(seed)
    middle, most = 1 << bits - 1, (1 << bits) - 1
    return [
        [
            rnd.choice((0, most)) if rnd.random() < 0.02 else min(most, middle + rnd.randrange(40))
            for _ in range(width)
        ]
        for _ in range(height)
    ]


@pytest.mark.parametrize("predictor", lossless.PREDICTORS)
@pytest.mark.parametrize("components, bits, restart", [(1, 8, 0), (2, 14, 3), (4, 12, 0), (3, 16, 2)])
def test_lossless_jpeg_comes_out_exactly(predictor, components, bits, restart):
    wanted = noise(24, 10, bits, predictor)
    data = b"before" + cameras.lossless(wanted, components, bits, predictor, restart) + b"behind"
    file = io.BytesIO(data)
    frame = lossless.read(file, 6, len(data) - 12)
    assert (frame.width, frame.height, frame.bits) == (24 // components, 10, bits)
    assert [list(row) for row in lossless.rows(file, frame)] == wanted


def filtered(width, height, bits):
    """Rows of cells as a camera with red first sees the four quarters."""
    most = (1 << bits) - 1
    return [
        [round(quarters(x, y)[(0, 1, 1, 2)[y % 2 * 2 + x % 2]] * most) for x in range(width)]
        for y in range(height)
    ]


@pytest.mark.parametrize("tile, components, bits", [((64, 64), 2, 14), ((48, 32), 1, 12), ((32, 48), 4, 8)])
def test_data_in_lossless_jpeg_are_developed(decode, tile, components, bits):
    data = cameras.tiled(filtered(64, 64, bits), tile, components=components, bits=bits, predictor=6)
    result = decode(decode.write("a.dng", data), "image")
    view = Image.open(decode.copy("view"))
    assert view.size == (32, 32) and (result.columns["width"], result.columns["height"]) == (64, 64)
    assert_quarters(view)


def assert_quarters(view):
    """Red, green, blue and grey, in the middle of each."""
    wide, high = view.width // 4, view.height // 4
    assert view.getpixel((wide, high))[0] > 240 and view.getpixel((3 * wide, high))[1] > 240
    assert view.getpixel((wide, 3 * high))[2] > 240 and near(
        view.getpixel((3 * wide, 3 * high)), (188, 188, 188)
    )


def test_pixels_that_have_all_colours_are_developed_at_full_size(decode):
    """Two rows of a tile are one of the JPEG in it, which some converters write."""
    rows = [[round(n * 4095) for x in range(64) for n in quarters(x, y)] for y in range(64)]
    path = decode.write("a.dng", cameras.tiled(rows, (32, 16), samples=3, components=3, bits=12))
    decode(path, "image")
    view = Image.open(decode.copy("view"))
    assert view.size == (64, 64)
    assert_quarters(view)


def test_numbers_that_stand_for_others_are_looked_up(decode):
    """Leica's and Apple's: eight bits, each the root of what was seen."""
    curve = [round(number**2 / 255**2 * 65535) for number in range(256)]
    rows = [[round(255 * (value / 255) ** 0.5) for value in row] for row in filtered(64, 64, 8)]
    decode(decode.write("a.dng", cameras.tiled(rows, (64, 64), bits=8, more={50712: curve})), "image")
    assert_quarters(Image.open(decode.copy("view")))


def test_a_makers_own_data_of_two_bytes_a_cell_are_developed_with_the_white_of_their_mean(decode):
    """Nikon's without compression: 14 bits, each in two bytes; red is seen half as well, and nobody says so."""
    cells = b"".join(
        struct.pack("<64H", *(4000 if x % 2 == y % 2 == 0 else 8000 for x in range(64))) for y in range(64)
    )
    sub = {0x00FE: 0, 0x0100: 64, 0x0101: 64, 0x0102: 14, 0x0103: 1, 0x0106: 32803, 0x0116: 64}
    data = {0x0111: cameras.Blob(cells), 0x0117: len(cells), 33421: [2, 2], 33422: bytes([0, 1, 1, 2])}
    main = {0x00FE: 1, 0x010F: "NIKON CORPORATION", 0x0110: "D1", cameras.SUB: sub | data}
    decode(decode.write("a.nef", cameras.tiff(main)), "image")
    seen = Image.open(decode.copy("view"))
    assert seen.size == (32, 32) and near(seen.getpixel((16, 16)), (186, 186, 186))
    main[cameras.SUB] = sub | data | {0x0117: 100}
    assert decode(decode.write("b.nef", cameras.tiff(main)), "image").files == {}, (
        "compressed, without saying so"
    )


def harmful():
    """Lossless JPEG that claims too much, ends early, or has tables that cannot be."""
    whole = cameras.tiled(filtered(64, 64, 14), (64, 64), components=2, bits=14)
    frame, tables, scan = (whole.index(bytes([0xFF, marker])) for marker in (0xC3, 0xC4, 0xDA))
    yield "cut", whole[: scan + 60]
    yield "wide", whole[: frame + 5] + b"\xff\xff\xff\xff" + whole[frame + 9 :]
    yield "full", whole[: tables + 5] + b"\xff" * 16 + whole[tables + 21 :]
    yield "meaningless", whole[: scan + 10] + b"\xff\0" * 40 + whole[scan + 90 :]
    yield "endless", whole[: frame + 2] + b"\0\0" + whole[frame + 4 :]
    yield "sizes", whole[: tables + 21] + b"\x63" * 17 + whole[tables + 38 :]


def test_harmful_lossless_jpeg_ends_soon(decode):
    begun = time.monotonic()
    for name, data in harmful():
        result = decode(decode.write("a.dng", data), "image")
        assert result.files == {} and "no picture" in result.data["note"], name
    assert time.monotonic() - begun < 20


def test_tiles_that_claim_the_world_are_left_alone(decode):
    rows = filtered(64, 64, 14)
    for claim in ({0x0142: 1 << 31}, {0x0142: 0}, {0x0142: 1}, {0x0144: [1 << 31]}):
        data = cameras.tiled(rows, (64, 64), bits=14, more=claim)
        assert decode(decode.write("a.dng", data), "image").files == {}, claim


def test_data_that_take_too_long_are_left_for_the_picture_in_the_file(tmp_path, monkeypatch):
    path = tmp_path / "a.dng"
    path.write_bytes(grey_dng(600, 400))
    monkeypatch.setattr(cells, "LONGEST_WORK", 0.0)
    result = media.TYPES["image"].process(path, tmp_path, media.options_of("image", {}), lambda *_: None)
    assert result.files["view"].width == 64


@pytest.mark.parametrize("colour", ["black", "white"])
def test_a_preview_of_one_colour_is_as_good_as_none(decode, colour):
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(out, "JPEG")
    preview = {
        0x00FE: 1,
        0x0103: 7,
        0x0106: 6,
        0x0111: cameras.Blob(out.getvalue()),
        0x0117: len(out.getvalue()),
    }
    data = cameras.mosaic(64, 64, bytes([0, 1, 1, 2]), quarters, more={cameras.SUB: preview})
    decode(decode.write("a.dng", data), "image")
    assert_quarters(Image.open(decode.copy("view")))
    result = decode(decode.write("b.dng", cameras.dng(out.getvalue())), "image")
    assert result.files["view"].width == 64, "the small one shows something"


def test_development_follows_white_balance_crop_and_colours(decode):
    """A camera that sees half as much red, in a DNG with a border of nothing around what is to be shown."""

    def seen(x, y):
        inside = 8 <= x < 56 and 8 <= y < 56
        return (0.25, 0.5, 0.5) if inside else (0, 0, 0)

    area = {50829: [4, 4, 60, 60], 50719: [4, 4], 50720: [48, 48], 50728: (0.5, 1.0, 1.0)}
    path = decode.write("a.dng", cameras.mosaic(64, 64, bytes([0, 1, 1, 2]), seen))
    plain = decode(path, "image") and Image.open(decode.copy("view"))
    assert near(plain.getpixel((16, 16)), (137, 188, 188)) and max(plain.getpixel((1, 1))) < 10
    data = cameras.mosaic(64, 64, bytes([0, 1, 1, 2]), seen, more=area)
    decode(decode.write("b.dng", data), "image")
    shown = Image.open(decode.copy("view"))
    assert shown.size == (24, 24)
    assert near(shown.getpixel((12, 12)), (188, 188, 188)) and near(shown.getpixel((1, 1)), (188, 188, 188))


def test_the_colours_of_the_camera_become_those_of_a_screen(decode):
    """A camera whose red is what a screen calls blue."""
    matrix = tuple(value for row in reversed(develop.TO_SRGB) for value in row)
    data = cameras.mosaic(64, 64, bytes([0, 1, 1, 2]), quarters, more={50721: matrix})
    decode(decode.write("a.dng", data), "image")
    view = Image.open(decode.copy("view"))
    assert near(view.getpixel((28, 28)), (188, 188, 188))
    assert view.getpixel((4, 4))[2] > 240 > 60 > view.getpixel((4, 4))[0]


def test_a_file_without_any_picture_still_tells_its_facts(decode):
    result = decode(decode.write("a.nef", cameras.nef(b"")), "image")
    assert result.files == {} and result.data["note"].endswith(".")
    assert result.columns["camera"] == "NIKON CORPORATION D1" and result.columns["width"] == 4000


def test_nothing_but_a_head_is_refused_in_a_sentence(decode):
    assert "damaged" in decode.refusal(decode.write("a.orf", b"IIRS" + bytes(500)), "image")


def test_the_corpus(decode, corpus):
    seen = set()
    for row in rows(corpus, "raw-dng", "raw-cr2", "raw-nef", "raw-rw2"):
        result = decode(corpus / row["path"], "image")
        assert abs(result.columns["width"] - int(row["width"])) <= PIXELS, row["path"]
        assert abs(result.columns["height"] - int(row["height"])) <= PIXELS, row["path"]
        assert result.columns["taken"] == row["captured"].replace(":", "-", 2).replace(" ", "T"), row["path"]
        assert (result.columns["taken_offset"] or "") == row["captured_offset"], row["path"]
        assert result.columns["camera"] == cameras.said(row["camera"]), row["path"]
        seen.add(row["kind"])
    assert len(seen) == 4


def test_noise_is_no_raw_file(corpus):
    assert media.identify((corpus / "hostile" / "random.dng").read_bytes(), "random.dng") is None


@pytest.mark.parametrize("name", MAKERS)
def test_damage_ends_in_a_picture_or_a_sentence(sandbox, decode, name):
    data = MAKERS[name][0](cameras.jpeg(320, 240, exif=facts_in_preview()))
    for step in range(12):
        cut = bytearray(data[: len(data) * (step + 4) // 16])
        for place in range(16 + step, min(len(cut), 400), 23):
            cut[place] ^= zlib.crc32(bytes([step, place % 251])) & 0xFF
        path = decode.write(name, bytes(cut))
        if not (found := media.identify(bytes(cut[:4096]), name)):
            continue
        try:
            decode(path, found[0])
        except Failed as failed:
            assert failed.sentence.endswith(".") and "Error" not in failed.detail.splitlines()[-1], (
                failed.detail
            )


def exiftool(path):
    """Everything it finds, in words; emptied entries are still there."""
    assert shutil.which("exiftool"), "these tests need exiftool (libimage-exiftool-perl)"
    command = [
        "exiftool",
        "-a",
        "-u",
        "-U",
        "-G1",
        "-s",
        "-ee3",
        "--System:all",
        "--ExifTool:all",
        "--File:all",
    ]
    said = subprocess.run([*command, str(path)], capture_output=True, text=True, timeout=30).stdout.lower()
    return said.replace("[gps]           gps_0xea1c", "")


@pytest.mark.parametrize("name", MAKERS)
def test_what_is_hidden_is_gone_and_the_picture_stays(decode, tmp_path, name):
    make, mime = MAKERS[name]
    path = decode.write(name, make(cameras.jpeg(*WIDE, exif=facts_in_preview())))
    result = decode(path, "image")
    before = exiftool(path)
    assert any(word in before for word in TELLS_FACTS)
    assert "place_stays" not in result.data
    placeless = made.patched(path, tmp_path / f"placeless-{name}", "place", patches=result.patches)
    assert not [word for word in TELLS_PLACE if word in exiftool(placeless)], exiftool(placeless)
    bare = made.patched(path, tmp_path / f"bare-{name}", "place", "facts", patches=result.patches)
    assert not [word for word in TELLS_FACTS if word in exiftool(bare)], exiftool(bare)
    assert b"54.325" not in placeless.read_bytes() and b"SERIAL" not in bare.read_bytes()
    assert len(bare.read_bytes()) == len(path.read_bytes())
    if mime == formats.DNG:
        assert decode(bare, "image").files["view"].width == 1280


def test_what_developing_needs_stays_in_a_dng(decode, tmp_path):
    path = decode.write("a.dng", cameras.mosaic(64, 64, bytes([0, 1, 1, 2]), quarters))
    result = decode(path, "image")
    before = Image.open(decode.copy("view")).tobytes()
    decode(made.patched(path, tmp_path / "b.dng", "place", "facts", patches=result.patches), "image")
    assert Image.open(decode.copy("view")).tobytes() == before


def test_the_page_of_one_without_a_picture_shows_its_facts(site, corpus):
    ann = site.sign_in("ann")
    name = "CanonRaw.cr2"
    medium = site.ready(ann, name, (corpus / "raw" / name).read_bytes(), visibility="public")
    assert medium.state == "processed" and medium.mime == "image/x-canon-cr2"
    page = ann.get(f"/u/ann/m/{medium.slug}/")
    assert "holds no picture" in page.html.find(class_="sentence").text
    assert "Canon EOS 350D DIGITAL" in page.text
    assert ann.get("/").html.find("a", class_="tile").find("svg", class_="kind")
    original = ann.get(f"/f/{medium.id}/original/{name}")
    assert original.body == (corpus / "raw" / name).read_bytes()


def grey_dng(width, height):
    """Plain grey cells in great number, and a small picture in front."""
    cells = (8192).to_bytes(2, "little") * (width * height)
    small = cameras.jpeg(64, 48)
    main = {
        **{0x00FE: 1, 0x0100: 64, 0x0101: 48, 0x0103: 7, 0x0106: 6, 0x010F: "Maker", 0x0110: "Model X"},
        **{0x0111: cameras.Blob(small), 0x0117: len(small), 50706: bytes([1, 4, 0, 0])},
    }
    raw = {
        **{0x00FE: 0, 0x0100: width, 0x0101: height, 0x0102: 16, 0x0103: 1, 0x0106: 32803, 0x0116: height},
        **{0x0111: cameras.Blob(cells), 0x0117: len(cells), 33421: [2, 2], 33422: bytes([0, 1, 1, 2])},
        **{50714: 512, 50717: 15872},
    }
    return cameras.tiff(main | {cameras.SUB: raw})


@pytest.mark.parametrize("size", [(6000, 4000), pytest.param((9000, 6600), marks=pytest.mark.long)])
def test_large_data_are_developed_on_a_small_machine(tmp_path, size):
    path = tmp_path / "a.dng"
    path.write_bytes(grey_dng(*size))
    small = Sandbox(machine=1 << 30)
    try:
        result = small.run("image", path, tmp_path, media.options_of("image", {}))
    finally:
        small.close()
    assert (result.columns["width"], result.columns["height"]) == size
    view = Image.open(tmp_path / result.files["view"].name)
    assert view.size == (1280, round(1280 * size[1] / size[0])) and near(view.getpixel((9, 9)), (188,) * 3)


def test_a_picture_that_cannot_be_developed_leaves_the_one_in_the_file(tmp_path, monkeypatch):
    path = tmp_path / "a.dng"
    path.write_bytes(grey_dng(3000, 2000))
    for error in (MemoryError, Image.DecompressionBombError):
        monkeypatch.setattr(develop, "develop", Mock(side_effect=error))
        result = media.TYPES["image"].process(path, tmp_path, media.options_of("image", {}), lambda *_: None)
        assert result.files["view"].width == 64


def test_data_of_endless_rows_are_left_alone(decode):
    begun = time.monotonic()
    head = {0x00FE: 0, 0x0100: 2, 0x0101: 30_000_000, 0x0102: 16, 0x0103: 1, 0x0106: 32803, 0x0116: 1}
    thin = {0x0111: [8] * 16000, 33421: [2, 2], 33422: bytes([0, 1, 1, 2]), 50706: bytes([1, 4, 0, 0])}
    result = decode(decode.write("a.dng", cameras.tiff(head | thin | {0x010F: "Maker"})), "image")
    assert result.files == {} and time.monotonic() - begun < 10


def test_a_nought_among_the_colours_is_a_number(decode):
    """A camera whose red is what a screen calls blue, and takes nothing of XYZ's Y for it."""
    blue, green, red = ([0.0557, 0.0, 1.0570], *develop.TO_SRGB[1::-1])
    data = cameras.mosaic(64, 64, bytes([0, 1, 1, 2]), quarters, more={50721: (*blue, *green, *red)})
    decode(decode.write("a.dng", data), "image")
    seen = Image.open(decode.copy("view")).getpixel((4, 4))
    assert seen[2] > 240 > 60 > seen[0]
