"""Markdown as safe HTML."""

import html
from functools import lru_cache

# Characters from which a text's HTML is kept: the longest description takes up to 0.1 s, and a list as JSON
# may hold 48 of them. What is kept is less than 64 * 100 KB.
LONG, MOST_KEPT = 1000, 64
SIGNS = frozenset("*_`[]()#>-+=|~\\&<:!\n\t1234567890")  # without any of these, text is only text


def to_html(text: str) -> str:
    """HTML of Markdown written by a stranger: no raw HTML, no dangerous links."""
    if not text:
        return ""
    if SIGNS.isdisjoint(text):
        return f"<p>{html.escape(text)}</p>\n"
    return _kept(text) if len(text) >= LONG else _converter()(text)


@lru_cache(maxsize=MOST_KEPT)
def _kept(text):
    return _converter()(text)


@lru_cache(maxsize=1)
def _converter():
    import mistune

    # escape: raw HTML is shown as text; mistune turns javascript: and data: links into harmless ones.
    return mistune.create_markdown(escape=True, hard_wrap=True, plugins=["strikethrough", "url", "table"])
