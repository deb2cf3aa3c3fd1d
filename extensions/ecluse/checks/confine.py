"""What the process of one file may still do: read programs and what its task names, write its own folder, compute.

Stops a reader that was taken over from reaching past its own file: the other files of the request, the quarantine,
answers to other jobs, its parent, its siblings. Two of the kernel's own means, both for good once they are set:
Landlock for paths and signals, a seccomp filter for calls. No reader needs a call that the filter closes.

Worked example: after `confine(own, (index,))`, `open("/srv/ecluse/spool/results/x", "w")` is a `PermissionError`, and
so are `os.fork()`, `socket.socket()`, and `os.kill(1, 9)`.
"""

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

READABLE: tuple[str, ...] = (
    *("/usr", "/lib", "/lib64", "/opt", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts"),
    *("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/proc/cpuinfo"),
)
"""Programs, their libraries and fonts; with the folders that Python loads modules from."""
WRITABLE: tuple[str, ...] = ("/dev/null",)
"""Beside the own folder."""

_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER = 38, 22, 2
_READ_FILE, _READ_DIR, _WRITE_FILE, _REMOVE_FILE, _MAKE_FILE, _TRUNCATE = (
    1 << 2,
    1 << 3,
    1 << 1,
    1 << 5,
    1 << 8,
    1 << 14,
)
_READ = _READ_FILE | _READ_DIR
_WRITE = _READ | _WRITE_FILE | _REMOVE_FILE | _MAKE_FILE
_OF_A_FILE = _READ_FILE | _WRITE_FILE | _TRUNCATE
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many of the kernel's rights to files each version of Landlock knows."""

_EPERM, _ENOSYS = 1, 38
_MACHINE_NAME = "x86_64"
_ARCHITECTURE = 0xC000003E  # x86-64; its other ways into the kernel have other numbers, and are closed
_CLONE, _CLONE3, _THREAD = 56, 435, 0x10000
_OF_A_PROCESS = {62: "kill", 234: "tgkill", 200: "tkill", 302: "prlimit64"}
_FCNTL, _OWNERS = 72, (8, 10, 15)
"""A file can be told to send its signals to somebody else."""
_CLOSED = {
    "network": (41, 42, 43, 49, 50, 53, 288),  # socket, connect, accept, bind, listen, socketpair, accept4
    "programs and processes": (57, 58, 59, 322, 109, 112, 135, 157),  # fork, exec, setpgid, setsid, personality, prctl
    "rights of users": (105, 106, 113, 114, 116, 117, 119, 122, 123, 126, 160),  # set*uid, set*gid, capset, setrlimit
    "signals to others": (129, 297, 424, 434, 438),  # rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_*
    "memory of others": (101, 310, 311, 312, 440),  # ptrace, process_vm_readv, process_vm_writev, kcmp, process_madvise
    "order of processes": (141, 142, 144, 203, 251, 314),  # setpriority, sched_set*, ioprio_set
    "names and rights": (76, 86, 88, 90, 91, 92, 93, 94, 133, 259, 260, 265, 266, 268, 452),  # truncate, link, chmod, …
    "attributes and times": (132, 188, 189, 190, 197, 198, 199, 235, 254, 261, 280),  # *xattr, *utime*, inotify
    "memory that outlives": (
        29,
        30,
        31,
        64,
        65,
        66,
        68,
        69,
        70,
        71,
        240,
        241,
        242,
        243,
        319,
    ),  # shm, sem, msg, mq, memfd
    "namespaces and mounts": (155, 161, 165, 166, 272, 308, 428, 429, 430, 431, 432, 433, 442),
    "the kernel itself": (
        *(
            103,
            134,
            139,
            154,
            156,
            159,
            153,
            163,
            164,
            167,
            168,
            169,
            170,
            171,
            172,
            173,
            175,
            176,
            179,
            180,
            227,
            246,
            248,
            249,
            250,
        ),
        *(298, 300, 301, 303, 304, 305, 313, 320, 321, 323, 425, 426, 427, 443, 447),
    ),  # logs, quotas, modules, clocks, keys, perf, fanotify, handles, bpf, userfaultfd, io_uring, secret memory
}


class ConfinementError(Exception):
    """The kernel has no means to confine a reader, or refuses them."""


def confine(own: Path, reads: Iterable[Path | str]) -> None:
    """Give up everything but computing, reading programs and `reads`, and writing below `own`. There is no way back.

    Raises:
        ConfinementError: the kernel can't do it; the process may be confined in part.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise ConfinementError("new privileges can't be given up")
    try:
        _paths(libc, own, reads)
    finally:
        _calls(libc, os.getpid())  # as much as there is, also where the first is missing


def missing() -> str:
    """What this machine lacks for `confine`; empty if nothing."""
    if not version():
        return "this kernel has no Landlock (Linux 5.13 or later, with `landlock` among its security modules)"
    return "" if platform.machine() == _MACHINE_NAME else f"the filter of calls is not written for {platform.machine()}"


# --- paths and signals: Landlock -----------------------------------------------------------------------------------


def version() -> int:
    """The kernel's version of Landlock; 0 without one."""
    found = ctypes.CDLL(None, use_errno=True).syscall(444, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    return max(0, int(found))


def _paths(libc: ctypes.CDLL, own: Path, reads: Iterable[Path | str]) -> None:
    known = version()
    if not known:
        raise ConfinementError("this kernel has no Landlock")
    rights = (1 << _RIGHTS.get(known, _RIGHTS[5])) - 1
    # All rights to files; from version 4 on to bind and connect; from 6 on abstract sockets and signals of others.
    value = struct.pack("=QQQ", rights, 3, 3)[: 24 if known > 5 else 16 if known > 3 else 8]
    rules = libc.syscall(444, value, ctypes.c_size_t(len(value)), ctypes.c_uint32(0))
    if rules < 0:
        raise ConfinementError("Landlock refuses its rules")
    folders = (*READABLE, sys.prefix, sys.base_prefix, *sys.path, *reads)
    allowed: list[tuple[str, int]] = [(str(p), _READ) for p in dict.fromkeys(map(str, folders)) if p not in ("", "/")]
    allowed += [(str(p), (_WRITE | _TRUNCATE) & rights) for p in (own, *WRITABLE)]
    for path, right in allowed:
        _allow(libc, rules, path, right)
    done = libc.syscall(446, rules, ctypes.c_uint32(0))
    os.close(rules)
    if done:
        raise ConfinementError("Landlock can't be set")


def _allow(libc: ctypes.CDLL, rules: int, path: str, right: int) -> None:
    """Allow a path and what lies below it; one that is not there needs no rule."""
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        right &= -1 if os.path.isdir(path) else _OF_A_FILE  # noqa: PTH112 - a path as the system gave it
        if libc.syscall(445, rules, 1, struct.pack("=Qi", right, opened), ctypes.c_uint32(0)):
            raise ConfinementError(f"Landlock refuses a rule for {path}")
    finally:
        os.close(opened)


# --- calls: seccomp ------------------------------------------------------------------------------------------------

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR, _END = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _MACHINE, _ARGUMENT = 0, 4, 16
Step = tuple[int, int, int, int]


def _calls(libc: ctypes.CDLL, own: int) -> None:
    if platform.machine() != _MACHINE_NAME:
        raise ConfinementError(f"the filter of calls is not written for {platform.machine()}")
    steps = b"".join(struct.pack("=HBBI", *step) for step in _program(own))
    held = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("HxxxxxxP", len(steps) // 8, ctypes.addressof(held))
    if libc.prctl(_SET_SECCOMP, _FILTER, program, 0, 0):
        raise ConfinementError("the filter of calls can't be set")


def _program(own: int) -> Iterator[Step]:
    """The filter, in the kernel's own small language: load, compare, answer."""
    refuse = (_RETURN, 0, 0, _ERROR | _EPERM)
    yield (_LOAD, 0, 0, _MACHINE)
    yield (_EQUAL, 1, 0, _ARCHITECTURE)
    yield (_RETURN, 0, 0, _END)
    yield (_LOAD, 0, 0, _NUMBER)
    yield (_AT_LEAST, 0, 1, 0x40000000)
    yield (_RETURN, 0, 0, _END)
    yield (_EQUAL, 0, 1, _CLONE3)  # its flags lie in memory, where no filter sees them: libraries then take clone
    yield (_RETURN, 0, 0, _ERROR | _ENOSYS)
    yield (_EQUAL, 0, 4, _CLONE)
    yield (_LOAD, 0, 0, _ARGUMENT)
    yield (_ANY_BIT, 0, 1, _THREAD)
    yield (_RETURN, 0, 0, _ALLOW)
    yield refuse
    for number, name in _OF_A_PROCESS.items():
        yield (_EQUAL, 0, 5, number)
        yield (_LOAD, 0, 0, _ARGUMENT)
        yield (_EQUAL, 1, 0, own)
        yield (_EQUAL, 0, 1, 0 if name == "prlimit64" else own)
        yield (_RETURN, 0, 0, _ALLOW)
        yield refuse
    yield (_EQUAL, 0, 2 + 2 * len(_OWNERS), _FCNTL)
    yield (_LOAD, 0, 0, _ARGUMENT + 8)
    for command in _OWNERS:
        yield (_EQUAL, 0, 1, command)
        yield refuse
    yield (_RETURN, 0, 0, _ALLOW)
    for number in sorted({n for numbers in _CLOSED.values() for n in numbers}):
        yield (_EQUAL, 0, 1, number)
        yield refuse
    yield (_RETURN, 0, 0, _ALLOW)
