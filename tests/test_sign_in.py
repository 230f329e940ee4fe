"""Getting in and out."""

import pytest
from booted import JSON, PASSWORD

from goblin import auth, people
from goblin.models import OneTime, Session, User
from goblin.web import sign_in

COOKIE = "goblin"


def login(browser, username="ann", password=PASSWORD, status=None, **more):
    return browser.post("/auth/login/", {"username": username, "password": password, **more}, status=status)


def test_logging_in_and_out(site):
    browser = site.browser()
    assert "password" in browser.get("/auth/login/").text
    answer = login(browser)
    assert answer.status_int == 303 and answer.location == "/"
    said = answer.headers["Set-Cookie"]
    assert "HttpOnly" in said and "samesite=lax" in said.lower() and "secure" not in said.lower()
    assert browser.get("/submit/").status_int == 200
    assert browser.get("/auth/login/").status_int == 303
    assert browser.post("/auth/logout/").location == "/"
    assert Session.select().count() == 0
    assert browser.get("/submit/").status_int == 303


def test_by_e_mail_address_and_whatever_the_letters(site):
    User.update(email="ann@example.org").execute()
    assert login(site.browser(), "ann@example.org").status_int == 303
    assert login(site.browser(), " ANN ").status_int == 303


def test_https_makes_the_cookie_secure(site):
    browser = site.browser(**{"wsgi.url_scheme": "https"})
    assert "secure" in login(browser).headers["Set-Cookie"].lower()


def test_by_json(site):
    browser = site.browser()
    answer = browser.post_json("/auth/login/", {"username": "ann", "password": PASSWORD}, headers=JSON)
    assert answer.json == {"username": "ann", "admin": True}
    assert browser.get("/submit/", headers=JSON).status_int == 200
    assert browser.post("/auth/logout/", headers=JSON).json == {"signed_out": True}


@pytest.mark.parametrize(
    "password", ["", None, [], {}, ["correct horse"], {"a": 1}, True, 5, "wrong", "x" * 5000]
)
def test_a_password_that_is_none(site, password):
    """GHSA-7mhm-5pj7-qpx7: an empty or odd password must not skip the check."""
    people.add("nopassword")
    for name in ("ann", "nopassword", "nobody"):
        given = {"username": name, "password": password}
        answer = site.browser().post_json("/auth/login/", given, headers=JSON, status=401)
        assert answer.json == {"error": "The name or the password is not right.", "field": None}
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "given", [{}, {"username": "ann"}, {"username": ["ann"], "password": PASSWORD}, {"username": None}]
)
def test_a_form_with_things_missing(site, given):
    site.browser().post_json("/auth/login/", given, headers=JSON, status=401)


def test_a_refused_form_shows_the_name_but_not_the_password(site):
    answer = login(site.browser(), password="my secret guess", status=401, next="/u/ann/")
    assert 'value="ann"' in answer.text and 'value="/u/ann/"' in answer.text
    assert "my secret guess" not in answer.text
    assert "The name or the password is not right." in answer.text


def test_who_is_not_active_is_not_let_in(site):
    site.person("bob")
    browser = site.sign_in("bob")
    assert browser.get("/submit/").status_int == 200
    people.set_flags(User.named("bob"), active=False)
    assert browser.get("/submit/").status_int == 303
    said = login(site.browser(), "bob", status=403).text
    assert "Your account is suspended" in said and "Ask ann about it" in said
    assert "suspended" not in login(site.browser(), "bob", password="wrong guess", status=401)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "javascript:alert(1)",
        "/\t/evil.example", "/\n/evil.example", "evil.example", " //evil.example", "http:evil.example", "",
    ],
)  # fmt: skip
def test_next_never_leads_elsewhere(site, target):
    assert login(site.browser(), next=target).location == "/"
    ann = site.sign_in("ann")
    assert ann.get("/auth/login/", {"next": target}).location == "/"


def test_next_leads_back(site):
    browser = site.browser()
    way = browser.get("/u/ann/panel/?after=5").location
    assert way == "/auth/login/?next=/u/ann/panel/%3Fafter%3D5"
    assert 'value="/u/ann/panel/?after=5"' in browser.get(way).text
    assert login(browser, next="/u/ann/panel/?after=5").location == "/u/ann/panel/?after=5"


def test_a_new_session_at_every_log_in(site):
    """A cookie that somebody planted, or the one before, opens nothing afterwards."""
    browser = site.sign_in("ann")
    before = browser.cookies[COOKIE]
    login(browser)
    assert browser.cookies[COOKIE] != before
    assert Session.select().count() == 1 and auth.session_of(before) is None


def test_trying_is_slowed_down_by_name_and_by_address(make_site):
    site = make_site(GOBLIN_ACCOUNTS_TRIES="3", GOBLIN_ACCOUNTS_PAUSE_MINUTES="10")
    site.person("ann")
    site.person("bob")
    for _ in range(3):
        login(site.browser(), password="wrong", status=401)
    answer = login(site.browser(), status=429)
    assert "10 min" in answer.text and 590 < int(answer.headers["Retry-After"]) <= 600
    login(site.browser(REMOTE_ADDR="192.0.2.99"), status=429)
    login(site.browser(), "bob", status=429)
    assert login(site.browser(REMOTE_ADDR="192.0.2.99"), "bob").status_int == 303
    sign_in.throttle.pause = 0
    assert login(site.browser()).status_int == 303


def test_names_that_do_not_exist_are_slowed_down_alike(make_site):
    site = make_site(GOBLIN_ACCOUNTS_TRIES="2")
    site.person("ann")
    for number in range(2):
        login(site.browser(REMOTE_ADDR=f"192.0.2.{number}"), "nobody", status=401)
    login(site.browser(REMOTE_ADDR="192.0.2.3"), "nobody", status=429)


def test_a_success_clears_the_name(make_site):
    site = make_site(GOBLIN_ACCOUNTS_TRIES="3")
    site.person("ann")
    for address in ("192.0.2.1", "192.0.2.2"):
        for _ in range(2):
            login(site.browser(REMOTE_ADDR=address), password="wrong", status=401)
        assert login(site.browser(REMOTE_ADDR=address)).status_int == 303


def test_another_site_cannot_sign_anybody_out_or_in(site):
    ann = site.sign_in("ann")
    ann.post("/auth/logout/", status=403, extra_environ={"HTTP_SEC_FETCH_SITE": "cross-site"})
    stranger = site.browser(HTTP_SEC_FETCH_SITE="cross-site")
    login(stranger, status=403)
    assert ann.get("/submit/").status_int == 200


def test_over_plain_http_origin_stands_in(site):
    ann = site.sign_in("ann")
    del ann.extra_environ["HTTP_SEC_FETCH_SITE"]
    ann.post("/auth/logout/", status=403)
    ann.post("/auth/logout/", status=403, headers={"Origin": "http://evil.example"})
    assert ann.post("/auth/logout/", headers={"Origin": "http://localhost"}).status_int == 303


# --- the first account


def test_the_first_account(make_site):
    site = make_site()
    token, browser = people.setup_token(), site.browser()
    for path in ("/", "/auth/login/", "/u/ann/"):
        assert "new" in browser.get(path, status=403).text
    address = f"/setup/{token}/"
    assert "password" in browser.get(address).text
    refused = browser.post(address, {"username": "ann", "password": "short"}, status=422)
    assert "at least" in refused.text and 'value="ann"' in refused.text
    browser.post(address, {"username": "Not good!", "password": PASSWORD}, status=422)
    assert browser.post(address, {"username": "Ann", "password": PASSWORD}).location == "/"
    assert User.named("ann").admin
    assert browser.get("/mod/users/").status_int == 200
    for other in (address, f"/setup/{token}x/"):
        site.browser().get(other, status=404)
        site.browser().post(other, {"username": "eve", "password": PASSWORD}, status=404)
    assert User.select().count() == 1


def test_who_makes_the_first_account_may_name_the_gallery(make_site):
    site = make_site()
    address, browser = f"/setup/{people.setup_token()}/", site.browser()
    assert "A name for the gallery" in browser.get(address).text
    assert "Goblin" in browser.get(address).text
    given = {"username": "ann", "password": PASSWORD, "title": "  Our\npictures "}
    browser.post(address, given, status=303)
    assert "<title>Our pictures" in browser.get("/").text
    make_site()
    named = site.browser().get("/static/site.webmanifest")
    assert named.json["name"] == "Our pictures" and "<title>Our pictures" in browser.get("/").text
    other = make_site(GOBLIN_SITE_TITLE="The keeper's").browser()
    assert other.get("/static/site.webmanifest").json["name"] == "The keeper's", "the keeper's file wins"


def test_a_gallery_that_its_keeper_named_is_not_named_again(make_site):
    site = make_site(GOBLIN_SITE_TITLE="The keeper's")
    address, browser = f"/setup/{people.setup_token()}/", site.browser()
    assert "A name for the gallery" not in browser.get(address).text
    browser.post(address, {"username": "ann", "password": PASSWORD, "title": "Mine"}, status=303)
    assert browser.get("/static/site.webmanifest").json["name"] == "The keeper's"
    assert make_site().browser().get("/static/site.webmanifest").json["name"] == "Goblin"


def test_a_made_up_address_sets_nothing_up(make_site):
    site = make_site()
    people.setup_token()
    site.browser().get("/setup/made-up/", status=404)
    site.browser().post("/setup/made-up/", {"username": "eve", "password": PASSWORD}, status=404)
    assert people.setup_token() and not User.exists_any()


# --- joining


def test_joining_by_a_link(site):
    bob = people.add("bob")
    address = f"/auth/join/{people.join_token(bob)}/"
    browser = site.browser()
    assert "password" in browser.get(address).text
    browser.post(address, {"password": "short"}, status=422)
    browser.post_json(address, {"password": ["a", "list"]}, headers=JSON, status=422)
    assert browser.post(address, {"password": "another horse"}).location == "/"
    assert browser.get("/u/bob/panel/").status_int == 200
    browser.get(address, status=404)
    browser.post(address, {"password": "yet another"}, status=404)
    assert login(site.browser(), "bob", "another horse").status_int == 303


def test_a_link_that_is_old_or_for_something_else(site):
    bob = people.add("bob")
    token = people.join_token(bob)
    site.browser().get(f"/setup/{token}/", status=404)
    OneTime.update(expires="2026-01-01T00:00:00.000000Z").execute()
    site.browser().get(f"/auth/join/{token}/", status=404)
    newer = people.join_token(bob)
    people.set_flags(bob, active=False)
    site.browser().get(f"/auth/join/{newer}/", status=404)
    site.browser().post(f"/auth/join/{newer}/", {"password": PASSWORD}, status=404)


def test_forms_say_in_json_what_they_ask_for(site):
    assert site.browser().get("/auth/login/", headers=JSON).json == {"fields": ["username", "password"]}


def test_who_gives_no_name_is_slowed_down_by_address_alone(make_site):
    """Providers may do without a name: one person's tries must not keep the others out."""
    site = make_site(GOBLIN_ACCOUNTS_TRIES="2")
    site.person("ann")
    for _ in range(2):
        login(site.browser(REMOTE_ADDR="192.0.2.1"), "", status=401)
    login(site.browser(REMOTE_ADDR="192.0.2.1"), "", status=429)
    login(site.browser(REMOTE_ADDR="192.0.2.2"), "", status=401)
