"""What a keeper is told when goblin cannot be set up."""

import errno
import re
import sys

NO_NETWORK = (
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|ProxyError|ConnectionRefused"
    r"|Temporary failure|Could not (resolve|connect)|Network is unreachable|urlopen error|timed out"
)
# What pip and apt say, and what it means; the first that is found counts.
COMPLAINTS = (
    (r"No space left on device|Errno 28\b", "The disk is full: {room} MB are needed where goblin lies."),
    ("DO NOT MATCH THE HASHES", "What came is not what was pinned for {words}, so it was not used."),
    (
        "CERTIFICATE_VERIFY_FAILED|certificate verify failed",
        "The other side's certificate is not trusted: look at this machine's clock and its ca-certificates.",
    ),
    (NO_NETWORK, "The network cannot be reached; it is needed once, to fetch {words}."),
    (
        "No matching distribution|Could not find a version",
        "There is nothing ready-made for this machine and Python {python} to set up {words}.",
    ),
)


class Stop(Exception):
    """Goblin cannot start; the text is one sentence for the keeper."""


class Unexplained(Stop):
    """The same, with nothing better to say than the helper's own words."""


def say(sentence):
    print(sentence, file=sys.stderr, flush=True)


def explain(output, need):
    """A Stop for what a helper said before it failed."""
    python = "{}.{}".format(*sys.version_info)
    for pattern, sentence in COMPLAINTS:
        if re.search(pattern, output):
            words = need.words.rstrip(",")
            return Stop(sentence.format(words=words, room=need.download + need.unpacked, python=python))
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    wrong = [line for line in lines if re.match(r"E(RROR)?:", line)] or lines or ["no reason was given"]
    return Unexplained(f"Setting up failed: {wrong[-1]}")


def cannot(error, folder):
    """A Stop for what the system answered when goblin wrote in its folder."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Stop(
            f"The folder {folder} cannot be written: give it to the user who runs goblin, or move it."
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Stop(f"The disk is full: there is no room to set goblin up in {folder}.")
    return Unexplained(f"Setting up failed: {error}.")
