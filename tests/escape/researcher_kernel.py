"""From inside a workspace to the kernel, the host's files, other processes, and beyond the limits."""

from escape.probes import Probe

ROOT, WRITABLE, UNLIMITED, SOCKET, SHARED = "root", "writable", "unlimited", "socket", "shared"

_OPEN = 'return "opened " + str(os.open({path!r}, os.O_WRONLY))'
_READ = 'd = os.read(os.open({path!r}, os.O_RDONLY), 8192); return d[:20] if d else refuse("empty")'
_WRITE = 'open({path!r}, "a").close(); return "written"'
_SYSCALL = "return syscall({number}{arguments})"
_BEYOND = """
e = 0
try:
    syscall({number}{arguments})
except OSError as found:
    e = found.errno
return f"the kernel looked at it: {{errno.errorcode.get(e, 'done')}}" if e not in (1, 38) else refuse(errno.errorcode[e])
"""
"""A call that changes nothing with these arguments; whether it is let through shows in its kind of error."""


def probes() -> list[Probe]:
    """All of them."""
    return [*calls(), *kernel_files(), *_files(), *_limits(), *neighbours()]


def calls() -> list[Probe]:
    """Calls to the kernel that would widen what a container may do."""
    new = {"users": 0x10000000, "networks": 0x40000000, "mounts": 0x20000, "processes": 0x20000000, "names": 0x4000000,
           "shared memory": 0x8000000, "cgroups": 0x2000000}  # fmt: skip
    found = {f"a new namespace of {what}": f"return libc('unshare', {flag})" for what, flag in new.items()}
    found |= {
        "a new namespace of users by clone": "pid = libc('syscall', ctypes.c_long(56), ctypes.c_ulong(0x10000000 | 17), 0, 0, 0, 0)\n"
        "if pid == 0: os._exit(0)\nreturn 'a child'",
        "the namespaces of process 1": "return libc('setns', os.open('/proc/1/ns/mnt', os.O_RDONLY), 0)",
        "a mount of a memory disk": "return libc('mount', b'x', b'/mnt', b'tmpfs', 0, None)",
        "a mount of /proc anew": "return libc('mount', b'proc', b'/mnt', b'proc', 0, None)",
        "a mount of /sys anew": "return libc('mount', b'sysfs', b'/mnt', b'sysfs', 0, None)",
        "a mount of the host's cgroups": "return libc('mount', b'c', b'/mnt', b'cgroup2', 0, None)",
        "a bind of / over itself": "return libc('mount', b'/', b'/mnt', None, 4096, None)",
        "the root mounted writable": "return libc('mount', b'', b'/', None, 32 | 4096, None)",
        "the end of the mount of the data": "return libc('umount2', V['data'].encode(), 2)",
        "the data mounted writable": "return libc('mount', b'', V['again'].encode(), None, 32 | 4096, None)",
        "another root by chroot": "os.chroot('/tmp'); return 'changed'",
        "another root by pivot_root": _BEYOND.format(number=155, arguments=", b'/tmp', b'/tmp'"),
        "a mount by the new calls": _BEYOND.format(number=430, arguments=", b'tmpfs', 0"),
        "a tree opened to be moved": _BEYOND.format(number=428, arguments=", -100, b'/tmp', 1"),
        "a block device": "os.mknod('/dev/shm/b' + str(os.getpid()), 0o60666, os.makedev(8, 0)); return 'made'",
        "a character device": "os.mknod('/dev/shm/c' + str(os.getpid()), 0o20666, os.makedev(1, 1)); return 'made'",
        "user 0": "os.setuid(0); os.setgroups([0]); return 'root'",
        "group 0": "os.setgid(0); os.setgroups([0]); return 'root'",
        "the group of the engine": "os.setgroups([V['docker_group']]); return os.getgroups()",
        "a file given to root": "p = '/tmp/o' + str(os.getpid()); open(p, 'w').close(); os.chown(p, 0, 0); os.chown(p, 12345, 12345); return 'given'",
        "a capability on a file": "p = '/dev/shm/x' + str(os.getpid()); open(p, 'w').close()\n"
        "os.setxattr(p, 'security.capability', bytes.fromhex('0100000200002000000000000000000000000000')); return 'set'",
        "a trusted attribute on a file": "p = '/dev/shm/y' + str(os.getpid()); open(p, 'w').close(); os.setxattr(p, 'trusted.x', b'1'); return 'set'",
        "a program for the kernel (bpf)": _BEYOND.format(number=321, arguments=", 0, None, 0"),
        "watching the whole machine (perf)": _BEYOND.format(number=298, arguments=", None, -1, 0, -1, 0"),
        "a fault handler of its own (userfaultfd)": _BEYOND.format(number=323, arguments=", 0x7fffffff"),
        "the keys of the kernel (keyctl)": _BEYOND.format(number=250, arguments=", 0, -3, 1"),
        "a key for others (add_key)": _BEYOND.format(number=248, arguments=", b'user', b'x', b'y', 1, -3"),
        "a key of others (request_key)": _BEYOND.format(number=249, arguments=", b'user', b'none', None, -3"),
        "the kernel's log by call": _SYSCALL.format(number=103, arguments=", 3, ctypes.create_string_buffer(100), 100"),
        "a file of any disk by handle": _BEYOND.format(number=304, arguments=", -1, None, 0"),
        "another name for the machine": "socket.sethostname('evil'); return 'named'",
        "a mark on packets": "s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, 36, 1); return 'marked'",
        "sending from foreign addresses": "s = socket.socket(); s.setsockopt(socket.SOL_IP, 19, 1); return 'set'",
        "an address of the interface": "import fcntl\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "fcntl.ioctl(s, 0x8914, struct.pack('16sh', b'lo', 0x49)); return 'changed'",
        "a route of its own": "s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\n"
        "body = struct.pack('BBBBBBBBI', 2, 32, 0, 0, 254, 3, 253, 1, 0) + struct.pack('HH4s', 8, 1, socket.inet_aton('203.0.113.9'))"
        " + struct.pack('HHI', 8, 4, 1)\n"
        "s.send(struct.pack('IHHII', 16 + len(body), 24, 0x605, 1, 0) + body)\n"
        "got = struct.unpack('i', s.recv(99)[16:20])[0]\nreturn 'added' if got == 0 else refuse(os.strerror(-got))",
        "more time than others (nice)": "os.setpriority(os.PRIO_PROCESS, 0, -5); return 'set'",
        "the quota of a disk": _BEYOND.format(number=179, arguments=", 0x80000100, None, 0, None"),
        "capabilities raised": "class H(ctypes.Structure): _fields_ = [('v', ctypes.c_uint), ('p', ctypes.c_int)]\n"
        "d = (ctypes.c_uint * 6)(1 << 21, 1 << 21, 0, 0, 0, 0)\nreturn libc('capset', ctypes.byref(H(0x20080522, 0)), d)",
        "no filter of calls any more": "lines = open('/proc/self/status').read()\n"
        "return 'unfiltered' if 'Seccomp:\\t0' in lines else refuse('filtered')",
        "new privileges by a program": "return 'possible' if 'NoNewPrivs:\\t0' in open('/proc/self/status').read() else refuse('never')",
        "any capability at all": "lines = dict(l.split(':\\t') for l in open('/proc/self/status') if l.startswith('Cap'))\n"
        "return lines['CapBnd'] if int(lines['CapBnd'], 16) else refuse('none')",
    }
    return [Probe(name, code, ROOT, "refused by the kernel") for name, code in found.items()]


def kernel_files() -> list[Probe]:
    """Files of the kernel."""
    write = {
        "the program for core dumps": "/proc/sys/kernel/core_pattern",
        "the name of the machine by file": "/proc/sys/kernel/hostname",
        "the forwarding of packets": "/proc/sys/net/ipv4/ip_forward",
        "the panic on errors": "/proc/sys/kernel/panic",
        "the memory rules": "/proc/sys/vm/overcommit_memory",
        "the strange formats of programs": "/proc/sys/kernel/randomize_va_space",
        "the interrupts": "/proc/irq/default_smp_affinity",
        "the transparent pages": "/sys/kernel/mm/transparent_hugepage/enabled",
        "the profile of calls": "/sys/kernel/profiling",
        "the module parameters": "/sys/module/kernel/parameters/panic",
    }
    read = {
        "the machine's keys": "/proc/keys",
        "the machine's timers": "/proc/timer_list",
        "the kernel's log": "/dev/kmsg",
        "the machine's firmware": "/sys/firmware/memmap/0/start",
    }
    return [
        *(Probe(f"write: {n}", _OPEN.format(path=p), ROOT, "read-only or hidden") for n, p in write.items()),
        *(Probe(f"read: {n}", _READ.format(path=p), ROOT, "hidden") for n, p in read.items()),
    ]


def _files() -> list[Probe]:
    places = {
        "the root": "/x", "the users": "/etc/passwd", "the names of hosts": "/etc/hosts",
        "the resolver": "/etc/resolv.conf", "the settings of the Jupyter server": "/etc/jupyter/jupyter_server_config.py",
        "the extensions of the Jupyter server": "/etc/jupyter/jupyter_server_config.d/evil.json",
        "the Python environment": "/opt/ecluse/lib/python3.11/site-packages/sitecustomize.py",
        "the extension that refuses downloads": "/opt/ecluse/lib/python3.11/site-packages/ecluse_lab/authorizer.py",
        "the programs": "/usr/local/bin/evil", "the libraries": "/usr/lib/evil.so", "the loader": "/etc/ld.so.preload",
        "the kernels of all": "/opt/ecluse/share/jupyter/kernels/evil",
    }  # fmt: skip
    found = [Probe(f"write into {n}", _WRITE.format(path=p), WRITABLE, "read-only") for n, p in places.items()]
    data = {
        "a file beside the granted data": 'open(V["data"] + "/new", "w").close(); return "written"',
        "a change of the granted data": 'open(V["data"] + "/ACTS.parquet", "a").close(); return "changed"',
        "other rights on the granted data": 'os.chmod(V["data"] + "/ACTS.parquet", 0o666); return "changed"',
        "a hard link out of the granted data": 'os.link(V["data"] + "/ACTS.parquet", V["data"] + "/link"); return "linked"',
        "another data set beside": 'os.mkdir("/data/more"); return "made"',
        "the end of the granted data": 'os.rename(V["data"] + "/ACTS.parquet", V["data"] + "/gone"); return "renamed"',
        "a program with the rights of root": 'd = subprocess.run("find / -xdev -perm /6000 -type f", shell=True, capture_output=True, text=True).stdout\n'
        'return d if d.strip() else refuse("none")',
    }
    found += [Probe(n, c, WRITABLE, "read-only", 20) for n, c in data.items()]
    sockets = {
        "the engine's socket": "/var/run/docker.sock", "the engine's socket at its other name": "/run/docker.sock",
        "the engine's socket by its own path": "/proc/1/root/run/docker.sock",
    }  # fmt: skip
    ask = 's = socket.socket(socket.AF_UNIX); s.settimeout(3); s.connect({path!r})\ns.sendall(b"GET /_ping HTTP/1.0\\r\\n\\r\\n"); return s.recv(40)'
    return found + [Probe(n, ask.format(path=p), SOCKET, "not there") for n, p in sockets.items()]


def _limits() -> list[Probe]:
    found = {
        "more processes than the limit": "made = []\n"
        "try:\n    for _ in range(300):\n        p = os.fork()\n        if p == 0:\n            time.sleep(20)\n            os._exit(0)\n        made.append(p)\n"
        "finally:\n    for p in made:\n        os.kill(p, 9)\n        os.waitpid(p, 0)\nreturn len(made)",
        "more threads than the limit": "import threading\ne = threading.Event()\nmade = 0\n"
        "try:\n    for _ in range(300):\n        threading.Thread(target=e.wait, daemon=True).start(); made += 1\n"
        "except RuntimeError as x:\n    refuse(f'{made}: {x}')\nfinally:\n    e.set()\nreturn made",
        "more memory than the limit": "b = bytearray(1100 << 20)\nb[::4096] = b'x' * len(b[::4096])\nreturn len(b)",
        "more shared memory than the limit": "f = open('/dev/shm/big', 'wb')\n"
        "try:\n    os.posix_fallocate(f.fileno(), 0, 400 << 20); return 'filled'\nfinally:\n    os.unlink('/dev/shm/big')",
        "more temporary files than the limit": "f = open('/tmp/big', 'wb')\n"
        "try:\n    os.posix_fallocate(f.fileno(), 0, 1100 << 20); return 'filled'\nfinally:\n    os.unlink('/tmp/big')",
    }
    found |= {
        "more open files than the limit": "import resource\ntry:\n    resource.setrlimit(7, (17000, 17000)); return 'set'\nexcept ValueError as e:\n    refuse(e)",
        "core dumps": "import resource\ntry:\n    resource.setrlimit(4, (4096, 4096)); return 'set'\nexcept ValueError as e:\n    refuse(e)",
    }
    return [Probe(n, c, UNLIMITED, "stopped at the limit", 45) for n, c in found.items()]


def neighbours() -> list[Probe]:
    """Processes of other containers."""
    found = {
        "the processes of another container": "mine = [p for p in os.listdir('/proc') if p.isdigit()]\n"
        "for p in mine:\n    try:\n        if 'BaseHTTPRequestHandler' in open(f'/proc/{p}/cmdline').read(): return p\n"
        "    except OSError: pass\nrefuse('only its own')",
        "a signal to another container": "for p in [p for p in os.listdir('/proc') if p.isdigit()]:\n"
        "    try:\n        if 'BaseHTTPRequestHandler' in open(f'/proc/{p}/cmdline').read():\n            os.kill(int(p), 0); return p\n"
        "    except FileNotFoundError: pass\nrefuse('none to send to')",
        "the environment of another container": "for p in [p for p in os.listdir('/proc') if p.isdigit()]:\n"
        "    try:\n        if 'SECRET=of-the-outside' in open(f'/proc/{p}/environ').read(): return p\n    except OSError: pass\nrefuse('none')",
        "the files of another container": "for p in [p for p in os.listdir('/proc') if p.isdigit()]:\n"
        "    try:\n        if os.path.exists(f'/proc/{p}/root/outside-file'): return p\n    except OSError: pass\nrefuse('none')",
    }
    return [Probe(n, c, SHARED, "not seen") for n, c in found.items()]
