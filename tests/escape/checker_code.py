"""Code that runs in the checker: in its container as its user, and in the process of one file, confined as that is.

The first place is the worker taken over; the second a reader taken over, which is what a hostile file can be.
"""

from escape import researcher_kernel as kernel
from escape import researcher_network as network
from escape.probes import HELPERS, Probe

ROOT, MOUNTED, FREE, SMALL = "root", "mounted", "free", "unlimited"

READER = r"""
import json, os, shutil, sys, tempfile
from pathlib import Path
from ecluse.checks import limits, sandbox
TASK = json.load(sys.stdin)
extra = tempfile.mkdtemp(prefix="esc-extra-")
found = Path(sandbox.__file__).resolve().parents[2]
Path(extra, "sitecustomize.py").write_text(f'''
import sys
sys.path.insert(0, {str(found)!r})
import esc_probe
from ecluse.checks import tasks
tasks.TASKS["probe"] = esc_probe.task
''')
Path(extra, "esc_probe.py").write_text(TASK["values"].pop("helpers") + '''
def task(folder, job):
    V.update(job["values"], own=str(folder / job["id"]))
    return {"seen": one(job)}
''')
sandbox.EXTRA_PATH = (extra,)
folder = Path(TASK["values"]["request"])
jobs = [{"task": "probe", "id": f"p{n}", "code": p["code"], "values": TASK["values"],
         "reads": ["/srv/ecluse/index/alpha"]} for n, p in enumerate(TASK["probes"])]
out = {}
with sandbox.Sandbox(limits.Budget(seconds=5), parallel=TASK["width"], confined=True) as reading:
    ends = reading.run(folder, jobs, 120)
for job, probe in zip(jobs, TASK["probes"]):
    end = ends[job["id"]]
    out[probe["name"]] = end.answer["seen"] if end.state == "ok" else [False, f"{end.state}: {end.detail}", False]
shutil.rmtree(extra)
print(json.dumps(out))
"""
"""Makes each probe in the sandbox of the checker, as a reader: the same server, the same limits, the same confinement."""

READER_VALUES = {"helpers": HELPERS}


# -- the worker taken over ------------------------------------------------------------------------------------------


def in_worker() -> list[Probe]:
    """Probes of the container, as the checker's user."""
    ways = [p for p in network.probes() if p.twin in (network.OPEN, network.CONTROL, network.LINK)]
    return [*ways, *kernel.calls(), *kernel.kernel_files(), *kernel.neighbours(), *_mounts(), *_container()]


def _mounts() -> list[Probe]:
    root = "/srv/ecluse/"
    read = {
        "the extract of a project": "extracts/alpha/current/claims/ACTS.parquet",
        "the sources": "sources/marker",
        "the key of pseudonyms": "keys/pseudonyms.key",
        "the key of releases": "secrets/airlock/release.key",
        "the token of the airlock": "secrets/airlock/hub_token",
        "the cookie secret of the hub": "secrets/hub/cookie_secret",
        "the token of the proxy": "secrets/proxy/token",
        "the accounts": "accounts/accounts.yaml",
        "the people of the policies": "policies/people.yaml",
        "the database": "control/ecluse.sqlite",
    }
    found = {
        f"read {what}": f'return open("{root}{path}", "rb").read(20) or refuse("empty")' for what, path in read.items()
    }
    sockets = {"the gate's socket": f"{root}gate/engine.sock", "the engine's socket": "/var/run/docker.sock",
               "the engine's socket through process 1": "/proc/1/root/run/docker.sock"}  # fmt: skip
    found |= {
        f"speak to {what}": f"s = socket.socket(socket.AF_UNIX); s.settimeout(3); s.connect({path!r})\n"
        's.sendall(b"GET /_ping HTTP/1.0\\r\\n\\r\\n"); return s.recv(40) or refuse("nothing")'
        for what, path in sockets.items()
    }
    change = {
        "change bytes of the quarantine": 'f = V["stored"]; open(f, "ab").close(); return "opened"',
        "put another file into the quarantine": 'open(os.path.dirname(V["stored"]) + "/" + "0" * 64, "w").close(); return "made"',
        "take a file out of the quarantine": 'os.rename(V["stored"], V["stored"] + ".gone"); os.rename(V["stored"] + ".gone", V["stored"]); return "moved"',
        "open a file of the quarantine to all": 'os.chmod(V["stored"], 0o666); return "opened"',
        "a link in the quarantine": 'os.symlink("/etc/passwd", os.path.dirname(V["stored"]) + "/link"); return "made"',
        "a job of its own": f'open("{root}spool/jobs/evil.json", "w").close(); return "made"',
        "another text in a job that waits": 'open(V["job"], "a").close(); return "opened"',
        "the end of a job that waits": 'os.rename(V["job"], V["job"] + ".gone"); os.rename(V["job"] + ".gone", V["job"]); return "gone"',
        "another record index": f'open("{root}index/alpha/new", "w").close(); return "made"',
        "a change of the record index": f'open("{root}index/alpha/secret", "a").close(); return "opened"',
        "a file beside what is mounted": f'open("{root}new", "w").close(); return "made"',
    }
    found |= change
    return [Probe(n, c, MOUNTED, "not there, or read-only") for n, c in found.items()]


_CHECKS = "/opt/ecluse/lib/python3.11/site-packages/"


def _container() -> list[Probe]:
    write = {"the checker's own program": f"{_CHECKS}ecluse/checks/worker.py", "its libraries": f"{_CHECKS}sitecustomize.py",
             "its programs": "/usr/local/bin/evil", "its users": "/etc/passwd", "its loader": "/etc/ld.so.preload",
             "its names of hosts": "/etc/hosts", "its resolver": "/etc/resolv.conf"}  # fmt: skip
    found = {f"write into {what}": f'open({path!r}, "a").close(); return "written"' for what, path in write.items()}
    found |= {
        "a program of its own in the temporary folder": "p = '/tmp/esc-x' + str(os.getpid())\nopen(p, 'w').write('#!/bin/sh\\n')\n"
        "os.chmod(p, 0o755)\ntry:\n    return subprocess.run([p]).returncode\nfinally:\n    os.unlink(p)",
        "code mapped from a file of its own": "import mmap\np = '/tmp/esc-m' + str(os.getpid())\nopen(p, 'wb').write(b'\\xc3' * 4096)\n"
        "f = os.open(p, os.O_RDWR)\nos.unlink(p)\nmmap.mmap(f, 4096, prot=5); return 'mapped'",
        "a secret in its environment": "return [k for k in os.environ if 'TOKEN' in k or 'SECRET' in k or 'KEY' in k] or refuse('none')",
        "a program with the rights of root": 'd = subprocess.run("find / -xdev -perm /6000 -type f 2>/dev/null", shell=True,'
        ' capture_output=True, text=True).stdout\nreturn d if d.strip() else refuse("none")',
    }  # fmt: skip
    small = {
        "more processes than the limit": "made = []\ntry:\n    for _ in range(200):\n        p = os.fork()\n"
        "        if p == 0:\n            time.sleep(20)\n            os._exit(0)\n        made.append(p)\n"
        "finally:\n    for p in made:\n        os.kill(p, 9)\n        os.waitpid(p, 0)\nreturn len(made)",
        "more temporary files than the limit": "f = open('/tmp/esc-big', 'wb')\n"
        "try:\n    os.posix_fallocate(f.fileno(), 0, 400 << 20); return 'filled'\nfinally:\n    os.unlink('/tmp/esc-big')",
        "more shared memory than the limit": "f = open('/dev/shm/esc-big', 'wb')\n"
        "try:\n    os.posix_fallocate(f.fileno(), 0, 400 << 20); return 'filled'\nfinally:\n    os.unlink('/dev/shm/esc-big')",
        "core dumps": "import resource\ntry:\n    resource.setrlimit(4, (4096, 4096)); return 'set'\nexcept ValueError as e:\n    refuse(e)",
    }  # fmt: skip
    return [
        *(Probe(n, c, MOUNTED, "read-only, or none", 20) for n, c in found.items()),
        *(Probe(n, c, SMALL, "stopped at the limit", 30) for n, c in small.items()),
    ]


# -- a reader taken over --------------------------------------------------------------------------------------------


def in_reader() -> list[Probe]:
    """Probes of the process of one file."""
    found = {**_beside(), **_places(), **_processes(), **_more()}
    mine = [Probe(f"reader: {n}", c, FREE, "refused by its confinement") for n, c in found.items()]
    return mine + [Probe(f"reader: {p.name}", p.code, ROOT, p.expected) for p in kernel.calls() if p.name not in _SAME]


_SAME = ("no filter of calls any more", "new privileges by a program", "any capability at all")
"""They read /proc, which is closed as a whole and tried by itself."""


def _beside() -> dict[str, str]:
    """Other files of the same request, and its own answer turned into something else."""
    beside, own = 'V["request"] + "/beside/{}"', 'V["own"] + "/{}"'
    write = 'open({}, "w").write("[]"); return "written"'
    return {
        "read another file of the request": f'return open({beside.format("in")}).read()',
        "list the files of the request": 'return os.listdir(V["request"])',
        "list the answers of another file": f"return os.listdir({beside.format('')})",
        "answer for another file": write.format(beside.format("answer")),
        "rebuild another file": write.format(beside.format("rebuilt")),
        "tell the facts of another file": write.format(beside.format("facts")),
        "answer for the judge": write.format('V["request"] + "/judge"'),
        "exchange another file": f'open({own.format("x")}, "w").close(); os.rename({own.format("x")}, {beside.format("in2")}); return "moved"',
        "take another file": f'os.rename({beside.format("rebuilt0")}, {own.format("x")}); return "moved"',
        "remove another file": f'os.unlink({beside.format("facts0")}); return "removed"',
        "cut another file": f'os.truncate({beside.format("in")}, 3); return "cut"',
        "rights of another file": f'os.chmod({beside.format("in")}, 0o600); return "set"',
        "owner of another file": f'os.chown({beside.format("in")}, os.getuid(), os.getgid()); return "set"',
        "time of another file": f'os.utime({beside.format("in")}); return "set"',
        "attribute of another file": f'os.setxattr({beside.format("in")}, "user.x", b"1"); return "set"',
        "its answer a link to the quarantine": f'os.symlink(V["stored"], {own.format("rebuilt")} + str(os.getpid())); return "linked"',
        "its answer a link to the index of others": f'os.symlink("/srv/ecluse/index/beta/secret", {own.format("answer")} + str(os.getpid())); return "linked"',
        "its answer another name of another's file": f'os.link({beside.format("in")}, {own.format("rebuilt")} + str(os.getpid())); return "linked"',
        "its answer a pipe that is waited for": f'os.mkfifo({own.format("answer")} + str(os.getpid())); return "made"',
        "its answer a folder": f'os.mkdir({own.format("answer")} + str(os.getpid())); return "made"',
        "its answer a socket": f's = socket.socket(socket.AF_UNIX); s.bind({own.format("answer")} + str(os.getpid())); return "bound"',
    }  # fmt: skip


def _places() -> dict[str, str]:
    """What the container holds for the worker, and no reader needs."""
    results = "/srv/ecluse/spool/results/"
    parent = "/proc/{os.getppid()}/"
    return {
        "answer another job": f'os.mkdir("{results}" + "f" * 32); return "made"',
        "answer another job before its turn": f'os.mkdir("{results}." + "f" * 32 + ".part"); return "made"',
        "change an answer that was given": f'open("{results}" + V["given"] + "/report.json", "r+").close(); return "opened"',
        "read an answer that was given": f'return open("{results}" + V["given"] + "/report.json").read(20)',
        "exchange a rebuilt file of another job": f'os.rename("{results}" + V["given"] + "/rebuilt", "{results}" + V["given"] + "/gone"); os.rename("{results}" + V["given"] + "/gone", "{results}" + V["given"] + "/rebuilt"); return "moved"',
        "add a rebuilt file to another job": f'open("{results}" + V["given"] + "/rebuilt/" + "0" * 64, "w").close(); return "made"',
        "a sign of life in the worker's place": f'open("{results}.heartbeat", "a").close(); return "opened"',
        "a sign of life by its time": f'os.utime("{results}.heartbeat"); return "set"',
        "list the answers": f'return os.listdir("{results}") or refuse("none")',
        "list the jobs": 'return os.listdir("/srv/ecluse/spool/jobs") or refuse("none")',
        "read a job of others": 'return open(V["job"]).read(20)',
        "list the quarantine": 'return os.listdir("/srv/ecluse/quarantine")',
        "read a file of others in the quarantine": 'return open(V["stored"]).read(20)',
        "read the index of another project": 'return open("/srv/ecluse/index/beta/secret").read()',
        "list the indexes": 'return os.listdir("/srv/ecluse/index")',
        "watch the quarantine": 'return libc("inotify_add_watch", libc("inotify_init"), b"/srv/ecluse/quarantine", 0xfff)',
        "leave a file for the next job": 'open("/tmp/esc-left", "w").close(); return "left"',
        "leave a file in shared memory": 'open("/dev/shm/esc-left", "w").close(); return "left"',
        "read what others left": 'return os.listdir("/tmp")',
        "read the container's settings": 'return open("/etc/passwd").read(20)',
        "read its name in the network": 'return open("/etc/hostname").read()',
        "the environment of the parent": f'return len(open(f"{parent}environ").read())',
        "the memory of the parent": f'return os.open(f"{parent}mem", os.O_RDWR)',
        "the map of the parent's memory": f'return open(f"{parent}maps").read(20)',
        "the open files of the parent": f'return os.listdir(f"{parent}fd")',
        "the command of process 1": 'return open("/proc/1/cmdline").read()',
        "the root of process 1": 'return os.listdir("/proc/1/root/srv")',
        "the list of processes": 'return len([p for p in os.listdir("/proc") if p.isdigit()])',
        "to be the last that the kernel ends": 'open("/proc/self/oom_score_adj", "w").write("0"); return "set"',
        "the mounts": 'return open("/proc/self/mountinfo").read(20)',
        "the memory of the machine": 'return open("/proc/meminfo").read(20)',
    }  # fmt: skip


def _processes() -> dict[str, str]:
    """Others, children, and staying alive."""
    return {
        "a signal to the parent": 'os.kill(os.getppid(), 0); return "may"',
        "a signal to process 1": 'os.kill(1, 0); return "may"',
        "a signal to its group": 'os.kill(0, 0); return "may"',
        "a signal to all": 'os.kill(-1, 0); return "may"',
        "a signal to a thread of the parent": 'libc("tgkill", os.getppid(), os.getppid(), 0); return "may"',
        "a signal to a thread by its number": "syscall(200, os.getppid(), 0); return 'may'",
        "a signal with a value": "syscall(129, os.getppid(), 0, ctypes.create_string_buffer(b'\\0' * 8 + b'\\xff' * 4 + b'\\0' * 116)); return 'may'",
        "a signal by a handle": "signal.pidfd_send_signal(os.pidfd_open(os.getppid()), 0); return 'may'",
        "a signal by an open file": "import fcntl\nr, w = os.pipe()\nfcntl.fcntl(r, fcntl.F_SETOWN, os.getppid()); return 'set'",
        "the parent under its hand (ptrace)": "libc('ptrace', 0x4206, os.getppid(), None, None); return 'held'",
        "the parent's memory by call": "b = ctypes.create_string_buffer(8)\nclass V1(ctypes.Structure): _fields_ = [('a', ctypes.c_void_p), ('n', ctypes.c_size_t)]\n"
        "l, r = V1(ctypes.addressof(b), 8), V1(ctypes.addressof(b), 8)\n"
        "return syscall(310, os.getppid(), ctypes.byref(l), ctypes.c_long(1), ctypes.byref(r), ctypes.c_long(1), ctypes.c_long(0))",
        "the limits of the parent": "import resource\nreturn resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
        "a child": 'p = os.fork()\nif p == 0: os._exit(0)\nos.waitpid(p, 0); return "made"',
        "a child that stays behind": 'p = os.fork()\nif p == 0:\n    os.setsid()\n    if os.fork() == 0: time.sleep(1)\n    os._exit(0)\nos.waitpid(p, 0); return "left"',
        "a child by the newest call": "a = (ctypes.c_ulong * 8)(0, 0, 0, 0, 17, 0, 0, 0)\np = syscall(435, ctypes.byref(a), 64)\nif p == 0: os._exit(0)\nreturn 'made'",
        "a child by the library": "return os.posix_spawn('/bin/true', ['true'], {})",
        "another program": "r = subprocess.run(['/bin/echo', 'x'], capture_output=True); return r.stdout",
        "another group": "os.setpgid(0, 0) if os.getpgrp() != os.getpid() else os.setpgid(0, os.getpgrp()); return 'set'",
        "to outlive its parent": "libc('prctl', 1, 0, 0, 0, 0); return 'set'",
        "more turns of the processor": "os.setpriority(os.PRIO_PROCESS, 0, 0); return 'set'",
        "another order of processes": "os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)); return 'set'",
        "a message queue": "return syscall(240, b'esc', 0o102, 0o600, None)",
        "shared memory that stays": "i = syscall(29, 0, 4096, 0o1600); syscall(31, i, 0, None); return i",
        "semaphores that stay": "i = syscall(64, 0, 1, 0o1600); syscall(66, i, 0, 0); return i",
        "messages that stay": "i = syscall(68, 0, 0o1600); syscall(71, i, 0, None); return i",
        "a file in memory alone": "return os.memfd_create('x')",
    }  # fmt: skip


def _more() -> dict[str, str]:
    """Networks, limits, and ways into the kernel that no reader needs."""
    kinds = {
        "of the network": "socket.AF_INET, socket.SOCK_STREAM",
        "for datagrams": "socket.AF_INET, socket.SOCK_DGRAM",
        "of IPv6": "socket.AF_INET6, socket.SOCK_STREAM",
        "to other processes": "socket.AF_UNIX, socket.SOCK_STREAM",
        "to the kernel's tables": "socket.AF_NETLINK, socket.SOCK_RAW",
    }
    found = {f"a socket {what}": f"return socket.socket({kind})" for what, kind in kinds.items()}
    return found | {
        "a pair of sockets": "return socket.socketpair()",
        "its name in the network by a look-up": "return socket.getaddrinfo('localhost', 80)",
        "a listener for others": "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); return s.getsockname()",
        "a queue of calls (io_uring)": "p = ctypes.create_string_buffer(120); return syscall(425, 4, p)",
        "another kind of machine (personality)": "return libc('personality', 0x0040000)",
        "a handle of a file": "h = ctypes.create_string_buffer(b'\\x80\\0\\0\\0' + b'\\0' * 140, 144); m = ctypes.c_int()\n"
        "return syscall(303, -100, b'/dev/shm', h, ctypes.byref(m), 0)",
        "the old door of the kernel (int 0x80)": "import mmap\nm = mmap.mmap(-1, 4096, prot=7); m.write(bytes.fromhex('b814000000cd80c3'))\n"
        "return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()",
        "more memory than a reader has": "b = bytearray(3200 << 20); return len(b)",
        "a longer file than a reader may write": "f = open(V['own'] + '/big', 'wb'); signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "f.truncate(300 << 20); f.close(); os.unlink(V['own'] + '/big'); return 'written'",
        "more open files than a reader has": "made = []\nfor _ in range(200): made.append(os.open('/dev/null', os.O_RDONLY))\nreturn len(made)",
        "higher limits": "import resource\ntry:\n    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30)); return 'set'\nexcept ValueError as e:\n    refuse(e)",
        "a core of its memory": "import resource\ntry:\n    resource.setrlimit(resource.RLIMIT_CORE, (4096, 4096)); return 'set'\nexcept ValueError as e:\n    refuse(e)",
        "more time than a reader has": "t = time.monotonic()\nwhile time.monotonic() - t < 6: pass\nreturn 'six seconds'",
        "a sleep that does not end": "time.sleep(6); return 'six seconds'",
    }  # fmt: skip
