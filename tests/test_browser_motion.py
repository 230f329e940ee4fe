"""Photos that move, in a real browser: pressed, pointed at, held still again, by keys and in the lightbox."""

import time

import cameras
import made
import pytest

from tests import browsing

STILL = "() => !document.querySelector('goblin-motion.moving')"
MOVES = "() => document.querySelector('goblin-motion.moving > video')?.currentTime > 0"


@pytest.fixture(scope="module")
def photo(live, tmp_path_factory):
    """The address of a photo that moves for two seconds."""
    film = made.film(tmp_path_factory.mktemp("film") / "film.mp4", *made.H264, seconds=2, size="320x240")
    page = live.visit("/submit/")
    data = cameras.jpeg(1280, 960) + film.read_bytes()
    file = {"name": "cat.jpg", "mimeType": "image/jpeg", "buffer": data}
    headers = {**browsing.JSON, "Origin": live.address("").rstrip("/")}
    answer = page.request.post("/submit/", multipart={"file": file, "title": "A cat"}, headers=headers)
    url = answer.json()["items"][0]["url"]
    for _ in range(200):
        known = page.request.get(url, headers=browsing.JSON).json()
        if known["state"] == "processed":
            assert "motion" in known["files"]
            return url
        time.sleep(0.1)
    raise AssertionError("the photo was not ready in time")


def test_its_sign_sets_it_going_and_holds_it(visit, photo):
    page = visit(photo)
    sign = page.get_by_role("button", name="Moves")
    assert sign.get_attribute("aria-pressed") == "false" and page.locator("goblin-motion video").count() == 0
    sign.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(MOVES)
    assert sign.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Space")
    page.wait_for_function(STILL)
    assert sign.get_attribute("aria-pressed") == "false"


def test_it_moves_while_pointed_at_and_ends_by_itself_when_pressed(visit, photo):
    page = visit(photo)
    page.get_by_role("button", name="Moves").hover()
    page.wait_for_function(MOVES)
    page.locator("h1").hover()
    page.wait_for_function(STILL)
    page.get_by_role("button", name="Moves").click()
    page.wait_for_function(MOVES)
    page.locator("h1").hover()
    page.wait_for_timeout(300)
    assert page.evaluate(MOVES), "a press is for the whole film"
    page.wait_for_function(STILL, timeout=5000)


def test_a_finger_that_rests_on_it_lets_it_move(visit, photo):
    page = visit(photo, size=browsing.PHONE)
    finger = {"pointerType": "touch", "isPrimary": True, "bubbles": True, "clientX": 99, "clientY": 99}
    page.locator("goblin-motion img").dispatch_event("pointerdown", finger)
    page.wait_for_function(MOVES)
    page.locator("goblin-motion img").dispatch_event("pointerup", finger)
    page.wait_for_function(STILL)
    page.locator("goblin-motion img").dispatch_event("pointerdown", finger)
    page.locator("goblin-motion img").dispatch_event("pointermove", {**finger, "clientX": 150})
    page.wait_for_timeout(500)
    assert page.evaluate(STILL), "a swipe is no rest"


def test_it_moves_in_the_lightbox_too(visit, photo):
    page = visit("/")
    page.locator("a.tile", has_text="A cat").click()
    page.locator("dialog").get_by_role("button", name="Moves").click()
    page.wait_for_function(MOVES)
