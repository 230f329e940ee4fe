"""A gallery of many media in no time: one real photo's copies, and rows that point to them."""

import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from PIL import Image

from goblin import boot, config, jobs, library, people, storage
from goblin.db import db
from goblin.models import Media, Session, Tag, User

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
    have = Media.select().count()
    columns = _row(user, 0).keys()
    statement = f"INSERT INTO media ({','.join(columns)}) VALUES ({','.join('?' * len(columns))})"
    with db.atomic():
        db.connection().executemany(statement, (tuple(_row(user, n).values()) for n in range(have, count)))
    with db.atomic():
        tags = ((i, "sea", "sea") for i in range(have + 1, count + 1, 3))
        db.connection().executemany(
            f"INSERT INTO {Tag._meta.table_name} (media_id, word, key) VALUES (?, ?, ?)", tags
        )


def _row(user, n) -> dict:
    """What a photo's row holds once it is prepared; columns not named here have their defaults."""
    width, height = SIZES[n % len(SIZES)]
    at = (datetime(2001, 1, 1) + timedelta(days=n // 12, minutes=n % 12)).isoformat()  # a dozen a day
    plain = {f.column_name: f.default for f in Media._meta.sorted_fields if f.default is not None}
    values = {name: json.dumps(value()) if callable(value) else value for name, value in plain.items()}
    return values | {
        "user_id": user.id,
        "slug": f"photo-{n}",
        "title": f"Photo number {n}",
        "kind": "image",
        "mime": "image/jpeg",
        "name": f"photo-{n}.jpg",
        "bytes": 4_000_000,
        "sha256": f"{n:064x}",
        "original": f"ann/2026/01/photo-{n}.jpg",
        "state": "processed",
        "ready": 1,
        "visibility": "public",
        "created": at + ".000000Z",
        "updated": at,
        "taken": at,
        "ordered": at,
        "width": width,
        "height": height,
        "placeholder": "#8a7f6b",
        "generation": 1,
        "thumbs": "thumb.jpg 320,thumb2.jpg 640",
        "files": FILES,
        "made": jobs.recipe("image"),
    }


def _copies_of(media):
    folder = library.disk.fresh_derived(media.id, 1)
    picture = Image.effect_noise((1280, 853), 60).convert("RGB")
    for name, width in (("thumb.jpg", 320), ("thumb2.jpg", 640), ("view.jpg", 1280)):
        picture.resize((width, width * 853 // 1280)).save(folder / name, quality=82)


def forget(folder: Path):
    """Remove a seeded gallery."""
    if (folder / storage.MARKER).exists() and os.path.basename(folder).startswith("bench"):
        shutil.rmtree(folder)
