"""Markdown as safe HTML."""

from functools import lru_cache

import mistune

# escape: raw HTML is shown as text; mistune turns javascript: and data: links into harmless ones.
_convert = mistune.create_markdown(escape=True, hard_wrap=True, plugins=["strikethrough", "url", "table"])
# Characters from which a text's HTML is kept: the longest description takes up to 0.1 s, and a list as JSON
# may hold 48 of them. What is kept is less than 64 * 100 KB.
LONG, MOST_KEPT = 1000, 64


def to_html(text: str) -> str:
    """HTML of Markdown written by a stranger."""
    return _kept(text) if len(text) >= LONG else _convert(text)


_kept = lru_cache(maxsize=MOST_KEPT)(_convert)
