"""Every kind of media declares its steps; each can be done again by itself, the old copies staying until then."""

import os

import pytest
from booted import picture
from solids import stl
from test_pdf import pages

from goblin import jobs, library, media, reprocessing
from goblin.media import office
from goblin.models import Media, facts
from tests import made

DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60"><title>Sea</title><path d="M0 0h9v9z"/></svg>'
# What says how to work, and makes no other copy.
MANNERS = {"patience", "threads", "most", "pages", "ahead", "frames", "pixels", "encoder"}


def sample(kind, folder) -> tuple[str, bytes]:
    """A file of that kind whose steps all have something to do: name and bytes."""
    if kind == "video":
        return "a.avi", made.film(folder / "a.avi").read_bytes()
    if kind == "audio":
        return "a.ogg", made.tone(folder / "a.ogg", "-c:a", "libvorbis").read_bytes()
    if kind == "office" and not office.find():
        pytest.skip("LibreOffice, an OPTIONAL program, is not here")
    return {
        "office": ("a.rtf", b"{\\rtf1 words\\page and\\page more}"),
        "image": ("a.png", picture(seed=3)),
        "model": ("a.stl", stl()),
        "pdf": ("a.pdf", pages(3)),
        "svg": ("a.svg", DRAWING),
        "text": ("a.txt", b"words\nand more of them\n"),
    }[kind]


def own_kinds() -> list[str]:
    media.reset()
    media.scan()
    return sorted(media.TYPES)


KINDS = own_kinds()


@pytest.mark.parametrize("kind", KINDS)
def test_steps_and_their_options_are_declared(kind):
    its = media.TYPES[kind]
    assert its.steps, "no step has a name"
    assert "facts" in its.steps and "thumbs" in its.steps
    for name, step in its.steps.items():
        assert name.isidentifier() and step.about and not step.about.endswith(".")
        assert set(step.options) <= set(its.options), name
    used = {option for step in its.steps.values() for option in step.options}
    assert set(its.options) - used <= MANNERS


# Office documents start LibreOffice at every step.
SLOW = [pytest.param(kind, marks=pytest.mark.long) if kind == "office" else kind for kind in KINDS]


@pytest.mark.parametrize("kind", SLOW)
def test_each_step_by_itself_keeps_what_the_others_made(site, tmp_path, kind):
    ann = site.sign_in("ann")
    medium = site.ready(ann, *sample(kind, tmp_path))
    assert (medium.kind, medium.state, medium.error) == (kind, "processed", "")
    for step in media.steps_of(kind):
        one_step(site, Media.by_id(medium.id), step)
    assert reprocessing.plan(reprocessing.Wish()).work == [], "everything is up to date afterwards"


def one_step(site, before, step):
    """Do a step again: what there was is shown until it is done, and no other file is made anew."""
    known, places = facts.read(before), places_of(before)
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[before.id], steps=[step])))
    waiting = Media.by_id(before.id)
    assert (waiting.state, waiting.todo, waiting.ready) == ("unprocessed", step, True)
    assert waiting.files == before.files and places_of(waiting) == places, step
    jobs.process(before.id)
    after = Media.by_id(before.id)
    assert (after.state, after.todo, after.error) == ("processed", "", ""), step
    assert after.files.keys() == before.files.keys(), step
    assert all(path.is_file() for path, _ in places_of(after).values()), step
    declared = media.steps_of(before.kind)[step]
    for role, (_, number) in places_of(after).items():
        assert (number == places[role][1]) != declared.makes(role), (step, role)
    assert facts.read(after) == known, step
    for column in ("title", "width", "height", "duration", "placeholder", "made", "mime"):
        assert getattr(after, column) == getattr(before, column), (step, column)
    assert after.data == before.data, step


def places_of(medium) -> dict:
    """Path and file number of each copy, by role."""
    folder = library.disk.derived(medium.id, medium.generation)
    paths = {role: folder / file["name"] for role, file in medium.files.items()}
    return {role: (path, os.stat(path).st_ino) for role, path in paths.items()}


@pytest.mark.long
def test_what_is_written_by_hand_survives_every_step(site, tmp_path):
    ann = site.sign_in("ann")
    for kind in set(KINDS) - ({"office"} if not office.find() else set()):
        medium = site.ready(ann, *sample(kind, tmp_path))
        words = {"title": "Mine", "description": "By hand.", "taken": "1999-01-02 03:04"}
        ann.post(f"/u/ann/m/{medium.slug}/edit/", words)
        reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[medium.id])))
        site.process()
        after = Media.by_id(medium.id)
        assert (after.title, after.description) == ("Mine", "By hand."), kind
        assert after.taken == "1999-01-02T03:04:00" and after.state == "processed", kind


@pytest.mark.parametrize("kind", KINDS)
def test_other_sizes_make_the_pictures_of_every_kind_out_of_date(kind):
    options = media.options_of(kind, {})
    before, after = (media.recipe(kind, options | {"sizes": sizes}) for sizes in ("1 2 3", "1 2 4"))
    assert {step for step in before if before[step] != after[step]} == {"thumbs"}
