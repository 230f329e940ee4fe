"""Static files are small on the line and cached; any accent colour of a keeper can be read."""

import gzip

import pytest

from goblin.web import pages
from goblin.web.static import DARK, ENOUGH, LIGHT, contrast


def test_text_goes_compressed_to_whom_takes_it(site):
    address = f"/static/goblin.css?v={pages.checksum('goblin.css')}"
    plain = site.browser().get(address)
    browser = site.browser()
    asked = browser.RequestClass.blank(address, headers={"Accept-Encoding": "gzip, br"})
    packed = asked.get_response(browser.app)  # get() would unpack it
    assert packed.headers["Content-Encoding"] == "gzip" and packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"] == "text/css; charset=utf-8"
    assert len(packed.body) * 3 < len(plain.body)
    assert "immutable" in packed.headers["Cache-Control"]


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_module_without_version_is_asked_for_again_and_answered_briefly(site, encoding):
    first = site.browser().get("/static/keys.js", headers={"Accept-Encoding": encoding})
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = {"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]}
    assert site.browser().get("/static/keys.js", headers=again, status=304).body == b""


def test_without_an_accent_there_is_no_such_sheet(site):
    site.browser().get("/static/accent.css", status=404)
    assert "accent.css" not in site.browser().get("/").text


@pytest.mark.parametrize("colour", ["#2f7d32", "#ffff00", "#000080", "#ffffff", "#000000"])
def test_any_accent_can_be_read(make_site, colour):
    site = make_site(GOBLIN_SITE_ACCENT=colour)
    site.person("ann", admin=True)
    address = f"/static/accent.css?v={colour[1:]}"
    assert f'href="{address}"' in site.browser().get("/").text
    sheet = site.browser().get(address).text
    shades = [part[:7] for part in sheet.split("--accent:")[1:]]
    inks = [part[:7] for part in sheet.split("--on-accent:")[1:]]
    assert len(shades) == len(inks) == 3 and shades[1] == shades[2]
    for shade, ink, ground in zip(shades, inks, (LIGHT, DARK, DARK), strict=True):
        assert contrast(rgb(shade), ground) >= ENOUGH
        assert contrast(rgb(shade), rgb(ink)) >= ENOUGH


def rgb(colour):
    return tuple(bytes.fromhex(colour[1:]))
