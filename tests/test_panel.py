"""One's own media and how far they are."""

import re

from booted import JSON

from goblin import db
from goblin.models import Media
from goblin.web.panel import _in_state

PANEL = "/u/ann/panel/"


def make(person, count, state, first=0):
    rows = [
        {
            **{
                "user": person,
                "slug": f"{state}{n}",
                "title": f"{state} {n}",
                "kind": "image",
                "name": f"{n}.png",
            },
            **{"mime": "image/png", "bytes": 1, "sha256": "", "original": "", "state": state, "error": ""},
        }
        for n in range(first, first + count)
    ]
    Media.insert_many(rows).execute()


def test_every_state_is_shown_with_what_can_be_done(site):
    ann = site.sign_in("ann")
    waiting = site.upload(ann, "waiting.png")
    failed = site.upload(ann, "failed.png")
    Media.update(state="failed", error="This file seems damaged.").where(Media.id == failed.id).execute()
    running = site.upload(ann, "running.png")
    Media.update(state="processing", progress=40).where(Media.id == running.id).execute()
    page = ann.get(PANEL)
    for words in ("waiting", "running", "This file seems damaged."):
        assert words in page.text
    forms = [form.action for form in page.forms.values()]
    assert f"/u/ann/m/id:{failed.id}/retry/" in forms and f"/u/ann/m/id:{waiting.id}/retry/" not in forms
    said = ann.get(PANEL, headers=JSON).json
    assert [(i["title"], i["state"]) for i in said["items"]] == [
        ("running", "processing"),
        ("failed", "failed"),
        ("waiting", "unprocessed"),
    ]


def test_who_has_no_script_is_led_to_look_again(site):
    ann = site.sign_in("ann")
    medium, at = site.upload(ann), "/u/ann/m/beach/"
    for columns in ({"progress": 4}, {"kind": "video", "todo": "transcode", "ready": True}):
        Media.update(columns).where(Media.id == medium.id).execute()
        link = ann.get(at).html.find("a", string="Look again")
        assert link["href"] == at and "without-script" in link.parent["class"], columns


def test_asking_what_changed(site):
    ann = site.sign_in("ann")
    medium = site.upload(ann)
    said = ann.get(PANEL, {"since": "2026-01-01T00:00:00.000000Z"}, headers=JSON).json
    assert said["waiting"] == 1
    assert said["items"] == [
        {
            **{"id": medium.id, "state": "unprocessed", "progress": None, "step": "", "error": None},
            **{"left": None, "url": "/u/ann/m/beach/", "thumb": None},
        }
    ]
    assert ann.get(PANEL, {"since": said["stamp"]}, headers=JSON).json["items"] == []
    Media.update(state="processing", progress=12.5).execute()
    assert ann.get(PANEL, {"since": said["stamp"]}, headers=JSON).json["items"][0]["progress"] == 12.5
    Media.update(state="unprocessed").execute()
    site.process()
    done = ann.get(PANEL, {"since": said["stamp"]}, headers=JSON).json
    assert done["items"][0]["state"] == "processed" and done["waiting"] == 0
    assert ann.get(done["items"][0]["thumb"]).content_type == "image/jpeg"
    ann.post("/u/ann/m/beach/delete/")
    assert ann.get(PANEL, {"since": said["stamp"]}, headers=JSON).json["items"] == []


def test_a_moment_that_is_none(site):
    for since in ("yesterday", "1", "2026-01-01T00:00:00Z' OR 1", "9" * 50):
        answer = site.sign_in("ann").get(PANEL, {"since": since}, headers=JSON, status=400)
        assert answer.json["field"] == "since"


def test_a_poll_is_cheap_whatever_one_has(site):
    """One statement beside the one that says who asks; it does not read the whole table."""
    ann, person = site.sign_in("ann"), site.person("ann")
    make(person, 300, "processed")
    stamp = db.now()
    make(person, 3, "unprocessed")
    ann.get(PANEL, {"since": stamp}, headers=JSON)
    seen = db.statements()
    try:
        said = ann.get(PANEL, {"since": stamp}, headers=JSON).json
    finally:
        db.db.query_hooks.pop()
    assert (len(said["items"]), said["waiting"]) == (3, 3)
    asked = [sql for sql in seen if "session" not in sql]
    assert len(asked) == 1 and len(seen) == 2, seen
    values = [1] * asked[0].count("?")
    plan = [row[-1] for row in db.db.execute_sql("EXPLAIN QUERY PLAN " + asked[0], values)]
    searched = [line for line in plan if '"' not in line and ("SCAN" in line or "SEARCH" in line)]
    assert "media_user_id_updated" in " ".join(plan), plan
    tables = ("SCAN waiting", "SCAN rows", "SCAN (")
    assert all(line.startswith(("SEARCH", *tables)) for line in searched), plan


def test_one_calm_page_of_what_matters(site):
    """What is worked on, what is next in the order of work, what failed, and the last that were done."""
    ann, person = site.sign_in("ann"), site.person("ann")
    make(person, 100, "processed")
    Media.update(updated=db.now()).where(Media.title == "processed 7").execute()
    make(person, 60, "unprocessed")
    make(person, 2, "failed")
    make(person, 1, "processing")
    seen = db.statements()
    try:
        page = ann.get(PANEL).html
    finally:
        db.db.query_hooks.pop()
    assert len(seen) <= 9, seen
    groups = {group["data-state"]: group for group in page.select(".group")}
    assert list(groups) == ["processing", "unprocessed", "failed", "processed"]
    shown = {state: [row.text for row in group.select(".row-name")] for state, group in groups.items()}
    assert shown["unprocessed"] == [f"unprocessed {n}" for n in range(6)]
    assert "54 more follow" in groups["unprocessed"].text
    assert shown["processed"][0] == "processed 7" and len(shown["processed"]) == 12
    assert shown["failed"] == ["failed 1", "failed 0"]


def test_the_last_that_were_done_are_not_sorted_out_of_all(site):
    person = site.person("ann")
    shown = Media.select(Media.id).where(_in_state(person, "processed"))
    sql, values = shown.order_by(Media.updated.desc(), Media.id.desc()).limit(12).sql()
    plan = " ".join(row[-1] for row in db.db.execute_sql("EXPLAIN QUERY PLAN " + sql, values))
    assert "media_user_id_updated" in plan and "TEMP B-TREE FOR ORDER" not in plan, plan


def test_all_can_be_chosen_by_pages(site):
    ann, person = site.sign_in("ann"), site.person("ann")
    make(person, 100, "processed")
    make(person, 60, "unprocessed")
    page = ann.get(PANEL + "choose/")
    assert len(page.html.select(".pick")) == 48
    assert "processed 30<" in page.click("Show more").text
    said, count = ann.get(PANEL, headers=JSON).json, 0
    while True:
        count += len(said["items"])
        if not said["next"]:
            break
        said = ann.get(said["next"], headers=JSON).json
    assert count == 160
    site.sign_in("bob").get(PANEL + "choose/", status=404)


def test_the_panel_is_its_owners_alone(site):
    site.upload(site.sign_in("ann"))
    for path in (PANEL, PANEL + "?since=2026-01-01T00:00:00Z"):
        site.sign_in("bob", admin=True).get(path, status=404)
        site.sign_in("bob").get(path, headers=JSON, status=404)
        site.browser().get(path, headers=JSON, status=401)
        assert site.browser().get(path).location.startswith("/auth/login/")
        assert site.bearer("ann", "read").get(path, headers=JSON).status_int == 200


def test_the_count_is_said_when_nothing_changed(site):
    ann, person = site.sign_in("ann"), site.person("ann")
    make(person, 2, "unprocessed")
    said = ann.get(PANEL, {"since": "2999-01-01T00:00:00.000000Z"}, headers=JSON).json
    assert (said["items"], said["waiting"]) == ([], 2)


def test_the_step_is_said_in_words_with_the_time_left(site):
    ann = site.sign_in("ann")
    medium = site.upload(ann)
    running = {"state": "processing", "step": "thumbs", "progress": 25, "started": db.from_now(seconds=-60)}
    Media.update(**running).where(Media.id == medium.id).execute()
    item = ann.get(PANEL, {"since": medium.updated}, headers=JSON).json["items"][0]
    assert item["step"] == "copies for the screen"
    assert 178 <= item["left"] <= 190
    assert re.search(r"copies for the screen.*about [34] min left", " ".join(ann.get(PANEL).text.split()))
    Media.update(started=db.now()).where(Media.id == medium.id).execute()
    item = ann.get(PANEL, {"since": medium.updated}, headers=JSON).json["items"][0]
    assert item["left"] is None, "a guess after a second would be none"


def test_more_changes_than_one_answer_holds_come_with_the_next(site):
    """Also when all changed at one moment, as those do that a start takes up."""
    ann, person = site.sign_in("ann"), site.person("ann")
    since = db.now()
    make(person, 450, "unprocessed")
    Media.update(updated=db.now()).execute()
    make(person, 30, "processed")
    ids = []
    for count in (200, 200, 80, 0):
        said = ann.get(PANEL, {"since": since}, headers=JSON).json
        assert len(said["items"]) == count
        ids += [item["id"] for item in said["items"]]
        since = said["stamp"]
    assert sorted(ids) == [row.id for row in Media.select().order_by(Media.id)]
