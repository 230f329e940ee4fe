"""Texts made fit to be shown: a title on one line, a size in words."""

import unicodedata

# Of what is not seen, lines and tabs stay, and what parts or joins letters (Persian words, pictures of families).
KEPT = "\t\n\u200c\u200d"


def clean_text(text: str) -> str:
    """Lines without control characters or direction marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Cs")).strip()


def clean_line(text: str) -> str:
    """The same as one line."""
    return " ".join(clean_text(text).split())


SWITCHED = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}


def yes_or_no(value: bool | str) -> bool:
    """What somebody means who writes yes, on, true or 1, or their opposites. Raises ValueError."""
    found = SWITCHED.get(str(value).strip().lower()) if isinstance(value, (bool, str)) else None
    if found is None:
        raise ValueError(f"must be yes or no, not {value!r}")
    return found


def several(count: int, noun: str) -> str:
    """A number of things: 1 upload, 3 uploads."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def say_size(size: int) -> str:
    """Bytes in words: 3.1 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return (
                f"{size:.0f} {unit}"
                if unit == "bytes" or size >= 100
                else f"{size:.1f} {unit}".replace(".0 ", " ")
            )
        size /= 1000
