"""Lists narrowed to a kind and by its facts: what is found, what is refused, what it costs, what it does not tell."""

import io
import re

import pytest
from booted import JSON
from PIL import Image

from goblin import db
from goblin.models import Media, facts

GALLERY = "/u/ann/gallery/"
DAY = "2026-01-{:02d}T00:00:00"


def insert(person, kind, count, first=1, known=None, **values):
    """Media of a kind with facts, as if they had been prepared; the first is the oldest."""
    numbers = range(first, first + count)
    row = {"user": person, "kind": kind, "mime": "x", "bytes": 1, "sha256": "", "original": "", "ready": True}
    row |= {"state": "processed", "visibility": "public", **values}
    rows = [
        {
            **row,
            "slug": f"{kind}{n}",
            "title": f"{kind} {n}",
            "name": f"{n}",
            "ordered": DAY.format(31 - n % 28),
        }
        for n in numbers
    ]
    with db.db.atomic():
        Media.insert_many(rows).execute()
        made = Media.select(Media.id, Media.slug).where(Media.slug.in_([r["slug"] for r in rows])).tuples()
        if known:
            ids = {slug: id for id, slug in made}
            table = facts.of(kind)
            table.insert_many([{"media": ids[f"{kind}{n}"], **known(n)} for n in numbers]).execute()


@pytest.fixture
def wall(site):
    """Ten documents of 1 to 10 pages, five models, and ten pictures of two cameras."""
    ann = site.person("ann")
    insert(ann, "pdf", 10, known=lambda n: {"pages": n, "author": "Ann" if n % 2 else "Bob"})
    insert(ann, "model", 5, known=lambda n: {"triangles": n * 1000, "size_x": n / 2})
    insert(
        ann, "image", 10, known=lambda n: {"camera": "Canon & Söhne" if n < 4 else "Nokia", "iso": 100 * n}
    )
    return site.browser()


def titles(browser, path=GALLERY, **given):
    return [item["title"] for item in browser.get(path, given, headers=JSON).json["items"]]


@pytest.mark.parametrize("path", ["/", GALLERY])
@pytest.mark.parametrize("order", ["newest", "taken"])
def test_what_fits_is_found(wall, path, order):
    def found(**given):
        return sorted(int(title.split()[1]) for title in titles(wall, path, order=order, **given))

    assert found(kind="pdf") == list(range(1, 11))
    assert found(kind="pdf", pages="8-") == [8, 9, 10]
    assert found(kind="pdf", pages="-3") == [1, 2, 3]
    assert found(kind="pdf", pages="4 - 6", author="Bob") == [4, 6]
    assert found(pages="7") == [7]
    assert found(triangles="2000-4000") == [2, 3, 4]
    assert found(kind="model", size_x="0.75-1.5") == [2, 3]
    assert found(camera="Canon & Söhne") == [1, 2, 3]
    assert found(kind="image", camera="Canon & Söhne", iso="200-") == [2, 3]
    assert found(kind="image", camera="' OR 1=1 --") == []
    assert found(kind="svg") == []
    assert len(found(kind="", pages="")) == 25


def test_a_camera_is_found_by_what_the_page_says(site):
    ann = site.sign_in("ann")
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS 600D"
    Image.new("RGB", (8, 8)).save(out := io.BytesIO(), "JPEG", exif=exif)
    medium = site.ready(ann, "a.jpg", out.getvalue())
    said = medium.data["camera"]
    assert said == "Canon EOS 600D" and said in ann.get(f"/u/ann/m/{medium.slug}/")
    for part in (said, "canon", "600D"):
        assert len(titles(ann, camera=part)) == 1
    assert titles(ann, camera="C_non") == titles(ann, camera="%") == []


def test_exposure_and_aperture_are_asked_for_as_people_write_them(site):
    ann = site.person("ann")
    known = [(1 / 1000, 2.2), (0.01, 4.0), (1 / 30, 5.6), (2.0, 8.0)]
    insert(ann, "image", 4, known=lambda n: dict(zip(("exposure", "aperture"), known[n - 1], strict=True)))

    def found(**given):
        return sorted(int(title.split()[1]) for title in titles(site.browser(), **given))

    assert found(exposure="1/1000") == found(exposure="0.001") == found(exposure="1/1000 s") == [1]
    assert found(exposure="1/200-1/25") == found(exposure="0.005 - 0,04") == [2, 3]
    assert found(exposure="1/30-") == [3, 4] and found(exposure="-1/100 s") == [1, 2]
    assert found(aperture="f/2.2") == found(aperture="F2.2") == found(aperture="2.2") == [1]
    assert found(aperture="f/4-f/6") == [2, 3]


def test_what_there_is_can_be_chosen_from(site):
    ann = site.person("ann")
    insert(ann, "image", 3, known=lambda n: {"camera": "Nokia", "lens": "Zeiss"})
    insert(ann, "image", 3, first=4, visibility="private", known=lambda n: {"camera": "Leica"})
    insert(ann, "image", 3, first=7, show_facts=False, known=lambda n: {"camera": "Canon"})

    def offered(browser, path):
        return [o["value"] for o in browser.get(path, {"kind": "image"}).html.select("#there-camera option")]

    for path in ("/", GALLERY):
        assert offered(site.browser(), path) == offered(site.sign_in("bob"), path) == ["Nokia"]
        assert offered(site.sign_in("ann"), path) == ["Canon", "Leica", "Nokia"]


def test_only_kinds_that_there_are_can_be_chosen(wall):
    words = [link.text for link in wall.get("/").html.select(".filter nav a")]
    assert words == ["Everything", "Pictures", "PDF documents", "3D models"]


def test_the_order_is_kept(wall):
    assert titles(wall, kind="pdf")[0] == "pdf 10"
    assert titles(wall, kind="pdf", order="taken")[0] == "pdf 1"


@pytest.mark.parametrize("order", ["newest", "taken"])
def test_a_filter_goes_along_from_page_to_page(site, order):
    insert(site.person("ann"), "pdf", 120, known=lambda n: {"pages": n})
    insert(site.person("ann"), "image", 60, known=lambda n: {"camera": "Nokia"})
    browser, seen = site.browser(), []
    said = browser.get(GALLERY, {"pages": "11-", "order": order}, headers=JSON).json
    while True:
        seen += [item["title"] for item in said["items"]]
        if not said["next"]:
            break
        assert "kind=pdf&pages=11-" in said["next"]
        said = browser.get(said["next"], headers=JSON).json
    assert len(seen) == len(set(seen)) == 110 and all(title.startswith("pdf") for title in seen)
    page = browser.get(GALLERY, {"pages": "11-"})
    following = re.search(r'rel="next"[^>]* href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    assert "pdf 72<" in browser.get(following).text
    assert "?order=taken&amp;kind=pdf&amp;pages=11-" in page.text


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "smell"},
        {"kind": "image", "pages": "1"},
        {"kind": "pdf", "pages": "many"},
        {"pages": "5-2"},
        {"pages": "-"},
        {"pages": "1.5"},
        {"pages": "1;DROP TABLE media"},
        {"pages": "9" * 40},
        {"pages": "٣"},
        {"pages": "1", "triangles": "2"},
        {"codec": "h264"},
        {"camera": "x" * 300},
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(wall, given):
    for path in ("/", GALLERY):
        answer = wall.get(path, given, headers=JSON, status=400)
        assert answer.json["error"].endswith(".") and answer.json["field"]
    assert wall.get(GALLERY, given, status=400).html.find("main")


def test_other_names_in_an_address_do_no_harm(wall):
    assert len(titles(wall, utm_source="x", media="7", id="1", user="2")) == 25


def test_a_hidden_fact_cannot_be_found_out(site):
    ann, bob = site.person("ann"), site.sign_in("bob")
    insert(ann, "image", 2, known=lambda n: {"camera": "Leica"}, show_facts=False)
    insert(ann, "image", 2, first=3, known=lambda n: {"camera": "Leica"})
    for order in ("newest", "taken"):
        for path in ("/", GALLERY):
            assert len(titles(site.browser(), path, camera="Leica", order=order)) == 2
            assert len(titles(bob, path, camera="Leica", order=order)) == 2
            assert len(titles(site.sign_in("ann"), path, camera="Leica", order=order)) == 4
            assert len(titles(bob, path, kind="image", order=order)) == 4


def test_private_media_stay_private(site):
    insert(site.person("ann"), "pdf", 2, known=lambda n: {"pages": 7}, visibility="private")
    for path in ("/", GALLERY):
        assert titles(site.browser(), path, pages="7") == titles(site.sign_in("bob"), path, pages="7") == []
    assert len(titles(site.sign_in("ann"), pages="7")) == 2


def test_the_form_works_without_script(wall):
    page = wall.get(GALLERY).click("PDF documents")
    form = next(f for f in page.forms.values() if "pages" in f.fields)
    form["pages"] = "9-"
    found = form.submit()
    assert "pdf 9" in found.text and "pdf 8" not in found.text and 'value="9-"' in found.text
    form["pages"] = "99-"
    empty = form.submit()
    assert "Nothing here is like that" in empty.text
    assert "image 1" in empty.click("Show everything").text
    home = wall.get("/", {"kind": "svg"})
    assert "Nothing here is like that" in home.text


def test_the_statements_are_as_many_and_worked_out_once(wall):
    def count(**given):
        wall.get(GALLERY, given)
        seen = db.statements()
        try:
            wall.get(GALLERY, given)
        finally:
            db.db.query_hooks.pop()
        return len(seen)

    assert count(pages="2-5", author="Ann") == count(kind="pdf") == count() + 1  # what can be chosen


@pytest.mark.parametrize("given", [{"kind": "pdf"}, {"pages": "2-5"}, {"author": "Ann"}, {"camera": "Nokia"}])
@pytest.mark.parametrize("order", ["newest", "taken"])
@pytest.mark.parametrize("who", [None, "ann", "bob"])
def test_nothing_large_is_sorted(site, wall, given, order, who):
    browser = site.sign_in(who) if who else site.browser()
    seen = db.statements()
    try:
        for path in ("/", GALLERY):
            browser.get(path, {**given, "order": order}, headers=JSON)
    finally:
        db.db.query_hooks.pop()
    asked = [sql for sql in seen if '"ordered"' in sql and "LIMIT" in sql and "media_" in sql]
    assert len(asked) == 2
    for sql in asked:
        plan = [row[-1] for row in db.db.execute_sql("EXPLAIN QUERY PLAN " + sql, [1] * sql.count("?"))]
        if not (who == "bob" and order == "taken" and sql == asked[1]):  # sorts without a filter, too
            assert "TEMP B-TREE" not in " ".join(plan), plan
        assert not any(
            line.startswith("SCAN t1") and "INDEX" not in line for line in plan if order == "taken"
        ), plan
