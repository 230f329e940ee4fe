"""Photos that move: the film inside one or beside it becomes a copy; a pair is one medium, both originals kept."""

import shutil
import struct
import subprocess

import cameras
import made
import pytest
from booted import JSON

from goblin import jobs, library, reprocessing, resuming, trash
from goblin.media.sandbox import SENTENCES, Failed
from goblin.models import Media

MARK = "9B539AB8-A668-4FA6-9207-EB653A5E7E3C"
HEAD = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
TAIL = "</rdf:RDF></x:xmpmeta>"
CAMERA, CONTAINER = (f"http://ns.google.com/photos/1.0/{name}/" for name in ("camera", "container"))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """A short film that tells a place."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    place = ("-metadata", "location=+54.3250+010.1375/", "-metadata", "title=Secret")
    return made.film(path, *made.H264, *place).read_bytes()


def with_xmp(photo: bytes, words: str) -> bytes:
    packet = b"http://ns.adobe.com/xap/1.0/\0" + (HEAD + words + TAIL).encode()
    return photo[:2] + struct.pack(">HH", 0xFFE1, len(packet) + 2) + packet + photo[2:]


def micro_video(photo, film):
    """Google's first kind: how far from the end the film begins."""
    words = f'<rdf:Description xmlns:G="{CAMERA}" G:MicroVideo="1" G:MicroVideoOffset="{len(film)}"/>'
    return with_xmp(photo, words) + film


def motion_photo(photo, film):
    """Google's second kind: a list of what is in the file; here a map of brightness comes between."""
    items = [("Primary", None), ("GainMap", 2000), ("MotionPhoto", len(film))]
    lines = "".join(
        f'<rdf:li rdf:parseType="Resource"><C:Item I:Semantic="{kind}" I:Mime="image/jpeg"'
        + (f' I:Length="{length}"' if length is not None else "")
        + "/></rdf:li>"
        for kind, length in items
    )
    spaces = f'xmlns:C="{CONTAINER}" xmlns:I="{CONTAINER}item/" xmlns:G="{CAMERA}" G:MotionPhoto="1"'
    words = (
        f"<rdf:Description {spaces}><C:Directory><rdf:Seq>{lines}</rdf:Seq></C:Directory></rdf:Description>"
    )
    return with_xmp(photo, words) + bytes(2000) + film


def samsung(photo, film):
    """Samsung's: named pieces, a list of them, its length."""
    name = b"MotionPhoto_Data"
    piece = struct.pack("<HHI", 0, 0x0A30, len(name)) + name + film
    listed = b"SEFH" + struct.pack("<II", 106, 1) + struct.pack("<HHII", 0, 0x0A30, len(piece), len(piece))
    return photo + piece + listed + struct.pack("<I", len(listed)) + b"SEFT"


def bare(photo, film):
    """Some programs just put one behind the other."""
    return photo + film


@pytest.mark.parametrize("join", [micro_video, motion_photo, samsung, bare])
def test_the_film_in_a_photo_becomes_a_copy_that_tells_nothing(decode, film, join):
    result = decode(decode.write("a.jpg", join(cameras.jpeg(320, 240), film)), "image")
    copy = decode.copy("motion")
    assert result.files["motion"].type == "video/mp4" and result.data["film"] == "inside"
    assert (result.files["motion"].width, result.files["motion"].height) == (160, 90)
    assert copy.read_bytes()[4:8] == b"ftyp" and b"54.32" not in copy.read_bytes()
    assert b"Secret" not in copy.read_bytes() and result.needless == []
    assert not (decode.out / "film").exists()


@pytest.mark.parametrize("join", [micro_video, samsung])
def test_a_film_that_is_damaged_leaves_the_photo(decode, film, join):
    photo = cameras.jpeg(320, 240)
    result = decode(decode.write("a.jpg", join(photo, film[:40] + bytes(len(film) - 40))), "image")
    assert "view" in result.files and "motion" not in result.files
    assert decode(decode.write("b.jpg", join(photo, b"no film at all" * 9)), "image").needless == ["motion"]


@pytest.mark.parametrize("number", ["0", "-5", "99999999999", "999999999999999999999", "words"])
def test_lengths_that_lie_are_not_followed(decode, film, number):
    words = f'<rdf:Description xmlns:G="{CAMERA}" G:MicroVideoOffset="{number}"/>'
    assert decode(decode.write("a.jpg", with_xmp(cameras.jpeg(64, 48), words)), "image").needless == [
        "motion"
    ]


def test_a_photo_without_film_needs_no_such_step(decode):
    result = decode(decode.write("a.jpg", cameras.jpeg(64, 48)), "image")
    assert result.needless == ["motion"] and "film" not in result.data


def test_others_do_not_get_the_film_and_its_place_with_a_download(decode, film, tmp_path):
    path = decode.write("a.jpg", motion_photo(cameras.jpeg(320, 240), film))
    result = decode(path, "image")
    shown = made.patched(path, tmp_path / "b.jpg", "place", patches=result.patches).read_bytes()
    assert b"ftyp" not in shown and b"54.32" not in shown
    if shutil.which("exiftool"):
        said = subprocess.run(
            ["exiftool", "-ee", "-a", str(tmp_path / "b.jpg")], capture_output=True, text=True
        )
        assert "GPS" not in said.stdout


@pytest.fixture
def halves(corpus):
    """A photo and its film as a phone gave them: (name, bytes) of each."""
    folder = corpus / "heic" / "livephoto"
    return [(name, (folder / name).read_bytes()) for name in ("IMG_7943.HEIC", "IMG_7943_HEVC.MOV")]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_photo_and_its_film_become_one(site, halves, order):
    ann = site.sign_in("ann")
    first, second = (site.ready(ann, *halves[at], visibility="public") for at in order)
    site.process()
    photo, film = (Media.by_id((first, second)[order.index(at)].id) for at in (0, 1))
    assert (film.companion_of_id, film.pair, photo.pair) == (photo.id, MARK, MARK)
    assert photo.state == film.state == "processed" and photo.ready and not film.ready
    assert photo.files["motion"]["type"] == "video/mp4" and {"thumb", "view"} <= photo.files.keys()
    nobody = site.browser()
    assert [item["id"] for item in nobody.get("/", headers=JSON).json["items"]] == [photo.id]
    for path in ("/", "/u/ann/gallery/", "/u/ann/panel/"):
        assert [item["id"] for item in ann.get(path, headers=JSON).json["items"]] == [photo.id], path
    shown = [image["src"] for image in ann.get("/u/ann/panel/").html.find_all("img")]
    assert [source for source in shown if source.startswith("/f/")] == [
        f"/f/{photo.id}/{photo.generation}/thumb.jpg"
    ]
    page = nobody.get(f"/u/ann/m/{photo.slug}/").html
    assert page.find("goblin-motion")["data-film"].endswith("motion.mp4")
    assert b"+49.1989" not in nobody.get(page.find("goblin-motion")["data-film"]).body


def test_both_originals_are_kept_for_the_owner_only(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half, visibility="public") for half in halves)
    site.process()
    link = ann.get(f"/u/ann/m/{photo.slug}/").html.find("a", string="Download the film, too")
    assert ann.get(link["href"]).body == halves[1][1]
    told = ann.get(f"/u/ann/m/{photo.slug}/", headers=JSON).json["files"]["film"]
    assert (told["bytes"], ann.get(told["url"]).body) == (len(halves[1][1]), halves[1][1])
    assert ann.get(f"/f/{photo.id}/original/a").body == halves[0][1]
    nobody = site.browser()
    assert not nobody.get(f"/u/ann/m/{photo.slug}/").html.find("a", string="Download the film, too")
    assert "film" not in nobody.get(f"/u/ann/m/{photo.slug}/", headers=JSON).json["files"]
    for what in ("original", "download", "play"):
        nobody.get(f"/f/{film.id}/{what}/a", status=404)
    nobody.get(f"/u/ann/m/{film.slug}/", status=404)
    assert ann.get(f"/u/ann/m/{film.slug}/", status=303).location.endswith(f"/m/id:{photo.id}/")


def test_the_film_goes_to_the_trash_and_comes_back_with_its_photo(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half) for half in halves)
    site.process()
    ann.post(f"/u/ann/m/{photo.slug}/delete/")
    assert Media.by_id(film.id).deleted and not library.disk.original(film.original).exists()
    assert [i["id"] for i in ann.get("/u/ann/trash/", headers=JSON).json["items"]] == [photo.id]
    ann.post(f"/u/ann/m/id:{photo.id}/restore/")
    film = Media.by_id(film.id)
    assert film.deleted is None and library.disk.original(film.original).read_bytes() == halves[1][1]
    ann.post(f"/u/ann/m/{photo.slug}/delete/")
    trash.empty_trash(0)
    assert Media.by_id(film.id) is None and Media.by_id(photo.id) is None
    assert not [path for path in library.disk.folder.glob("originals/**/*") if path.is_file()]


def test_their_owner_takes_the_two_apart(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half) for half in halves)
    site.process()
    ann.post(f"/u/ann/m/{photo.slug}/edit/", {"visibility": "private"})
    ann.post(f"/u/ann/m/{photo.slug}/part/")
    site.process()
    photo, film = Media.by_id(photo.id), Media.by_id(film.id)
    assert (film.companion_of_id, film.ready, film.visibility) == (None, True, "private")
    assert "motion" not in photo.files and photo.state == "processed"
    assert "goblin-motion" not in ann.get(f"/u/ann/m/{photo.slug}/")
    shown = ann.get("/u/ann/gallery/", headers=JSON).json["items"]
    assert {item["id"] for item in shown} == {photo.id, film.id}
    site.sign_in("bob").get(f"/u/ann/m/{film.slug}/", status=404)
    library.prepare_again(photo)
    library.prepare_again(film)
    site.process()
    assert Media.by_id(film.id).companion_of_id is None, "and they stay apart"
    ann.post(f"/u/ann/m/{photo.slug}/part/", status=409)


def test_a_film_whose_photo_has_a_secret_address_becomes_private(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half, visibility="unlisted") for half in halves)
    site.process()
    library.part(Media.by_id(film.id), Media.by_id(photo.id).user)
    assert Media.by_id(film.id).visibility == "private"


def test_a_film_that_is_deleted_alone_leaves_the_photo_and_comes_back_alone(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half) for half in halves)
    site.process()
    ann.post(f"/u/ann/m/id:{film.id}/delete/", headers=JSON)
    site.process()
    assert "motion" not in Media.by_id(photo.id).files
    assert [i["id"] for i in ann.get("/u/ann/trash/", headers=JSON).json["items"]] == [film.id]
    ann.post(f"/u/ann/m/id:{film.id}/restore/")
    site.process()
    assert {i["id"] for i in ann.get("/", headers=JSON).json["items"]} == {photo.id, film.id}


def test_a_film_taken_back_without_its_photo_stands_by_itself(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half) for half in halves)
    site.process()
    ann.post(f"/u/ann/m/{photo.slug}/delete/")
    ann.post(f"/u/ann/m/id:{film.id}/restore/")
    assert [i["id"] for i in ann.get("/u/ann/gallery/", headers=JSON).json["items"]] == [film.id]
    trash.empty_trash(0)
    film = Media.by_id(film.id)
    assert library.disk.original(film.original).read_bytes() == halves[1][1]


def test_stopping_leaves_the_film_to_be_found(site, halves):
    """The photo was whole before the film came: what waits then is its first copy all the same."""
    ann = site.sign_in("ann")
    photo, film = (site.upload(ann, *half) for half in halves)
    for item in (photo, film, film):
        jobs.process(item.id)
    assert Media.by_id(photo.id).todo == "motion"
    assert reprocessing.stop() == 0
    Media.update(state="failed", error="This film seems damaged.").where(Media.id == film.id).execute()
    assert "This film seems damaged." in ann.get("/u/ann/panel/"), (
        "of a film that failed there is more to say"
    )
    Media.update(state="processed", error="").where(Media.id == film.id).execute()
    site.process()
    assert "motion" in Media.by_id(photo.id).files


def test_preparing_both_again_keeps_them_together(site, halves):
    ann = site.sign_in("ann")
    photo, film = (site.ready(ann, *half) for half in halves)
    site.process()
    for item in (photo, film):
        library.prepare_again(Media.by_id(item.id))
    site.process()
    photo, film = Media.by_id(photo.id), Media.by_id(film.id)
    assert film.companion_of_id == photo.id and not film.ready and photo.ready
    assert "motion" in photo.files and photo.state == film.state == "processed"


def test_the_same_name_alone_joins_nothing(site, film):
    ann = site.sign_in("ann")
    site.ready(ann, "beach.jpg", cameras.jpeg(320, 240))
    clip = site.ready(ann, "beach.mp4", film)
    site.process()
    assert clip.ready and Media.by_id(clip.id).companion_of_id is None


def test_the_same_name_and_moment_join(site, tmp_path):
    ann = site.sign_in("ann")
    when = ("-metadata", "creation_time=2024-07-04T21:45:44Z")
    clip = made.film(tmp_path / "clip.mov", *made.H264, *when).read_bytes()
    moment = cameras.tiff({cameras.EXIF: {0x9003: "2024:07:04 21:45:43"}})
    photo = site.ready(ann, "IMG_1.JPG", cameras.jpeg(320, 240, exif=b"Exif\0\0" + moment))
    other = site.ready(
        ann, "IMG_12.MOV", made.film(tmp_path / "o.mov", *made.H264, *when, seconds=2).read_bytes()
    )
    film = site.ready(ann, "IMG_1.MOV", clip)
    site.process()
    assert Media.by_id(film.id).companion_of_id == photo.id
    assert Media.by_id(other.id).companion_of_id is None


def test_the_halves_of_two_people_stay_apart(site, halves):
    photo = site.ready(site.sign_in("ann"), *halves[0], visibility="public")
    film = site.ready(site.sign_in("bob"), *halves[1], visibility="public")
    site.process()
    assert Media.by_id(film.id).companion_of_id is None and "motion" not in Media.by_id(photo.id).files


@pytest.mark.parametrize("seen_by", [("public", "private"), ("private", "members")])
def test_what_different_people_may_see_stays_apart(site, tmp_path, seen_by):
    ann = site.sign_in("ann")
    when = ("-metadata", "creation_time=2024-07-04T21:45:44Z")
    clip = made.film(tmp_path / "clip.mov", *made.H264, *when).read_bytes()
    moment = b"Exif\0\0" + cameras.tiff({cameras.EXIF: {0x9003: "2024:07:04 21:45:43"}})
    photo = site.ready(ann, "IMG_1.JPG", cameras.jpeg(320, 240, exif=moment), visibility=seen_by[0])
    film = site.ready(ann, "IMG_1.MOV", clip, visibility=seen_by[1])
    site.process()
    assert Media.by_id(film.id).companion_of_id is None and "motion" not in Media.by_id(photo.id).files


def test_a_photo_is_shown_before_its_film_is_ready(site, film):
    ann = site.sign_in("ann")
    item = site.upload(ann, "a.jpg", motion_photo(cameras.jpeg(320, 240), film), visibility="public")
    jobs.process(item.id, "quick")
    item = Media.by_id(item.id)
    assert item.ready and (item.state, item.todo) == ("unprocessed", "motion")
    assert site.browser().get(f"/u/ann/m/{item.slug}/").html.find("img", "picture")
    jobs.process(item.id, "slow")
    assert Media.by_id(item.id).state == "processed" and "motion" in Media.by_id(item.id).files


def test_a_film_that_cannot_be_made_leaves_the_photo_as_it_is(site, film, monkeypatch):
    ann = site.sign_in("ann")
    medium = site.upload(ann, "a.jpg", bare(cameras.jpeg(320, 240), film), visibility="public")
    run = jobs.workshop.sandbox.run

    def greedy(kind, source, out, options, *more, **named):
        if "motion" in options["steps"]:
            raise Failed(SENTENCES["size"], "too large")
        return run(kind, source, out, options, *more, **named)

    monkeypatch.setattr(jobs.workshop.sandbox, "run", greedy)
    site.process()
    medium = Media.by_id(medium.id)
    assert (medium.state, medium.todo, medium.error) == ("processed", "", "") and "motion:" in medium.made
    assert "view" in medium.files and "motion" not in medium.files


def test_a_film_waits_for_its_decoder_while_the_photo_is_shown(site, film, monkeypatch):
    ann = site.sign_in("ann")
    medium = site.upload(ann, "a.jpg", bare(cameras.jpeg(320, 240), film))
    run = jobs.workshop.sandbox.run

    def lacking(kind, source, out, options, *more, **named):
        if "motion" in options["steps"]:
            raise Failed("ffmpeg is not here.", lacks="ffmpeg")
        return run(kind, source, out, options, *more, **named)

    monkeypatch.setattr(jobs.workshop.sandbox, "run", lacking)
    site.process()
    medium = Media.by_id(medium.id)
    assert (medium.state, medium.todo, medium.lacks) == ("processed", "motion", "ffmpeg")
    monkeypatch.setattr(jobs.workshop.sandbox, "run", run)
    assert resuming.catch_up({"ffmpeg"}) == 1
    site.process()
    medium = Media.by_id(medium.id)
    assert "motion" in medium.files and (medium.todo, medium.lacks) == ("", "")
