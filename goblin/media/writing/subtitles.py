"""Subtitles: SRT and WebVTT read into cues, and written as the plain WebVTT that players show.

Sources: WebVTT (w3.org/TR/webvtt1, 4 and 6); SRT has no specification, so what programs write is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from goblin.media import Unreadable
from goblin.media.writing import encoding, languages

ENDINGS = (".srt", ".vtt")
LARGEST = 2 << 20  # bytes
LARGEST_TEXT = LARGEST + (
    1 << 20
)  # bytes of what is written of them: times take more room than in some files
MOST_CUES = 12_000  # four hours with one in little more than a second
# Of a whole file, since its sender waits: it takes some tenths of a second.
MOST_LINE_ENDS, MOST_MARKS = 10 * MOST_CUES, 60_000  # every word of two hours may have three marks
MOST_LINES, LONGEST_CUE = 20, 2000  # lines and characters of one cue
NO_SUBTITLES = "These are not subtitles in SRT or WebVTT, or the file is damaged."
TOO_MANY = f"These are too many subtitles; {MOST_CUES} at most."
TOO_MUCH = (
    f"This is too much for subtitles; {MOST_LINE_ENDS} lines and {MOST_MARKS} marks such as <i> at most."
)
TOO_LARGE = f"Subtitles may have {LARGEST >> 20} MB at most."

CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[,.](\d{1,3}))?"
TIMES = re.compile(rf"\s*{CLOCK}\s*-->\s*{CLOCK}(?:\s+(\S.*))?\s*", re.ASCII)
MEANT_AS_TIMES = re.compile(r"\s*\d{1,3}[:.,].{0,30}?-->")
NUMBER = re.compile(r"\s*\d{1,9}\s*", re.ASCII)
SETTING = re.compile(
    r"vertical:(?:rl|lr)|line:-?[\d.]{1,8}%?(?:,(?:start|center|end))?|size:[\d.]{1,8}%"
    r"|position:[\d.]{1,8}%(?:,(?:line-left|center|line-right))?|align:(?:start|center|end|left|right)"
)
# A tag of either format, or what other programs leave: {\an8} of SubStation, {y:i} of MicroDVD.
MARKUP = re.compile(
    r"<(/?)([A-Za-z]{1,12}+|\d[\d:.]{4,14}+)([^<>]{0,200}+)>|\{\\[^{}]{0,200}\}|\{[A-Za-z]:[^{}]{0,50}\}"
)
KEPT = {"i", "b", "u", "ruby", "rt"}
SIGNS = {"amp": "&", "lt": "<", "gt": ">", "nbsp": "\u00a0", "lrm": "", "rlm": ""}
SIGN = re.compile(r"&(amp|lt|gt|nbsp|lrm|rlm);")
# What drones write: GPS(10.1393,54.3233,19), [latitude: 54.323292], F/2.8, 54.3233, 10.1393.
SAYS_PLACE = re.compile(
    r"\bgps ?[(:=]|\bl(?:at|ong?)(?:itude)?\W{1,4}\d{1,3}\.\d{3}|-?\d{1,3}\.\d{4,}[, ]{1,3}-?\d{1,3}\.\d{4,}",
    re.I,
)


@dataclass(frozen=True)
class Cue:
    """What is shown from one moment to another, in milliseconds; `text` is safe as the text of a WebVTT cue."""

    start: int
    end: int
    text: str
    settings: str = ""


def is_subtitles(name: str) -> bool:
    """Whether a file is subtitles by its name."""
    return name.lower().endswith(ENDINGS)


def read(data: bytes, language: str = "") -> list[Cue]:
    """The cues of a file in the order of their times. Raises Unreadable with a sentence for people.

    What is not in Unicode is read as texts in its language were written, if that is known.
    """
    if len(data) > LARGEST:
        raise Unreadable(TOO_LARGE)
    codec = encoding.guess(data, "subtitles.txt", whole=True)
    if not codec:
        raise Unreadable(NO_SUBTITLES)
    legacy = languages.legacy_of(language) if codec in ("cp1252", "cp437") else ""
    return parse(data.decode(legacy, "replace") if legacy else encoding.decode(data, codec))


def parse(text: str) -> list[Cue]:
    """The cues of a text, WebVTT when its first line says so, else SRT. Raises Unreadable."""
    if len(text) > LARGEST_TEXT:
        raise Unreadable(TOO_LARGE)
    text = encoding.tidy(text)
    if text.count("\n") > MOST_LINE_ENDS or text.count("<") + text.count("{") > MOST_MARKS:
        raise Unreadable(TOO_MUCH)
    lines = text.split("\n")
    is_vtt = re.match(r"\s*WEBVTT(?:\s|$)", lines[0]) is not None
    cues = []
    for count, block in enumerate(_blocks(lines, is_vtt), 1):
        if count > MOST_CUES:
            raise Unreadable(TOO_MANY)
        if cue := _cue(*block):
            cues.append(cue)
    if not cues:
        raise Unreadable(NO_SUBTITLES)
    return sorted(cues, key=lambda cue: cue.start)


def _blocks(lines: list[str], is_vtt: bool) -> Iterator[tuple[int, re.Match, list[str]]]:
    """(number of its line, times, lines of text) of every cue.

    A blank line ends a cue of WebVTT; styles, regions and notes are then blocks without times. In SRT only
    the next times do, since many have blank lines within.
    """
    block = None
    for number, line in enumerate(lines, 1):
        if times := _times(line, number):
            if block:
                yield _ended(block)
            block = (number, times, [])
        elif block and is_vtt and not line.strip():
            yield block
            block = None
        elif block:
            block[2].append(line)
    if block:
        yield block


def _times(line, number):
    if "-->" not in line:
        return None
    times = TIMES.fullmatch(line)
    if times is None and MEANT_AS_TIMES.match(line):
        raise Unreadable(f"Line {number} is not a time like 00:01:02.500 --> 00:01:04.000.")
    return times


def _ended(block):
    """A number right before the next times is theirs."""
    number, times, lines = block
    while lines and not lines[-1].strip():
        lines.pop()
    return number, times, lines[:-1] if lines and NUMBER.fullmatch(lines[-1]) else lines


def _cue(number: int, times: re.Match, lines: list[str]) -> Cue | None:
    """A cue, or None when it shows nothing: no text, or no time to read it."""
    start, end = _moment(times.groups()[:4], number), _moment(times.groups()[4:8], number)
    lines = [line.strip() for line in lines if line.strip()]
    if len(lines) > MOST_LINES or sum(map(len, lines)) > LONGEST_CUE:
        raise Unreadable(
            f"What is to be shown at line {number} is too long; {LONGEST_CUE} characters in {MOST_LINES} "
            "lines at most. Perhaps times are missing after it."
        )
    text = plain("\n".join(lines))
    settings = [word for word in (times[9] or "").split() if SETTING.fullmatch(word)]
    return Cue(start, end, text, " ".join(settings)) if text and end > start else None


def _moment(parts: tuple, number: int) -> int:
    hours, minutes, seconds, part = parts
    if int(minutes) > 59 or int(seconds) > 59:
        raise Unreadable(f"There is no such time as in line {number}.")
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole * 1000 + int((part or "0").ljust(3, "0"))


def plain(text: str) -> str:
    """Text of a cue with italics, bold, underlining, ruby and speakers; every other tag goes, all else is text."""
    if not any(sign in text for sign in "<{&"):
        return _escape(text)
    made, opened, at = [], [], 0
    for found in MARKUP.finditer(text):
        made.append(_escape(text[at : found.start()]))
        made.append(_tag(found, opened))
        at = found.end()
    made.append(_escape(text[at:]))
    made += [f"</{name}>" for name in reversed(opened)]
    lines = (line.strip() for line in "".join(made).split("\n"))
    text = "\n".join(line for line in lines if line)
    return text if re.sub(r"<[^>]*>", "", text).strip() else ""


def _tag(found: re.Match, opened: list[str]) -> str:
    """A tag that is kept, opened and closed in order; empty for all others."""
    closing, name, more = found[1], (found[2] or "").lower(), found[3] or ""
    if name == "v" and not closing:
        speaker = re.sub(r"^[.\w-]*", "", more).strip()[:100]
        opened.append("v")
        return f"<v {_escape(speaker)}>"
    if name not in KEPT | {"v"}:
        return ""
    if not closing:
        opened.append(name)
        return f"<{name}>"
    if name not in opened:
        return ""
    inner = opened[len(opened) - opened[::-1].index(name) :]
    del opened[len(opened) - len(inner) - 1 :]
    return "".join(f"</{one}>" for one in [*reversed(inner), name])


def _escape(text: str) -> str:
    if "&" in text:
        text = SIGN.sub(lambda found: SIGNS[found[1]], text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def write(cues: list[Cue]) -> str:
    """A WebVTT file of cues and nothing else: no styles, regions, notes or scripts."""
    parts = ["WEBVTT\n"]
    for cue in cues:
        times = f"{_clock(cue.start)} --> {_clock(cue.end)} {cue.settings}".rstrip()
        parts.append(f"{times}\n{cue.text}\n")
    return "\n".join(parts)


def tells_place(cues: list[Cue]) -> bool:
    """Whether they say where something was filmed, in degrees."""
    return any(SAYS_PLACE.search(cue.text) for cue in cues)


def _clock(moment: int) -> str:
    seconds, part = divmod(moment, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{part:03}"
