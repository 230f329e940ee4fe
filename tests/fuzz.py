"""Mutated files through the decoders: python -m tests.fuzz [--seconds 600] [--seed 1]; each must settle in words."""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from goblin import media
from goblin.media.sandbox import Failed, Sandbox, Stopped

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 400_000  # bytes; larger seeds only cost time
SLOWEST = 90.0  # seconds a mutant may take


def seeds(folder: Path) -> list[Path]:
    """Corpus files that a decoder takes, small enough to be mutated by the hundred."""
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and p.stat().st_size <= LARGEST)
    return [p for p in files if media.identify(head(p), p.name)]


def head(path: Path) -> bytes:
    with open(path, "rb") as file:
        return file.read(4096)


def mutate(whole: bytes, dice: random.Random) -> bytes:
    """One of the ways files go wrong: bits, bytes, numbers, pieces gone, doubled or moved, an early end."""
    data = bytearray(whole)
    for _ in range(dice.choice((1, 1, 2, 4, 16))):
        at = dice.randrange(len(data)) if data else 0
        length = min(dice.choice((1, 2, 4, 8, 64, 1024)), len(data) - at)
        how = dice.randrange(7)
        if how == 0 and data:
            data[at] ^= 1 << dice.randrange(8)
        elif how == 1:
            data[at : at + length] = dice.randbytes(length)
        elif how == 2:
            data[at : at + 4] = dice.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\x80\0\0\0")
            )
        elif how == 3:
            del data[at : at + length]
        elif how == 4:
            data[at:at] = data[at : at + length] * dice.choice((1, 2, 50))
        elif how == 5:
            data[at:at] = dice.randbytes(length)
        elif len(data) > 64:
            del data[dice.randrange(32, len(data)) :]
    return bytes(data)


class Fuzz:
    """Runs mutants and keeps what must not be: (seed file, number, what happened)."""

    def __init__(self, folder: Path, work: Path, seed: int):
        self.seeds, self.work, self.seed = seeds(folder), work, seed
        self.sandbox = Sandbox(idle=60)
        self.counts = {"shown": 0, "told": 0, "not taken": 0}
        self.wrong: list[str] = []

    def run(self, number: int):
        """The mutant of that number; the same seed makes the same mutant."""
        dice = random.Random(f"{self.seed} {number}")
        source = dice.choice(self.seeds)
        mutant = self.work / f"mutant{number}{source.suffix.lower()}"
        mutant.write_bytes(mutate(source.read_bytes(), dice))
        found = media.identify(head(mutant), mutant.name)
        if found is None:
            self.counts["not taken"] += 1
        else:
            self._decode(f"{source.name} #{number}", found[0], mutant)
        if not self.wrong or not self.wrong[-1].startswith(f"{source.name} #{number}"):
            mutant.unlink()

    def _decode(self, name, kind, mutant):
        out = self.work / "out"
        out.mkdir(exist_ok=True)
        begun = time.monotonic()
        try:
            self.sandbox.run(kind, mutant, out, {**media.options_of(kind, {}), "ffmpeg": ""})
            self.counts["shown"] += 1
        except Stopped:
            raise
        except Failed as failed:
            self.counts["told"] += 1
            if not failed.sentence.rstrip().endswith((".", "!", "?")):
                self.wrong.append(f"{name}: no sentence: {failed.sentence!r}")
        except Exception as error:
            self.wrong.append(f"{name}: {error!r}")
        if time.monotonic() - begun > SLOWEST:
            self.wrong.append(f"{name}: took {time.monotonic() - begun:.0f} s")
        for file in out.iterdir():
            file.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="first", type=int, default=0, help="number of the first mutant")
    args = parser.parse_args()
    media.scan()
    folder = Path(os.environ.get("GOBLIN_CORPUS") or ROOT.parent / "shared" / "corpus")
    work = Path(tempfile.mkdtemp(prefix="fuzz-"))
    fuzz, number, end = Fuzz(folder, work, args.seed), args.first, time.monotonic() + args.seconds
    while time.monotonic() < end:
        fuzz.run(number)
        number += 1
    fuzz.sandbox.close()
    print(f"{number - args.first} mutants: {fuzz.counts}; wrong ones are kept in {work}")
    print("\n".join(fuzz.wrong))
    return 1 if fuzz.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
