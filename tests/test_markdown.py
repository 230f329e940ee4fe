"""Markdown of strangers: harmless, and never slow."""

import time

import pytest

from goblin.web.markdown import to_html

LONGEST = 20_000  # characters of a description


def seconds(text: str) -> float:
    """Processor time of rendering a text that was not rendered before; the least of three."""
    spans = []
    for number in range(3):
        begun = time.process_time()
        to_html(f"{number} {text}")
        spans.append(time.process_time() - begun)
    return min(spans)


@pytest.mark.long
@pytest.mark.parametrize(
    "piece",
    ["[a](", "[*a](", "![a](", "[", "[a][", "**a ", "*a_", "`a ", "<a", "\n-", "<*", "a|b\n", "> ", "a\n==="],
)
def test_twice_the_text_takes_twice_the_time(piece):
    half, whole = (seconds((piece * size)[:size]) for size in (LONGEST // 2, LONGEST))
    assert whole < max(
        3.5 * half, 0.3
    )  # four times would be quadratic; below that, a busy machine alone may do it


def test_a_long_text_is_rendered_once():
    text = "[a](" * (LONGEST // 4)
    first = to_html(text)
    begun = time.process_time()
    assert all(to_html(text) == first for _ in range(48))
    assert time.process_time() - begun < 0.1


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](data:text/html,x)"]
)
def test_nothing_of_it_is_active(text):
    shown = to_html(text) + to_html(text + " " * LONGEST)
    assert "<script" not in shown and 'href="javascript' not in shown and 'src="data' not in shown
