"""What the kernel enforces on a child: no new privileges, Landlock, seccomp. Plain system calls, no dependency.

Linux only; Landlock from 5.13, seccomp here on x86-64. Nothing in this file decides what is enough: the self-test
does (`selftest.py`, `isolation.py`).
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys

from autoreward.reward.sandbox.seccomp import filter_program

PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 4, 38, 39
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF = 444, 446  # the same numbers on every architecture
SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC = 317, 1, 1
CAPABILITY_VERSION = 0x20080522
DAC_READ_SEARCH = 1 << 2  # root may read files of other users: warm-up may have to

# Landlock access rights of files, by the ABI that brought them. 0, 2 and 3 are execute, read file, read directory.
READ_RIGHTS = 0b1101
FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: 1 << 14, 5: 1 << 15}
NET_RIGHTS = 0b11  # bind and connect TCP, from ABI 4
SCOPES = 0b11  # abstract UNIX sockets and signals stay inside, from ABI 6


class LayerError(Exception):
    """A layer of isolation cannot be set; the message says why."""


def drop_privileges(keep_reading: bool) -> None:
    """No gain of privileges by any exec, and no capability, in this thread and those it starts.

    Args:
        keep_reading: keep, for now, the right of root to read the files of others.
    """
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _limit_capabilities(DAC_READ_SEARCH if keep_reading else 0)


def privileges() -> str | None:
    """What is left of them, in words; None where there is nothing."""
    if _prctl(PR_GET_NO_NEW_PRIVS, 0) != 1:
        return "no_new_privs is not set"
    effective, permitted, _ = _capabilities()
    return "there are capabilities" if effective | permitted else None


def restrict_files(reading: bool) -> None:
    """Landlock without any exception: nothing can be written, other processes cannot be looked into.

    It holds for this thread and those it starts later. From newer kernels come: no TCP, no signals to the outside.

    Args:
        reading: whether files may still be read.

    Raises:
        LayerError: this kernel has no Landlock.
    """
    abi = _system_call("Landlock", LANDLOCK_CREATE_RULESET, 0, 0, 1)
    files = sum(rights for since, rights in FILE_RIGHTS.items() if since <= abi)
    fields = [files & ~READ_RIGHTS if reading else files]
    fields += [NET_RIGHTS] if abi >= 4 else []
    fields += [SCOPES] if abi >= 6 else []
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = _system_call("Landlock", LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        _system_call("Landlock", LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def filter_calls() -> None:
    """The seccomp filter, on all threads of this process.

    Raises:
        LayerError: the architecture is not supported, or the kernel refuses.
    """
    if platform.machine() != "x86_64" or sys.maxsize < 2**32:
        raise LayerError(f"seccomp: the filter is made for x86-64, this is {platform.machine()}")
    program = filter_program(os.getpid())
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    _system_call("seccomp", SECCOMP, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, header)


def hide_process() -> None:
    """Other processes of the same user can no longer read this one's environment and memory (Linux).

    It stays so until the process ends or executes another program: giving it back would open a window for whoever
    still runs. The price: no core dump, and a debugger needs root.
    """
    if sys.platform.startswith("linux"):
        _prctl(PR_SET_DUMPABLE, 0)


def _limit_capabilities(kept: int) -> None:
    effective, permitted, _ = _capabilities()
    effective, permitted = effective & kept, permitted & kept
    low, high = (1 << 32) - 1, 32
    data = struct.pack("=6I", effective & low, permitted & low, 0, effective >> high, permitted >> high, 0)
    if _libc().capset(_capability_header(), data) != 0:
        raise LayerError(f"capabilities: {os.strerror(ctypes.get_errno())}")


def _capabilities() -> tuple[int, int, int]:
    """Effective, permitted and inheritable capabilities of this thread, as bits."""
    data = ctypes.create_string_buffer(24)
    if _libc().capget(_capability_header(), data) != 0:
        raise LayerError(f"capabilities: {os.strerror(ctypes.get_errno())}")
    low = struct.unpack("=6I", data.raw)
    return low[0] | low[3] << 32, low[1] | low[4] << 32, low[2] | low[5] << 32


def _capability_header() -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(struct.pack("=Ii", CAPABILITY_VERSION, 0), 8)  # 0: this thread


def _prctl(option: int, value: int) -> int:
    arguments = (ctypes.c_ulong(argument) for argument in (value, 0, 0, 0))
    result = int(_libc().prctl(option, *arguments))
    if result < 0:
        raise LayerError(f"prctl {option}: {os.strerror(ctypes.get_errno())}")
    return result


def _system_call(layer: str, number: int, *arguments: int | bytes) -> int:
    given = (ctypes.c_long(one) if isinstance(one, int) else ctypes.c_char_p(one) for one in arguments)
    result = int(_libc().syscall(ctypes.c_long(number), *given))
    if result != 0 and (result < 0 or layer == "seccomp"):  # seccomp names a thread it could not reach
        raise LayerError(f"{layer}: {os.strerror(ctypes.get_errno()) if result < 0 else 'a thread was not reached'}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
