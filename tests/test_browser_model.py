"""The viewer of models in a real browser: mouse, fingers, keys, and what is there without script."""

import time
import zlib

import pytest
import solids

from tests import browsing


@pytest.fixture(scope="module")
def box(live):
    """The address of a box that is ready to be looked at."""
    page = live.visit("/submit/")
    file = {"name": "box.stl", "mimeType": "model/stl", "buffer": solids.stl()}
    headers = {**browsing.JSON, "Origin": live.address("").rstrip("/")}
    answer = page.request.post("/submit/", multipart={"file": file, "title": "A tin box"}, headers=headers)
    url = answer.json()["items"][0]["url"]
    for _ in range(200):
        if page.request.get(url, headers=browsing.JSON).json()["state"] == "processed":
            return url
        time.sleep(0.1)
    raise AssertionError("the box was not ready in time")


@pytest.fixture
def look(visit, live, box):
    """Opens the page of the box with its viewer running: look(size=PHONE) ..."""

    def look(**options):
        page = visit(box, **options)
        page.wait_for_selector("goblin-model.turning canvas")
        page.wait_for_timeout(100)
        return page

    yield look
    # Taking pictures of a canvas is slow, and the driver says so each time.
    live.forgive("GPU stall due to ReadPixels")


REST = """() => new Promise((rests) => {
  const model = document.querySelector("goblin-model"), frames = [];
  const watch = () => {
    frames.push(String([model.around, model.above, model.near, model.size, model.middle]));
    new Set(frames.slice(-5)).size === 1 && frames.length > 5 ? rests() : requestAnimationFrame(watch);
  };
  watch();
})"""


def seen(page):
    """A mark of what the canvas shows, when it has come to rest."""
    page.evaluate(REST)
    return zlib.crc32(page.locator("goblin-model canvas").screenshot())


def camera(page):
    """Where the viewer looks from: around, above, how near, when it has come to rest."""
    page.evaluate(REST)
    return page.evaluate(
        "(({around, above, near}) => [around, above, near])(document.querySelector('goblin-model'))"
    )


def test_keys_turn_zoom_and_reset(look):
    page = look()
    page.locator("goblin-model canvas").focus()
    page.keyboard.press("0")
    first = seen(page)
    shown = {first}
    for key in ("ArrowRight", "ArrowUp", "+", "ArrowLeft", "ArrowDown", "ArrowDown", "-", "-"):
        page.keyboard.press(key)
        shown.add(seen(page))
    assert len(shown) == 9
    assert "tin-box" in page.url
    page.keyboard.press("Home")
    assert seen(page) == first
    page.keyboard.press("ArrowRight")
    page.keyboard.press("0")
    assert camera(page) == [35, 26, 1]


def test_mouse_turns_and_wheel_zooms_once_it_was_taken_hold_of(look):
    page = look()
    area = page.locator("goblin-model canvas").bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, 120)
    assert camera(page)[2] == 1
    page.mouse.down()
    page.mouse.move(x + 100, y + 50)
    page.mouse.up()
    assert camera(page) == [35 - 40, 26 + 20, 1]
    page.mouse.move(x, y)
    page.mouse.wheel(0, -120)
    page.wait_for_function("() => document.querySelector('goblin-model').near > 1.1")


def test_fingers_turn_and_pinch(look):
    page = look(size=browsing.PHONE, has_touch=True)
    session = page.context.new_cdp_session(page)
    area = page.locator("goblin-model canvas").bounding_box()
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2

    def touch(kind, *places):
        points = [{"x": x + across, "y": y, "id": number} for number, across in enumerate(places)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0)
    for across in (10, 25, 50):
        touch("touchMove", across)
    touch("touchEnd")
    around, above, near = camera(page)
    assert (around, above, near) == (pytest.approx(35 - 20, abs=8), 26, 1) and around < 30
    touch("touchStart", -30, 30)
    for wide in (40, 50, 60):
        touch("touchMove", -wide, wide)
    touch("touchEnd")
    assert camera(page)[2] == pytest.approx(2, abs=0.1)


def test_buttons_show_the_four_sides(look):
    page = look()
    pictures = set()
    for name, place in {"Front": [0, 0], "Side": [90, 0], "Above": [0, 90], "Corner": [35, 26]}.items():
        button = page.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter" if name != "Above" else " ")
        pictures.add(seen(page))
        assert camera(page)[:2] == place and button.get_attribute("aria-pressed") == "true"
    assert len(pictures) == 4
    page.get_by_role("button", name="Nearer").click()
    page.get_by_role("button", name="Nearer").click()
    page.get_by_role("button", name="Farther").click()
    assert camera(page)[2] == pytest.approx(1.25)
    page.get_by_role("button", name="Start again").click()
    assert camera(page) == [35, 26, 1]


def test_it_begins_as_the_picture_looks(look, visit, box):
    """What is drawn by the browser stands where the picture stood, in the same light."""
    page = look()
    moving = page.locator("goblin-model canvas").screenshot()
    page.evaluate("document.querySelector('goblin-model').classList.remove('turning')")
    page.evaluate("document.querySelectorAll('goblin-model canvas, .tools').forEach((part) => part.remove())")
    still = page.locator("goblin-model .shot").screenshot()
    assert _difference(moving, still) < 6


def _difference(one, two):
    """The mean difference of two pictures, of 255."""
    import io

    from PIL import Image, ImageChops, ImageStat

    one, two = (Image.open(io.BytesIO(data)).convert("L") for data in (one, two))
    return ImageStat.Stat(ImageChops.difference(one, two.resize(one.size))).mean[0]


def test_labels_and_no_complaints_of_axe(look):
    for scheme in ("light", "dark"):
        page = look(scheme=scheme)
        canvas = page.locator("goblin-model canvas")
        assert canvas.get_attribute("aria-label") == "A tin box"
        told = page.locator("#" + canvas.get_attribute("aria-describedby"))
        assert "arrow keys" in told.text_content()
        assert browsing.axe_findings(page) == []


def test_it_turns_in_the_lightbox_too(visit, live, box):
    page = visit("/u/ann/gallery/")
    page.locator("a.tile").first.click()
    page.wait_for_selector(".lightbox goblin-model.turning canvas")
    page.locator(".lightbox canvas").focus()
    page.keyboard.press("ArrowRight")
    assert camera(page)[0] == 42.5 and page.url == box
    page.mouse.move(640, 400)
    page.mouse.down()
    page.mouse.move(840, 400, steps=4)
    page.mouse.up()
    assert camera(page)[0] == 42.5 - 80 and page.url == box
    assert page.locator(".lightbox .shot").evaluate("(shot) => shot.style.transform") == ""
    page.keyboard.press("Escape")
    page.wait_for_selector(".lightbox", state="hidden")
    live.forgive("GPU stall due to ReadPixels")


def test_without_script_there_are_four_pictures(visit, box):
    page = visit(box, java_script_enabled=False)
    assert page.locator("goblin-model canvas").count() == 0
    assert page.locator("goblin-model .shot").is_visible()
    for link in page.locator("goblin-model .sides a").all():
        assert link.is_visible()
        assert page.request.get(link.get_attribute("href")).headers["content-type"] == "image/webp"


def test_a_copy_that_does_not_come_leaves_the_pictures(visit, live, box):
    page = visit("/")
    page.route("**/mesh.bin", lambda route: route.fulfill(status=200, body=b"GOB3 but not really one"))
    page.goto(box)
    page.get_by_text("It cannot be turned here").wait_for()
    assert page.locator("goblin-model.turning").count() == 0
    assert page.locator("goblin-model .shot").is_visible()


def test_a_machine_that_cannot_draw_it_keeps_the_pictures(visit, box):
    page = visit("/")
    page.add_init_script("WebGL2RenderingContext.prototype.linkProgram = () => {}")
    page.goto(box)
    page.get_by_text("It cannot be turned here").wait_for()
    assert (
        page.locator("goblin-model canvas").count() == 0 and page.locator("goblin-model .shot").is_visible()
    )
