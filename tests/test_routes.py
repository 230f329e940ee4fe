"""Every address and who it is for: a new route needs a row here, so that somebody thought about it."""

import re

import pytest
from booted import JSON, PASSWORD

from goblin import people
from goblin.web import app

# "nobody" is asked nothing: no person, no database. "anyone" may be a stranger, and what they see is
# a matter of access.py. "user" is signed in, "uploader" may add media, "admin" looks after the gallery.
ROUTES = """
GET      anyone    /
GET      anyone    /atom/
GET      anyone    /auth/join/<token>/
POST     anyone    /auth/join/<token>/
GET      anyone    /auth/login/
POST     anyone    /auth/login/
POST     anyone    /auth/logout/
GET      user      /edit/account/
POST     user      /edit/account/
GET      user      /edit/profile/
POST     user      /edit/profile/
GET      anyone    /collections/
GET      anyone    /f/<id:int>/<generation:int>/<name>
GET      anyone    /f/<id:int>/<what:re:original|download|play>/<name>
GET      anyone    /f/<id:int>/<what:re:subtitles|attachment>/<number:int>/<name>
GET      nobody    /healthz
GET      admin     /mod/
GET      admin     /mod/media/
GET      admin     /mod/media/again/
POST     admin     /mod/media/again/
POST     admin     /mod/media/stop/
GET      admin     /mod/users/
POST     admin     /mod/users/
POST     admin     /mod/users/<username>/
POST     admin     /mod/users/<username>/link/
GET      anyone    /people/
GET      anyone    /s/<token>/
GET      anyone    /s/<token>/f/<generation:int>/<name>
GET      anyone    /s/<token>/f/<what:re:original|download|play>/<name>
GET      anyone    /s/<token>/f/<what:re:subtitles|attachment>/<number:int>/<name>
GET      anyone    /setup/<token>/
POST     anyone    /setup/<token>/
GET      nobody    /static/<name:path>
GET      nobody    /static/accent.css
GET      nobody    /static/site.webmanifest
GET      uploader  /submit/
POST     uploader  /submit/
GET      anyone    /tag/<word>/
GET      anyone    /tag/<word>/atom/
GET      anyone    /tags/
GET      anyone    /u/<username>/
GET      anyone    /u/<username>/atom/
GET      anyone    /u/<username>/collection/<slug>/
GET      anyone    /u/<username>/collection/<slug>/atom/
POST     user      /u/<username>/collection/<slug>/delete/
GET      user      /u/<username>/collection/<slug>/edit/
POST     user      /u/<username>/collection/<slug>/edit/
GET      anyone    /u/<username>/collections/
POST     user      /u/<username>/collections/
GET      anyone    /u/<username>/gallery/
GET      anyone    /u/<username>/m/<slug>/
GET      user      /u/<username>/m/<slug>/again/
POST     user      /u/<username>/m/<slug>/again/
POST     user      /u/<username>/m/<slug>/delete/
GET      user      /u/<username>/m/<slug>/edit/
POST     user      /u/<username>/m/<slug>/edit/
GET      user      /u/<username>/m/<slug>/files/
POST     uploader  /u/<username>/m/<slug>/files/
GET      user      /u/<username>/m/<slug>/files/<number:int>/
POST     user      /u/<username>/m/<slug>/files/<number:int>/
POST     user      /u/<username>/m/<slug>/files/<number:int>/delete/
POST     user      /u/<username>/m/<slug>/files/<number:int>/restore/
GET      user      /u/<username>/m/<slug>/remove/
POST     user      /u/<username>/m/<slug>/remove/
POST     user      /u/<username>/m/<slug>/renew/
POST     user      /u/<username>/m/<slug>/part/
POST     user      /u/<username>/m/<slug>/restore/
POST     user      /u/<username>/m/<slug>/retry/
GET      user      /u/<username>/panel/
GET      user      /u/<username>/panel/again/
GET      user      /u/<username>/panel/choose/
POST     user      /u/<username>/panel/again/
POST     user      /u/<username>/panel/stop/
GET      anyone    /u/<username>/tag/<word>/
GET      user      /u/<username>/trash/
GET      user      /u/<username>/trash/empty/
POST     user      /u/<username>/trash/empty/
OPTIONS  nobody    /upload/
POST     uploader  /upload/
DELETE   uploader  /upload/<token>
HEAD     uploader  /upload/<token>
OPTIONS  nobody    /upload/<token>
PATCH    uploader  /upload/<token>
POST     uploader  /upload/<token>
"""
TABLE = [line.split() for line in ROUTES.strip().splitlines()]
# The only addresses that answer before the first account exists, beside those that ask nothing.
BEFORE_PEOPLE = {("GET", "/setup/<token>/"), ("POST", "/setup/<token>/")}


def address(rule: str) -> str:
    """A path of a rule."""
    known = {"username": "ann", "generation": "1", "id": "1", "number": "1"}
    rule = re.sub(r"<what:re:(\w+)[^>]*>", r"\1", rule)  # the first of those it may be
    return re.sub(r"<(\w+)(:[^>]*)?>", lambda found: known.get(found[1], "x"), rule)


def test_every_route_is_in_the_table():
    there = sorted([r.method, r.config.get("need"), r.rule] for r in app.make_app().routes)
    assert there == sorted(TABLE)


def test_only_the_set_up_answers_before_there_are_people(make_site):
    routes = app.make_app().routes
    assert {(r.method, r.rule) for r in routes if r.config.get("before_people")} == BEFORE_PEOPLE
    site = make_site()
    people.setup_token()
    for method, need, rule in TABLE:
        if need != "nobody" and (method, rule) not in BEFORE_PEOPLE:
            answer = site.browser().request(address(rule), method=method, headers=JSON, status=403)
            assert method == "HEAD" or "This gallery is new" in answer.json["error"], rule


@pytest.mark.parametrize("need", [None, "", "everybody", ["user"]])
def test_a_route_without_a_need_cannot_be_added(need):
    fresh = app.make_app()
    with pytest.raises(ValueError, match="need="):
        fresh.get("/new/", callback=lambda: "secret", **({} if need is None else {"need": need}))
    assert "/new/" not in {route.rule for route in fresh.routes}


def test_a_stranger_is_asked_to_sign_in_first(site):
    for method, need, rule in TABLE:
        if need in ("user", "uploader", "admin"):
            answer = site.browser().request(address(rule), method=method, status="*")
            assert answer.status_int == (303 if method in ("GET", "HEAD") else 401), (method, rule)
            answer = site.browser().request(address(rule), method=method, headers=JSON, status="*")
            assert answer.status_int == 401, (method, rule)


def test_another_site_makes_no_browser_change_anything(site):
    ann = site.sign_in("ann")
    for method, need, rule in TABLE:
        if need != "nobody" and method in ("POST", "PATCH", "DELETE", "PUT"):
            for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
                answer = ann.request(address(rule), method=method, headers={**JSON, **headers}, status="*")
                assert answer.status_int == 403 and "another site" in answer.json["error"], (method, rule)
    del ann.extra_environ["HTTP_SEC_FETCH_SITE"]
    for method, need, rule in TABLE:
        if need != "nobody" and method in ("POST", "PATCH", "DELETE", "PUT"):
            for headers in ({}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
                answer = ann.request(address(rule), method=method, headers={**JSON, **headers}, status="*")
                assert answer.status_int == 403, (method, rule, headers)


def test_a_token_that_may_only_read_changes_nothing(site):
    reader = site.bearer("ann", "read")
    for method, need, rule in TABLE:
        if need in ("user", "uploader", "admin") and method in ("POST", "PATCH", "DELETE", "PUT"):
            answer = reader.request(address(rule), method=method, headers=JSON, status="*")
            assert answer.status_int == 403, (method, rule)


def test_no_token_reaches_the_administration(site):
    for method, need, rule in TABLE:
        if need == "admin":
            for browser in (site.bearer("ann"), site.sign_in("bob")):
                browser.request(address(rule), method=method, headers=JSON, status=403)


def test_whose_account_ended_is_a_stranger(site):
    browser, program = site.sign_in("bob"), site.bearer("bob")
    people.set_flags(site.person("bob"), active=False)
    for method, need, rule in TABLE:
        if need in ("user", "uploader", "admin"):
            assert browser.request(address(rule), method=method, headers=JSON, status="*").status_int == 401
            assert program.request(address(rule), method=method, headers=JSON, status="*").status_int == 401
    site.browser().post("/auth/login/", {"username": "bob", "password": PASSWORD}, status=403)
