"""The walls around one job: limits, priority, no network, nothing of the gallery's environment."""

import contextlib
import ctypes
import os
import resource
import signal
import stat
import struct
import tempfile
from collections.abc import Iterable
from pathlib import Path

from goblin.media.child import calls

# linux/prctl.h and linux/sched.h
PR_SET_PDEATHSIG = 1
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

# linux/landlock.h; the numbers of its calls are the same on every machine
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
READ_FILE, READS = 1 << 2, 1 << 2 | 1 << 3  # files, and what is in folders
CHANGES = WRITE_FILE | sum(1 << bit for bit in range(4, 13))  # remove and make entries of every sort
CHANGES_SINCE = ((2, 1 << 13), (3, TRUNCATE))  # move between folders, cut short

LOWEST_PRIORITY = 19
OPEN_FILES = 256
TEXT = 48 << 20  # bytes of programs in memory: an ffmpeg with all its libraries has about 40 MB there
MAPPED = 1 << 30  # bytes of addresses for what costs no memory of its own: a library has hundreds of MB
GRACE_SECONDS = 5  # between the CPU limit's signal and the kernel's kill
KEPT = ("PATH", "LANG")


def cut_network() -> bool:
    """Move this process into an empty network of its own, or have sockets refused; False where neither can be."""
    if not hasattr(ctypes.CDLL(None), "unshare"):
        return False
    return _unshare(CLONE_NEWNET) or _unshare_as_user() or calls.refuse()


def _unshare(flags: int) -> bool:
    return ctypes.CDLL(None, use_errno=True).unshare(flags) == 0


def _unshare_as_user() -> bool:
    """The same without privileges: inside a user namespace that maps only ourselves."""
    user, group = os.getuid(), os.getgid()
    if not _unshare(CLONE_NEWUSER | CLONE_NEWNET):
        return False
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        with contextlib.suppress(OSError):
            Path("/proc/self", name).write_text(text)
    return True


def die_with_parent() -> None:
    """End this process when its parent ends; also for `preexec_fn` of programs a job starts."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def confine(
    out: Path,
    memory: int,
    seconds: int,
    size: int,
    devices: Iterable[str] = (),
    readable: Iterable[Path] = (),
) -> None:
    """Bind this process to its limits (bytes, CPU seconds, bytes of a file), the folder `out` and `devices`.

    It may read what is `readable`, too, and nothing else.
    """
    os.setpgid(0, 0)
    die_with_parent()
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    yield_to_others()
    # If the machine itself runs out of memory, this job goes and the gallery stays.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")
    # What is written to counts as memory; programs and files that are only looked at come beside it.
    _limit(resource.RLIMIT_DATA, max(memory - TEXT, memory // 2))
    _limit(resource.RLIMIT_AS, memory + MAPPED)
    limit_seconds(seconds)
    _limit(resource.RLIMIT_FSIZE, size)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    os.umask(0o077)
    os.chdir(out)
    _scrub_environment(out)
    shut_in(out, devices, readable)


def limit_seconds(seconds: int) -> None:
    """Bind this process to so many seconds of the processor."""
    _limit(resource.RLIMIT_CPU, seconds, seconds + GRACE_SECONDS)


def yield_to_others() -> None:
    """Take the processor and the disk only while nobody else wants them: a page must not wait for a film."""
    os.nice(LOWEST_PRIORITY)
    # A job that is merely nice finishes its slice of time first; one that idles is interrupted at once. (Where a
    # gallery shares its machine with something that never rests, it still gets a little.)
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def shut_in(out: Path, devices: Iterable[str] = (), readable: Iterable[Path] = ()) -> bool:
    """Let this process change files below `out`, and these devices, only; read those, and what is `readable`.

    False where the kernel has no Landlock (Linux 5.13).
    """
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = call(CREATE_RULESET, None, ctypes.c_size_t(0), ASK_VERSION)
    if version < 1:
        return False
    changes = CHANGES | sum(right for since, right in CHANGES_SINCE if version >= since)
    handled = struct.pack("Q", changes | READS)
    rules = call(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    written = ((path, changes & (WRITE_FILE | TRUNCATE) | READS) for path in (os.devnull, *devices))
    for path, rights in ((out, changes | READS), *written, *((path, READS) for path in readable)):
        with contextlib.suppress(OSError):  # not every machine has them all
            _allow(rules, path, rights)
    done = call(RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return done


def _allow(rules: int, path: Path | str, rights: int) -> None:
    """Add a rule for a file or all below a folder; of the rights those that a file has, where it is one."""
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= WRITE_FILE | TRUNCATE | READ_FILE
    rule = struct.pack("=Qi", rights, place)
    ctypes.CDLL(None).syscall(ADD_RULE, rules, PATH_BENEATH, rule, 0)
    os.close(place)


def _limit(what: int, soft: int, hard: int | None = None) -> None:
    """Lower a limit; one that is already lower stays as it is."""
    highest = resource.getrlimit(what)[1]
    wanted = (soft, soft if hard is None else hard)
    if highest != resource.RLIM_INFINITY:
        wanted = tuple(min(value, highest) for value in wanted)
    resource.setrlimit(what, wanted)


def _scrub_environment(out: Path) -> None:
    for name in [name for name in os.environ if name not in KEPT and not name.startswith("MALLOC_")]:
        del os.environ[name]
    os.environ.update(HOME=str(out), TMPDIR=str(out))
    tempfile.tempdir = None
