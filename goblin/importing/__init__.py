"""Taking in files from outside for a person, so that it can be repeated: what they have is skipped."""

import errno
import hashlib
from collections import Counter, defaultdict
from pathlib import Path

from goblin import library, media, sidecars, storage
from goblin.details import Details
from goblin.importing.sources import BROKEN, Piece, Trouble
from goblin.media.writing.subtitles import is_subtitles
from goblin.models import Media, User
from goblin.refused import Refused

FULL = (errno.ENOSPC, errno.EDQUOT)


class Import:
    """One person's import: take(piece) says what became of each; the counts add up."""

    def __init__(self, user: User, details: Details):
        self.user, self.details = user, details
        self.added = self.had = 0
        self.refused: Counter[str] = Counter()
        mine = Media.select(Media.bytes).where((Media.user == user) & Media.deleted.is_null())
        # Only a file whose size is among these can be there already, and is worth reading twice.
        self._sizes = {size for (size,) in mine.tuples().iterator()}
        # Videos and sounds by folder and name, for the subtitles beside them; and subtitles that found none.
        self._near: dict[str, dict[str, set[int]]] = defaultdict(dict)
        self.lonely: set[str] = set()
        self._models: dict[str, dict[str, int]] = defaultdict(
            dict
        )  # ids of those that read what lies beside them

    def take(self, found: Piece | Trouble) -> str:
        """Take one file: "added", "had already", or the sentence why not. Raises storage.Full."""
        try:
            had = self._take(found) if isinstance(found, Piece) else self._refuse(found.sentence)
        except sidecars.Lonely as lonely:
            return self._leave_alone(found.label, lonely.sentence)
        except Refused as refused:
            had = self._refuse(refused.sentence)
        except BROKEN:
            had = self._refuse("It is damaged and cannot be read to its end.")
        except OSError as error:
            if error.errno in FULL:
                raise
            had = self._refuse(f"It cannot be read: {(error.strerror or str(error)).lower()}.")
        if isinstance(had, str):
            return had
        self.had, self.added = self.had + had, self.added + (not had)
        return "had already" if had else "added"

    def _refuse(self, sentence):
        self.refused[sentence] += 1
        return sentence

    def _leave_alone(self, label, sentence):
        """Subtitles whose film is not here, or not yet: when looked at again and again they count once."""
        if label not in self.lonely:
            self.lonely.add(label)
            self._refuse(sentence)
        return sentence

    def _take(self, piece):
        """Whether the person had it."""
        if is_subtitles(piece.name):
            return self._put_beside(piece)
        if (model := self._model(piece)) is not None:
            return self._attach(piece, model)
        if piece.size in self._sizes and (same := self._known(piece)):
            self._note(piece, same)
            return True
        with piece.open() as stream:
            item, had = library.add(stream, piece.name, self.user, self.details, piece.size)
        if Media.by_id(item.id) is None:
            # A goblin that started at this very moment took it for what a stop had left (see resuming.recover).
            return self._take(piece)
        self._sizes.add(item.bytes)
        self._note(piece, item)
        return had

    def _model(self, piece):
        """The id of what a file such as an MTL goes with: of its name in its folder, or the only one there."""
        if not media.belongs_beside(piece.name):
            return None
        there = self._models.get(piece.folder, {})
        return next(iter(there.values())) if len(there) == 1 else there.get(Path(piece.name).stem.casefold())

    def _attach(self, piece, id):
        with piece.open() as stream:
            return sidecars.add(Media.by_id(id), self.user, stream, piece.name, size=piece.size)[1]

    def _note(self, piece, item):
        if media.TYPES[item.kind].beside:
            self._models[piece.folder][Path(piece.name).stem.casefold()] = item.id
        if item.kind in sidecars.SUBTITLED:
            self._near[piece.folder].setdefault(Path(piece.name).stem.casefold(), set()).add(item.id)

    def _put_beside(self, piece):
        """Whether these subtitles were beside their film already."""
        item = sidecars.medium_of(self.user, piece.name, self._near.get(piece.folder, {}))
        with piece.open() as stream:
            _, had = sidecars.add(item, self.user, stream, piece.name, size=piece.size)
        if piece.label in self.lonely:
            self.lonely.remove(piece.label)
            self.refused -= Counter([f"{sidecars.LONELY} {sidecars.WHERE}"])
        return had

    def _known(self, piece):
        """The medium there is of it already, which is then in the collection too; nothing is written to see that."""
        with piece.open() as stream:
            digest = hashlib.sha256()
            while chunk := stream.read(storage.CHUNK):
                digest.update(chunk)
        same = Media.same_file(self.user, digest.hexdigest())
        if same:
            library.meet_again(same, self.user, self.details)
        return same


class Settled:
    """For looking again and again: a file is wanted once two looks found it the same."""

    def __init__(self):
        self._seen: dict[tuple, tuple] = {}

    def __call__(self, status) -> bool:
        key, now = (status.st_dev, status.st_ino), (status.st_size, status.st_mtime_ns)
        then, taken = self._seen.get(key, (None, False))
        if now == then and taken:
            return False
        self._seen[key] = (now, now == then)
        return now == then

    def again(self, key: tuple):
        """Have a file be wanted once more, though it stays as it is."""
        self._seen[key] = (self._seen[key][0], False)
