"""Preparing again from the browser: looked at first, begun, stopped; with settings of its own; for all, by an admin."""

import pytest
from booted import JSON, picture

from goblin import jobs, media
from goblin.models import Media

PANEL = "/u/ann/panel/"
MOD = "/mod/media/"


@pytest.fixture
def ann(site):
    return site.sign_in("ann")


def other_sizes(monkeypatch):
    """The keeper wrote other sizes into goblin.ini and started again."""
    options = {**jobs.workshop.options["image"], "sizes": "200 400 800"}
    monkeypatch.setitem(jobs.workshop.options, "image", options)


def fail(medium, sentence="This file seems damaged.", detail="trace"):
    Media.update(state="failed", error=sentence, detail=detail).where(Media.id == medium.id).execute()


def states():
    return [row.state for row in Media.select(Media.state).order_by(Media.id)]


def test_first_it_says_what_it_would_do(site, ann, monkeypatch):
    site.ready(ann)
    assert "There is nothing to do" in ann.get(PANEL + "again/").text
    other_sizes(monkeypatch)
    page = ann.get(PANEL + "again/", {"which": "stale", "kind": "", "step": "thumbs"})
    assert "1 image: thumbs (copies for the screen)" in page.text and "Prepare 1 again" in page.text
    assert states() == ["processed"], "looking changes nothing"
    answer = page.forms[next(i for i, form in page.forms.items() if form.action == PANEL + "again/")].submit()
    assert (answer.status_int, answer.location) == (303, PANEL)
    assert Media.get().todo == "thumbs"
    site.process()
    assert Media.get().made == jobs.recipe("image")


def test_it_can_be_stopped_by_the_message_that_says_it_began(site, ann):
    for name in ("a.png", "b.png"):
        site.ready(ann, name)
    ann.post(PANEL + "again/", {"force": "yes"})
    page = ann.get(PANEL)
    assert "2 are being prepared again." in page.text and states() == ["unprocessed"] * 2
    stop = next(f for f in page.forms.values() if f.action == PANEL + "stop/")
    stop.submit(status=303)
    assert states() == ["processed"] * 2


def test_programs_do_the_same(site, ann):
    medium, other = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    program = site.bearer("ann")
    said = program.get(PANEL + "again/", {"id": medium.id}, headers=JSON).json
    assert said["count"] == len(said["sentences"]) == 1
    assert said["sentences"][0].startswith("1 image: facts (date, place, camera and words), thumbs (")
    begun = program.post_json(PANEL + "again/", {"id": [medium.id]}, headers=JSON, status=202).json
    assert begun["count"] == 1 and begun["stop"] == "http://localhost/u/ann/panel/stop/"
    assert states() == ["unprocessed", "processed"] and other.id
    assert program.post_json(PANEL + "stop/", {}, headers=JSON).json == {"count": 1}
    assert program.post_json(PANEL + "again/", {}, headers=JSON, status=200).json["count"] == 0


def test_the_failed_and_a_kind(site, ann):
    medium, other = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    fail(medium)
    ann.post(PANEL + "again/", {"which": "failed", "kind": "pdf"})
    assert states() == ["failed", "processed"]
    ann.post(PANEL + "again/", {"which": "failed", "kind": "image"})
    assert states() == ["unprocessed", "processed"] and other.id


def test_several_chosen_with_one_step(site, ann):
    chosen = [site.ready(ann, f"{n}.png") for n in range(3)][:2]
    fields = [("which", "chosen"), *(("id", str(m.id)) for m in chosen), ("step", "thumbs")]
    ann.post(PANEL + "again/", fields)
    assert states() == ["unprocessed", "unprocessed", "processed"]
    assert {row.todo for row in Media.select()} == {"thumbs", ""}


def test_nobody_prepares_what_is_not_theirs(site, ann):
    medium = site.ready(ann, visibility="public")
    bob = site.sign_in("bob")
    bob.post("/u/bob/panel/again/", {"id": str(medium.id)})
    bob.post("/u/bob/panel/again/", {"force": "yes"})
    bob.post(f"/u/ann/m/{medium.slug}/again/", status=404)
    for path in (PANEL + "again/", PANEL + "stop/"):
        bob.post(path, status=404)
    assert states() == ["processed"]
    ann.post(PANEL + "again/", {"force": "yes"})
    bob.post("/u/bob/panel/stop/")
    assert states() == ["unprocessed"]


@pytest.mark.parametrize(
    "fields",
    [
        {"which": "some"},
        {"which": "chosen"},
        {"kind": "smell"},
        {"step": "polish"},
        {"id": "1 OR 1"},
        {"id": "9" * 30},
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(ann, fields):
    for ask in (ann.get, ann.post):
        answer = ask(PANEL + "again/", fields, headers=JSON, status="4*")
        assert answer.status_int in (400, 422) and answer.json["error"].endswith(".")


# --- one medium


def test_one_with_settings_of_its_own(site, ann):
    medium = site.ready(ann, data=picture((900, 700)))
    path = f"/u/ann/m/{medium.slug}/again/"
    assert path in ann.get(f"/u/ann/m/{medium.slug}/edit/").text
    page = ann.get(path)
    assert "longest sides in pixels" in page.text and "copies for the screen" in page.text
    form = next(f for f in page.forms.values() if f.action == path)
    form["set-sizes"] = "100 200 300"
    assert form.submit().status_int == 303
    site.process()
    row = Media.by_id(medium.id)
    assert (row.files["view"]["width"], row.overrides) == (300, {"sizes": "100 200 300"})
    form = next(f for f in ann.get(path).forms.values() if f.action == path)
    assert form["set-sizes"].value == "100 200 300"
    form["set-sizes"] = ""
    form.submit()
    site.process()
    row = Media.by_id(medium.id)
    assert (row.files["view"]["width"], row.overrides) == (900, {})


def test_one_step_of_one_keeps_its_settings(site, ann):
    medium = site.ready(ann)
    path = f"/u/ann/m/{medium.slug}/again/"
    said = {"settings": {"quality": 50}, "step": "thumbs"}
    site.bearer("ann").post_json(path, said, headers=JSON, status=202)
    assert (Media.get().todo, Media.get().overrides) == ("thumbs", {"quality": 50})
    site.bearer("ann").post_json(path, said, headers=JSON, status=202)
    Media.update(state="processing").execute()
    assert "already" in site.bearer("ann").post_json(path, {}, headers=JSON, status=409).json["error"]
    Media.update(state="processed").execute()
    ann.post(path, {"step": "facts"})
    assert (Media.get().todo, Media.get().overrides) == ("facts", {"quality": 50})


@pytest.mark.parametrize(
    "settings",
    [{"sizes": "1 2"}, {"sizes": "a b c"}, {"quality": "-1"}, {"quality": "much"}, {"shine": "1"}, ["x"]],
)
def test_settings_that_cannot_be(site, ann, settings):
    medium = site.ready(ann)
    path = f"/u/ann/m/{medium.slug}/again/"
    answer = site.bearer("ann").post_json(path, {"settings": settings}, headers=JSON, status="4*")
    assert answer.json["error"].endswith(".") and states() == ["processed"]
    if isinstance(settings, dict):
        typed = {f"set-{name}": value for name, value in settings.items()}
        assert ann.post(path, typed, status=422).html.find(role="alert")


# --- everybody's


def test_an_admin_sees_what_is_stuck_and_nothing_of_what_is_in_it(site, ann):
    bob = site.sign_in("bob")
    medium = site.ready(bob, "secret garden.png", title="Hidden love", visibility="private")
    fail(medium, "This file seems damaged.", "EOF at 7")
    page = ann.get(MOD)
    for words in ("This file seems damaged.", "EOF at 7", "bob", f"image {medium.id}", "Did not work"):
        assert words in page.text, words
    for word in ("Hidden", "secret", "garden", "thumb.jpg", f"/f/{medium.id}/", medium.slug):
        assert word not in page.text, word
    said = ann.get(MOD, headers=JSON).json
    assert said["counts"] == {"unprocessed": 0, "processing": 0, "processed": 0, "failed": 1}
    assert said["items"][0].keys() == {
        *("id", "owner", "kind", "state", "step", "progress", "left", "error", "detail", "attempts"),
        "updated",
    }


def test_an_admin_prepares_and_stops_for_all(site, ann):
    medium, mine = site.ready(site.sign_in("bob"), "b.png"), site.ready(ann, "a.png")
    fail(medium)
    look = ann.get(MOD).click("Try all of them again")
    assert "1 image:" in look.text
    next(f for f in look.forms.values() if f.action == MOD + "again/").submit(status=303)
    assert states() == ["unprocessed", "processed"]
    ann.post(MOD + "again/", {"force": "yes"})
    assert states() == ["unprocessed"] * 2 and mine.id
    assert ann.post(MOD + "stop/", headers=JSON).json == {"count": 2}


def test_many_failures_are_seen_by_pages(site, ann):
    row = {"user": site.person("bob"), "kind": "image", "mime": "image/png", "name": "p.png", "original": "x"}
    row |= {"state": "failed", "bytes": 1, "title": "p", "error": "Torn."}
    Media.insert_many([{**row, "slug": f"p{n}", "sha256": str(n)} for n in range(60)]).execute()
    said = ann.get(MOD, {"state": "failed"}, headers=JSON).json
    more = ann.get(said["next"], headers=JSON).json
    assert len({row["id"] for row in said["items"] + more["items"]}) == 60 and more["next"] is None
    ann.get(MOD, {"state": "lost"}, status=400)
    ann.get(MOD, {"state": "failed", "after": "x"}, status=400)


def test_the_panel_offers_it_all(site, ann):
    medium, other = site.ready(ann, "a.png"), site.ready(ann, "b.png")
    fail(other)
    panel = ann.get(PANEL)
    assert "<pre>trace</pre>" in panel.text and not panel.html.select("[type=checkbox]")
    page = panel.click("Prepare some again")
    assert f"/u/ann/m/id:{medium.id}/again/" in page.text
    form = page.forms["again"]
    form["which"], form["kind"] = "chosen", "image"
    form.set("id", True, index=0)
    next(box for box in form.fields["step"] if box._value == "thumbs").checked = True
    look = form.submit()
    assert "Prepare 1 again" in look.text
    assert page.html.find("form", action=PANEL + "stop/")


@pytest.mark.parametrize("kind", ["audio", "image", "model", "pdf", "svg", "text", "video"])
def test_each_setting_is_asked_for_once_and_kept(site, ann, kind):
    """Two steps may share an option: the second, empty field of that name would win."""
    medium = site.upload(ann)
    Media.update(state="processed", ready=True, kind=kind).where(Media.id == medium.id).execute()
    path = f"/u/ann/m/{medium.slug}/again/"
    form = next(f for f in ann.get(path).forms.values() if f.action == path)
    asked = [name for name in form.fields if name and name.startswith("set-")]
    assert all(len(form.fields[name]) == 1 for name in asked)
    usual = {name[4:]: ann.get(path).html.find(id=name)["placeholder"] for name in asked}
    usual = {name: value for name, value in usual.items() if value}
    for name, value in usual.items():
        form[f"set-{name}"] = value
    form.submit(status=303)
    typed = media.options_of(kind, usual)
    assert Media.by_id(medium.id).overrides == {name: typed[name] for name in usual}


@pytest.mark.parametrize(
    "wrong",
    ["preset=fast!!", "preset=medium slow", "height=1", "crf=52", "audio_bitrate=1", "sizes=1 640 1280"],
)
def test_settings_that_cannot_be_are_refused(site, ann, wrong):
    """A film prepared with them would fail, and its file would be blamed."""
    medium = site.upload(ann)
    Media.update(state="processed", ready=True, kind="video").where(Media.id == medium.id).execute()
    name, value = wrong.split("=")
    path = f"/u/ann/m/{medium.slug}/again/"
    said = ann.post_json(path, {"settings": {name: value}}, headers=JSON, status=422).json["error"]
    assert name in said and Media.by_id(medium.id).state == "processed"
    with pytest.raises(ValueError, match=name):
        media.options_of("video", {name: value})


def test_what_went_wrong_is_for_the_owner(site, ann):
    medium = site.ready(ann, visibility="public")
    fail(medium)
    at = f"/u/ann/m/{medium.slug}/"
    assert ann.get(at, headers=JSON).json["error"] == "This file seems damaged."
    assert site.browser().get(at, headers=JSON).json["error"] is None
