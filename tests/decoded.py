"""Files as they come out of the decoding child, and what the corpus says of them."""

import csv

from goblin import media
from goblin.media.sandbox import Failed


class Decoder:
    """decode(path) -> Result, made in the sandbox; copy(role) is the path of a copy of the last one."""

    def __init__(self, sandbox, folder):
        self.sandbox, self.folder, self.count = sandbox, folder, 0

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    def __call__(self, path, kind, progress=None, **options):
        with path.open("rb") as file:
            found = media.identify(file.read(4096), path.name)
        assert found and found[0] == kind, found
        self.count += 1
        self.out = self.folder / f"out-{self.count}"
        self.out.mkdir()
        options = {**media.options_of(kind, {}), **options}
        self.result = self.sandbox.run(kind, path, self.out, options, progress)
        return self.result

    def copy(self, role):
        return self.out / self.result.files[role].name

    def refusal(self, path, kind):
        """The sentence it fails with."""
        try:
            self(path, kind)
        except Failed as failed:
            assert failed.sentence.endswith("."), failed.detail
            return failed.sentence
        raise AssertionError(f"{path.name} was taken")


def rows(folder, *kinds):
    """The manifest's rows of these kinds."""
    with open(folder / "MANIFEST.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["kind"] in kinds:
                yield row
