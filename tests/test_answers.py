"""What every answer keeps to: the kind that was asked for, what is allowed, who may look at the health."""

import pytest
from booted import JSON

from goblin.web.pages import prefers_json

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", BROWSER, "application/json;q=0", "text/*"])
def test_a_page_unless_json_is_named(accept):
    assert not prefers_json(accept)


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/json, text/plain, */*", True),
        ("text/plain, application/json", True),
        ("text/html, application/json", False),
        ("application/json, text/html", True),
        ("text/html;q=0.5, application/json;q=0.9", True),
        ("application/json;q=0.5, text/html", False),
        ("application/json;q=0.5, */*", False),
        ("application/json;q=many", True),
    ],
)
def test_the_kind_that_is_wanted_more(accept, is_json):
    assert prefers_json(accept) is is_json


@pytest.mark.parametrize("headers", [JSON, {}], ids=["JSON", "page"])
def test_what_is_allowed_instead_is_said(site, headers):
    answer = site.sign_in("ann").put("/submit/", headers=headers, status=405)
    assert answer.headers["Allow"] == "GET,POST"


def test_health_is_told_whoever_asks(site):
    program = site.browser(HTTP_AUTHORIZATION="Bearer made-up")
    assert program.get("/healthz", status=200).json == {"status": "ok"}
    assert {"version", "queue", "disk"} <= site.sign_in("ann").get("/healthz").json.keys()


def test_a_token_that_reads_changes_nothing_anywhere(site):
    answer = site.bearer("ann", "read").post("/auth/login/", headers=JSON, status=403)
    assert answer.json["error"] == "This access token may only read."
