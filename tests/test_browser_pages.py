"""Long documents in a real browser: further pages come by themselves where there is script, by a link where not."""

import pytest
from playwright.sync_api import expect
from test_pdf import pages

from tests import browsing


@pytest.fixture(scope="module")
def paper(live, tmp_path_factory):
    """The address of a document of 70 pages that is ready to be read."""
    path = tmp_path_factory.mktemp("paper") / "Long paper.pdf"
    path.write_bytes(pages(70))
    live.hang([str(path), str(other(path))])
    return "/u/ann/m/long-paper/"


def other(path):
    second = path.with_name("Other.txt")
    second.write_text("The form says what arrived where there are two.")
    return second


@pytest.mark.parametrize("size", [browsing.DESK, browsing.PHONE], ids=["desk", "phone"])
def test_a_page_that_is_not_drawn_yet_comes_by_itself(visit, paper, size):
    start = 31 if size == browsing.DESK else 61
    page = visit(paper, name=None, size=size)
    expect(page.locator(".leaf")).to_have_count(30)
    page.get_by_label("Page", exact=True).fill(str(start + 2))
    page.get_by_role("button", name="Go there").click()
    expect(page.get_by_text("are being drawn").or_(page.locator(".leaf").first)).to_be_visible()
    expect(page.locator(".leaf")).to_have_count(28 if start == 31 else 8, timeout=20_000)
    assert page.locator(".leaf img").first.get_attribute("alt") == f"Page {start + 2} of 70"
    assert browsing.axe_findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_script_a_link_looks_again(visit, paper):
    page = visit(paper, name=None, java_script_enabled=False)
    page.get_by_role("link", name="Pages 31 to 60").click()
    for _ in range(50):
        if not page.get_by_role("link", name="Look again").count():
            break
        page.get_by_role("link", name="Look again").click()
        page.wait_for_timeout(200)
    expect(page.locator(".leaf")).to_have_count(30)
    expect(page.get_by_role("link", name="Pages 1 to 30")).to_have_attribute("rel", "nofollow")
    expect(page.get_by_role("link", name="Pages 61 to 70")).to_be_visible()
