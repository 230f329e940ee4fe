"""Tells text from other bytes, and Unicode, Latin-1 and the DOS letters of CP437 from each other."""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import PurePath

from goblin.media.writing.endings import NOT_TEXT

# Names say whether letters of DOS, or older ones at all, are to be expected; that it is text, the bytes must say.
DOS_NAMES = {".nfo", ".diz", ".ans", ".ansi", ".ice", ".asc", ".cia", ".drk"}
NAMES = DOS_NAMES | {".txt", ".text", ".ascii", ".md", ".log", ".me", ".1st"}
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32"}
MARKS |= {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
SIGNATURE = re.compile(rb"\x1a(?:COMNT|SAUCE00)")  # what sauce.py reads; it holds other bytes than text
MOST_CONTROLS = 0.05  # of all bytes; noise has more
SAID = {"ascii": "ASCII", "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": "Latin-1"}
SAID |= {"utf-32": "UTF-32", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp437": "CP437 (DOS)"}
CONTROLS = bytes({*range(1, 9), *range(14, 26), *range(28, 32), 127})  # not white space, end of file, escape

# IBM's own pictures for what are control characters elsewhere; tab, line ends and escape keep their meaning.
PICTURES = dict(zip(range(1, 32), "☺☻♥♦♣♠•◘○\n♂♀\r♫☼►◄↕‼¶§▬↨↑↓→\x1b∟↔▲▼", strict=True)) | {9: "\t", 127: "⌂"}
DOS_RUNS = re.compile(rb"([\xb0-\xdf])\1")
DOS_WORDS = re.compile(
    rb"[A-Za-z](?:[\x81-\x84\x87-\x8a\x98\x9a\xa0-\xa5](?![\xe0-\xff])|[\x93-\x97](?=[A-Za-z\xe1]))"
)
LATIN_WORDS = re.compile(
    rb"[A-Za-z][\xdf-\xf6\xf8-\xff]|[\xc0-\xd6\xd8-\xf6\xf8-\xff][a-z]|[a-z]\x92[a-z]|[\x93\x84][A-Z]"
)


def guess(head: bytes, name: str, whole: bool = False) -> str | None:
    """The codec of text that begins like this; None when it is none. `whole`: nothing follows."""
    head = SIGNATURE.split(head, 1)[0]
    ending = PurePath(name.lower()).suffix
    if not head or ending in NOT_TEXT:
        return None
    if mark := next((mark for mark in MARKS if head.startswith(mark)), None):
        return MARKS[mark] if _reads(head, MARKS[mark], whole) else None
    if b"\0" in head:
        return _wide(head, whole)
    known = ending in NAMES
    if len(head.translate(None, CONTROLS)) < len(head) * (1 - MOST_CONTROLS * known):
        return None
    if head.isascii():
        return "ascii"
    if _reads(head, "utf-8", whole):
        return "utf-8"
    if not known:  # any bytes at all could be older letters
        return None
    return "cp437" if ending in DOS_NAMES or _is_dos(head) else "cp1252"


def _reads(head: bytes, codec: str, whole: bool) -> bool:
    """Whether the bytes are valid; the last character may be cut off, and only where more follows."""
    try:
        text = codecs.getincrementaldecoder(codec)().decode(head, whole)
    except UnicodeDecodeError:
        return False
    return "\0" not in text


def _wide(head: bytes, whole: bool) -> str | None:
    """UTF-16 without its mark: every other byte is 0."""
    half = len(head) // 2
    for codec, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if zeros.count(0) > 0.7 * half and 0 not in others and _reads(head[: half * 2], codec, whole):
            return codec
    return None


def _is_dos(data: bytes) -> bool:
    """Frames and blocks come in runs, and umlauts stand elsewhere than in Latin-1."""
    dos = len(DOS_RUNS.findall(data)) + len(DOS_WORDS.findall(data))
    return dos > len(LATIN_WORDS.findall(data))


def decode(data: bytes, codec: str) -> str:
    """The characters; what is not valid becomes the sign for that. DOS text ends at its end-of-file byte."""
    data = SIGNATURE.split(data, 1)[0]
    if codec in ("cp437", "ascii"):
        data = data.partition(b"\x1a")[0]
    text = data.decode("latin-1" if codec == "cp1252" and _has_gaps(data) else codec, "replace")
    return text.translate(PICTURES) if codec == "cp437" else text


def _has_gaps(data: bytes) -> bool:
    """Windows gave no meaning to five bytes; where they stand it is not Windows' Latin."""
    return any(byte in data for byte in b"\x81\x8d\x8f\x90\x9d")


LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
# Controls, what turns or hides the text after it, and tags that nobody sees.
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
MOST_MARKS = 3  # on one letter; more would reach into other lines


def tidy(text: str) -> str:
    """Text that stays in its place: lines end alike, nothing unseen, few marks above and below a letter."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = UNSEEN.sub("", LINE_ENDS.sub("\n", text))
    if text.isascii():
        return text
    known = {c for c in set(text) if c > "\u02ff" and unicodedata.category(c)[0] == "M"}
    if not known:
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if character in known else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def cells(text: str) -> int:
    """How many columns a line takes: tabs reach to the next eighth, wide characters take two."""
    if text.isascii():
        return len(text.expandtabs(8))
    return sum(width(character) for character in text.expandtabs(8))


def width(character: str) -> int:
    """Columns of one character (Unicode Standard Annex 11)."""
    if character < "\u0300":
        return 1
    if unicodedata.category(character)[0] == "M" or character in "\u200c\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
