"""Resumable uploads, by the rules of tus 1.0.0."""

import base64
import hashlib
import random
import threading
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
from booted import full_disk, picture

from goblin import library, trash
from goblin.db import from_now
from goblin.models import Collection, Media, Tag, Upload, User
from goblin.web import tus

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


def metadata(**texts) -> str:
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in texts.items())


def ask(browser, method, path, headers=TUS, body=b"", status=None, **more):
    return browser.request(path, method=method, headers={**headers, **more}, body=body, status=status)


def create(browser, length, status=201, **texts):
    said = {"Upload-Length": str(length), "Upload-Metadata": metadata(**{"filename": "beach.png", **texts})}
    return ask(browser, "POST", "/upload/", status=status, **said)


def send(browser, path, offset, body, status=204, **headers):
    return ask(browser, "PATCH", path, BYTES, body, status, **{"Upload-Offset": str(offset), **headers})


def offset_of(browser, path) -> int:
    return int(ask(browser, "HEAD", path, status=200).headers["Upload-Offset"])


def start(browser, data, **texts) -> str:
    return create(browser, len(data), **texts).headers["Location"]


# --- the protocol


def test_what_is_spoken(site):
    answer = site.browser().options("/upload/", status=204)
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    extensions = {"creation", "creation-with-upload", "expiration", "termination", "checksum"}
    assert set(answer.headers["Tus-Extension"].split(",")) == extensions
    assert answer.headers["Tus-Max-Size"] == str(10 * 10**9)
    assert set(answer.headers["Tus-Checksum-Algorithm"].split(",")) == {"sha1", "sha256", "md5"}


def test_an_upload_in_pieces_becomes_a_medium(site):
    ann, data = site.sign_in("ann"), picture((200, 150))
    fields = {"title": "Am Strand", "tags": "sea, sand", "visibility": "private", "collection": "Holiday"}
    created = create(ann, len(data), **fields)
    path = created.headers["Location"]
    assert created.headers["Tus-Resumable"] == "1.0.0" and created.headers["Upload-Offset"] == "0"
    offset = 0
    while offset < len(data):
        assert offset_of(ann, path) == offset
        piece = data[offset : offset + 9000]
        answer = send(ann, path, offset, piece)
        offset += len(piece)
        assert answer.headers["Upload-Offset"] == str(offset) and answer.body == b""
    assert answer.headers["Location"] == answer.headers["Goblin-Medium"] == "/u/ann/m/am-strand/"
    medium = Media.by_slug("ann", "am-strand")
    assert (medium.visibility, medium.name, medium.bytes) == ("private", "beach.png", len(data))
    assert medium.sha256 == hashlib.sha256(data).hexdigest()
    assert library.disk.original(medium.original).read_bytes() == data
    assert [tag.word for tag in Tag.of(medium)] == ["sea", "sand"]
    assert [c.title for c in Collection.holding(medium)] == ["Holiday"]
    assert list((site.folder / "incoming").iterdir()) == []


def test_the_end_is_still_known_when_its_answer_was_lost(site):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    send(ann, path, 0, data)
    answer = ask(ann, "HEAD", path, status=200)
    assert answer.headers["Upload-Offset"] == answer.headers["Upload-Length"] == str(len(data))
    assert answer.headers["Goblin-Medium"] == "/u/ann/m/beach/"
    assert send(ann, path, len(data), b"").headers["Location"] == "/u/ann/m/beach/"
    assert Upload.reserved() == 0 and Media.select().count() == 1


def test_what_was_whole_when_we_were_killed_is_taken_at_the_next_look(site):
    """kill -9 between the last byte and the medium, as root or not: finish() had made the file read-only."""
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    file = site.folder / "incoming" / path.rpartition("/")[2]
    file.write_bytes(data)
    file.chmod(0o400)
    answer = ask(ann, "HEAD", path, status=200)
    assert answer.headers["Goblin-Medium"] == "/u/ann/m/beach/"
    assert library.disk.original(Media.get().original).read_bytes() == data


def test_all_at_once(site):
    ann, data = site.sign_in("ann"), picture()
    said = {"Upload-Length": str(len(data)), "Upload-Metadata": metadata(filename="beach.png")}
    answer = ask(ann, "POST", "/upload/", BYTES, data, 201, **said)
    assert answer.headers["Upload-Offset"] == str(len(data))
    assert answer.headers["Location"].startswith("/upload/")
    assert answer.headers["Goblin-Medium"] == "/u/ann/m/beach/"


def test_the_first_bytes_with_the_creation(site):
    ann, data = site.sign_in("ann"), picture()
    answer = ask(ann, "POST", "/upload/", BYTES, data[:5000], 201, **{"Upload-Length": str(len(data))})
    assert answer.headers["Upload-Offset"] == "5000"
    assert "Goblin-Medium" not in answer.headers
    send(ann, answer.headers["Location"], 5000, data[5000:])
    assert Media.get().name == "file"


def test_head_repeats_what_was_said(site):
    ann = site.sign_in("ann")
    path = create(ann, 5000, title="Größe", tags="").headers["Location"]
    answer = ask(ann, "HEAD", path, status=200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Upload-Length"] == "5000"
    told = tus.parse_metadata(answer.headers["Upload-Metadata"])
    assert told == {"filename": "beach.png", "title": "Größe", "tags": ""}
    remaining = parsedate_to_datetime(answer.headers["Upload-Expires"]) - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < remaining < timedelta(days=7, seconds=5)


def test_another_version_is_refused(site):
    ann = site.sign_in("ann")
    path = create(ann, 5000).headers["Location"]
    for headers in ({}, {"Tus-Resumable": "0.2.2"}):
        for method, address in (("POST", "/upload/"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
            answer = ask(ann, method, address, headers, status=412)
            assert answer.headers["Tus-Version"] == "1.0.0"
    assert offset_of(ann, path) == 0


def test_every_refusal_speaks_tus(site):
    answer = ask(site.browser(), "POST", "/upload/", status=401, **{"Upload-Length": "5"})
    assert answer.headers["Tus-Resumable"] == "1.0.0" and answer.json["error"]
    answer = ask(site.sign_in("ann"), "HEAD", "/upload/nothing", status=404)
    assert answer.headers["Tus-Resumable"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "five"}, 400),
        ({"Upload-Length": "99999999999999999999"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "5", "Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": str(10 * 10**9 + 1)}, 413),
        ({"Upload-Length": "5", "Upload-Metadata": "filename ***"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename /w=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": ",,"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(visibility="everyone")}, 422),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(license="mine")}, 422),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(collection="id:77")}, 422),
        ({"Upload-Length": "5", "Upload-Metadata": metadata(title="x" * 201)}, 422),
    ],
)
def test_a_creation_that_cannot_be(site, headers, status):
    assert ask(site.sign_in("ann"), "POST", "/upload/", status=status, **headers).json["error"].endswith(".")
    assert Upload.select().count() == 0 and list((site.folder / "incoming").iterdir()) == []


def test_bytes_that_cannot_be(site):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    send(ann, path, 0, data[:100])
    ask(ann, "PATCH", path, TUS, b"x", 415, **{"Upload-Offset": "100", "Content-Type": "text/plain"})
    ask(ann, "PATCH", path, BYTES, b"x", 400)
    send(ann, path, "-1", b"x", 400)
    for wrong in (0, 99, 101, len(data)):
        assert send(ann, path, wrong, b"x", 409).headers["Upload-Offset"] == "100"
    send(ann, path, 100, data, 413)
    assert offset_of(ann, path) == 100
    assert send(ann, path, 100, b"").headers["Upload-Offset"] == "100"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_checksum_is_held(site, algorithm):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    right = base64.b64encode(hashlib.new(algorithm, data[:5000]).digest()).decode()
    send(ann, path, 0, data[1:5001], 460, **{"Upload-Checksum": f"{algorithm} {right}"})
    assert offset_of(ann, path) == 0
    send(ann, path, 0, data[:5000], **{"Upload-Checksum": f"{algorithm} {right}"})
    send(ann, path, 5000, data[5000:6000], 400, **{"Upload-Checksum": "crc32 AAAA"})
    send(ann, path, 5000, data[5000:])
    assert Media.get().sha256 == hashlib.sha256(data).hexdigest()


def test_termination(site):
    ann = site.sign_in("ann")
    path = create(ann, 5000).headers["Location"]
    assert ask(ann, "DELETE", path, status=204).headers["Tus-Resumable"] == "1.0.0"
    ask(ann, "HEAD", path, status=404)
    assert Upload.reserved() == 0 and list((site.folder / "incoming").iterdir()) == []


def test_ending_an_upload_that_is_done_leaves_the_medium(site):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    send(ann, path, 0, data)
    ask(ann, "DELETE", path, status=204)
    assert Media.select().count() == 1


def test_a_client_that_cannot_patch(site):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    ask(ann, "POST", path, BYTES, data[:50], 204, **{"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"})
    assert offset_of(ann, path) == 50
    ask(ann, "POST", path, status=405)
    ask(ann, "POST", path, status=204, **{"X-HTTP-Method-Override": "DELETE"})
    ask(ann, "HEAD", path, status=404)


def test_what_waited_too_long_is_gone(site):
    ann = site.sign_in("ann")
    path = create(ann, 5000).headers["Location"]
    Upload.update(expires="2026-01-01T00:00:00.000000Z").execute()
    assert "begin again" in send(ann, path, 0, b"x", 410).json["error"]
    ask(ann, "HEAD", path, status=404)
    assert list((site.folder / "incoming").iterdir()) == []


def test_whoever_goes_on_has_the_full_time_again(site):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    soon = (datetime.now(UTC) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    Upload.update(expires=soon).execute()
    send(ann, path, 0, data[:10])
    assert Upload.get().expires > soon[:8]
    assert Upload.get().expires > (datetime.now(UTC) + timedelta(days=6)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- files


def test_what_cannot_be_shown_is_refused_as_soon_as_its_head_is_here(site):
    ann = site.sign_in("ann")
    path = create(ann, 10_000_000, filename="film.mp4").headers["Location"]
    send(ann, path, 0, b"MZ" + bytes(2000))
    answer = send(ann, path, 2002, bytes(3000), 415)
    assert "not a kind of file" in answer.json["error"]
    ask(ann, "HEAD", path, status=404)
    assert Upload.reserved() == 0 and list((site.folder / "incoming").iterdir()) == []


def test_a_small_file_is_refused_at_its_end(site):
    ann = site.sign_in("ann")
    path = create(ann, 20).headers["Location"]
    send(ann, path, 0, b"nothing to ")
    send(ann, path, 11, b"show here", 415)
    assert Media.select().count() == Upload.select().count() == 0


def test_the_same_file_again_is_said_to_be_there(site):
    ann, data = site.sign_in("ann"), picture()
    first = site.upload(ann, data=data)
    path = start(ann, data, filename="other.png", collection="Holiday")
    answer = send(ann, path, 0, data)
    assert answer.headers["Goblin-Duplicate"] == "1"
    assert answer.headers["Location"] == f"/u/ann/m/{first.slug}/"
    assert [c.title for c in Collection.holding(first)] == ["Holiday"]


def test_a_closed_tab_goes_on_where_it_stopped(site):
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data, fingerprint="abc")
    send(ann, path, 0, data[:7000])
    again = create(ann, len(data), 200, fingerprint="abc", title="New words")
    assert again.headers["Location"] == path and again.headers["Upload-Offset"] == "7000"
    create(ann, len(data) + 1, 201, fingerprint="abc")
    create(site.sign_in("bob"), len(data), 201, fingerprint="abc")
    send(ann, path, 7000, data[7000:])
    assert Media.get().title == "New words"


def test_a_file_that_is_here_is_known_before_it_is_sent(site):
    ann, data = site.sign_in("ann"), picture()
    send(ann, start(ann, data, fingerprint="abc"), 0, data)
    medium = Media.get()
    answer = create(ann, len(data), 200, fingerprint="abc", collection="Holiday")
    assert answer.headers["Goblin-Duplicate"] == "1" and answer.headers["Upload-Offset"] == str(len(data))
    assert answer.headers["Goblin-Medium"] == f"/u/ann/m/{medium.slug}/"
    assert [c.title for c in Collection.holding(medium)] == ["Holiday"] and Media.select().count() == 1
    assert Upload.get().expires > from_now(days=80), "longer than an unfinished one waits"
    create(ann, len(data), 201, fingerprint="abd")
    create(ann, len(data) + 1, 201, fingerprint="abc")
    create(site.sign_in("bob"), len(data), 201, fingerprint="abc")


def test_a_file_that_was_deleted_is_taken_again(site):
    ann, data = site.sign_in("ann"), picture()
    send(ann, start(ann, data, fingerprint="abc"), 0, data)
    trash.delete(Media.get(), User.named("ann"))
    send(ann, create(ann, len(data), 201, fingerprint="abc").headers["Location"], 0, data)
    assert Media.select().count() == 2


def test_cut_at_random_places_and_restarted(make_site):
    """Connection and gallery die again and again; nothing that arrived is sent twice, nothing is lost."""
    chance, data = random.Random(5), picture((300, 300), seed=5)
    site = lossy(make_site())
    site.person("ann")
    path, sent = start(site.sign_in("ann"), data), 0
    while sent < len(data):
        ann = site.sign_in("ann")
        assert offset_of(ann, path) == sent
        piece = data[sent : sent + chance.randrange(1, 60_000)]
        arrived = chance.randrange(len(piece) + 1)
        send(ann, path, sent, piece, status=400 if arrived < len(piece) else 204, **{"X-Cut": str(arrived)})
        sent += arrived
        if chance.random() < 0.3:
            site = lossy(make_site())
    assert ask(site.sign_in("ann"), "HEAD", path, status=200).headers["Goblin-Medium"]
    assert Media.get().sha256 == hashlib.sha256(data).hexdigest()
    assert library.disk.original(Media.get().original).read_bytes() == data


def lossy(site):
    """The same gallery behind a line that breaks after as many bytes as the header X-Cut says."""
    inner = site.wsgi

    def outer(environ, start_response):
        if (cut := environ.get("HTTP_X_CUT")) and int(cut) < int(environ["CONTENT_LENGTH"]):
            environ["wsgi.input"] = Cut(environ["wsgi.input"].read(int(cut)), int(cut))
        return inner(environ, start_response)

    site.wsgi = outer
    return site


class Cut:
    """A body whose connection breaks after some bytes."""

    def __init__(self, data, arrived):
        self.data, self.left = data, arrived

    def read(self, size=-1):
        if not self.left:
            raise ConnectionResetError
        chunk, self.data = self.data[: min(size, self.left)], self.data[min(size, self.left) :]
        self.left -= len(chunk)
        return chunk


def test_a_part_waits_for_the_question_how_much_there_is(site):
    """Else what arrived of a part whose line broke is lost when its sender comes back at once."""
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    asked = tus._alone(path.rpartition("/")[2])
    asked.__enter__()
    timer = threading.Timer(0.2, asked.__exit__, (None, None, None))
    timer.start()
    send(ann, path, 0, data)
    timer.join()


def test_only_one_at_a_time(site, monkeypatch):
    monkeypatch.setattr(tus, "PATIENCE", 0.05)
    ann, data = site.sign_in("ann"), picture()
    path = start(ann, data)
    with tus._alone(path.rpartition("/")[2]):
        assert "moment" in send(ann, path, 0, data, 423).json["error"]
        ask(ann, "DELETE", path, status=423)
        ask(ann, "HEAD", path, status=423)
    send(ann, path, 0, data)


def test_the_hash_goes_on_and_is_read_again_only_after_a_restart(make_site, monkeypatch):
    site, data = make_site(), picture((200, 200))
    whole = []
    monkeypatch.setattr(
        "goblin.storage.hash_file",
        lambda path: whole.append(path) or hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    site.person("ann")
    path = start(site.sign_in("ann"), data)
    send(site.sign_in("ann"), path, 0, data[:50_000])
    send(site.sign_in("ann"), path, 50_000, data[50_000:])
    assert whole == []
    other = picture((200, 201))
    path = start(site.sign_in("ann"), other)
    send(site.sign_in("ann"), path, 0, other[:50_000])
    site = make_site()
    send(site.sign_in("ann"), path, 50_000, other[50_000:])
    assert len(whole) == 1
    found = {m.sha256 for m in Media.select()}
    assert found == {hashlib.sha256(data).hexdigest(), hashlib.sha256(other).hexdigest()}


# --- room


def test_room_is_reserved_from_the_start(make_site):
    site = make_site(GOBLIN_UPLOADS_QUOTA="100 KB")
    ann = site.sign_in("ann")
    path = create(ann, 60_000).headers["Location"]
    assert "100 kB" in create(ann, 60_000, 413).json["error"]
    create(ann, 40_000, 201)
    ask(ann, "DELETE", path)
    create(ann, 60_000, 201)
    create(site.sign_in("bob"), 60_000, 201)


def test_a_disk_that_would_be_full(make_site):
    site = make_site(GOBLIN_UPLOADS_KEEP_FREE="9000000 GB")
    assert "room" in create(site.sign_in("ann"), 5000, 507).json["error"]


def test_a_disk_that_fills_up_keeps_what_arrived(site):
    ann, data = site.sign_in("ann"), picture((1200, 1000))
    path = start(ann, data)
    with full_disk(2_500_000):
        assert "full" in send(ann, path, 0, data, 507).json["error"]
        here = offset_of(ann, path)
        assert 2_000_000 < here <= 2_500_000
        send(ann, path, here, data[here:], 507)
    here = offset_of(ann, path)
    send(ann, path, here, data[here:])
    assert library.disk.original(Media.get().original).read_bytes() == data
    assert Media.get().sha256 == hashlib.sha256(data).hexdigest()


def test_a_collection_deleted_meanwhile_does_not_cost_the_upload(site):
    ann, data = site.sign_in("ann"), picture()
    mine = Collection.create(user=site.person("ann"), slug="a", title="Mine")
    path = start(ann, data, collection=f"id:{mine.id}")
    mine.delete_instance()
    assert send(ann, path, 0, data).headers["Goblin-Medium"]


def test_not_without_end(site, monkeypatch):
    monkeypatch.setattr(tus, "MOST_UPLOADS", 2)
    ann = site.sign_in("ann")
    create(ann, 10)
    create(ann, 10)
    create(ann, 10, 429)


# --- who


def test_an_upload_is_its_owners_alone(site):
    data = picture()
    path = start(site.sign_in("ann"), data)
    bob = site.sign_in("bob", admin=True)
    for method in ("HEAD", "DELETE"):
        ask(bob, method, path, status=404)
        ask(site.browser(), method, path, status=401)
    send(bob, path, 0, data, 404)
    send(site.browser(), path, 0, data, 401)
    assert offset_of(site.sign_in("ann"), path) == 0


def test_who_may_not_upload(site):
    create(site.sign_in("guest", uploader=False), 5000, 403)
    create(site.bearer("ann", "read"), 5000, 403)
    create(site.bearer("ann"), 5000, 201)
    path = create(site.sign_in("ann"), 5000).headers["Location"]
    elsewhere = site.sign_in("ann")
    elsewhere.extra_environ["HTTP_SEC_FETCH_SITE"] = "cross-site"
    create(elsewhere, 5000, 403)
    send(elsewhere, path, 0, b"x", 403)
    ask(elsewhere, "DELETE", path, status=403)
    send(site.bearer("ann", "read"), path, 0, b"x", 403)
