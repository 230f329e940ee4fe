"""Smaller copies of a film for slow lines: made after the main one, listed, chosen by address, header or press."""

import pytest
from booted import JSON, picture
from browsing import Live

from goblin import config, jobs, reprocessing
from goblin.media import options_of
from goblin.media.av import copies
from goblin.models import Media
from tests import made

WIDE = "854x480"


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Half a second of 480p that browsers play as it is."""
    folder = tmp_path_factory.mktemp("film")
    return made.film(
        folder / "film.mp4", *made.H264, "-movflags", "+faststart", size=WIDE, seconds=3
    ).read_bytes()


@pytest.fixture
def ready(make_site, film):
    site = make_site(GOBLIN_MEDIA_VIDEO_RENDITIONS="240, 144")
    ann = site.sign_in("ann")
    return site, ann, site.ready(ann, "film.mp4", film, visibility="public")


def sides(row):
    return {role: min(f["width"], f["height"]) for role, f in row.files.items() if role.startswith("play-")}


def test_only_smaller_ones_are_made(tmp_path):
    options = {"height": 720, "renditions": "1080 480 240"}
    video = copies.Stream(0, "Video", "h264", width=1920, height=1080)
    assert copies.renditions(video, copies.Plan(), options) == [480, 240]  # of the copy with 720
    assert copies.renditions(video, None, options) == [480, 240]  # of 1080 played as it is
    small = copies.Stream(0, "Video", "h264", width=640, height=288)
    assert copies.renditions(small, None, options) == []


def test_a_size_that_there_is_not_stops_the_start(make_site):
    with pytest.raises(
        config.Mistake, match="renditions must be some of 1080 720 480 360 240 144, not '500'"
    ):
        make_site(GOBLIN_MEDIA_VIDEO_RENDITIONS="500")


def test_they_come_in_the_slow_lane_after_the_film_can_be_watched(make_site, film):
    site = make_site(GOBLIN_MEDIA_VIDEO_RENDITIONS="240")
    ann = site.sign_in("ann")
    medium = site.upload(ann, "film.mp4", film)
    jobs.process(medium.id, "quick")
    row = Media.by_id(medium.id)
    assert (row.ready, row.todo, sides(row)) == (True, "renditions", {})
    assert "<video" in ann.get(f"/u/ann/m/{row.slug}/").text
    jobs.process(medium.id, "slow")
    row = Media.by_id(medium.id)
    assert (row.state, row.todo, sides(row)) == ("processed", "", {"play-240": 240})
    assert row.duration == pytest.approx(3, abs=0.2) and row.thumbs


def test_a_film_that_needs_a_copy_gets_that_first(make_site, tmp_path):
    site = make_site(GOBLIN_MEDIA_VIDEO_RENDITIONS="144")
    ann = site.sign_in("ann")
    old = made.silent(tmp_path / "old.avi", "-c:v", "mpeg4", size="426x240")
    medium = site.upload(ann, "old.avi", old.read_bytes())
    todo = []
    for _ in range(3):
        jobs.process(medium.id)
        todo.append((Media.by_id(medium.id).todo, sorted(sides(Media.by_id(medium.id)))))
    assert todo == [("transcode renditions", []), ("renditions", []), ("", ["play-144"])]
    assert "play" in Media.by_id(medium.id).files


def test_a_changed_option_brings_all_up_to_date_without_touching_the_rest(ready):
    _, _, medium = ready
    assert sides(medium) == {"play-240": 240, "play-144": 144}
    assert reprocessing.plan(reprocessing.Wish()).work == []
    jobs.workshop.options["video"] |= options_of("video", {"renditions": "240"})
    plan = reprocessing.plan(reprocessing.Wish())
    assert plan.work == [(medium.id, "video", "renditions")]
    reprocessing.begin(plan)
    jobs.process(medium.id)
    row = Media.by_id(medium.id)
    assert sides(row) == {"play-240": 240} and row.files["thumb"]["bytes"] == medium.files["thumb"]["bytes"]
    jobs.workshop.options["video"] |= options_of("video", {"renditions": ""})
    reprocessing.begin(reprocessing.plan(reprocessing.Wish()))
    jobs.process(medium.id)
    assert sides(Media.by_id(medium.id)) == {}


def test_copies_that_are_no_longer_wanted_go_when_all_is_done_again(ready):
    _, _, medium = ready
    jobs.workshop.options["video"] |= options_of("video", {"renditions": "144"})
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[medium.id])))
    for _ in range(3):
        jobs.process(medium.id)
    assert sides(Media.by_id(medium.id)) == {"play-144": 144}
    jobs.workshop.options["video"] |= options_of("video", {"renditions": ""})
    reprocessing.begin(reprocessing.plan(reprocessing.Wish(ids=[medium.id])))
    jobs.process(medium.id)
    row = Media.by_id(medium.id)
    assert (row.state, sides(row)) == ("processed", {})


def test_a_smaller_copy_that_cannot_be_made_leaves_the_film_as_it_is(make_site, film, monkeypatch):
    site = make_site(GOBLIN_MEDIA_VIDEO_RENDITIONS="240")
    ann = site.sign_in("ann")
    medium = site.upload(ann, "film.mp4", film)
    jobs.process(medium.id)

    def fails(*order, **more):
        raise jobs.Failed("This file could not be read as video or sound.", "exit 1")

    monkeypatch.setattr(jobs.workshop.sandbox, "run", fails)
    before = Media.by_id(medium.id).updated
    while (row := Media.by_id(medium.id)).todo:
        jobs.process(row.id)
    assert (row.state, row.error, sides(row)) == ("processed", "", {}) and "exit 1" in row.detail
    assert row.updated > before, "the panel hears that it ended"
    assert reprocessing.plan(reprocessing.Wish()).work == [], "and it is not tried for ever"


def source(page):
    return page.html.find("source")["src"].rpartition("/")[2]


def test_the_address_the_header_or_neither_choose(ready):
    site, ann, medium = ready
    at = f"/u/ann/m/{medium.slug}/"
    page = ann.get(at)
    links = page.html.find("nav", class_="qualities").find_all("a")
    assert [link.text for link in links] == ["480p", "240p", "144p"]
    assert [bool(link.get("aria-current")) for link in links] == [True, False, False]
    assert source(page) == f"{medium.generation}.mp4"
    small = ann.get(links[2]["href"])
    assert source(small) == "play-144.mp4" and "144p" in small.html.find("a", {"aria-current": True}).text
    stranger = site.browser().get(f"{at}?in=%2F&quality=240")
    assert source(stranger) == "play-240.mp4"
    assert "in=%2F" in stranger.html.find("nav", class_="qualities").a["href"]
    assert site.browser().get(small.html.find("source")["src"]).content_type == "video/mp4"
    assert source(ann.get(at, headers={"Save-Data": "on"})) == "play-240.mp4"
    assert source(ann.get(f"{at}?quality=full", headers={"Save-Data": "on"})) == f"{medium.generation}.mp4"
    files = ann.get(at, headers=JSON).json["files"]
    assert files["play-144"]["height"] == 144 and files["play-144"]["bytes"] < files["play-240"]["bytes"]


def test_a_film_without_smaller_copies_has_no_chooser(site, film):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "film.mp4", film)
    page = ann.get(f"/u/ann/m/{medium.slug}/?quality=144")
    assert "qualities" not in page.text and source(page) == f"{medium.generation}.mp4"


@pytest.fixture(scope="module")
def live(tmp_path_factory, chromium, film):
    """A gallery with one film, who makes smaller copies."""
    folder = tmp_path_factory.mktemp("live")
    (folder / "film.mp4").write_bytes(film)
    (folder / "beach.png").write_bytes(picture())
    live = Live(folder / "data", chromium, GOBLIN_MEDIA_VIDEO_RENDITIONS="240 144")
    try:
        live.hang([folder / "beach.png", folder / "film.mp4"])
        yield live
    finally:
        live.server.__exit__()


PLAYS = "document.querySelector('video').currentSrc.split('/').pop()"


def test_a_press_changes_the_film_where_it_is_and_is_remembered(visit):
    page = visit("/u/ann/m/film/")
    page.wait_for_function("() => document.querySelector('video').readyState > 0")
    page.evaluate("document.querySelector('video').currentTime = 1.5")
    page.get_by_role("link", name="144p").click()
    page.wait_for_function(
        f"() => {PLAYS} === 'play-144.mp4' && document.querySelector('video').currentTime > 1.4"
    )
    assert page.evaluate("document.querySelector('video').videoHeight") == 144
    assert page.locator(".qualities [aria-current]").inner_text() == "144p"
    page.reload()
    page.wait_for_function(f"() => {PLAYS} === 'play-144.mp4'")
    page.goto("/u/ann/m/film/?quality=240")  # what the address says comes before
    page.wait_for_function(f"() => {PLAYS} === 'play-240.mp4'")
    box = page.get_by_role("link", name="480p").bounding_box()
    assert box["height"] >= 44 and box["width"] >= 44


def test_in_the_lightbox_too(visit):
    page = visit("/")
    page.locator("a.tile", has_text="film").click()
    page.locator(".lightbox .qualities").get_by_role("link", name="240p").click()
    page.wait_for_function(
        f"() => {PLAYS} === 'play-240.mp4' && document.querySelector('video').videoHeight === 240"
    )


def test_without_script_the_links_are_enough(visit):
    page = visit("/u/ann/m/film/", java_script_enabled=False)
    page.get_by_role("link", name="144p").click()
    assert page.url.endswith("?quality=144")
    assert page.locator("source").get_attribute("src").endswith("play-144.mp4")
