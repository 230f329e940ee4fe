"""Numbers of facts as people write them, read from a form: 1/1000 s, f/2.2, 24-70 mm, 10-."""

import re
from typing import NamedTuple

LONGEST = 60  # characters of what is read
NEAR = 0.005  # how far apart, in parts of one, two measured numbers may be that are shown as the same


class Written(NamedTuple):
    """How people write a fact: what stands before and after the number, and an example."""

    before: str = ""
    after: str = ""
    example: str = "10, 5-20 or 10-"


# Facts with a way of their own. What stands around the number may be left out, and 1/1000 may be 0.001.
WRITTEN = {
    "exposure": Written(after=r"s|sec|seconds?", example="1/1000 or 1/250-1/30"),
    "aperture": Written(before=r"f\s*/?", example="f/2.2 or f/1.4-f/4"),
    "focal": Written(after=r"mm", example="50 mm or 24-70 mm"),
    "iso": Written(before=r"iso", example="400 or 100-800"),
    "fps": Written(after=r"fps", example="25 or 50-"),
    "rotation": Written(after=r"°", example="90"),
    "year": Written(example="1977 or 1970-1979"),
}
BARE = Written()
WHOLE = r"\d{1,15}"
MEASURED = r"\d{1,15}(?:[.,]\d{1,9})?(?:\s*/\s*\d{1,15})?"


def written(name: str) -> Written:
    """How people write a fact."""
    return WRITTEN.get(name, BARE)


def read_range(name: str, type_: type, text: str) -> tuple | None:
    """(least, most) of what is asked for, either None where it is open; None when that is no number or range.

    A measured number stands for all that are shown as that number.
    """
    number = _one(name, type_)
    if len(text) > LONGEST:
        return None
    if found := re.fullmatch(number, text, re.ASCII | re.IGNORECASE):
        value = _value(found[1], type_)
        return None if value is None else _around(value, value, type_)
    ends = _ends(number, type_, text)
    return ends and _around(*ends, type_)


def _one(name, type_):
    how = written(name)
    before, after = (f"(?:{part})?" if part else "" for part in (how.before, how.after))
    return rf"\s*{before}\s*({WHOLE if type_ is int else MEASURED})\s*{after}\s*"


def _ends(number, type_, text):
    found = re.fullmatch(rf"(?:{number})?[-\u2013](?:{number})?", text, re.ASCII | re.IGNORECASE)
    if not found or not any(found.groups()):
        return None
    ends = [_value(end, type_) if end else None for end in found.groups()]
    broken = any(end and value is None for end, value in zip(found.groups(), ends, strict=True))
    return None if broken else ends


def _value(text, type_):
    if type_ is int:
        return int(text)
    above, _, below = text.replace(",", ".").partition("/")
    divisor = int(below) if below else 1
    return float(above) / divisor if divisor else None


def _around(least, most, type_):
    if type_ is int:
        return least, most
    return (
        None if least is None else least * (1 - NEAR),
        None if most is None else most * (1 + NEAR),
    )
