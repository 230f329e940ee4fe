"""System calls that a program a job starts is refused: the network's, and asking whether /tmp may be written."""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct

# linux/prctl.h, linux/seccomp.h, linux/filter.h
SET_SECCOMP, FILTER = 22, 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD | BPF_W | BPF_ABS, BPF_JMP | BPF_JEQ | BPF_K, BPF_RET | BPF_K
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # places in struct seccomp_data
# linux/audit.h, and asm/unistd.h of each: the calls socket(family), access(_, mode), faccessat(_, _, mode).
MACHINES = {
    "x86_64": (0xC000003E, {41: 0, 21: 1, 269: 2}),
    "aarch64": (0xC00000B7, {198: 0, 48: 2}),
}
SOCKETS = {41, 198}
FAMILIES = (socket.AF_INET, socket.AF_INET6, socket.AF_PACKET)


def refuse() -> bool:
    """From now on, for this process and all it starts; False where the kernel or the machine is another.

    LibreOffice puts a socket of its own into /tmp, where a job may write nothing, unless it is told that it
    cannot; then it takes the folder OSL_SOCKET_PATH names (sal/osl/unx/pipe.cxx).
    """
    machine = MACHINES.get(os.uname().machine)
    if not machine or not hasattr(ctypes.CDLL(None), "prctl"):
        return False
    program = _program(*machine)
    code = ctypes.create_string_buffer(program)
    head = struct.pack("@HP", len(program) // 8, ctypes.addressof(code))
    return ctypes.CDLL(None).prctl(SET_SECCOMP, FILTER, head, 0, 0) == 0


def _program(architecture: int, calls: dict[int, int]) -> bytes:
    """The filter: for each call the values of one argument that are refused; all else is allowed."""
    steps = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, ALLOW)]
    for number, argument in calls.items():
        refused = FAMILIES if number in SOCKETS else (os.W_OK,)
        steps += [(LOAD, 0, 0, NUMBER), (EQUAL, 0, len(refused) + 3, number)]
        steps.append((LOAD, 0, 0, ARGUMENTS + 8 * argument))
        steps += [(EQUAL, len(refused) - place, 0, int(value)) for place, value in enumerate(refused)]
        steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("@HBBI", *step) for step in steps)
