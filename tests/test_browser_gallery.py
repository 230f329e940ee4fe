"""Grids, the lightbox and the page of a medium by fingers and arrow keys; every page keeps still and within reach."""

import made
import pytest
from browsing import PHONE
from PIL import Image

WIDE = (2560, 1300)
SHAPES = [(300, 200), (200, 300), (400, 150), (240, 240)]
COUNT = 22
# What the browser reports of jumping contents, from the first moment on; not what its own players do inside.
SHIFTS = """window.shifts = []; new PerformanceObserver((list) => { for (const one of list.getEntries())
    for (const { node } of one.hadRecentInput ? [] : one.sources)
        if (node) window.shifts.push(`${node.className || node.nodeName} jumps by ${one.value}`)
    }).observe({ type: "layout-shift", buffered: true })"""
# What fingers must hit: all but links in the middle of a sentence, whose line is what is pressed.
SMALL = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden]), label.check")]
    .filter((one) => one.checkVisibility() && !one.closest("p, dd, label.choice, label.check > *, .skip, .row-said"))
    .map((one) => [one.closest("label.check, label.choice, .way") || one, one])
    .map(([hit, one]) => [hit.getBoundingClientRect(), one])
    .filter(([box]) => box.width > 1 && (box.height < 43.5 || box.width < 43.5))
    .map(([box, one]) => `${one.outerHTML.slice(0, 90)} is ${box.width} x ${box.height}`)"""


@pytest.fixture(scope="module")
def hung(live, tmp_path_factory):
    """Ann's gallery with pictures of many shapes, a film and a sound."""
    folder = tmp_path_factory.mktemp("files")
    for number in range(COUNT):
        colour = (number * 37 % 256, 90 + number * 7, 200 - number * 3)
        Image.new("RGB", SHAPES[number % 4], colour).save(folder / f"picture {number:02}.jpg")
    made.film(folder / "film.mp4", *made.H264, seconds=2)
    made.tone(folder / "sound.mp3", seconds=4)
    live.hang(sorted(folder.iterdir()), collection="Holiday", tags="sea")
    return live


@pytest.fixture
def look(hung, visit):
    return visit


def tiles(page):
    return page.locator("a.tile")


def focused(page):
    """The number of the tile that has the focus, -1 for none."""
    return page.evaluate("[...document.querySelectorAll('a.tile')].indexOf(document.activeElement)")


def open_tile(page, name):
    page.locator("a.tile", has_text=name).click()
    page.locator(".lightbox .stage").wait_for()


def title(page):
    return page.locator(".lightbox-title").inner_text()


def wait_for_title(page, name):
    page.wait_for_function("name => document.querySelector('.lightbox-title').textContent === name", arg=name)


def fingers(page, *paths):
    """Fingers that touch, move along their paths (lists of points of the same length) and lift."""
    session = page.context.new_cdp_session(page)
    for step, points in enumerate(zip(*paths, strict=True)):
        touching = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        kind = "touchMove" if step else "touchStart"
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touching})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def line(start, end, steps=6):
    """Points on the way of a finger."""
    (x, y), (to_x, to_y) = start, end
    return [(x + (to_x - x) * n / steps, y + (to_y - y) * n / steps) for n in range(steps + 1)]


# --- arrow keys


def test_arrow_keys_lead_from_tile_to_tile(look):
    page = look("/u/ann/gallery/")
    tops = tiles(page).evaluate_all("all => all.map(one => Math.round(one.getBoundingClientRect().top))")
    second_row = tops.index(next(top for top in tops if top > tops[0]))
    page.keyboard.press("ArrowRight")
    assert focused(page) == 0
    page.keyboard.press("ArrowRight")
    assert focused(page) == 1
    page.keyboard.press("ArrowDown")
    assert tops[focused(page)] == tops[second_row]
    page.keyboard.press("ArrowUp")
    assert tops[focused(page)] == tops[0]
    tiles(page).nth(1).focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == 0
    page.keyboard.press("Enter")
    page.locator(".lightbox[open]").wait_for()
    page.keyboard.press("Escape")
    page.locator(".lightbox").wait_for(state="hidden")
    assert focused(page) == 0


def test_focused_tile_is_never_under_the_bar(look):
    page = look("/u/ann/gallery/", size=PHONE)
    tiles(page).first.focus()
    for _ in range(6):
        page.keyboard.press("ArrowDown")
    tile = tiles(page).nth(focused(page)).bounding_box()
    assert tile["y"] >= 0
    assert tile["y"] + tile["height"] <= page.locator(".bar").bounding_box()["y"]


# --- the lightbox


def test_title_is_announced_and_focus_stays_inside(look):
    page = look("/u/ann/gallery/")
    open_tile(page, "picture 07")
    assert page.locator(".lightbox-title").get_attribute("aria-live") == "polite"
    page.keyboard.press("ArrowRight")
    wait_for_title(page, "picture 06")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('.lightbox')"
        )


def test_one_finger_swipes_and_two_bring_it_closer(look):
    page = look("/u/ann/gallery/", size=PHONE, has_touch=True)
    open_tile(page, "picture 08")
    page.locator(".lightbox .preview").wait_for(state="detached")
    fingers(page, line((160, 370), (60, 370)), line((200, 370), (300, 370)))
    picture = page.locator(".lightbox img.picture")
    scale = picture.evaluate("one => new DOMMatrix(getComputedStyle(one).transform).a")
    assert 4 < scale < 8
    before = picture.bounding_box()["x"]
    fingers(page, line((300, 370), (200, 370)))
    assert picture.bounding_box()["x"] == pytest.approx(before - 100, abs=2)
    assert title(page) == "picture 08"
    page.touchscreen.tap(180, 370)
    page.touchscreen.tap(180, 370)
    page.wait_for_function("() => !document.querySelector('.lightbox .closer')")
    fingers(page, line((300, 370), (100, 380)))
    wait_for_title(page, "picture 07")
    fingers(page, line((100, 370), (300, 360)))
    wait_for_title(page, "picture 08")


@pytest.mark.parametrize("act", ["key", "button", "wheel", "press"])
def test_slideshow_stops_when_somebody_does_something(look, act):
    page = look("/u/ann/gallery/")
    open_tile(page, "picture 09")
    page.keyboard.press("Space")
    page.locator(".lightbox[data-slideshow]").wait_for()
    page.mouse.move(640, 400)
    {
        "key": lambda: page.keyboard.press("ArrowRight"),
        "button": lambda: page.locator('.lightbox [data-do="next"]').click(),
        "wheel": lambda: page.mouse.wheel(0, -100),
        "press": lambda: page.mouse.click(640, 400),
    }[act]()
    page.locator(".lightbox:not([data-slideshow])").wait_for()
    assert page.locator('[data-do="slideshow"]').get_attribute("aria-pressed") == "false"


@pytest.mark.parametrize(("name", "player"), [("film", "video"), ("sound", "audio")])
def test_film_and_sound_play_in_the_lightbox_by_space(look, name, player):
    page = look("/u/ann/gallery/")
    open_tile(page, name)
    page.locator(f".lightbox {player}").focus()
    page.keyboard.press("Space")
    page.wait_for_function(f"() => document.querySelector('.lightbox {player}').currentTime > 0.1")
    assert page.locator('[data-do="slideshow"]').get_attribute("aria-pressed") == "false"
    page.keyboard.press("Escape")
    page.locator(".lightbox").wait_for(state="hidden")
    assert page.locator(player).count() == 0


# --- the page of a medium


def test_page_of_a_medium_has_its_keys_and_fetches_the_neighbours(look):
    page = look("/u/ann/gallery/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/u/ann/m/picture-10/?in=/")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').filter(one => one.initiatorType === 'fetch').length > 1"
    )
    following = page.locator("a[rel=next]").get_attribute("href")
    assert sum(following in address for address in asked) == 1
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/u/ann/m/picture-09/**")
    page.keyboard.press("ArrowLeft")
    page.wait_for_url("**/u/ann/m/picture-10/**")
    page.keyboard.press("i")
    page.wait_for_function("() => scrollY > 0")
    page.keyboard.press("Escape")
    page.wait_for_function("() => location.pathname === '/'")


def test_finger_leads_to_the_neighbours_of_a_page(look):
    page = look("/u/ann/m/picture-12/?in=/", size=PHONE, has_touch=True)
    fingers(page, line((300, 100), (80, 105)))
    page.wait_for_url("**/u/ann/m/picture-11/**")


# --- everywhere


def test_message_can_be_put_away(look):
    page = look("/edit/profile/")
    page.get_by_label("About you").fill("Likes the sea.")
    page.get_by_role("button", name="Keep these changes").click()
    page.get_by_role("status").get_by_text("is changed").wait_for()
    page.get_by_role("button", name="Put this away").click()
    assert page.locator(".message").count() == 0
    assert page.evaluate("document.activeElement.nodeName") == "MAIN"


def test_message_without_script_has_no_button_that_does_nothing(look):
    page = look("/edit/profile/", java_script_enabled=False)
    page.get_by_role("button", name="Keep these changes").click()
    page.get_by_text("is changed").wait_for()
    assert page.get_by_role("button", name="Put this away").is_hidden()


OWN = "/u/ann"
PAGES = [
    *(
        "/",
        "/tag/sea/",
        "/tag/nothing/",
        "/submit/",
        "/edit/account/",
        "/edit/profile/",
        "/mod/",
        "/mod/users/",
    ),
    *(f"{OWN}/", f"{OWN}/gallery/", f"{OWN}/collections/", f"{OWN}/collection/holiday/", f"{OWN}/trash/"),
    *(f"{OWN}/m/picture-00/", f"{OWN}/m/film/", f"{OWN}/m/sound/", f"{OWN}/m/film/edit/", f"{OWN}/panel/"),
]


def test_every_page_keeps_still_within_reach_and_to_itself(look, hung):
    """Nothing jumps, nothing is wider than the screen or too small for a finger, nothing comes from elsewhere."""
    page, found = look("/", size=PHONE, reduced_motion="reduce", is_mobile=True, has_touch=True), {}
    page.context.add_init_script(SHIFTS)
    elsewhere = []
    page.context.on("request", lambda request: elsewhere.append(request.url))
    for path in PAGES:
        assert page.goto(path).status == 200, path
        page.wait_for_load_state("networkidle")
        found[path] = page.evaluate("window.shifts") + page.evaluate(SMALL)
        for size in (PHONE, WIDE):
            page.set_viewport_size({"width": size[0], "height": size[1]})
            if page.evaluate("document.documentElement.scrollWidth") > size[0]:
                found[path].append(f"wider than {size[0]}")
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    assert {path: said for path, said in found.items() if said} == {}
    ours = (hung.address("/"), "data:", "blob:")
    assert [address for address in elsewhere if not address.startswith(ours)] == []


def test_missing_page_says_so_warmly(look, hung):
    page = look("/", name=None)
    assert page.goto("/u/nobody/").status == 404
    assert page.get_by_role("link", name="To the first page").is_visible()
    hung.forgive("status of 404")
