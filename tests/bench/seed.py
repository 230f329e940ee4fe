"""A gallery of many media in no time: one real photo's copies, and rows that point to them."""

import os
import shutil
from pathlib import Path

from PIL import Image

from goblin import boot, config, library, people, storage
from goblin.db import db
from goblin.models import Media, Session, Tag, User

COLUMNS = (
    *(
        "user_id",
        "slug",
        "title",
        "description",
        "kind",
        "mime",
        "name",
        "bytes",
        "sha256",
        "original",
        "state",
    ),
    *(
        "visibility",
        "license",
        "created",
        "updated",
        "taken",
        "ordered",
        "width",
        "height",
        "animated",
        "placeholder",
    ),
    *(
        "generation",
        "thumbs",
        "files",
        "data",
        "patches",
        "show_place",
        "show_facts",
        "share_original",
        "step",
    ),
    *("error", "detail", "attempts", "fixed"),
)
FILES = (
    '{"thumb":{"name":"thumb.jpg","type":"image/jpeg","width":320,"height":213,"bytes":9000},'
    '"thumb2":{"name":"thumb2.jpg","type":"image/jpeg","width":640,"height":427,"bytes":30000},'
    '"view":{"name":"view.jpg","type":"image/jpeg","width":1280,"height":853,"bytes":100000}}'
)
SIZES = ((4000, 2667), (2667, 4000), (4000, 3000), (1920, 1080), (3000, 3000))


def seed(folder: Path, count: int) -> str:
    """Fill a data folder with a person, their session and `count` public media; returns the session's token."""
    boot.boot(config.load(data=folder, environ={}))
    user = User.named("ann") or people.add("ann", "correct horse")
    _fill(user, count)
    _copies_of(Media.select().order_by(Media.id.desc()).first())
    token = Session.issue(user=user)
    boot.shut()
    return token


def _fill(user, count):
    marks = ",".join("?" * len(COLUMNS))
    statement = f"INSERT INTO media ({','.join(COLUMNS)}) VALUES ({marks})"
    have = Media.select().count()
    with db.atomic():
        db.connection().executemany(statement, (_row(user, n) for n in range(have, count)))
    with db.atomic():
        tags = ((i, "sea", "sea") for i in range(have + 1, count + 1, 3))
        db.connection().executemany(
            f"INSERT INTO {Tag._meta.table_name} (media_id, word, key) VALUES (?, ?, ?)", tags
        )


def _row(user, n):
    width, height = SIZES[n % len(SIZES)]
    at = f"20{n // 4000 % 25:02}-{n // 300 % 12 + 1:02}-{n % 28 + 1:02}T10:00:00"
    return (
        *(user.id, f"photo-{n}", f"Photo number {n}", "", "image", "image/jpeg", f"photo-{n}.jpg", 4_000_000),
        *(f"{n:064x}", f"ann/2026/01/photo-{n}.jpg", "processed", "public", "", at + ".000000Z", at, at, at),
        *(
            width,
            height,
            0,
            "#8a7f6b",
            1,
            "thumb.jpg 320,thumb2.jpg 640",
            FILES,
            "{}",
            "{}",
            0,
            1,
            0,
            "",
            "",
            "",
            0,
            "[]",
        ),
    )


def _copies_of(media):
    folder = library.disk.fresh_derived(media.id, 1)
    picture = Image.effect_noise((1280, 853), 60).convert("RGB")
    for name, width in (("thumb.jpg", 320), ("thumb2.jpg", 640), ("view.jpg", 1280)):
        picture.resize((width, width * 853 // 1280)).save(folder / name, quality=82)


def forget(folder: Path):
    """Remove a seeded gallery."""
    if (folder / storage.MARKER).exists() and os.path.basename(folder).startswith("bench"):
        shutil.rmtree(folder)
