"""Small video and sound files, made by ffmpeg's own test sources."""

import base64
import csv
import json
import subprocess
from pathlib import Path

from goblin.media import ffmpeg

SIZE = "160x90"


def make(target: Path, *args: str) -> Path:
    """Run ffmpeg with these arguments; the last is the file it writes."""
    command = [ffmpeg.find(), "-nostdin", "-v", "error", "-y", *args, str(target)]
    subprocess.run(command, check=True, timeout=60)
    return target


def film(target: Path, *args: str, seconds: float = 1, size: str = SIZE, rate: int = 10) -> Path:
    """A moving test picture with a tone."""
    sources = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    sources += ["-f", "lavfi", "-i", f"sine=frequency=440:sample_rate=44100:duration={seconds}"]
    return make(target, *sources, "-shortest", *args)


def silent(target: Path, *args: str, seconds: float = 1, size: str = SIZE) -> Path:
    """A moving test picture without sound."""
    return make(target, "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=10:duration={seconds}", *args)


def tone(target: Path, *args: str, seconds: float = 1) -> Path:
    """A tone and nothing else."""
    return make(target, "-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}", *args)


H264 = ("-c:v", "libx264", "-pix_fmt", "yuv420p", "-preset", "ultrafast", "-c:a", "aac")


def patched(source: Path, target: Path, *which: str, patches: dict) -> Path:
    """The file as others get it: every overwrite applied, same length."""
    data = bytearray(source.read_bytes())
    for name in which:
        for offset, length, text in patches.get(name, []):
            new = base64.b64decode(text)
            assert offset >= 0 and offset + length <= len(data)
            data[offset : offset + length] = (new * length)[:length]
    target.write_bytes(data)
    return target


def ground_truth(corpus: Path, *folders: str) -> list[dict]:
    """Rows of the corpus's manifest from these folders."""
    with (corpus / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row for row in rows if row["path"].startswith(folders)]


def facts_of(row: dict) -> dict:
    """What the corpus's tools found in a file."""
    return json.loads(row["facts_json"])
