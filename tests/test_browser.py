"""Looking around in a real browser: grids, the lightbox, keys, both schemes, every width, and without script."""

import gzip
import re
from pathlib import Path

import made
import pytest
from browsing import DESK, PASSWORD, PHONE, axe_findings
from PIL import Image

from goblin.web.tiles import NARROWEST, WIDEST, quantise

STATIC = Path(__file__).resolve().parent.parent / "static"
WIDE = (2560, 1300)
SHAPES = [(300, 200), (200, 300), (400, 100), (240, 240), (90, 360), (320, 180)]
MANY = 54  # more than a page of a list holds
SHIFTS = """window.shifts = 0; new PerformanceObserver((list) => { for (const one of list.getEntries())
    if (!one.hadRecentInput) window.shifts += one.value }).observe({ type: "layout-shift", buffered: true })"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Pictures of every shape and colour, and a sound."""
    folder = tmp_path_factory.mktemp("files")
    for number in range(MANY):
        colour = (number * 37 % 256, 90 + number % 160, 200 - number * 3)
        Image.new("RGB", SHAPES[number % len(SHAPES)], colour).save(folder / f"picture {number:02}.jpg")
    made.tone(folder / "tone.wav", seconds=4)
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def hung(live, files):
    """Ann's gallery with all of them in it, brought there without script."""
    live.hang(files, collection="Holiday", tags="sea, summer")
    return live


@pytest.fixture
def look(hung, visit):
    return visit


def tiles(page):
    return page.locator("a.tile")


def open_tile(page, number):
    tiles(page).nth(number).click()
    page.locator(".lightbox .picture").wait_for()


def title(page):
    return page.locator(".lightbox-title").inner_text()


# --- without script


def test_signs_in_and_browses_without_script(look):
    page = look("/u/ann/panel/", name=None, java_script_enabled=False)
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    assert page.url.endswith("/u/ann/panel/")
    page.goto("/u/ann/gallery/")
    assert tiles(page).count() == 48
    page.get_by_role("link", name="Show more").click()
    assert tiles(page).count() == MANY + 1 - 48
    tiles(page).first.click()
    assert page.locator(".stage img.picture").get_attribute("src").startswith("/f/")
    first = page.url
    page.locator("a[rel=next]").click()
    assert page.url != first


def test_form_says_what_is_wrong_without_script(look, hung):
    page = look("/auth/login/", name=None, java_script_enabled=False)
    page.get_by_label("Name").fill("ann")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    assert "is not right" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Name").input_value() == "ann"
    hung.forgive("status of 401")


# --- the grid


def test_every_shape_has_its_class():
    known = set(re.findall(r"\.r(\d+)\{--r:\1\}", (STATIC / "goblin.css").read_text()))
    shapes = {quantise(width, 100) for width in range(NARROWEST - 5, WIDEST + 5)} | {quantise(None, None)}
    assert {str(shape) for shape in shapes} <= known


@pytest.mark.parametrize("size", [PHONE, DESK, WIDE], ids=["phone", "desk", "wide"])
def test_nothing_but_panoramas_is_cropped_at_any_width(look, size):
    page = look("/u/ann/gallery/?order=newest", size=size)
    there = "[...document.querySelectorAll('a.tile:not(.loose) img')].filter((img) => img.naturalWidth)"
    page.wait_for_function(f"() => {there}.length > 7")
    boxes = page.evaluate(
        f"{there}.map((img) => [img.parentElement, img]).map(([one, img]) =>"
        " [one.clientWidth / one.clientHeight, img.naturalWidth / img.naturalHeight, one.clientHeight])"
    )
    for shown, real, height in boxes:
        assert abs(shown / real - 1) < 0.03 if real < 2 else 2 < shown < real * 1.03
        assert 60 < height < 500
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_more_comes_while_scrolling_and_nothing_jumps(look):
    page = look("/u/ann/gallery/")
    page.context.add_init_script(SHIFTS)
    page.reload()
    for _ in range(40):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(50)
        if tiles(page).count() == MANY + 1:
            break
    assert tiles(page).count() == MANY + 1
    assert page.locator("[data-more]").count() == 0
    assert page.locator("h2.day").count() == 1
    assert page.evaluate("window.shifts") < 0.01


def test_nothing_jumps_where_the_next_tiles_are_long_in_coming(look):
    page, asked = look("/u/ann/gallery/"), []
    page.context.add_init_script(SHIFTS)
    page.route("**/gallery/?after=*", lambda route: asked.append(route))
    page.reload()
    while not asked or page.evaluate("scrollY + innerHeight < document.body.scrollHeight"):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(50)
    asked[0].continue_()
    page.wait_for_function(f"() => document.querySelectorAll('a.tile').length > {MANY}")
    page.wait_for_timeout(100)
    assert page.evaluate("window.shifts") < 0.01


# --- the lightbox


def test_lightbox_by_keys_and_back_to_the_same_spot(look):
    page = look("/u/ann/gallery/")
    open_tile(page, 20)
    first = title(page)
    assert page.url.endswith(tiles(page).nth(20).get_attribute("href"))
    spot = page.evaluate("scrollY")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("first => document.title !== first", arg=first)
    assert page.url.endswith(tiles(page).nth(21).get_attribute("href"))
    page.keyboard.press("ArrowLeft")
    assert title(page) == first
    page.keyboard.press("Escape")
    page.wait_for_function("() => !document.querySelector('.lightbox').open")
    assert page.url.endswith("/u/ann/gallery/")
    assert page.evaluate("scrollY") == spot > 0
    assert page.evaluate("document.activeElement.getAttribute('href')") == tiles(page).nth(20).get_attribute(
        "href"
    )


def test_lightbox_is_in_the_history(look):
    page = look("/u/ann/gallery/")
    open_tile(page, 3)
    there = page.url
    page.go_back()
    page.wait_for_function("() => !document.querySelector('.lightbox').open")
    page.go_forward()
    page.wait_for_function("() => document.querySelector('.lightbox').open")
    assert page.url == there
    page.reload()
    assert page.locator("article.medium").is_visible()
    page.go_back()
    tiles(page).nth(47).wait_for(state="attached")


def test_lightbox_goes_on_where_the_page_of_the_list_ends(look):
    page = look("/u/ann/gallery/", size=(1280, 700))
    open_tile(page, 1)
    for _ in range(47):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(20)
    page.wait_for_function(f"() => document.querySelectorAll('a.tile').length === {MANY + 1}")
    said = f"49 of {MANY + 1}"
    page.wait_for_function("said => document.querySelector('.lightbox-place').textContent === said", arg=said)


def test_lightbox_facts_zoom_and_keys(look):
    page = look("/u/ann/gallery/")
    open_tile(page, 5)
    page.keyboard.press("i")
    page.locator(".lightbox-facts").get_by_text("Pixels").wait_for()
    page.keyboard.press("i")
    page.keyboard.press("z")
    assert "scale(2.5)" in page.locator(".lightbox .picture").get_attribute("style")
    page.keyboard.press("z")
    assert "scale" not in page.locator(".lightbox .picture").get_attribute("style")
    page.keyboard.press("?")
    page.locator("#keys").wait_for()
    page.keyboard.press("Escape")
    page.locator("#keys").wait_for(state="hidden")
    page.locator(".lightbox").wait_for()


def test_lightbox_follows_a_swipe(look):
    page = look("/u/ann/gallery/", size=PHONE, has_touch=True)
    open_tile(page, 4)
    first = title(page)
    page.mouse.move(250, 380)
    page.mouse.down()
    page.mouse.move(90, 385, steps=5)
    page.mouse.up()
    page.wait_for_function("first => document.title !== first", arg=first)
    page.mouse.move(180, 250)
    page.mouse.down()
    page.mouse.move(185, 450, steps=5)
    page.mouse.up()
    page.wait_for_function("() => !document.querySelector('.lightbox').open")


def test_slideshow_goes_on_by_itself(look):
    page = look("/u/ann/gallery/")
    page.clock.install()
    page.reload()
    open_tile(page, 7)
    first = title(page)
    page.keyboard.press("Space")
    assert page.locator('[data-do="slideshow"]').get_attribute("aria-pressed") == "true"
    page.clock.run_for(4500)
    page.wait_for_function("first => document.title !== first", arg=first)
    page.keyboard.press("Space")
    assert page.locator('[data-do="slideshow"]').get_attribute("aria-pressed") == "false"


def test_another_window_is_left_to_the_browser(look):
    page = look("/u/ann/gallery/")
    with page.context.expect_page() as opened:
        tiles(page).nth(2).click(modifiers=["ControlOrMeta"])
    opened.value.locator("article.medium").wait_for()
    assert page.locator(".lightbox").is_hidden()


# --- sound


def test_a_press_on_the_waveform_goes_there(look):
    page = look("/u/ann/m/tone/")
    page.wait_for_function("() => document.querySelector('audio').duration > 3")
    wave = page.locator(".wave").bounding_box()
    page.mouse.click(wave["x"] + wave["width"] * 0.75, wave["y"] + wave["height"] / 2)
    page.wait_for_function("() => document.querySelector('audio').currentTime >= 2.9")


# --- everywhere


def test_keys_lead_around_but_not_while_typing(look):
    page = look("/")
    page.keyboard.press("?")
    page.locator("#keys").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.wait_for_url("**/u/ann/gallery/")
    page.goto("/submit/")
    page.get_by_label("Tags").press("g")
    assert page.url.endswith("/submit/")
    assert page.get_by_label("Tags").input_value() == "g"


def test_colours_are_chosen_and_kept(look):
    page = look("/", scheme="light")
    page.get_by_label("Your menu").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark == "rgb(23, 22, 20)"
    page.get_by_label("Your menu").click()
    page.get_by_role("button", name="System").click()
    page.wait_for_function("() => document.documentElement.dataset.theme === undefined")


def test_menu_closes_with_escape(look):
    page = look("/")
    page.get_by_label("Your menu").click()
    page.get_by_role("link", name="Gallery", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Gallery", exact=True).wait_for(state="hidden")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_delete_can_be_taken_back(look):
    page = look("/u/ann/m/tone/")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("status").get_by_role("button", name="Undo").click()
    page.goto("/u/ann/m/tone/")
    assert page.get_by_role("heading", level=1).inner_text() == "tone"


OWN = "/u/ann"
PAGES = {
    "ann": [
        *("/", "/?order=taken", "/tag/sea/", "/tag/nothing/", "/submit/", "/edit/account/", "/edit/profile/"),
        *("/mod/", "/mod/users/", f"{OWN}/", f"{OWN}/gallery/", f"{OWN}/tag/sea/", f"{OWN}/collections/"),
        *(f"{OWN}/collection/holiday/", f"{OWN}/collection/holiday/edit/", f"{OWN}/m/picture-00/"),
        *(f"{OWN}/m/tone/", f"{OWN}/m/picture-00/edit/", f"{OWN}/trash/", f"{OWN}/panel/"),
    ],
    None: ["/", "/auth/login/", f"{OWN}/m/picture-01/"],
}


def test_every_page_can_be_used_by_everybody(look):
    """No serious finding of axe, contrast enough in the dark too, and nothing wider than a phone."""
    found = {}
    for name, paths in PAGES.items():
        page = look("/", name=name, reduced_motion="reduce")
        for path in paths:
            page.emulate_media(color_scheme="light")
            assert page.goto(path).status == 200, path
            found[path, name] = axe_findings(page)
            page.emulate_media(color_scheme="dark")
            found[path, name] += axe_findings(page, "color-contrast")
            page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found[path, name].append("wider than a phone")
            page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert {where: said for where, said in found.items() if said} == {}


def test_lightbox_can_be_used_by_everybody(look):
    page = look("/u/ann/gallery/")
    open_tile(page, 9)
    page.keyboard.press("i")
    assert axe_findings(page) == []


def test_first_view_is_light(look, hung):
    """HTML, CSS and script of a first view, compressed, under 60 KB; all script there is under 40 KB."""
    page = look("/auth/login/", name=None)
    heard = []
    page.on("response", lambda answer: heard.append(answer))
    page.goto("/", wait_until="networkidle")
    kinds = ("document", "stylesheet", "script")
    fresh = [one for one in heard if one.status == 200]
    weights = [len(gzip.compress(one.body())) for one in fresh if one.request.resource_type in kinds]
    assert len(weights) > 2
    assert sum(weights) < 60_000
    ours = [one.request.resource_type for one in heard if one.url.startswith(hung.address("/"))]
    assert len(ours) == len(heard), "something came from elsewhere"
    assert sum(len(gzip.compress(file.read_bytes())) for file in STATIC.glob("*.js")) < 40_000
