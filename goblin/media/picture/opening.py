"""Opens a picture safely: only as what its bytes say, only if small enough, scaled while it decodes."""

from __future__ import annotations

import re
import struct
import warnings
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from PIL import Image, ImageFile, UnidentifiedImageError

from goblin.media import Unreadable, parts

FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/x-icon": "ICO",
    "image/jp2": "JPEG2000",
}
# What drawings and sounds may bring with them, by its first bytes.
SIMPLE = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
MIMES = {name: mime for mime, name in FORMATS.items() if name in SIMPLE}
MOVING = {"GIF", "WEBP", "PNG", "AVIF"}  # not MPO, whose further pictures are other views of the same moment
SCALED = {"JPEG", "HEIF"}  # formats that can be shown without decoding them whole
# What Pillow can be built without (piwheels' for 32-bit ARM, or one built on the machine).
OPTIONAL = {"AVIF": "libavif", "WEBP": "libwebp", "JPEG2000": "OpenJPEG"}
SMALLEST_SCALE = 8  # libjpeg decodes at a half, a quarter or an eighth
ORIENTATION = 0x0112  # Exif 2.32, table 4

# What decoders raise on damaged files, besides their own errors.
DAMAGED = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    EOFError,
    ArithmeticError,
    RuntimeError,
    struct.error,
    zlib.error,
)
TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Picture:
    """An opened picture, not decoded yet. `width` and `height` are as shown. Raises Unreadable."""

    def __init__(self, file: BinaryIO, mime: str, options: Mapping[str, Any]) -> None:
        self.format = FORMATS[mime]
        if self.format == "HEIF":
            _load_heif()
        if self.format in OPTIONAL and not parts.here(OPTIONAL[self.format]):
            raise parts.missing(OPTIONAL[self.format])
        Image.MAX_IMAGE_PIXELS = options["pixels"] * (SMALLEST_SCALE**2 if self.format in SCALED else 1)
        self.pixels = options["pixels"]
        file.seek(0)
        with _sentences(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            self.image = Image.open(file, formats=[self.format])
            if self.format == "ICO":
                self.image.size = _first_of_icon(file)
            self.frames = self._count(options["frames"])
        self.turn(_orientation(self.image))

    def turn(self, orientation: int) -> None:
        """Have the picture turned another way than it says itself (Exif 2.32, 4.6.4 A)."""
        self.orientation = orientation
        self.width, self.height = self.image.size
        if orientation >= 5 and self.format != "TIFF":
            self.width, self.height = self.height, self.width

    def _count(self, most: int) -> int:
        """Number of frames of a moving picture, 1 for a still; counting stops past `most`."""
        if self.format not in MOVING or not getattr(self.image, "is_animated", False):
            return 1
        if self.format != "GIF":
            return self.image.n_frames - self._first
        frames = 1
        try:
            while frames <= most:
                self.image.seek(frames)
                frames += 1
        except EOFError:
            pass
        self.image.seek(0)
        return frames

    @property
    def _first(self) -> int:
        """The frame to start with: a PNG's still picture may stand before its moving ones."""
        return int(bool(getattr(self.image, "default_image", False)))

    def decode(self, side: int) -> Image.Image:
        """The picture, upright, at least as large as fits a square of `side` if it is that large.

        A JPEG is decoded straight to a half, a quarter or an eighth.
        """
        image = self.image
        with _sentences(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if self.format == "JPEG":
                # A little less than wanted, so that rounding never costs a scale.
                image.draft(None, tuple(max(1, length - 1) for length in fit(image.size, side)))
            if image.width * image.height > self.pixels:
                if self.format == "HEIF" and (preview := _preview(image)):
                    return preview
                raise Unreadable(_too_large(*image.size))
            image.load()
        return image

    def upright(self, image: Image.Image) -> Image.Image:
        """Turn a copy the way the picture is to be looked at."""
        # Pillow turns a TIFF itself while it decodes.
        if self.format == "TIFF" or self.orientation not in TRANSPOSE:
            return image
        return image.transpose(TRANSPOSE[self.orientation])

    def each_frame(self) -> Iterator[tuple[Image.Image, int]]:
        """The frames of a moving picture, whole, each with how long it is shown (milliseconds)."""
        for number in range(self._first, self._first + self.frames):
            with _sentences():
                self.image.seek(number)
                self.image.load()
            shown = self.image.info.get("duration") or 0
            # Browsers show anything shorter for a tenth of a second.
            yield self.image, int(shown) if shown > 10 else 100

    @property
    def plays(self) -> int:
        """How often a moving picture plays; 0 for ever."""
        loop = self.image.info.get("loop")
        if self.format == "GIF":
            return 1 if loop is None else loop and loop + 1
        return loop or 0


def simple(data: bytes) -> str | None:
    """Pillow's name of the one format these bytes may be opened as, if it is among the simple ones."""
    return next((name for name, begins in SIMPLE.items() if begins.match(data)), None)


def fit(size: tuple[int, int], side: int) -> tuple[int, int]:
    """The size that fits a square of `side` pixels; never larger than it is, never less than a pixel."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


class _sentences:
    """Turns what decoders raise into words for people."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Unreadable | MemoryError) or error is None:
            return
        if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
            raise Unreadable("This picture has more pixels than the gallery can open.") from error
        if isinstance(error, DAMAGED):
            raise Unreadable(_damage(str(error))) from error


def _damage(words: str) -> str:
    if "truncated" in words or "Truncated" in words:
        return "This picture is incomplete: the end of the file is missing. Please upload it again."
    return "This picture is damaged or of a kind the gallery cannot read."


def _too_large(width: int, height: int) -> str:
    return f"This picture has {width} x {height} pixels, more than the gallery can open."


def _first_of_icon(file) -> tuple[int, int]:
    """Size of an icon file's first picture, which stands for it: Pillow would take the largest.

    ICONDIRENTRY, learn.microsoft.com/previous-versions/ms997538: a byte each, 0 means 256.
    """
    here = file.tell()
    file.seek(6)
    width, height = file.read(2)
    file.seek(here)
    return width or 256, height or 256


def _orientation(image: ImageFile.ImageFile) -> int:
    try:
        value = image.getexif().get(ORIENTATION, 1)
    except DAMAGED:
        return 1
    return value if isinstance(value, int) and value in TRANSPOSE else 1


def _preview(image: ImageFile.ImageFile) -> Image.Image | None:
    """The small picture that a camera puts beside a large one, or None."""
    import pillow_heif

    image.fp.seek(0)
    file = pillow_heif.open_heif(image.fp)
    best = max(enumerate(file.info["thumbnails"]), key=lambda each: each[1], default=None)
    return file[file.primary_index].get_thumbnail(best[0]).to_pillow() if best else None


def _load_heif() -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise parts.missing("pillow-heif") from error
    pillow_heif.options.DECODE_THREADS = 1
    pillow_heif.register_heif_opener()
