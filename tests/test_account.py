"""One's own account, and looking after those of others."""

import re

import pytest
from booted import JSON, PASSWORD

from goblin import auth, jobs, people
from goblin.models import Media, Session, Token, User
from goblin.web import sign_in

ACCOUNT = "/edit/account/"


def test_changing_the_password_ends_other_sessions(site):
    ann, other = site.sign_in("ann"), site.sign_in("ann")
    answer = ann.post(ACCOUNT, {"do": "password", "old": PASSWORD, "new": "a better horse"})
    assert answer.location == ACCOUNT
    assert ann.get(ACCOUNT).status_int == 200 and other.get(ACCOUNT).status_int == 303
    site.browser().post("/auth/login/", {"username": "ann", "password": PASSWORD}, status=401)
    site.browser().post("/auth/login/", {"username": "ann", "password": "a better horse"}, status=303)


@pytest.mark.parametrize(
    ("old", "new", "status", "field"),
    [
        ("wrong", "a better horse", 403, "old"),
        ("", "a better horse", 403, "old"),
        (None, "a better horse", 403, "old"),
        ([PASSWORD], "a better horse", 403, "old"),
        (PASSWORD, "short", 422, "new"),
        (PASSWORD, None, 422, "new"),
        (PASSWORD, ["a better horse"], 422, "new"),
        (PASSWORD, "x" * 2000, 422, "new"),
    ],
)
def test_a_password_that_cannot_be(site, old, new, status, field):
    before = User.named("ann").password
    given = {"do": "password", "old": old, "new": new}
    answer = site.sign_in("ann").post_json(ACCOUNT, given, headers=JSON, status=status)
    assert answer.json["field"] == field
    assert User.named("ann").password == before


def test_a_refused_password_is_not_shown_again(site):
    given = {"do": "password", "old": "secret guess", "new": "secret wish"}
    answer = site.sign_in("ann").post(ACCOUNT, given, status=403)
    assert "not your present password" in answer.text and "secret" not in answer.text


@pytest.mark.parametrize("headers", [{}, JSON])
def test_guesses_of_the_old_password_are_slowed_down(make_site, headers):
    """Whoever finds a browser signed in must not find out the password there."""
    site = make_site(GOBLIN_ACCOUNTS_TRIES="3")
    ann = site.sign_in("ann")
    for number in range(3):
        given = {"do": "password", "old": f"guess {number}", "new": "a better horse"}
        ann.post(ACCOUNT, given, headers=headers, status=403)
    given = {"do": "password", "old": PASSWORD, "new": "a better horse"}
    answer = ann.post(ACCOUNT, given, headers=headers, status=429)
    assert "10 min" in answer.text and int(answer.headers["Retry-After"]) > 590
    sign_in.throttle.pause = 0
    ann.post(ACCOUNT, given, headers=headers, status=200 if headers else 303)


def test_sessions_are_listed_and_ended(site):
    ann, phone = site.sign_in("ann"), site.sign_in("ann")
    sessions = ann.get(ACCOUNT, headers=JSON).json["sessions"]
    assert sorted(s["current"] for s in sessions) == [False, True]
    other = next(s["id"] for s in sessions if not s["current"])
    ann.post(ACCOUNT, {"do": "revoke", "session": other})
    assert phone.get(ACCOUNT).status_int == 303 and ann.get(ACCOUNT).status_int == 200
    assert "Test browser" in ann.get(ACCOUNT).text
    tablet = site.sign_in("ann")
    ann.post(ACCOUNT, {"do": "revoke"})
    assert tablet.get(ACCOUNT).status_int == 303 and ann.get(ACCOUNT).status_int == 200


def test_a_token_is_shown_once_and_works_until_it_is_revoked(site):
    ann = site.sign_in("ann")
    page = ann.post(ACCOUNT, {"do": "token", "label": "Phone", "scope": "read"}, status=201)
    secret = re.search(r'id="new-token"[^>]* value="([^"]+)"', page.text)[1]
    assert secret not in ann.get(ACCOUNT).text and "Phone" in ann.get(ACCOUNT).text
    assert auth.token_of(secret).scope == "read"
    made = ann.post_json(
        ACCOUNT, {"do": "token", "label": "Sync", "scope": "write"}, headers=JSON, status=201
    ).json
    assert auth.token_of(made["token"]).scope == "write"
    ann.post(ACCOUNT, {"do": "revoke", "token": made["id"]})
    assert auth.token_of(made["token"]) is None and auth.token_of(secret)
    header = {"Authorization": f"Bearer {made['token']}"}
    assert (
        "not in force"
        in site.browser().get("/u/ann/panel/", headers={**header, **JSON}, status=401).json["error"]
    )


@pytest.mark.parametrize(
    "given",
    [
        {"do": "token", "label": "x", "scope": "admin"},
        {"do": "token", "label": " "},
        {"do": "token", "label": ["x"]},
        {"do": "theme", "theme": "pink"},
        {"do": "dance"},
        {},
        {"do": ["token"]},
        {"do": "revoke", "token": "x"},
        {"do": "revoke", "session": [1]},
        {"do": "revoke", "session": "9" * 40},
    ],
)
def test_what_the_account_page_does_not_do(site, given):
    ann = site.sign_in("ann")
    answer = ann.post_json(ACCOUNT, given, headers=JSON, status="4*")
    assert answer.json["error"].endswith(".")
    assert answer.json["error"] in ann.post_json(ACCOUNT, given, status="4*").text
    assert Token.select().count() == 0 and Session.select().count() == 1


def test_a_token_cannot_reach_passwords_or_tokens(site):
    """CVE-2026-23896: a key that may change keys is a key to everything."""
    for scope in ("read", "write"):
        program = site.bearer("ann", scope)
        program.get(ACCOUNT, headers=JSON, status=403)
        for given in (
            {"do": "password", "old": PASSWORD, "new": "a better horse"},
            {"do": "token", "label": "x"},
        ):
            program.post(ACCOUNT, given, headers=JSON, status=403)
    assert Token.select().count() == 2
    site.bearer("ann").get("/mod/users/", headers=JSON, status=403)


def test_nobody_ends_what_is_somebody_elses(site):
    bob, eve = site.sign_in("bob"), site.sign_in("eve")
    Token.issue(user=site.person("bob"), label="x", scope="read")
    session = Session.get(Session.user == site.person("bob"))
    eve.post_json(ACCOUNT, {"do": "revoke", "session": session.id}, headers=JSON, status=404)
    eve.post_json(ACCOUNT, {"do": "revoke", "token": Token.get().id}, headers=JSON, status=404)
    assert bob.get(ACCOUNT).status_int == 200 and Token.select().count() == 1


def test_the_theme(site):
    ann = site.sign_in("ann")
    ann.post(ACCOUNT, {"do": "theme", "theme": "dark"})
    assert User.named("ann").theme == "dark" == ann.get(ACCOUNT, headers=JSON).json["theme"]


def test_the_profile(site):
    ann = site.sign_in("ann")
    bio = "I **like** the sea. <script>alert(1)</script> [x](javascript:alert(2))"
    assert ann.post("/edit/profile/", {"name": "Ann\u202e  A.", "bio": bio}).location == "/u/ann/"
    assert User.named("ann").name == "Ann A."
    said = ann.get("/u/ann/", headers=JSON).json
    assert "<strong>like</strong>" in said["bio_html"]
    assert "<script" not in said["bio_html"] and 'href="javascript' not in said["bio_html"]
    page = ann.get("/u/ann/").text
    assert "<strong>like</strong>" in page and "alert(1)</script>" not in page
    ann.post_json("/edit/profile/", {"name": "Annie"}, headers=JSON)
    assert (User.named("ann").name, User.named("ann").bio) == ("Annie", bio)
    assert ann.post("/edit/profile/", {"name": "x" * 101}, status=422).text.count("too long") == 1
    ann.post_json("/edit/profile/", {"bio": None}, headers=JSON, status=422)


def test_strangers_and_other_sites(site):
    ann = site.sign_in("ann")
    for path in (ACCOUNT, "/edit/profile/", "/mod/", "/mod/users/"):
        assert site.browser().get(path).location.startswith("/auth/login/")
        site.browser().get(path, headers=JSON, status=401)
    for path in (ACCOUNT, "/edit/profile/", "/mod/users/", "/mod/users/ann/", "/mod/users/ann/link/"):
        site.browser().post(path, {"do": "token", "label": "x"}, status=401)
        cross = {"HTTP_SEC_FETCH_SITE": "cross-site"}
        ann.post(path, {"do": "token", "label": "x", "username": "eve"}, status=403, extra_environ=cross)
        site.bearer("ann", "read").post(path, {"do": "token", "label": "x"}, headers=JSON, status=403)
    assert User.named("eve") is None


# --- looking after people


def test_an_admin_adds_a_person_who_joins(site):
    ann = site.sign_in("ann")
    page = ann.post("/mod/users/", {"username": "bob", "email": "bob@example.org"}, status=201)
    link = re.search(r"http://localhost(/auth/join/[\w-]+/)", page.text)[1]
    assert link not in ann.get("/mod/users/").text and "bob" in ann.get("/mod/users/").text
    site.browser().post(link, {"password": "bobs own horse"}, status=303)
    user = User.named("bob")
    assert not user.admin and user.uploader and user.email == "bob@example.org"


def test_a_person_that_cannot_be_added(site):
    ann = site.sign_in("ann")
    answer = ann.post("/mod/users/", {"username": "ann", "email": "a@example.org"}, status=409)
    assert "that name already" in answer.text and "a@example.org" in answer.text
    for given in (
        {"username": ""},
        {"username": "../etc"},
        {"username": "x", "email": "nowhere"},
        {"username": ["x"]},
    ):
        ann.post_json("/mod/users/", given, headers=JSON, status="4*")
    ann.post_json("/mod/users/", {"username": "x", "admin": "perhaps"}, headers=JSON, status=422)
    assert User.select().count() == 1


def test_changing_what_a_person_may(site):
    ann, bob = site.sign_in("ann"), site.sign_in("bob")
    site.bearer("bob")
    answer = ann.post_json("/mod/users/bob/", {"uploader": False, "quota": "2 GB"}, headers=JSON)
    assert answer.json["quota"] == 2 * 10**9 and answer.json["uploader"] is False
    bob.get("/submit/", status=403)
    ann.post("/mod/users/bob/", {"uploader": "yes", "admin": "yes", "quota": ""})
    user = User.named("bob")
    assert user.uploader and user.admin and user.quota is None
    assert bob.get("/mod/users/").status_int == 200
    ann.post("/mod/users/bob/", {"active": "no"})
    assert bob.get("/submit/").status_int == 303
    assert Token.select().count() == 0 and Session.select().count() == 1
    for wrong in (
        {"quota": "much"},
        {"quota": -1},
        {"quota": True},
        {"quota": 1 << 80},
        {"admin": 2},
        {"active": None},
    ):
        ann.post_json("/mod/users/bob/", wrong, headers=JSON, status=422)
    ann.post_json("/mod/users/nobody/", {"active": True}, headers=JSON, status=404)


def test_the_page_of_people_as_a_browser_sends_it_back(site):
    ann = site.sign_in("ann")
    site.person("bob", quota=1000)
    form = next(f for f in ann.get("/mod/users/").forms.values() if f.action == "/mod/users/bob/")
    form.submit()
    bob = User.named("bob")
    assert (bob.active, bob.uploader, bob.admin, bob.quota) == (True, True, False, 1000)
    form.set("uploader", False, index=1)
    form["quota"] = "2 GB"
    form.submit()
    assert not User.named("bob").uploader and User.named("bob").quota == 2 * 10**9
    assert "written like 20 GB" in ann.post("/mod/users/bob/", {"quota": "much"}, status=422).text


def test_somebody_always_looks_after_the_gallery(site):
    ann = site.sign_in("ann")
    for wrong in ({"admin": "no"}, {"active": "no"}):
        page = ann.post("/mod/users/ann/", wrong, status=409).html
        said = page.select_one("details[open] form[action='/mod/users/ann/'] .message")
        assert "last administrator" in said.text and len(page.select("main .message.bad")) == 1
    assert User.named("ann").admin and User.named("ann").active


def test_a_new_link_for_a_lost_one(site):
    ann = site.sign_in("ann")
    first = ann.post_json("/mod/users/", {"username": "bob"}, headers=JSON, status=201).json["join_link"]
    second = ann.post_json("/mod/users/bob/link/", {}, headers=JSON).json["join_link"]
    site.browser().get(first, status=404)
    assert site.browser().get(second).status_int == 200


def test_only_administrators_look_after_others(site):
    bob = site.sign_in("bob")
    for path in ("/mod/", "/mod/users/"):
        bob.get(path, status=403)
    for path in ("/mod/users/", "/mod/users/ann/", "/mod/users/bob/", "/mod/users/bob/link/"):
        bob.post(path, {"username": "eve", "admin": "yes"}, status=403)
    assert User.named("eve") is None and not User.named("bob").admin


def test_the_overview(site):
    ann = site.sign_in("ann")
    medium = site.upload(ann)
    said = ann.get("/mod/", headers=JSON).json
    assert (said["people"], said["media"], said["kept"]) == (1, 1, medium.bytes)
    listed = ann.get("/mod/users/", headers=JSON).json["items"]
    assert [(p["username"], p["media"], p["bytes"]) for p in listed] == [("ann", 1, medium.bytes)]


def test_after_a_new_password_the_page_says_what_still_works(site):
    """Tokens survive a password change, so the page must not say that everything else is logged out."""
    ann, script = site.sign_in("ann"), site.bearer("ann")
    fields = {"do": "password", "old": PASSWORD, "new": "another correct horse"}
    page = ann.post("/edit/account/", fields).follow()
    assert "Other browsers are logged out; access tokens go on working." in page
    assert script.get("/u/ann/panel/", headers=JSON).status_int == 200


def test_what_a_suspended_person_added_is_hidden_until_they_are_back(site):
    site.person("keeper", admin=True)
    ann, ben, stranger = site.sign_in("ann"), site.sign_in("ben"), site.browser()
    site.ready(ann, "beach.png", visibility="public", tags="sea")
    site.ready(ann, "family.png", visibility="members")
    unlisted = site.ready(ann, "secret.png", visibility="unlisted")
    own = site.ready(ben, "mine.png", visibility="public")
    waiting = site.upload(ann, "late.png", visibility="public")
    files = ann.get("/u/ann/m/beach/", headers=JSON).json["files"]["view"]["url"]
    paths = [
        "/u/ann/m/beach/",
        "/u/ann/",
        "/u/ann/gallery/",
        "/u/ann/tag/sea/",
        files,
        f"/s/{unlisted.secret}/",
    ]

    def listed(browser, path="/"):
        return [item["id"] for item in browser.get(path, headers=JSON).json["items"]]

    before = [listed(stranger), listed(ben), listed(ben, "/tag/sea/")]
    people.set_flags(User.named("ann"), active=False)
    jobs.process(waiting.id)
    for browser in (stranger, ben):
        assert listed(browser) == [own.id] and listed(browser, "/tag/sea/") == []
        for path in paths:
            browser.get(path, status=404)
        browser.get("/u/ann/m/late/", status=404)
    people.set_flags(User.named("ann"), active=True)
    assert listed(stranger) == [waiting.id, *before[0]]
    assert listed(ben) == [waiting.id, *before[1]] and listed(ben, "/tag/sea/") == before[2]
    for path in paths:
        stranger.get(path, status=200)


def test_a_film_stays_behind_its_photo_when_a_suspension_ends(site):
    site.person("keeper", admin=True)
    ann = site.sign_in("ann")
    photo, film = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    Media.update(companion_of=photo.id, ready=False).where(Media.id == film.id).execute()
    for active in (False, True):
        people.set_flags(User.named("ann"), active=active)
    assert [row.ready for row in Media.select().order_by(Media.id)] == [True, False]
