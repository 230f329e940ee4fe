"""Markdown as safe HTML."""

import mistune

# escape: raw HTML is shown as text; mistune turns javascript: and data: links into harmless ones.
_convert = mistune.create_markdown(escape=True, hard_wrap=True, plugins=["strikethrough", "url", "table"])


def to_html(text: str) -> str:
    """HTML of Markdown written by a stranger."""
    return _convert(text)
