"""Who may see what: every kind of viewer against every kind of medium, one by one and in lists."""

import itertools

import pytest

from goblin import access, boot, config, people
from goblin.models import Media

VISIBILITIES = access.VISIBILITIES
VIEWERS = ("stranger", "member", "owner", "admin", "suspended", "suspended owner")


@pytest.fixture
def people_here(tmp_path):
    boot.boot(config.load(data=tmp_path, environ={}))
    ann = people.add("ann")
    here = {
        "stranger": None,
        "owner": ann,
        "member": people.add("ben"),
        "admin": people.add("root1", admin=True),
    }
    here["suspended"] = people.add("sue")
    here["suspended"].active = False
    here["suspended owner"] = type(ann)(id=ann.id, active=False, username="ann")
    yield here
    boot.shut()


def medium(owner, **values):
    values = {"ready": True, "visibility": "members", **values}
    count = Media.select().count()
    fixed = {"title": "t", "kind": "image", "mime": "image/jpeg", "name": "t.jpg", "bytes": 1}
    return Media.create(
        user=owner, slug=f"m{count}", sha256=f"{count}", original=f"o{count}", **fixed, **values
    )


SEES = {
    "public": {"stranger", "member", "owner", "admin", "suspended", "suspended owner"},
    "members": {"member", "owner", "admin"},
    "unlisted": {"owner"},
    "private": {"owner"},
}


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_who_sees_it(people_here, visibility):
    item = medium(people_here["owner"], visibility=visibility, secret="s3cret")
    for name in VIEWERS:
        wanted = name in SEES[visibility]
        assert access.may(people_here[name], "view", item) is wanted, name
        assert access.may(people_here[name], "download", item) is wanted, name


def test_the_unlisted_address_opens_only_its_own_medium(people_here):
    item = medium(people_here["owner"], visibility="unlisted", secret="s3cret")
    assert access.may(None, "view", item, "s3cret")
    assert not access.may(None, "view", item, "S3cret")
    assert not access.may(None, "view", item, "")
    assert not access.may(None, "view", medium(people_here["owner"], visibility="private", secret="x"), "x")
    assert not access.may(None, "view", medium(people_here["owner"], visibility="unlisted", secret=None), "")


@pytest.mark.parametrize("action", ["edit", "delete"])
def test_only_the_owner_changes_it(people_here, action):
    item = medium(people_here["owner"], visibility="public")
    assert [name for name in VIEWERS if access.may(people_here[name], action, item)] == ["owner"]


def test_the_original_is_for_its_owner_and_whom_they_let_have_it(people_here):
    kept = medium(people_here["owner"], visibility="public")
    shared = medium(people_here["owner"], visibility="members", share_original=True)
    assert [n for n in VIEWERS if access.may(people_here[n], "original", kept)] == ["owner"]
    assert {n for n in VIEWERS if access.may(people_here[n], "original", shared)} == SEES["members"]


def test_an_action_that_does_not_exist_is_a_mistake(people_here):
    with pytest.raises(ValueError, match="fly"):
        access.may(None, "fly", medium(people_here["owner"]))


def test_what_is_not_ready_is_its_owners_alone(people_here):
    item = medium(people_here["owner"], visibility="public", ready=False)
    assert [n for n in VIEWERS if access.may(people_here[n], "view", item)] == ["owner"]


def test_lists_agree_with_single_answers(people_here):
    """No list shows what its viewer may not open, and none hides what is for everybody."""
    owners = (people_here["owner"], people_here["member"])
    shapes = itertools.product(owners, VISIBILITIES, (True, False), (None, "2026-01-01T00:00:00Z"))
    for owner, visibility, ready, deleted in shapes:
        medium(
            owner, visibility=visibility, ready=ready, deleted=deleted, secret=f"{owner.id}{ready}{deleted}"
        )
        Media.update(secret=None).execute()
    for name in VIEWERS:
        viewer = people_here[name]
        listed = set(Media.select(Media.id).where(access.visible(viewer)).tuples())
        allowed = {
            (m.id,) for m in Media.select() if access.may(viewer, "view", m) and not m.deleted and m.ready
        }
        assert listed == allowed, name
        for owner in owners:
            of_owner = set(Media.select(Media.id).where(access.visible_of(viewer, owner)).tuples())
            assert of_owner == {row for row in allowed if Media.get_by_id(row[0]).user_id == owner.id}, name


def test_place_and_facts_are_hidden_where_the_owner_says(people_here):
    item = medium(people_here["owner"], visibility="public", patches={"place": [[0, 1, "AA=="]], "facts": []})
    assert access.hidden_from(people_here["owner"], item) == []
    assert access.hidden_from(None, item) == ["place"]
    assert not access.may_see_place(None, item)
    assert access.may_see_facts(None, item)
    item.show_place = True
    assert access.hidden_from(None, item) == []


@pytest.mark.parametrize("path", ["/", "/u/ann/m/nothing/", "/atom/", "/u/ann/panel/", "/mod/"])
def test_no_cache_keeps_for_one_what_was_made_for_another(site, path):
    for kind in ("text/html", "application/json"):
        answer = site.sign_in("ben").get(path, headers={"Accept": kind}, expect_errors=True)
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Cookie"} <= {name.strip() for name in answer.headers["Vary"].split(",")}
