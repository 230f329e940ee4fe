"""What an owner may hide in a RAW file: in its own structures and in every picture that is in it."""

from __future__ import annotations

from typing import BinaryIO

from goblin.media.camera import canon, formats, jpegs
from goblin.media.camera.jpegs import Jpeg
from goblin.media.camera.raw import Raw
from goblin.media.picture import blocks, patches

DNG_PRIVATE = 50740
FUJI, FUJI_NAMES = "image/x-fuji-raf", (20, 40)  # number and name of the camera: offset, length


def find(file: BinaryIO, raw: Raw) -> patches.Hidden:
    """The overwrites for a RAW file: its size and its pixels stay, and so does what developing needs of DNG."""
    found = patches.Overwrites(file.seek(0, 2))
    if raw.boxes:
        _boxes(found, file, raw.boxes)
    elif raw.mime == FUJI:
        found.add("facts", *FUJI_NAMES)
    else:
        patches.tiff_file(found, file)
        _private(found, raw)
    for jpeg in raw.previews:
        _preview(found, file, jpeg)
    found.stays = found.stays or not (raw.tiffs or raw.previews)
    return found.hidden()


def _private(found: patches.Overwrites, raw: Raw) -> None:
    """A DNG's private data may be a maker's note; what is Sony's under this number is needed to develop."""
    source = raw.tiffs[0][1] if raw.tiffs else None
    if raw.mime == formats.DNG and source and (entry := source.first_of("main", DNG_PRIVATE)):
        patches.erase(found, "place", source, entry, 0)


def _preview(found: patches.Overwrites, file: BinaryIO, jpeg: Jpeg) -> None:
    for block in blocks.find(jpegs.Window(file, jpeg.offset, jpeg.length), "image/jpeg"):
        block.offset += jpeg.offset
        patches.hide(found, block)


def _boxes(found: patches.Overwrites, file: BinaryIO, boxes: canon.Boxes) -> None:
    for base, source in boxes.tiffs:
        patches.structure(found, source, base)
        # Canon's notes are known to hold no place, and colours need them.
        for entry in (each for each in source.entries if each.directory == "maker"):
            patches.erase(found, "facts", source, entry, base)
    for offset, length in boxes.xmp:
        patches.packet(found, offset, blocks.at(file, offset, length))
    # Notes beside the picture repeat all of its facts.
    for offset, length in boxes.notes:
        found.both(offset, length)
