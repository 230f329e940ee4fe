"""A decoder that is not there: the upload is kept, page and doctor say so, and it catches up once it comes."""

import os
import stat
import sys

import pytest
from commands import run
from PIL import Image

from goblin import jobs, resuming
from goblin.cli import machine
from goblin.media import parts, sandbox
from goblin.models import Media
from tests import made

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><path d="M9 9h50v30z"/></svg>'
WITHOUT = """#!{python}
import sys
for name in {modules!r}:
    sys.modules[name] = None
exec(sys.argv[-1])
"""


@pytest.fixture
def hide(tmp_path, monkeypatch):
    """hide("pillow_heif") takes modules and ffmpeg from this process and its children; hide() brings all back."""
    python, path = sys.executable, os.environ["PATH"]
    whole = parts.importlib.util.find_spec

    def take(*modules):
        jobs.workshop.sandbox.close()
        jobs.workshop.sandbox = sandbox.Sandbox()
        program = tmp_path / "python"
        program.write_text(WITHOUT.format(python=python, modules=[*modules, "imageio_ffmpeg"]))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(sys, "executable", str(program) if modules else python)
        monkeypatch.setenv("PATH", str(tmp_path) if modules else path)
        monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
        monkeypatch.setattr(
            parts.importlib.util, "find_spec", lambda name: None if name in modules else whole(name)
        )

    return take


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """(name, bytes, the decoder it needs) of a file of each sort that needs one."""
    import pillow_heif

    folder = tmp_path_factory.mktemp("samples")
    picture = Image.effect_noise((90, 60), 40).convert("RGB")
    pillow_heif.from_pillow(picture).save(folder / "photo.heic")
    picture.save(folder / "leaf.pdf")
    (folder / "sign.svg").write_bytes(SVG)
    made.film(folder / "clip.mp4", *made.H264, "-movflags", "+faststart")
    made.tone(folder / "tone.mp3")
    needs = {"heic": "pillow-heif", "pdf": "pypdfium2", "svg": "resvg-py", "mp4": "ffmpeg", "mp3": "ffmpeg"}
    return [(path.name, path.read_bytes(), needs[path.suffix[1:]]) for path in sorted(folder.iterdir())]


@pytest.fixture
def lacking(site, hide, samples):
    """Uploads of a gallery without any decoder: [(medium, bytes, what it lacks)]."""
    hide("pillow_heif", "pypdfium2", "resvg_py")
    ann = site.sign_in("ann")
    return [(site.ready(ann, name, data), data, lacks) for name, data, lacks in samples]


def test_the_upload_is_taken_and_kept_and_every_page_says_what_is_missing(site, lacking):
    ann = site.sign_in("ann")
    panel = ann.get("/u/ann/panel/")
    for medium, data, lacks in lacking:
        assert (medium.state, medium.lacks) == ("failed", lacks), medium.name
        page = ann.get(f"/u/ann/m/{medium.slug}/")
        assert f"its machine lacks {lacks}. The file is kept as it is." in page.text
        assert "cannot be shown yet" in page.text and medium.error in panel.text
        assert ann.get(page.html.find("a", download=True)["href"]).body == data
        assert site.browser().get(f"/u/ann/m/{medium.slug}/", status=404)


def test_doctor_says_what_is_lost_how_to_get_it_and_how_many_wait(site, lacking):
    said = {finding.sentence: finding.mark for finding in machine.check_machine("")}
    for name in ("pillow-heif", "pypdfium2", "resvg-py"):
        assert [s for s in said if f"{name} is not here" in s and f"pip install {name}" in s], name
    assert [m for s, m in said.items() if "lacks ffmpeg" in s and "apt install ffmpeg" in s] == ["wrong"]
    out = run(site.folder, "doctor").out
    assert "1 media wait for pillow-heif; once it is here" in out and "2 media wait for ffmpeg" in out


def test_all_of_them_come_right_by_themselves_once_it_is_there(site, lacking, hide):
    hide("pypdfium2")
    resuming.tend()  # what runs every five minutes
    site.process()
    states = {medium.name: Media.by_id(medium.id).state for medium, _, _ in lacking}
    assert states.pop("leaf.pdf") == "failed" and states.pop("clip.mp4") == states.pop("tone.mp3") == "failed"
    assert set(states.values()) == {"processed"}
    hide()
    resuming.recover()  # the next start
    site.process()
    for medium, _, _ in lacking:
        row = Media.by_id(medium.id)
        assert (row.state, row.lacks, row.error, row.attempts) == ("processed", "", "", 0), row.name
        assert row.thumbs, row.name


def test_reprocess_of_what_failed_catches_up(site, lacking, hide):
    hide()
    assert "5 media will be prepared again" in run(site.folder, "reprocess", "--state", "failed").out
    site.process()
    assert {Media.by_id(medium.id).state for medium, _, _ in lacking} == {"processed"}


def test_one_that_is_there_and_does_not_work_is_not_tried_for_ever(site, hide, samples, monkeypatch):
    data = {name: data for name, data, _ in samples}["photo.heic"]
    hide("pillow_heif")
    monkeypatch.setattr(jobs.decoders, "here", lambda name, program="": True)
    medium = site.ready(site.sign_in("ann"), "photo.heic", data)
    assert medium.lacks == "pillow-heif" and not jobs.workshop.absent
    resuming.tend()
    assert Media.by_id(medium.id).state == "failed" and jobs.workshop.waiting() == 1  # its first task


def test_a_pillow_built_without_avif_is_named(monkeypatch, tmp_path):
    from goblin import media
    from goblin.media.picture import opening

    monkeypatch.setattr(parts, "here", lambda name: name != "libavif")
    with (tmp_path / "x").open("wb+") as file, pytest.raises(media.Missing, match="AVIF pictures.*libavif"):
        opening.Picture(file, "image/avif", media.options_of("image", {}))
