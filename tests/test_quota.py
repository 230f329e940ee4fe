"""The quota used up half way: what fits stays, what does not is refused in a sentence, nothing is left lying."""

import base64

from booted import JSON, picture

from goblin import people
from goblin.models import Media

BYTES = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def left_lying(site) -> list:
    return list((site.folder / "incoming").iterdir())


def test_half_way_through_a_form(make_site):
    site = make_site(GOBLIN_UPLOADS_QUOTA="25 KB")
    ann = site.sign_in("ann")
    files = [("file", f"{number}.png", picture()) for number in range(5)]
    assert 9_000 < len(files[0][2]) < 10_000
    answer = ann.post("/submit/", upload_files=files, headers=JSON)
    assert answer.status_int == 201
    assert [item["title"] for item in answer.json["items"]] == ["0", "1"]
    assert [refused["name"] for refused in answer.json["refused"]] == ["2.png", "3.png", "4.png"]
    assert all("25 kB" in refused["error"] for refused in answer.json["refused"])
    site.process()
    assert [row.state for row in Media.select()] == ["processed"] * 2 and left_lying(site) == []


def test_half_way_through_a_resumable_upload(site):
    """What was promised at its beginning is taken, also when an admin gives less meanwhile; the next is refused."""
    bob, data = site.sign_in("bob"), picture((200, 150))
    place = begin(bob, len(data), 201).headers["Location"]
    half = len(data) // 2
    send(bob, place, 0, data[:half])
    people.set_flags(site.person("bob"), quota=half)
    send(bob, place, half, data[half:])
    site.process()
    assert (Media.get().bytes, Media.get().state) == (len(data), "processed")
    for answer in (
        begin(bob, 5000, 413),
        bob.post("/submit/", upload_files=[("file", "b.png", picture())], headers=JSON, status=413),
    ):
        assert answer.json["error"].endswith(".")
    assert Media.select().count() == 1 and left_lying(site) == []


def begin(browser, size, status):
    name = base64.b64encode(b"sea.png").decode()
    head = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
    return browser.post("/upload/", headers=head, status=status)


def send(browser, place, offset, body):
    headers = {**BYTES, "Upload-Offset": str(offset)}
    return browser.request(place, method="PATCH", headers=headers, body=body, status=204)
