"""Lists and pages: what they show to whom, their order, their keys, and what they cost."""

import html
import re
import xml.etree.ElementTree as ElementTree

import pytest
from booted import JSON, picture

from goblin import library, media, outcome
from goblin.db import db, statements
from goblin.models import Media, Tag, User
from goblin.web import around, lists

MOST_STATEMENTS = 8
ATOM = "{http://www.w3.org/2005/Atom}"


def fill(count, user="ann", start=0, **values):
    """Rows of ready media, without files; faster than uploads."""
    owner = User.named(user)
    for n in range(start, start + count):
        row = {
            "visibility": "public",
            "state": "processed",
            "ready": True,
            "width": 40,
            "height": 30,
            **values,
        }
        at = f"2020-{n % 12 + 1:02}-{n % 28 + 1:02}T10:00:{n % 60:02}"
        names = {
            "slug": f"m{n}",
            "title": f"M {n}",
            "sha256": f"{user}{n}",
            "original": f"o{n}",
            "name": "m.jpg",
        }
        Media.create(
            user=owner, kind="image", mime="image/jpeg", bytes=1, ordered=at, taken=at, **names, **row
        )


def walk(browser, address):
    """All ids of a list, page after page."""
    ids = []
    while address:
        answer = browser.get(address, headers=JSON).json
        ids.append([item["id"] for item in answer["items"]])
        address = answer["next"]
    return ids


@pytest.mark.parametrize("order", ["newest", "taken"])
def test_pages_by_key_show_everything_once(site, order):
    fill(120)
    found = walk(site.browser(), f"/?order={order}")
    assert [len(page) for page in found] == [48, 48, 24]
    ids = sum(found, [])
    column = Media.ordered.desc() if order == "taken" else Media.id.desc()
    wanted = [row[0] for row in Media.select(Media.id).order_by(column, Media.id.desc()).tuples()]
    assert ids == wanted


def test_what_has_no_date_comes_last_by_date_taken(site):
    fill(60)
    undated = [site.ready(site.sign_in("ann"), f"{n}.png", visibility="public").id for n in range(2)]
    found = sum(walk(site.browser(), "/?order=taken"), [])
    assert found[-2:] == undated[::-1] and len(set(found)) == 62
    assert sum(walk(site.browser(), "/"), [])[:2] == undated[::-1]
    last = site.sign_in("ann").get("/u/ann/gallery/?order=taken")
    assert "Without a date" not in last
    assert "Without a date" in last.click("Show more|More", index=0)
    page = site.browser().get(f"/u/ann/m/id:{undated[1]}/?in=/&order=taken")
    assert f"/m/{Media.by_id(undated[0]).slug}/" in page


def test_what_comes_in_meanwhile_does_not_shift_the_pages(site):
    fill(60)
    first = site.browser().get("/", headers=JSON).json
    fill(5, start=100)
    second = site.browser().get(first["next"], headers=JSON).json
    assert not {i["id"] for i in first["items"]} & {i["id"] for i in second["items"]}
    assert len(second["items"]) == 12


@pytest.mark.parametrize(
    "after", ["x", "-1", "1.2.3", "2020-99-99.5", "99999999999999999999", "'; DROP TABLE media"]
)
def test_a_key_that_is_none_is_refused(site, after):
    fill(3)
    assert site.browser().get("/", {"after": after}, headers=JSON, status=400).json["field"] == "after"
    assert len(site.browser().get("/", {"after": ""}, headers=JSON).json["items"]) == 3


PAGES = [
    *("/", "/?order=taken", "/u/ann/", "/u/ann/gallery/", "/u/ann/m/m1/", "/u/ann/tag/sea/", "/tag/sea/"),
    *("/u/ann/collections/", "/u/ann/collection/trip/", "/u/ann/panel/", "/u/ann/trash/", "/submit/"),
    *("/edit/account/", "/mod/users/", "/u/ann/m/m1/edit/"),
]


@pytest.mark.parametrize("headers", [{}, JSON], ids=["html", "json"])
@pytest.mark.parametrize("page", PAGES)
def test_statements_do_not_grow_with_items(site, page, headers):
    from goblin import library
    from goblin.models import Tag

    ann = site.sign_in("ann", admin=True)

    def dress(start, count):
        fill(count, start=start)
        for item in Media.select().order_by(Media.id.desc()).limit(count):
            Tag.write(item, ["sea", "sun", f"t{item.id}"])
            library.edit(Media.by_id(item.id), User.named("ann"), {"collection": ["Trip", f"C{item.id}"]})
            if item.id % 3 == 0:
                Media.update(deleted="2026-01-01T00:00:00Z").where(Media.id == item.id).execute()

    dress(0, 3)
    ann.get(page, headers=headers)
    few = cost(ann, page, headers)
    dress(3, 20)
    for n in range(12):
        site.person(f"person{n}")
    many = cost(ann, page, headers)
    assert many == few
    assert few <= MOST_STATEMENTS


def cost(browser, page, headers):
    browser.get(page, headers=headers)
    seen = statements()
    browser.get(page, headers=headers)
    db.query_hooks.clear()
    return len(seen)


def test_sending_files_reads_nothing_of_what_a_foreign_file_says(site):
    """Pictures are asked for by the dozen, and a row's `data` can be megabytes of coloured letters."""
    ann = site.sign_in("ann")
    item = site.ready(ann, visibility="unlisted")
    thumb = item.files["thumb"]["name"]
    Media.update(data={"words": "x"}, secret="s" * 32).where(Media.id == item.id).execute()
    for at in (f"/f/{item.id}/", f"/s/{'s' * 32}/f/"):
        for what in (f"{item.generation}/{thumb}", "download/a.png"):
            seen = statements()
            try:
                ann.get(at + what)
            finally:
                db.query_hooks.clear()
            assert seen and not any('"data"' in sql for sql in seen), at + what


@pytest.mark.parametrize(("stays", "shown"), [("place_stays", "show_place"), ("facts_stay", "show_facts")])
def test_what_no_patch_reaches_keeps_a_download_from_others(site, stays, shown):
    ann = site.sign_in("ann")
    item = site.ready(ann, visibility="public")
    result = media.Result({}, {stays: True}, {}, {})
    values = outcome._copies(library.disk, item, item.generation, result, ["facts"], {"facts": "1"})
    Media.update({stays: values[stays], shown: False}).where(Media.id == item.id).execute()
    address = f"/f/{item.id}/download/a.png"
    site.browser().get(address, status=404)
    ann.get(address)
    assert not site.browser().get(f"/u/ann/m/{item.slug}/", headers=JSON).json["files"].get("download")
    Media.update({shown: True}).where(Media.id == item.id).execute()
    site.browser().get(address)


@pytest.mark.parametrize("shape", ["stranger", "member", "guest", "owner"])
@pytest.mark.parametrize("order", lists.ORDERS)
def test_lists_walk_an_index(site, shape, order):
    """No list gathers everything and sorts it: the 100,000th photo costs what the 1,000th did."""
    fill(10)
    source, values = (lists.OF_PERSON, (1,)) if shape in ("guest", "owner") else (lists.EVERYTHING, ())
    condition = source.condition(shape, 1, values)
    query = Media.select(Media.id, Media.updated, Media.ordered).where(condition)
    sql, values = query.order_by(*lists._by(order)).limit(49).sql()
    plan = " ".join(row[3] for row in db.execute_sql("EXPLAIN QUERY PLAN " + sql, values))
    assert "TEMP B-TREE" not in plan, plan


@pytest.mark.parametrize("shape", ["stranger", "member", "owner"])
def test_a_later_page_by_date_enters_the_index_where_it_goes_on(site, shape):
    fill(10)
    source, values = (lists.OF_PERSON, (1,)) if shape == "owner" else (lists.EVERYTHING, ())
    rest = source.condition(shape, 1, values) & lists._older(Media.id, "2020-05-01", "2020-05-01", 5)
    sql, values = Media.select(Media.id).where(rest).order_by(*lists._by("taken")).limit(49).sql()
    plan = " ".join(row[3] for row in db.execute_sql("EXPLAIN QUERY PLAN " + sql, values))
    assert "ordered<?" in plan and "TEMP B-TREE" not in plan, plan


def test_previous_and_next_follow_the_list_one_came_from(site):
    fill(3)
    fill(2, "ann", start=10, visibility="private")
    site.person("bob")
    fill(1, "bob", start=20)
    nobody, here = site.browser(), {"Host": "localhost"}
    page = nobody.get("/u/ann/m/m2/", headers={**here, "Referer": "http://localhost/"})
    assert page.html.find("a", rel="prev")["href"].startswith("/u/bob/m/m20/?in=/")
    own = nobody.get("/u/ann/m/m2/", headers={**here, "Referer": "http://localhost/u/ann/gallery/"})
    assert own.html.find("a", rel="prev") is None
    assert own.html.find("a", rel="next")["href"].startswith("/u/ann/m/m1/?in=/u/ann/gallery/")
    kept = nobody.get(page.html.find("a", rel="next")["href"])
    assert kept.html.find("a", rel="next")["href"].startswith("/u/ann/m/m0/?in=/")


def test_neighbours_never_lead_to_what_one_may_not_see(site):
    fill(1)
    fill(1, start=1, visibility="private")
    fill(1, start=2)
    page = site.browser().get("/u/ann/m/m2/")
    assert "/m/m1/" not in page and page.html.find("a", rel="next")["href"].startswith("/u/ann/m/m0/")


def test_addresses_without_their_last_slash_lead_on(site):
    fill(1)
    for address in ("/u/ann", "/u/ann/gallery", "/u/ann/m/m0"):
        assert site.browser().get(address, status=301).location.endswith(address + "/")
    assert (
        site.browser()
        .get("/u/ann/gallery?order=taken", status=301)
        .location.endswith("/gallery/?order=taken")
    )
    site.browser().get("/nothing/here", status=404)


def test_not_there_and_not_yours_look_the_same(site):
    fill(1, visibility="private")
    here = site.browser().get("/u/ann/m/m0/", status=404)
    there = site.browser().get("/u/ann/m/nothing/", status=404)
    strip = lambda answer: re.sub(r"/m/\w+/", "", answer.text)  # noqa: E731
    assert strip(here) == strip(there)
    assert set(here.headers) == set(there.headers)


def test_id_addresses(site):
    fill(1)
    medium = Media.get()
    assert site.browser().get(f"/u/ann/m/id:{medium.id}/").html.find("h1").text == "M 0"
    for wrong in ("id:", "id:x", "id:99999999999999999999999", "id:-1", "id:1 OR 1=1"):
        site.browser().get(f"/u/ann/m/{wrong}/", status=404)


@pytest.mark.parametrize("path", ["/atom/", "/u/ann/atom/", "/tag/sea/atom/", "/u/ann/collection/trip/atom/"])
def test_feeds_show_what_the_viewer_may_see(site, path):
    ann = site.sign_in("ann")
    given = {"tags": "sea", "collection": "Trip"}
    site.ready(ann, "a <b> & c.png", visibility="public", title="Fish & <chips>\x0b", **given)
    site.ready(ann, "hidden.png", visibility="private", **given)
    feed = ElementTree.fromstring(site.browser().get(path).body)
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == ["Fish & <chips>"]
    own = ElementTree.fromstring(ann.get(path).body)
    assert len(list(own.iter(f"{ATOM}entry"))) == 2


def test_an_entry_of_a_feed_stays_itself_and_says_when_it_changed(site):
    ann, nobody = site.sign_in("ann"), site.browser()
    medium = site.ready(ann, "a.png", visibility="public")

    def read():
        feed = ElementTree.fromstring(nobody.get("/atom/").body)
        entry = feed.find(f"{ATOM}entry")
        return [entry.findtext(ATOM + name) for name in ("id", "published", "updated")] + [
            feed.findtext(ATOM + "updated")
        ]

    id, published, updated, newest = read()
    assert id.endswith(f"/u/ann/m/id:{medium.id}/") and updated == newest
    ann.post(f"/u/ann/m/{medium.slug}/edit/", {"title": "Other", "slug": "other"})
    later = read()
    assert later[:2] == [id, published] and later[2] == later[3] > updated


def test_an_earlier_set_of_copies_leads_to_the_present_one(site):
    ann, nobody = site.sign_in("ann"), site.browser()
    medium = site.ready(ann, "a.png", visibility="public")
    hidden = site.ready(ann, "b.png", visibility="unlisted")
    bases = {medium.id: f"/f/{medium.id}/", hidden.id: f"/s/{hidden.secret}/f/"}
    Media.update(generation=Media.generation + 3).execute()
    for item in (medium, hidden):
        base, now = bases[item.id], item.generation + 3
        answer = nobody.get(f"{base}{item.generation}/thumb.jpg", status=302)
        assert answer.location == f"{base}{now}/thumb.jpg" and answer.headers["Cache-Control"] == "no-store"
        nobody.get(f"{base}{item.generation}/other.jpg", status=404)
        nobody.get(f"{base}{now + 1}/thumb.jpg", status=404)
    nobody.get(f"/f/{hidden.id}/{hidden.generation}/thumb.jpg", status=404)


def test_an_album_of_which_one_may_see_nothing_is_not_there(site):
    ann = site.sign_in("ann")
    site.ready(ann, "a.png", visibility="private", collection="Surgery")
    for path in ("/u/ann/collection/surgery/", "/u/ann/collection/surgery/atom/"):
        site.browser().get(path, status=404)
        site.sign_in("bob").get(path, status=404)
    assert "Surgery" not in site.browser().get("/u/ann/collections/")
    assert "Surgery" not in site.browser().get("/u/ann/")
    assert "Surgery" in ann.get("/u/ann/collections/")


def test_a_collection_is_named_to_those_alone_who_may_see_it(site):
    """A medium of it that more people see tells them nothing about it."""
    ann, bob, nobody = site.sign_in("ann"), site.sign_in("bob"), site.browser()
    site.ready(ann, "a.png", visibility="members", collection="Surgery")
    seen = site.ready(ann, "b.png", visibility="public", collection="Surgery")
    album, page = "/u/ann/collection/surgery/", f"/u/ann/m/{seen.slug}/"
    listed = [page, "/u/ann/", "/u/ann/collections/", f"{page}?in={album}", "/collections/", "/people/"]
    for at in (album, album + "atom/"):
        nobody.get(at, status=404)
        bob.get(at)
    for at in listed:
        assert "Surgery" not in nobody.get(at)
    assert "Surgery" in bob.get(page) and "Surgery" in bob.get("/u/ann/collections/")
    ann.post(album + "edit/", {"visibility": "private"})
    bob.get(album, status=404)
    assert "Surgery" not in bob.get(page) and "Surgery" in ann.get(page)
    ann.post(album + "edit/", {"visibility": "public"})
    assert "Surgery" in nobody.get(page) and "Surgery" in nobody.get(album)
    ann.post(album + "edit/", {"visibility": "unlisted"}, status=422)


def test_one_can_look_around(site, monkeypatch):
    """People, collections and tags lead on from the front page, each to those who may see something there."""
    monkeypatch.setattr(around, "PAGE", 1)
    monkeypatch.setattr(around, "WORDS", 1)
    ann, bob, nobody = site.sign_in("ann"), site.sign_in("bob"), site.browser()
    site.ready(ann, "a.png", visibility="public", collection="Open", tags="Sea, sand")
    site.ready(ann, "b.png", visibility="public", collection="Open", tags="sea")
    site.ready(bob, "c.png", visibility="members", collection="Hidden", tags="ship, sea")
    found = {
        ("/people/", "username"): (["ann"], ["ann", "bob"]),
        ("/collections/", "title"): (["Open"], ["Hidden", "Open"]),
        ("/tags/", "tag"): (["sand", "Sea"], ["sand", "Sea", "ship"]),
    }
    for (path, name), (strangers, members) in found.items():
        assert f'href="{path}"' in nobody.get("/")
        assert [item[name] for item in all_of(nobody, path)] == strangers
        assert [item[name] for item in all_of(bob, path)] == members
        assert all(nobody.get(item["href"]) for item in all_of(nobody, path))
        assert strangers[0] in nobody.get(path) and 'rel="next"' in bob.get(path)
    nobody.get("/collections/?after=x", status=400)


def all_of(browser, path):
    """The items of a list, from its first page to its last."""
    items = []
    while path:
        page = browser.get(path, headers=JSON).json
        items, path = items + page["items"], page["next"]
    return items


def test_the_json_of_a_medium_is_as_the_interface_says(site):
    ann = site.sign_in("ann")
    license = "https://creativecommons.org/licenses/by-sa/4.0/"
    medium = site.ready(
        ann, "beach.png", title="Beach", tags="sea, summer", license=license, visibility="public"
    )
    item = site.browser().get("/u/ann/m/beach/", headers=JSON).json
    assert item["url"] == "http://localhost/u/ann/m/beach/"
    assert item["uploader"] == {"username": "ann", "url": "http://localhost/u/ann/"}
    assert (item["tags"], item["license"]) == (["sea", "summer"], license)
    assert (item["kind"], item["state"]) == ("image", "processed")
    assert (item["width"], item["height"]) == (64, 48)
    assert {
        "id",
        "slug",
        "description",
        "description_html",
        "progress",
        "error",
        "created",
        "taken",
    } <= item.keys()
    assert {"comments", "favourites", "duration", "location", "facts", "visibility"} <= item.keys()
    assert item["files"]["thumb"]["type"] == "image/jpeg"
    assert item["files"]["download"]["bytes"] == medium.bytes


def test_a_gallery_under_a_path(make_site):
    site = make_site(GOBLIN_SITE_URL="https://example.org/gallery/")
    ann = site.sign_in("ann")
    medium = site.ready(ann, "a.png", visibility="public")
    for start in ("/gallery/", "/"):  # whether or not the proxy takes the path off
        page = site.browser().get(start)
        for element in page.html.find_all(["a", "link", "script", "img"]):
            address = element.get("href") or element.get("src") or "#"
            assert address.startswith(("/gallery/", "#", "?")), element
    item = site.browser().get(f"/gallery/u/ann/m/{medium.slug}/", headers=JSON).json
    assert item["files"]["thumb"]["url"].startswith("https://example.org/gallery/f/")
    assert site.browser().get("/gallery/u/ann", status=301).location.endswith("/gallery/u/ann/")


def active_content(page):
    """Whatever in a page would run and is not ours."""
    for element in page.find_all(True):
        yield from (name for name in element.attrs if name.startswith("on"))
        yield from (
            v for v in element.attrs.values() if isinstance(v, str) and v.strip().startswith("javascript:")
        )
        if element.name == "script" and not element.get("src") and element.get("type") != "application/json":
            yield element
        if element.name == "img" and element.get("src") == "x":
            yield element


PAYLOAD = "<script>x()</script>\"'><img src=x onerror=x()>{{7*7}}%0d%0a"


def test_what_people_write_is_only_ever_text(site):
    ann = site.sign_in("ann")
    words = {"title": PAYLOAD, "description": PAYLOAD + "\n[a](javascript:x()) <b>b</b>", "tags": PAYLOAD}
    medium = site.ready(
        ann, PAYLOAD.replace("/", "") + ".png", visibility="public", collection=PAYLOAD, **words
    )
    ann.post("/edit/profile/", {"name": PAYLOAD, "bio": PAYLOAD})
    album = ann.get("/u/ann/collections/", headers=JSON).json["items"][0]["slug"]
    pages = ["/", "/u/ann/", "/u/ann/gallery/", f"/u/ann/m/{medium.slug}/", "/u/ann/collections/"]
    pages += [f"/u/ann/collection/{album}/", f"/u/ann/m/{medium.slug}/edit/", "/u/ann/panel/", "/atom/"]
    for page in pages:
        answer = ann.get(page)
        assert "{{7*7}}" in html.unescape(answer.text) or page.endswith(("gallery/", "panel/")), page
        if page != "/atom/":
            assert not list(active_content(answer.html)), page


def test_names_and_tags_with_signs_of_addresses_can_be_followed(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, "#1 50% off.png", data := picture(), visibility="public", tags="a/b,c#d,e?f,5 %")
    address = f"/u/ann/m/id:{medium.id}/"
    files = ann.get(address, headers=JSON).json["files"]
    assert [ann.get(files[role]["url"]).body for role in ("original", "download")] == [data, data]
    page = ann.get(address)
    links = page.html.find(class_="tags").find_all("a")
    assert [link.text for link in links] == ["#a/b", "#c#d", "#e?f", "#5 %"]
    for link in links:
        assert page.click(href=re.escape(link["href"])).html.find("a", class_="tile")


def test_the_next_page_of_an_odd_tag_is_of_that_tag(site):
    fill(60)
    Tag.insert_many([{"media": m.id, "word": "c#d", "key": "c-d"} for m in Media.select(Media.id)]).execute()
    assert [len(page) for page in walk(site.browser(), "/tag/c%23d/")] == [48, 12]
    assert "/tag/c-d/" in site.browser().get("/tag/c%23d/atom/").text


def test_an_unlisted_address_does_not_name_the_albums(site):
    ann = site.sign_in("ann")
    medium = site.ready(ann, visibility="unlisted", collection="The surprise")
    address = f"/s/{Media.by_id(medium.id).secret}/"
    assert "The surprise" not in site.browser().get(address).text
    assert "The surprise" not in site.sign_in("ben").get(address).text
    assert "The surprise" in ann.get(address).text
