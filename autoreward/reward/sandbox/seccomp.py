"""The seccomp filter of a child: which system calls are refused, as data, and the program the kernel runs.

Rules refuse; what no rule names is allowed, because an allow-list breaks kernels of XLA. Refused calls fail with
EPERM. Calls newer than this table fail with ENOSYS, as on an older kernel. x86-64 only: the numbers are its own.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator, Sequence

DENIED: dict[str, dict[str, int]] = {
    # Opening anything, changing names, contents, owners, modes and times. Reading is refused too:
    # nothing has to be opened after warm-up, and it is no use to a reward.
    "files": {
        "open": 2, "creat": 85, "openat": 257, "openat2": 437, "open_by_handle_at": 304, "name_to_handle_at": 303,
        "open_tree": 428, "memfd_create": 319, "memfd_secret": 447, "mkdir": 83, "mkdirat": 258, "rmdir": 84,
        "unlink": 87, "unlinkat": 263, "rename": 82, "renameat": 264, "renameat2": 316, "link": 86, "linkat": 265,
        "symlink": 88, "symlinkat": 266, "mknod": 133, "mknodat": 259, "truncate": 76, "ftruncate": 77,
        "fallocate": 285, "copy_file_range": 326, "sendfile": 40, "chmod": 90, "fchmod": 91, "fchmodat": 268,
        "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235,
        "futimesat": 261, "utimensat": 280, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197,
        "lremovexattr": 198, "fremovexattr": 199, "flock": 73, "sync": 162, "syncfs": 306, "inotify_init": 253,
        "inotify_init1": 294, "inotify_add_watch": 254, "fanotify_init": 300, "fanotify_mark": 301,
    },
    # Sockets of every kind; `sendto` without an address stays, it is how the reply leaves.
    "network": {
        "socket": 41, "socketpair": 53, "connect": 42, "bind": 49, "listen": 50, "accept": 43, "accept4": 288,
        "sendmsg": 46, "sendmmsg": 307, "recvmsg": 47, "recvmmsg": 299,
    },
    # Other programs and other processes, under any name of the call.
    "programs": {
        "execve": 59, "execveat": 322, "fork": 57, "vfork": 58,
    },
    # Looking into other processes, sending them signals, changing their priority, leaving the group.
    "processes": {
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "process_madvise": 440,
        "process_mrelease": 448, "kcmp": 312, "pidfd_open": 434, "pidfd_getfd": 438, "pidfd_send_signal": 424,
        "kill": 62, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "setsid": 112, "setpgid": 109,
        "setpriority": 141, "sched_setscheduler": 144, "sched_setparam": 142, "sched_setattr": 314,
        "sched_setaffinity": 203, "ioprio_set": 251, "migrate_pages": 256, "move_pages": 279, "setrlimit": 160,
        "get_robust_list": 274,
    },
    # What two children, or a child and its parent, could meet in.
    "shared memory": {
        "shmget": 29, "shmat": 30, "shmctl": 31, "shmdt": 67, "semget": 64, "semop": 65, "semctl": 66,
        "semtimedop": 220, "msgget": 68, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "mq_open": 240, "mq_unlink": 241,
        "mq_timedsend": 242, "mq_timedreceive": 243, "mq_notify": 244, "mq_getsetattr": 245,
    },
    # Another user, group, capability or personality.
    "identity": {
        "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114, "setresuid": 117, "setresgid": 119,
        "setgroups": 116, "setfsuid": 122, "setfsgid": 123, "capset": 126, "personality": 135, "seccomp": 317,
        "lsm_set_self_attr": 460,
    },
    # Namespaces, mounts and roots.
    "namespaces": {
        "unshare": 272, "setns": 308, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161,
        "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
        "statmount": 457, "listmount": 458, "swapon": 167, "swapoff": 168, "quotactl": 179, "quotactl_fd": 443,
        "acct": 163,
    },
    # Large or rarely used surfaces of the kernel, and the machine itself.
    "kernel": {
        "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "bpf": 321, "perf_event_open": 298,
        "userfaultfd": 323, "keyctl": 250, "add_key": 248, "request_key": 249, "kexec_load": 246,
        "kexec_file_load": 320, "init_module": 175, "finit_module": 313, "delete_module": 176, "create_module": 174,
        "iopl": 172, "ioperm": 173, "modify_ldt": 154, "reboot": 169, "sethostname": 170, "setdomainname": 171,
        "settimeofday": 164, "clock_settime": 227, "clock_adjtime": 305, "adjtimex": 159, "syslog": 103,
        "vhangup": 153, "uselib": 134, "lookup_dcookie": 212, "nfsservctl": 180, "_sysctl": 156,
    },
}  # fmt: skip
"""System calls by purpose, name and number on x86-64."""

CLONE, CLONE3, FCNTL, IOCTL, PRCTL, PRLIMIT64, SENDTO, TGKILL = 56, 435, 72, 16, 157, 302, 44, 234
NEWEST = 462  # mseal, Linux 6.10
THREAD = 0x00010000  # CLONE_THREAD
NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET
# TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: what Python asks of its standard streams
IOCTLS = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
# F_SETOWN, F_SETSIG, F_SETOWN_EX would send any signal to any process of the user; F_SETLEASE, F_NOTIFY
REFUSED_FCNTLS = (8, 10, 15, 1024, 1026)
# PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_GET_NO_NEW_PRIVS, PR_SET_VMA (the C library names its memory)
PRCTLS = (15, 16, 21, 39, 0x53564D41)

_ARCHITECTURE = 0xC000003E  # AUDIT_ARCH_X86_64
_LOAD, _EQUAL, _GREATER, _BITS, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06  # BPF: ld abs, jeq, jgt, jset, ret
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000  # SECCOMP_RET_*; kill ends the whole process

_Instruction = tuple[int, int, int, int]  # operation, jump if true, jump if false, operand
_REFUSE: _Instruction = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
_UNKNOWN: _Instruction = (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
_PASS: _Instruction = (_RETURN, 0, 0, _ALLOW)


def filter_program(process: int) -> bytes:
    """The filter as an array of `struct sock_filter`.

    Args:
        process: id of the process it is for, which may signal itself: `abort` does.
    """
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in _instructions(process))


def _instructions(process: int) -> Iterator[_Instruction]:
    yield (_LOAD, 0, 0, _ARCHITECTURE_AT)
    yield (_EQUAL, 1, 0, _ARCHITECTURE)
    yield (_RETURN, 0, 0, _KILL)  # 32-bit system calls have other numbers
    yield (_LOAD, 0, 0, _NUMBER_AT)
    yield (_GREATER, 0, 1, NEWEST)  # those of x32 as well: they have bit 30 set
    yield _UNKNOWN
    for number in sorted(number for calls in DENIED.values() for number in calls.values()):
        yield from _rule(number, [_REFUSE])
    yield from _rule(CLONE3, [_UNKNOWN])  # its flags lie in memory, which a filter cannot read; libc then uses clone
    yield from _rule(CLONE, _threads_only())
    yield from _rule(SENDTO, _null(4))
    yield from _rule(PRLIMIT64, _null(2))
    yield from _rule(TGKILL, _one_of(0, [process]))
    yield from _rule(IOCTL, _one_of(1, IOCTLS))
    yield from _rule(PRCTL, _one_of(0, PRCTLS))
    yield from _rule(FCNTL, _none_of(1, REFUSED_FCNTLS))
    yield _PASS


def _rule(number: int, block: Sequence[_Instruction]) -> Iterator[_Instruction]:
    """The block decides about one system call; it must end in a return, as it overwrites the loaded number."""
    yield (_EQUAL, 0, len(block), number)
    yield from block


def _argument(index: int, high: bool = False) -> _Instruction:
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index + 4 * high)


def _threads_only() -> list[_Instruction]:
    """`clone` makes threads of this process, nothing else."""
    return [_argument(0), (_BITS, 0, 1, THREAD), (_BITS, 0, 1, NEW_NAMESPACES), _REFUSE, _PASS]


def _null(index: int) -> list[_Instruction]:
    """The call is allowed with a null pointer in this place."""
    return [_argument(index), (_EQUAL, 0, 2, 0), _argument(index, high=True), (_EQUAL, 1, 0, 0), _REFUSE, _PASS]


def _one_of(index: int, values: Sequence[int]) -> list[_Instruction]:
    tests = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [_argument(index), *tests, _REFUSE, _PASS]


def _none_of(index: int, values: Sequence[int]) -> list[_Instruction]:
    tests = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [_argument(index), *tests, _PASS, _REFUSE]
