"""Subtitles in a real browser: added on the page with keys alone, shown by the player, for films and for sounds."""

import time

import made
import pytest

from tests import browsing

GERMAN = "1\n00:00:00,000 --> 00:00:03,000\n<font color=red>Hällo</font> <i>du</i>\n".encode("cp1252")
ENGLISH = "WEBVTT\n\nSTYLE\n::cue { color: url(http://127.0.0.1:9/x) }\n\n00:00.000 --> 00:03.000\nHello <b>you</b>\n"
CUES = """() => [...document.querySelector('video').textTracks].map((track) =>
  [track.language, track.mode, [...(track.activeCues ?? [])].map((cue) => cue.getCueAsHTML().textContent)])"""


@pytest.fixture(scope="module")
def media(live, tmp_path_factory):
    """Addresses of a film and of a sound of three seconds, ready."""
    folder = tmp_path_factory.mktemp("made")
    film = made.film(folder / "film.mp4", *made.H264, seconds=3)
    sound = made.tone(folder / "talk.mp3", seconds=3)
    request = live.visit("/submit/").request
    headers = {**browsing.JSON, "Origin": live.address("").rstrip("/")}
    found = []
    for path, mime in ((film, "video/mp4"), (sound, "audio/mpeg")):
        file = {"name": path.name, "mimeType": mime, "buffer": path.read_bytes()}
        answer = request.post("/submit/", multipart={"file": file, "visibility": "public"}, headers=headers)
        found.append(answer.json()["items"][0]["url"])
    for url in found:
        until = time.monotonic() + 40
        while request.get(url, headers=browsing.JSON).json()["state"] != "processed":
            assert time.monotonic() < until, "not ready in time"
            time.sleep(0.1)
    return found


def add(page, name, data):
    page.get_by_label("A file in WebVTT or SRT").set_input_files(
        {"name": name, "mimeType": "", "buffer": data}
    )
    page.get_by_role("button", name="Add these subtitles").focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"{name} is added.").wait_for()


def play(page, kind):
    page.evaluate(f"() => {{ const it = document.querySelector('{kind}'); it.muted = true; it.play(); }}")


def showing(page, language):
    """What is on the screen in a language once the film plays."""
    play(page, "video")
    page.wait_for_function(
        f"(tag) => ({CUES})().some(([one, mode, cues]) => one === tag && mode === 'showing' && cues.length)",
        arg=language,
    )
    return next(cues for tag, _, cues in page.evaluate(CUES) if tag == language)


@pytest.mark.parametrize("which", [0, 1], ids=["film", "sound"])
def test_they_are_added_without_script(visit, media, which):
    page = visit(media[which] + "edit/", java_script_enabled=False)
    page.get_by_role("link", name="Subtitles and files beside it").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Files beside ")
    add(page, "film.de.srt", GERMAN)
    add(page, "film.en.vtt", ENGLISH.encode())


def test_the_player_of_a_film_shows_them(visit, media):
    page = visit(media[0], name=None, locale="de-DE")
    assert showing(page, "de") == ["Hällo du"]
    assert [track[:2] for track in page.evaluate(CUES)] == [["de", "showing"], ["en", "disabled"]]
    page.evaluate("() => { document.querySelector('video').textTracks[1].mode = 'showing' }")
    assert showing(page, "en") == ["Hello you"]


def test_they_are_written_below_a_sound(visit, media):
    page = visit(media[1], name=None, locale="de-DE")
    play(page, "audio")
    page.locator(".cues").get_by_text("Hällo du").wait_for()
    assert page.locator(".cues i").inner_text() == "du" and page.locator(".cues").aria_snapshot()
    page.get_by_label("Subtitles").select_option("English")
    page.locator(".cues").get_by_text("Hello you").wait_for()
    assert page.locator(".cues").get_attribute("aria-live") == "polite"
    page.get_by_label("Subtitles").select_option("none")
    assert page.locator(".cues").inner_text() == ""
    assert browsing.axe_findings(page) == []
    page = visit(media[1], name=None, locale="fr")
    play(page, "audio")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.5")
    assert page.locator(".cues").inner_text() == ""


def test_the_pages_are_fit_for_everybody(visit, media):
    for size, scheme in ((browsing.DESK, "light"), (browsing.PHONE, "dark")):
        page = visit(media[0] + "files/", size=size, scheme=scheme)
        assert browsing.axe_findings(page) == []
        page.get_by_role("link", name="Change film.de.srt").click()
        page.get_by_label("The subtitles themselves").wait_for()
        assert browsing.axe_findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_they_are_edited_removed_and_brought_back_without_script(visit, media):
    page = visit(media[0] + "files/", java_script_enabled=False)
    page.get_by_role("link", name="Change film.de.srt").click()
    box = page.get_by_label("The subtitles themselves")
    box.fill(box.input_value().replace("Hällo", "Grüß Gott"))
    page.get_by_role("button", name="Keep these changes").click()
    page.get_by_text("Your changes are kept.").wait_for()
    assert showing(visit(media[0], name=None, locale="de"), "de") == ["Grüß Gott du"]
    page.get_by_role("button", name="Remove film.de.srt").click()
    assert page.get_by_role("link", name="Change film.de.srt").count() == 0
    page.get_by_role("button", name="Undo").click()
    assert page.get_by_role("link", name="Change film.de.srt").count() == 1


def test_they_are_in_the_lightbox_too(visit, media):
    page = visit("/", name=None, locale="de")
    page.locator("a.tile", has_text="talk").click()
    page.locator("dialog audio").wait_for()
    play(page, "dialog audio")
    page.locator("dialog .cues").get_by_text("Hällo du").wait_for()
