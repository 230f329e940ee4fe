"""Finds the ffmpeg program and runs it: only local files, bounded in time, memory and what it may say."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from goblin.media import Missing, Unreadable, parts
from goblin.media.patience import Patience

FULLER = "a fuller ffmpeg"  # what is wanted when the one here was built without what a file needs
TOO_SLOW = "This file took too long to work on, so the gallery stopped."
LARGEST_BLOCK = 192 << 20  # bytes of one allocation inside ffmpeg: an 8K frame in 16 bits fits
LARGEST_FRAME = 70_000_000  # pixels: 8K is 33 million
LOG_HEAD, LOG_TAIL = 256 << 10, 16 << 10  # bytes of ffmpeg's own words that are kept

NO_MEMORY = ("Cannot allocate memory", "x264 [error]: malloc")
NOT_STARTED = 127  # exit code of a program whose libraries find no room

# An AVI may hold subtitle files; ffmpeg opens these with a demuxer of their own.
NESTED = {"avi": ",srt,ass"}
# QuickTime files may point to other files on this machine; these are ffmpeg's defaults, said aloud.
STRICT = {"mov": ("-enable_drefs", "0", "-use_absolute_path", "0")}


class Said(Exception):
    """What ffmpeg said last: for the keeper, as the cause of the sentence for people."""


class Greedy(MemoryError):
    """ffmpeg ran and wanted more memory than it may have, perhaps as the file claims what cannot be true."""


@dataclass
class Ended:
    """How a run ended: exit code, standard output, what ffmpeg said, seconds of the file it came to."""

    code: int
    output: bytes
    log: str
    reached: float = 0.0

    def unreadable(self, sentence: str) -> Unreadable:
        """The error to raise: `sentence` for people, ffmpeg's own words as its cause."""
        error = Unreadable(sentence)
        error.__cause__ = Said(f"ffmpeg ended with {self.code}: {self.log[-1500:].strip()}")
        return error


def find(given: str = "") -> str:
    """Path of the ffmpeg program: the given one, else PATH's, else the imageio_ffmpeg package's.

    Raises Missing when there is none.
    """
    if given:
        found = shutil.which(given)
        if not found:
            raise Missing(
                "The ffmpeg program named in the settings is not there. The file is kept as it is.", "ffmpeg"
            )
        return found
    return shutil.which("ffmpeg") or _packaged()


def _packaged() -> str:
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError, OSError):
        raise parts.missing("ffmpeg") from None


def reading(source: Path, demuxer: str, *before: str, threads: int = 1) -> list[str]:
    """Arguments that open `source` as `demuxer` only: no network, no playlists, no other files."""
    return [
        *("-protocol_whitelist", "file,pipe"),
        *("-format_whitelist", demuxer + NESTED.get(demuxer, "")),
        *("-max_pixels", str(LARGEST_FRAME), "-threads", str(threads)),
        *STRICT.get(demuxer, ()),
        *before,
        *("-f", demuxer, "-i", f"file:{source}"),
    ]


def call(
    program: str,
    args: list[str],
    seconds: float,
    feed: Callable[[bytes], None] | None = None,
    keep: int = 32 << 20,
    silence: float | None = None,
) -> Ended:
    """Run ffmpeg for at most `seconds` in which it can work, and no longer than `silence` without output.

    Standard output goes to `feed`, or is kept up to `keep` bytes. Raises Unreadable when it takes too long,
    Missing when the program cannot be started, OSError when a file it wrote became too large.
    """
    kept, process = bytearray(), _start(program, args)
    take = feed or (lambda chunk: kept.extend(chunk[: keep - len(kept)]))
    with _watched(process, seconds) as watch:
        # What is read at once is larger than Python's buffer, so nothing waits there that select cannot see.
        while select.select([process.stdout], [], [], silence)[0]:
            if not (chunk := process.stdout.read1(1 << 16)):
                break
            take(chunk)
        else:
            watch.end()
        process.wait()
    log = watch.text()
    _refuse(process.returncode, watch.late, log)
    return Ended(process.returncode, bytes(kept), log)


@contextlib.contextmanager
def _watched(process: subprocess.Popen, seconds: float) -> Iterator[_Watch]:
    """Listen to what ffmpeg says, end it when it is late, leave nothing of it behind."""
    watch = _Watch(process, seconds)
    try:
        yield watch
    finally:
        watch.timer.cancel()
        process.kill()
        process.wait()
        watch.join()
        process.stdout.close()
        process.stderr.close()


def _start(program: str, args: list[str]) -> subprocess.Popen:
    command = [program, "-nostdin", "-hide_banner", "-nostats", "-max_alloc", str(LARGEST_BLOCK)]
    try:
        return subprocess.Popen(
            [*command, *args],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                "PATH": os.environ.get("PATH", os.defpath),
                "LC_ALL": "C.UTF-8",
                "AV_LOG_FORCE_NOCOLOR": "1",
                # Each arena reserves 128 MB of address space, which the sandbox counts.
                "MALLOC_ARENA_MAX": "1",
            },
        )
    except OSError:
        raise parts.missing("ffmpeg") from None


def _refuse(code: int, late: bool, log: str) -> None:
    if late or code == -signal.SIGXCPU:
        raise Unreadable(TOO_SLOW)
    if code == -signal.SIGXFSZ or (code and "File too large" in log):
        raise OSError(errno.EFBIG, "the copy became too large")
    if code and "No space left on device" in log:
        raise OSError(errno.ENOSPC, "no space left for the copy")
    if code == NOT_STARTED and re.search("failed to map|cannot map|[Cc]annot allocate", log):
        raise MemoryError(log[-1500:])
    if code and any(words in log for words in NO_MEMORY):
        raise Greedy(log[-1500:])
    if code and ("Unknown encoder" in log or "Encoder not found" in log):
        raise Missing(
            "The ffmpeg on this machine cannot write H.264 and AAC. The file is kept as it is.", FULLER
        )
    if code and re.search(r"Decoder \(codec \w+\) not found|no decoder found", log):
        raise Missing(
            "The ffmpeg on this machine cannot read this kind of file. The file is kept as it is.", FULLER
        )


class _Watch(threading.Thread):
    """Reads standard error, so that ffmpeg never waits; keeps the beginning and the end. Ends it when it is late."""

    def __init__(self, process: subprocess.Popen, seconds: float) -> None:
        super().__init__(daemon=True)
        self.process, self.head, self.tail, self.late = process, b"", b"", False
        self.patience = Patience(process.pid, seconds)
        self._wait()
        self.start()

    def run(self) -> None:
        while chunk := self.process.stderr.read1(1 << 14):
            room = LOG_HEAD - len(self.head)
            self.head += chunk[:room]
            self.tail = (self.tail + chunk[room:])[-LOG_TAIL:]

    def _wait(self) -> None:
        self.timer = threading.Timer(self.patience.seconds, self._look)
        self.timer.daemon = True
        self.timer.start()

    def _look(self) -> None:
        if self.process.returncode is not None:
            return
        if self.patience.ended():
            self.end()
        else:
            self._wait()

    def end(self) -> None:
        self.late = True
        self.process.kill()

    def text(self) -> str:
        return (self.head + self.tail).decode("utf-8", "replace")


def has_filter(program: str, name: str) -> bool:
    """Whether this ffmpeg was built with a filter."""
    return "Unknown filter" not in (ended := call(program, ["-h", f"filter={name}"], 10)).log + str(
        ended.output
    )


def as_recorded(program: str) -> list[str]:
    """Arguments that keep the moments of frames as they are; an MP4's would be made even, a thousand a second.

    Named -vsync before ffmpeg 5.1, and gone under that name in later ones.
    """
    said = call(program, ["-version"], 10, keep=200).output.decode("utf-8", "replace")
    found = re.match(r"ffmpeg version n?(\d+)\.(\d+)", said)
    old = found and (int(found[1]), int(found[2])) < (5, 1)
    return ["-vsync" if old else "-fps_mode", "vfr"]


def convert(
    program: str,
    args: list[str],
    seconds: float,
    duration: float | None,
    progress: Callable[[float], None] | None = None,
    silence: float | None = None,
) -> Ended:
    """Run a conversion, telling `progress` how far it is (0 to 1) as ffmpeg reports it."""
    reached, rest = 0.0, b""

    def feed(chunk: bytes) -> None:
        nonlocal reached, rest
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.partition(b"=")
            if name == b"out_time_us" and value.strip().isdigit():
                reached = max(reached, int(value) / 1e6)
        if progress and duration:
            progress(min(reached / duration, 1.0))

    ended = call(program, ["-progress", "pipe:1", *args], seconds, feed, silence=silence)
    ended.reached = reached
    return ended


def measure(program: str, opened: list[str], stream: int, seconds: float) -> float | None:
    """Seconds of the stream by reading all of it, for files that do not say or cannot be believed."""
    args = ["-v", "error", *opened, "-map", f"0:{stream}", "-c", "copy", "-f", "null", "-"]
    return convert(program, args, seconds, None).reached or None
