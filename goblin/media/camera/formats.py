"""Tells the RAW files of cameras apart, by their first bytes and, where those do not say, by the whole file."""

from __future__ import annotations

from typing import BinaryIO

from goblin.media.picture import blocks, exif

# Canon and Panasonic: exiftool's and LibRaw's descriptions; none of these makers has published theirs.
MAGIC = (
    (b"FUJIFILMCCD-RAW ", "image/x-fuji-raf"),
    (b"IIU\0", "image/x-panasonic-rw2"),
    (b"IIRO", "image/x-olympus-orf"),
    (b"IIRS", "image/x-olympus-orf"),
    (b"MMOR", "image/x-olympus-orf"),
)
MAKERS = {
    "canon": "image/x-canon-cr2",
    "nikon": "image/x-nikon-nef",
    "sony": "image/x-sony-arw",
    "pentax": "image/x-pentax-pef",
    "ricoh": "image/x-pentax-pef",
    "samsung": "image/x-samsung-srw",
    "kodak": "image/x-kodak-dcr",
    "eastman kodak": "image/x-kodak-dcr",
    "hasselblad": "image/x-hasselblad-3fr",
    "phase one": "image/x-phaseone-iiq",
    "leaf": "image/x-phaseone-iiq",
}
DNG, CR3, OTHER = "image/x-adobe-dng", "image/x-canon-cr3", "image/x-dcraw"
# Only where the first bytes are a TIFF's and its directory lies further back.
ENDINGS = {
    **{"dng": DNG, "nef": MAKERS["nikon"], "nrw": MAKERS["nikon"], "arw": MAKERS["sony"]},
    **{"sr2": MAKERS["sony"], "pef": MAKERS["pentax"], "srw": MAKERS["samsung"], "dcr": MAKERS["kodak"]},
    **{"3fr": MAKERS["hasselblad"], "iiq": MAKERS["leaf"], "cr2": MAKERS["canon"]},
}
TIFFS = {DNG, OTHER, *MAKERS.values(), "image/x-panasonic-rw2", "image/x-olympus-orf"}
MIMES = {*TIFFS, CR3, "image/x-fuji-raf"}

DNG_VERSION, MAKE, SMALLER, COMPRESSION, PHOTOMETRIC, SUB = 50706, 0x010F, 0x00FE, 0x0103, 0x0106, 0x014A
CFA, LINEAR = 32803, 34892  # TIFF/EP 5: colours of a filter, one a pixel; DNG 1.4: all of them, not yet sRGB
OLD_JPEG = 6


def sniff(head: bytes, name: str) -> str | None:
    """The mime type of a RAW file by its first 4 KiB; None for other files, TIFF pictures among them."""
    if head[4:12] == b"ftypcrx ":
        return CR3
    if found := next((mime for magic, mime in MAGIC if head.startswith(magic)), None):
        return found
    if head[:4] not in (b"II*\0", b"MM\0*"):
        return None
    if head[8:10] == b"CR":
        return MAKERS["canon"]
    source = exif.of_block(head)
    found, make = _of_tiff(source), source.first_of("main", MAKE)
    if found not in (None, OTHER) or (source.entries and make and make.place + make.size <= len(head)):
        return found
    return ENDINGS.get(name.lower().rpartition(".")[2], found)


def whole(file: BinaryIO) -> str | None:
    """The same of a file that begins as TIFF, wherever in it the directories are."""
    return _of_tiff(exif.Exif(lambda offset, length: blocks.at(file, offset, length)))


def _of_tiff(source: exif.Exif) -> str | None:
    """DNG says so (DNG 1.4, DNGVersion); others have pixels of a filter, or a small picture before them."""
    if source.first_of("main", DNG_VERSION):
        return DNG
    make = source.text("main", MAKE).strip().lower()
    maker = next((mime for name, mime in MAKERS.items() if make.startswith(name)), None)
    if source.number("main", PHOTOMETRIC) in (CFA, LINEAR):
        return maker or OTHER
    small = source.number("main", SMALLER) == 1 or source.number("main", COMPRESSION) == OLD_JPEG
    return maker if small and source.first_of("main", SUB) else None
