"""A filter in the kernel that refuses system calls: those that open sockets, and asking where one may write.

Sockets are refused where a process may not have a network of its own, as containers commonly forbid that. Sources:
linux/seccomp.h, linux/filter.h, linux/audit.h, and the tables of system calls of each machine; see also
Documentation/userspace-api/seccomp_filter.rst.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
# SECCOMP_RET_ALLOW, _ERRNO, _KILL_PROCESS
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
# BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JGE|K, BPF_RET|K
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
NUMBER, MACHINE, ARGUMENTS = 0, 4, 16  # where struct seccomp_data holds them, in bytes
AF_UNIX = 1
IO_URING_SETUP = 425  # opens sockets without the call socket()
X32 = 0x40000000  # a second table of calls on x86_64
# By machine and bytes of an address: AUDIT_ARCH_..., the number of socket(), and by their numbers the calls
# access(_, mode) and faccessat(_, _, mode) with the place of `mode`. A 32-bit ARM may run on a 64-bit kernel.
ARM = (0x40000028, 281, {33: 1, 334: 2})
KNOWN = {
    ("x86_64", 8): (0xC000003E, 41, {21: 1, 269: 2}),
    ("aarch64", 8): (0xC00000B7, 198, {48: 2}),
    **dict.fromkeys((("armv7l", 4), ("armv8l", 4), ("aarch64", 4)), ARM),
}
Steps = tuple[tuple[int, int, int, int], ...]


def refuse(asking: bool = False) -> bool:
    """Let this process and its children open no sockets but local ones; False where that cannot be.

    With `asking` they are told besides that they may write nowhere. LibreOffice puts a socket of its own into
    /tmp, where a job may write nothing, unless it is told so; then it takes the folder OSL_SOCKET_PATH names
    (sal/osl/unx/pipe.cxx).
    """
    known = KNOWN.get((platform.machine(), struct.calcsize("P")))
    if not sys.platform.startswith("linux") or known is None or sys.byteorder != "little":
        return False
    code = _filter(*known[:2], known[2] if asking else {})
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(code) // 8, ctypes.addressof(held))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_char_p(program), 0, 0) == 0


def _filter(machine: int, socket: int, asking: dict[int, int]) -> bytes:
    """The program, a line a step: (code, steps to skip when true, when false, value)."""
    steps = (
        *((LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, machine), (RETURN, 0, 0, KILL)),
        *((LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE)),
        *((EQUAL, 0, 1, IO_URING_SETUP), (RETURN, 0, 0, REFUSE)),
        *_of_call(socket, 0, AF_UNIX, ALLOW, REFUSE),
        *(step for call, place in asking.items() for step in _of_call(call, place, os.W_OK, REFUSE, ALLOW)),
        (RETURN, 0, 0, ALLOW),
    )
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _of_call(call: int, place: int, value: int, then: int, otherwise: int) -> Steps:
    """What a call comes to by the argument at a place; other calls go on."""
    return (
        *((EQUAL, 0, 4, call), (LOAD, 0, 0, ARGUMENTS + 8 * place), (EQUAL, 0, 1, value)),
        *((RETURN, 0, 0, then), (RETURN, 0, 0, otherwise)),
    )
