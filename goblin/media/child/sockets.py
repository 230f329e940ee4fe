"""A filter in the kernel that refuses new sockets, for where a process may not have a network of its own.

Containers commonly forbid the latter. Sources: linux/seccomp.h, linux/filter.h, linux/audit.h, and the tables of
system calls of each machine; see also Documentation/userspace-api/seccomp_filter.rst.
"""

import ctypes
import errno
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO
LOAD, EQUAL, AT_LEAST, RETURN = (
    0x20,
    0x15,
    0x35,
    0x06,
)  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
NUMBER, MACHINE, FIRST_ARGUMENT = 0, 4, 16  # where struct seccomp_data holds them, in bytes
AF_UNIX = 1
IO_URING_SETUP = 425  # opens sockets without the call socket()
X32 = 0x40000000  # a second table of calls on x86_64
# Machine: (AUDIT_ARCH_..., number of socket())
KNOWN = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198), "armv7l": (0x40000028, 281)}


def refuse_sockets() -> bool:
    """Let this process and its children open no sockets but local ones; False where that cannot be."""
    known = KNOWN.get(platform.machine())
    if not sys.platform.startswith("linux") or known is None or sys.byteorder != "little":
        return False
    code = _filter(*known)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack(
        "HxxxxxxP" if struct.calcsize("P") == 8 else "HxxP", len(code) // 8, ctypes.addressof(held)
    )
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(program), 0, 0) == 0


def _filter(machine: int, socket: int) -> bytes:
    """The program, a line a step: (code, steps to skip when true, when false, value)."""
    steps = (
        (LOAD, 0, 0, MACHINE),
        (EQUAL, 0, 7, machine),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 5, 0, X32),
        (EQUAL, 4, 0, IO_URING_SETUP),
        (EQUAL, 0, 2, socket),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (EQUAL, 0, 1, AF_UNIX),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE | errno.EACCES),
    )
    return b"".join(struct.pack("HBBI", *step) for step in steps)
