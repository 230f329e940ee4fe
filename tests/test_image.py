"""Pictures: what each kind of file becomes, against made ones and the corpus's ground truth."""

import csv
import io
import math
import zlib
from pathlib import Path

import cameras
import pytest
from PIL import Image, ImageChops, ImageCms, ImageDraw, ImageStat

from goblin import media
from goblin.media.sandbox import Failed

KINDS = {
    *("jpeg", "jpeg-cmyk", "png", "apng", "gif", "gif-animated", "webp", "webp-animated", "avif"),
    *("avif-animated", "heic", "tiff", "bmp", "jp2", "mpo"),
}
SAMPLE = {
    *(
        "photos/IMG_20200827_231612.jpg",
        "photos/canon_hdr_NO.jpg",
        "photos/wild-2.jpg",
        "photos/IMG_5910.jpg",
    ),
    *("photos/timezones/UTC-20240413-203531-Kathmandu.jpg", "images/frozenpond.mpo", "images/flower.webp"),
    *(
        "images/exif.png",
        "images/g4_orientation_6.tif",
        "images/tiff_strip_cmyk_jpeg.tif",
        "images/rgb24.bmp",
    ),
    *("images/rot1mir0.avif", "animated/star.avifs", "animated/apng_delay.png", "animated/cogs.gif"),
    *("heic/xiaomi.heic", "heic/livephoto/IMG_7943.HEIC", "heic/RGBA_10__128x128.heif"),
    *("images/panorama_24000x400.jpg", "images/LA_16__128x128.png", "images/test-card-lossless.jp2"),
}


@pytest.fixture
def process(sandbox, tmp_path):
    """process(path, **options) -> Result; opened(role) -> the copy of the last one."""

    def process(path, **options):
        with path.open("rb") as file:
            kind, process.mime = media.identify(file.read(4096), path.name)
        assert kind == "image"
        process.out = tmp_path / f"out-{len(list(tmp_path.iterdir()))}"
        process.out.mkdir()
        options = {**media.options_of("image", {}), **options}
        process.result = sandbox.run("image", path, process.out, options)
        return process.result

    def opened(role):
        return Image.open(io.BytesIO((process.out / process.result.files[role].name).read_bytes()))

    process.opened = opened
    return process


@pytest.fixture
def made(tmp_path):
    """made(image, name, **how) -> path of a saved picture."""

    def made(image, name, **how):
        image.save(tmp_path / name, **how)
        return tmp_path / name

    return made


def scene(width, height, mode="RGB"):
    """A picture whose four corners differ: red, green, blue, white, clockwise from the top left."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    w, h = width // 2, height // 2
    for box, colour in (((0, 0, w, h), "red"), ((w, 0, width, h), "lime"), ((w, h, width, height), "blue")):
        draw.rectangle(box, fill=colour)
    return image.convert(mode)


def near(pixel, wanted, by=12):
    return all(abs(a - b) <= by for a, b in zip(pixel, wanted, strict=True))


def corners(image):
    image = image.convert("RGB")
    w, h = image.size
    return [image.getpixel(at) for at in ((w // 4, h // 4), (3 * w // 4, h // 4), (3 * w // 4, 3 * h // 4))]


RED_GREEN_BLUE = [(254, 0, 0), (0, 255, 1), (0, 0, 254)]


def upright(image):
    return all(near(found, wanted) for found, wanted in zip(corners(image), RED_GREEN_BLUE, strict=True))


def test_sizes_fit_and_are_never_larger_than_the_picture(process, made):
    files = process(made(scene(3000, 2000), "a.jpg")).files
    assert {role: (file.width, file.height) for role, file in files.items()} == {
        "view": (1280, 853),
        "thumb2": (640, 427),
        "thumb": (320, 213),
    }
    for role, file in files.items():
        assert process.opened(role).size == (file.width, file.height)
    files = process(made(scene(200, 100), "b.jpg")).files
    assert {(file.width, file.height) for file in files.values()} == {(200, 100)}


def test_a_large_copy_is_at_most_half_the_picture(process, made):
    files = process(made(scene(4000, 3000), "a.jpg")).files
    assert (files["large"].width, files["large"].height) == (2000, 1500)
    assert "large" not in process(made(scene(3000, 2000), "c.jpg")).files
    assert "large" not in process(made(scene(4000, 3000), "d.jpg"), large=0).files


def test_a_panorama_has_a_large_copy_to_look_at_closely(process, made):
    """Of a strip a thousand pixels long nobody sees anything: it may have as many pixels as a photo."""
    for size, large in (((8000, 300), (8000, 300)), ((20000, 2000), (6610, 661)), ((300, 7000), (300, 7000))):
        file = process(made(scene(*size), "b.jpg")).files["large"]
        assert (file.width, file.height) == large
    assert process(made(scene(8000, 300), "b.jpg")).files["view"].width == 1280


def test_options_choose_sizes_and_quality(process, made):
    path = made(scene(1000, 800), "a.jpg")
    files = process(path, sizes="100 200 400").files
    assert [files[role].width for role in ("thumb", "thumb2", "view")] == [100, 200, 400]
    better = process(path, quality=95) and (process.out / "view.jpg").stat().st_size
    worse = process(path, quality=30) and (process.out / "view.jpg").stat().st_size
    assert worse < better


def test_a_thin_picture_keeps_a_pixel(process, made):
    files = process(made(scene(9000, 2), "thin.png")).files
    assert (files["thumb"].width, files["thumb"].height) == (1920, 1)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
def test_every_orientation_is_shown_upright(process, made, orientation, name):
    turned = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    shown = scene(160, 80)
    # How the pixels must be stored so that this orientation shows them upright: turned back.
    stored = shown.transpose(Image.Transpose(turned[orientation])) if orientation in turned else shown
    exif = Image.Exif()
    exif[0x0112] = orientation
    result = process(made(stored, name, exif=exif))
    assert (result.columns["width"], result.columns["height"]) == (160, 80)
    assert process.opened("view").size == (160, 80)
    assert upright(process.opened("view"))


def test_sixteen_bits_are_scaled_not_clipped(process, tmp_path, made):
    grey = Image.new("I;16", (64, 64), 0x8000)
    for name in ("grey.png", "grey.tif"):
        process(made(grey, name))
        assert abs(process.opened("view").convert("L").getpixel((9, 9)) - 128) <= 2


def test_sixteen_bit_colour_and_transparency(process, tmp_path):
    path = tmp_path / "deep.png"
    path.write_bytes(deep_png(32, 32, (0xFFFF, 0x8000, 0x0000, 0x4000)))
    assert process(path).files["view"].type == "image/webp"
    assert near(process.opened("view").convert("RGBA").getpixel((16, 16)), (255, 128, 0, 64), 6)


def deep_png(width, height, pixel):
    """A PNG of 16 bits a channel with transparency, which Pillow does not write."""

    def chunk(name, data):
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes([16, 6, 0, 0, 0])
    rows = (b"\0" + b"".join(value.to_bytes(2) for value in pixel) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_transparency_is_kept_only_where_there_is_some(process, made):
    opaque = scene(64, 64, "RGBA")
    assert process(made(opaque, "opaque.png")).files["view"].type == "image/jpeg"
    hole = opaque.copy()
    hole.putpixel((5, 5), (0, 0, 0, 0))
    hole.paste((0, 0, 0, 0), (0, 0, 20, 20))
    for name in ("hole.png", "hole.webp", "hole.tif", "hole.avif"):
        assert {file.type for file in process(made(hole, name)).files.values()} == {"image/webp"}
        assert process.opened("thumb").convert("RGBA").getpixel((3, 3))[3] < 30


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "CMYK", "YCbCr", "LAB", "I", "F"])
def test_every_way_of_storing_pixels_is_shown(process, made, mode):
    source = scene(64, 64, "RGB")
    image = (
        ImageCms.profileToProfile(source, *lab(), outputMode="LAB") if mode == "LAB" else source.convert(mode)
    )
    if mode == "I":
        image = image.point(lambda value: value * 257)
    process(made(image, "a.png" if mode in ("1", "P", "L", "LA") else "a.tif"))
    shown = process.opened("view").convert("RGB")
    dark, light = shown.getpixel((48, 48)), shown.getpixel((16, 48))
    assert sum(light) > sum(dark) + 100


def lab():
    return ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")


def test_colour_profiles_are_followed(process, made):
    """A profile whose red and green are swapped shows at once whether it was used."""
    profile = swapped_profile()
    process(made(Image.new("RGB", (64, 64), (250, 10, 10)), "swapped.jpg", icc_profile=profile, quality=95))
    red, green, _ = process.opened("view").getpixel((30, 30))
    assert green > 150 > 100 > red
    process(made(Image.new("RGB", (64, 64), (250, 10, 10)), "broken.jpg", icc_profile=b"nonsense" * 20))
    assert near(process.opened("view").getpixel((30, 30)), (250, 10, 10))


def swapped_profile():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # ICC.1:2010, 7.3: swap the names of the two colourants and unname it, so that it is not taken for sRGB.
    profile = profile.replace(b"rXYZ", b"tmpX").replace(b"gXYZ", b"rXYZ").replace(b"tmpX", b"gXYZ")
    return bytes(profile.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be")))


def test_copies_carry_nothing_but_pixels(process, made):
    exif = Image.Exif()
    exif[0x010F], exif[0x9003] = "Maker", "2020:01:01 00:00:00"
    exif.get_ifd(0x8825).update({1: "N", 2: (54.0, 0.0, 0.0), 3: "E", 4: (10.0, 0.0, 0.0)})
    how = {"exif": exif, "comment": b"a remark", "xmp": b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"}
    profile = swapped_profile()
    process(made(scene(2000, 1400), "a.jpg", icc_profile=profile, **how))
    transparent = scene(100, 100, "RGBA")
    transparent.paste((0, 0, 0, 0), (0, 0, 50, 50))
    copies = [(process.out / file.name) for file in process.result.files.values()]
    process(made(transparent, "a.webp", icc_profile=profile, exif=exif))
    copies += [(process.out / file.name) for file in process.result.files.values()]
    frames = [transparent, scene(100, 100, "RGBA")]
    process(made(frames[0], "b.webp", save_all=True, append_images=frames[1:], exif=exif))
    copies += [(process.out / file.name) for file in process.result.files.values()]
    for copy in copies:
        with Image.open(copy) as image:
            image.load()
            assert not {"exif", "xmp", "icc_profile", "comment"} & image.info.keys()
            assert not image.getexif()
        data = copy.read_bytes()
        assert not any(word in data for word in (b"Exif", b"EXIF", b"XMP", b"xmpmeta", b"ICC", b"remark"))


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.avif"])
def test_moving_pictures_keep_moving(process, made, name):
    frames = [Image.new("RGB", (120, 80), colour) for colour in ("red", "lime", "blue")]
    path = made(frames[0], name, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
    result = process(path)
    assert result.columns["animated"] is True
    assert result.data["frames"] == 3
    view = process.opened("view")
    assert (view.format, view.n_frames) == ("WEBP", 3)
    shown = []
    for number, colour in enumerate(((255, 0, 0), (0, 255, 0), (0, 0, 255))):
        view.seek(number)
        assert near(view.convert("RGB").getpixel((60, 40)), colour, 30)
        shown.append(view.info["duration"])
    assert shown == [100, 200, 300]
    assert process.opened("thumb").format == "JPEG"


def test_moving_pictures_play_as_often_as_they_did(process, made):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "lime", "blue")]
    for how, wanted in (({"loop": 0}, 0), ({"loop": 3}, 4), ({}, 1)):
        path = made(frames[0], "a.gif", save_all=True, append_images=frames[1:], duration=100, **how)
        process(path)
        assert process.opened("view").info["loop"] == wanted


def test_too_many_frames_are_shown_still(process, made):
    frames = [Image.new("L", (8, 8), number % 2 * 255) for number in range(30)]
    path = made(frames[0], "a.gif", save_all=True, append_images=frames[1:], duration=50)
    result = process(path, frames=20)
    assert "animated" not in result.columns
    assert result.files["view"].type == "image/jpeg"


def test_placeholder_is_the_average_colour(process, made):
    image = Image.new("RGB", (600, 400), "black")
    image.paste("white", (0, 0, 300, 400))
    colour = process(made(image, "half.png")).columns["placeholder"]
    assert colour[0] == "#"
    assert all(abs(int(colour[at : at + 2], 16) - 128) <= 3 for at in (1, 3, 5))


def test_what_it_is_says_the_file_not_its_name(process, made):
    path = made(scene(64, 48), "really.png", format="JPEG")
    assert process(path).data["type"] == "image/jpeg"
    assert media.identify(b"<html>", "photo.jpg") is None


def test_a_cut_off_picture_is_refused_in_words(process, made, tmp_path):
    for name in ("a.jpg", "a.png", "a.webp", "a.gif", "a.tif"):
        noise = Image.effect_noise((400, 300), 90).convert("RGB")
        data = made(noise, name).read_bytes()
        cut = tmp_path / f"cut-{name}"
        cut.write_bytes(data[: len(data) // 2])
        with pytest.raises(Failed, match=r"incomplete|damaged"):
            process(cut)


def test_more_pixels_than_allowed_are_refused_before_decoding(process, made):
    path = made(Image.new("1", (4000, 4000)), "many.png")
    with pytest.raises(Failed, match="more pixels"):
        process(path, pixels=1_000_000)


def test_a_large_jpeg_is_decoded_scaled_within_the_cap(process, made):
    path = made(scene(4000, 4000), "large.jpg")
    assert process(path, pixels=5_000_000).columns["width"] == 4000
    with pytest.raises(Failed, match="more than the gallery can open"):
        process(path, pixels=1_000_000)


def test_a_missing_heif_decoder_is_named(process, tmp_path, monkeypatch):
    from goblin.media.picture import opening

    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(media.Missing, match="pillow-heif"):
        opening.Picture(io.BytesIO(b""), "image/heic", media.options_of("image", {}))


# The corpus


def rows(corpus, wanted):
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [row for row in found if wanted(row)]


def differences(row, result):
    """What does not match the ground truth: names of its columns."""
    columns = result.columns
    found = [name for name in ("width", "height") if abs(columns[name] - int(row[name])) > 1]
    captured = row["captured"].replace(":", "-", 2).replace(" ", "T") or None
    if columns.get("taken") != captured:
        found.append("captured")
    if (columns.get("taken_offset") or "") != row["captured_offset"]:
        found.append("captured_offset")
    for name in ("lat", "lon"):
        wanted = float(row[name]) if row[name] else math.inf
        if columns.get(name, math.inf) != wanted and not abs(columns.get(name, math.inf) - wanted) < 1e-4:
            found.append(name)
    if columns.get("camera", "") != cameras.said(row["camera"]):
        found.append("camera")
    if row["title"] and row["title"] not in (columns.get("title"), columns.get("description")):
        found.append("title")
    if row["frames"] and row["kind"] != "tiff" and result.data.get("frames", 1) != int(row["frames"]):
        found.append("frames")
    return found


def against_truth(corpus, process, wanted):
    taken = rows(corpus, wanted)
    assert taken
    wrong = {row["path"]: differences(row, process(corpus / row["path"])) for row in taken}
    assert {path: names for path, names in wrong.items() if names} == {}


def test_sample_of_the_corpus_matches_its_truth(corpus, process):
    against_truth(corpus, process, lambda row: row["path"] in SAMPLE)


@pytest.mark.long
def test_all_of_the_corpus_matches_its_truth(corpus, process):
    against_truth(corpus, process, lambda row: row["kind"] in KINDS)


@pytest.mark.parametrize("name", ["Landscape_6", "Landscape_5", "Portrait_8"])
def test_turned_photos_look_like_the_upright_one(corpus, process, name):
    looks_upright(corpus, process, name)


@pytest.mark.long
@pytest.mark.parametrize("number", range(9))
def test_all_turned_photos_look_like_the_upright_one(corpus, process, number):
    for side in ("Landscape", "Portrait"):
        if (corpus / "orientation" / f"{side}_{number}.jpg").exists():
            looks_upright(corpus, process, f"{side}_{number}")


def looks_upright(corpus, process, name):
    process(corpus / "orientation" / f"{name.split('_')[0]}_1.jpg")
    upright = process.opened("thumb").convert("RGB")
    process(corpus / "orientation" / f"{name}.jpg")
    turned = process.opened("thumb").convert("RGB")
    assert turned.size == upright.size
    assert max(ImageStat.Stat(ImageChops.difference(turned, upright)).mean) < 6


HOSTILE = (".jpg", ".jpeg", ".png", ".gif", ".heic", ".dng")
HOSTILE_SAMPLE = {
    "bomb_30000x30000.png",
    "bomb_canvas.gif",
    "bomb_ztxt.png",
    "truncated.jpg",
    "corrupted.heic",
}
SOUND = {
    "jpg_as.png",
    "jpg_zip_tail.jpg",
    "exif_orientation_99.jpg",
    "exif_html.jpg",
    "exif_long.jpg",
    "gif_html_tail.gif",
}


def hostile(corpus, sandbox, tmp_path, wanted):
    shown = set()
    for path in sorted(Path(corpus / "hostile").iterdir()):
        with path.open("rb") as file:
            known = media.identify(file.read(4096), path.name)
        if path.suffix.lower() not in HOSTILE or not wanted(path.name) or not known or known[0] != "image":
            continue
        out = tmp_path / path.name
        out.mkdir()
        try:
            result = sandbox.run("image", path, out, media.options_of("image", {}))
        except Failed as error:
            assert "picture" in error.sentence
            assert len(error.sentence) < 120
            continue
        shown.add(path.name)
        assert all(file.width and file.height for file in result.files.values())
        assert not {"lat", "lon", "taken"} & result.columns.keys()
        assert all(len(str(value)) <= 5000 for value in result.columns.values())
    return shown


def test_hostile_pictures_end_in_words_or_a_picture(corpus, sandbox, tmp_path):
    shown = hostile(corpus, sandbox, tmp_path, lambda name: name in HOSTILE_SAMPLE | SOUND)
    assert shown == SOUND


@pytest.mark.long
def test_all_hostile_pictures_end_in_words_or_a_picture(corpus, sandbox, tmp_path):
    shown = hostile(corpus, sandbox, tmp_path, lambda name: True)
    assert shown >= SOUND
    assert not [
        name for name in shown if name.startswith(("bomb_canvas", "bomb_header", "truncated_", "zero"))
    ]
