"""Reads RAW data row by row, whichever way they are stored: strips or tiles, plain, packed, lossless JPEG."""

from __future__ import annotations

import array
import itertools
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

from goblin.media.camera import lossless, packed
from goblin.media.camera.mosaic import PLAIN, Mosaic
from goblin.media.picture import blocks

Rows = Iterator[array.array]
MOST_BESIDE = 24_000_000  # samples of the tiles of one row, which are held until the last one is there
LONGEST_WORK = 40.0  # seconds of the processor; a job has 60, and the copies want some
MISSING = "cells are missing"


def rows(file: BinaryIO, mosaic: Mosaic) -> Rows:
    """The rows of samples from the top. Raises ValueError where data are missing or cannot be.

    Raises TimeoutError when it takes so long that the job would not come to its end.
    """
    (width, height), (wide, high) = mosaic.size, mosaic.piece
    across, begun = -(-width // wide), time.process_time()
    curve = _curve(mosaic)
    for number, first in enumerate(range(0, height, high)):
        indexes = range(number * across, (number + 1) * across)
        pieces = [_piece(file, mosaic, index, min(high, height - first)) for index in indexes]
        for row in _beside(mosaic, pieces):
            if time.process_time() - begun > LONGEST_WORK:
                raise TimeoutError("the data are too many for this machine")
            row = row[: width * mosaic.samples]
            yield array.array("H", map(curve.__getitem__, row)) if curve else row


def _curve(mosaic: Mosaic) -> list[int]:
    given = [int(value) for value in mosaic.curve]
    return given + given[-1:] * ((1 << 16) - len(given))


def _piece(file: BinaryIO, mosaic: Mosaic, index: int, count: int) -> Rows:
    """So many rows of a strip or tile."""
    if index >= len(mosaic.offsets):
        raise ValueError(MISSING)
    found = (_plain if mosaic.compression == PLAIN else _jpeg)(file, mosaic, index)
    for _ in range(count):
        if (row := next(found, None)) is None:
            raise ValueError(MISSING)
        yield row


def _beside(mosaic: Mosaic, pieces: list[Rows]) -> Rows:
    """The rows of tiles that lie beside each other. Compressed ones are decoded one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    if mosaic.compression != PLAIN:
        wide, high = mosaic.piece
        if len(pieces) * wide * min(high, mosaic.size[1]) * mosaic.samples > MOST_BESIDE:
            raise ValueError("more than may be held")
        pieces = [iter(list(piece)) for piece in pieces]
    return (_joined(parts) for parts in zip(*pieces, strict=True))


def _joined(parts: tuple[array.array, ...]) -> array.array:
    found = array.array("H")
    for part in parts:
        found += part
    return found


def _plain(file: BinaryIO, mosaic: Mosaic, index: int) -> Rows:
    bits, count = mosaic.stored, mosaic.piece[0] * mosaic.samples
    length = (count * bits + 7) // 8
    if index < len(mosaic.lengths) and int(mosaic.lengths[index]) < length:
        return  # makers compress without saying so
    for start in itertools.count(int(mosaic.offsets[index]), length):
        data = blocks.at(file, start, length)
        if len(data) < length:
            return
        yield _apart(data, bits, count, mosaic.source.order)


def _apart(data: bytes, bits: int, count: int, order: str) -> array.array:
    if bits == 8:
        return array.array("H", list(data))
    if bits != 16:
        return packed.apart(data, bits, count)
    samples = array.array("H", data)
    if (order == ">") != (sys.byteorder == "big"):
        samples.byteswap()
    return samples


def _jpeg(file: BinaryIO, mosaic: Mosaic, index: int) -> Rows:
    """DNG 1.4, chapter 3, "Compression": what counts is the order of samples, so one row may be several here."""
    length = int(mosaic.lengths[index]) if index < len(mosaic.lengths) else 0
    frame, count = lossless.read(file, int(mosaic.offsets[index]), length), mosaic.piece[0] * mosaic.samples
    if frame.length % count:
        raise ValueError("rows of another length")
    for row in lossless.rows(file, frame):
        for start in range(0, len(row), count):
            yield row[start : start + count]
