"""Many small attempts in one container: a runner that makes each in a process of its own, all in one `docker exec`.

A probe is the body of a Python function. What it returns is what was seen, and it got through; an error of the
system (`OSError`), no answer in time, or `refuse("…")` means that it did not. Any other error is a fault of the probe.
Both the real container and its twin get the same code; only the values in `V`, where they have to, differ.
"""

import json
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from escape.attempt import Attempt, Seen

HELPERS = r"""
import ctypes, errno, json, os, select, signal, socket, ssl, struct, subprocess, sys, time, urllib.error, urllib.request
V = {}

class Refused(Exception):
    pass

def refuse(what):
    raise Refused(what)

def own(anybody=False):
    # TLS as this container speaks it: with its own certificate, if it has one, and whom it trusts, or anybody.
    e = os.environ
    c = ssl.create_default_context(cafile=e.get("JUPYTERHUB_SSL_CLIENT_CA"))
    if anybody:
        c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    if e.get("JUPYTERHUB_SSL_CERTFILE"):
        c.load_cert_chain(e["JUPYTERHUB_SSL_CERTFILE"], e["JUPYTERHUB_SSL_KEYFILE"])
    return c

def hello():
    # The first bytes of a TLS connection, to be sent by hand.
    out = ssl.MemoryBIO()
    try:
        own(True).wrap_bio(ssl.MemoryBIO(), out).do_handshake()
    except ssl.SSLWantReadError:
        return out.read()

def tcp(host, port, send=b"GET / HTTP/1.0\r\n\r\n", expect=b"", seconds=2, size=4096, sealed=False):
    with socket.create_connection((host, port), seconds) as line, (
        own(True).wrap_socket(line) if sealed else line
    ) as s:
        s.settimeout(seconds)
        if send is None:
            return "reached"
        s.sendall(send)
        got = b""
        try:
            while len(got) < size and not (expect and expect in got):
                part = s.recv(size)
                if not part:
                    break
                got += part
        except TimeoutError:
            pass
    if expect and expect not in got:
        refuse("answered: " + got[:80].decode("ascii", "replace").replace("\r\n", " ") if got else "closed")
    return got[:60].decode("ascii", "replace").split("\r\n")[0]

class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None

def http(url, method="GET", body=None, headers=None, expect="", seconds=8, proxy=None):
    h = {k.title(): v for k, v in (headers or {}).items()}
    data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
    if isinstance(body, (dict, list)):
        h["Content-Type"] = "application/json"
    r = urllib.request.Request(url, data=data, method=method, headers=h)
    handlers = [urllib.request.ProxyHandler(proxy or {}), NoRedirect]
    if url.startswith("https:"):
        handlers.append(urllib.request.HTTPSHandler(context=own()))
    try:
        with urllib.request.build_opener(*handlers).open(r, timeout=seconds) as a:
            status, got = a.status, a.read(200000)
    except urllib.error.HTTPError as e:
        refuse(f"{e.code} {e.read(120).decode('utf-8', 'replace')}".replace("\n", " ").strip())
    text = got.decode("utf-8", "replace")
    if expect and expect not in text:
        refuse(f"{status}, without it")
    return f"{status} {text[:60]}".replace("\n", " ")

def hub(method, path, body=None, expect="", token=None):
    return http(V["hub"] + "/hub/api" + path, method, body, {"Authorization": "token " + (token or V["token"])}, expect)

def libc(name, *args):
    lib = ctypes.CDLL(None, use_errno=True)
    found = getattr(lib, name)(*args)
    if found == -1:
        e = ctypes.get_errno()
        raise OSError(e, os.strerror(e))
    return found

def syscall(number, *args):
    return libc("syscall", ctypes.c_long(number), *args)

def one(probe):
    names = dict(globals())
    body = "\n".join("    " + line for line in probe["code"].strip("\n").split("\n"))
    try:
        exec("def probe():\n" + body, names)
        seen = names["probe"]()
        return [True, str(seen)[:160], False]
    except Refused as e:
        return [False, str(e)[:160], False]
    except (OSError, MemoryError, subprocess.TimeoutExpired, EOFError) as e:
        return [False, f"{type(e).__name__}: {e}"[:160], False]
    except BaseException as e:
        return [False, f"{type(e).__name__}: {e}"[:160], True]

"""
"""What the code of a probe may use, whatever runs it: `V` are the values, `one` makes a probe."""

RUNNER = (
    HELPERS
    + r"""
TASK = json.load(sys.stdin)
V.update(TASK["values"])

def child(probe):
    r, w = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(r)
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDWR), 1)
        os.dup2(1, 2)
        os.write(w, json.dumps(one(probe)).encode())
        os._exit(0)
    os.close(w)
    return pid, r

waiting, running, out = list(TASK["probes"]), {}, {}
while waiting or running:
    while waiting and len(running) < TASK["width"]:
        p = waiting.pop(0)
        pid, r = child(p)
        running[r] = (p, pid, time.monotonic() + p["seconds"], b"")
    ready = select.select(list(running), [], [], 0.1)[0]
    for r, (p, pid, end, got) in list(running.items()):
        if r in ready:
            part = os.read(r, 65536)
            if part:
                running[r] = (p, pid, end, got + part)
                if p["leaves"]:
                    continue
                try:
                    json.loads(got + part)
                except ValueError:
                    continue
                got += part
            answer = json.loads(got) if got else [False, "it was killed", False]
        elif time.monotonic() > end:
            answer = [False, "no answer in time", False]
        else:
            continue
        out[p["name"]] = answer
        try:
            os.killpg(pid, signal.SIGKILL)
        except OSError:
            pass
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
        os.waitpid(pid, 0)
        os.close(r)
        del running[r]
print(json.dumps(out))
"""
)


@dataclass(frozen=True, slots=True)
class Probe:
    """One attempt inside: its name, its code, the twin in which it works, what is expected, and its time."""

    name: str
    code: str
    twin: str
    expected: str = "no way"
    seconds: float = 12
    leaves: bool = False


@dataclass
class Batch:
    """Probes that go into one container together, when the first of their answers is asked for."""

    enter: Callable[[], Sequence[str]]
    """The command that runs a Python program in the container, reading standard input."""
    values: Callable[[], Mapping[str, object]]
    probes: Sequence[Probe]
    width: int = 8
    program: str = RUNNER
    """What makes the probes: reads the task from standard input, and prints what became of each."""
    _seen: dict[str, Seen] | None = field(default=None, init=False)
    _failure: Exception | None = field(default=None, init=False)

    def seen(self, name: str) -> Seen:
        """What became of a probe."""
        if self._failure is not None:
            raise self._failure
        if self._seen is None:
            try:
                self._seen = self._run()
            except Exception as error:
                self._failure = error
                raise
        return self._seen.get(name) or Seen(through=False, what="the runner did not tell", failed=True)

    def _run(self) -> dict[str, Seen]:
        wanted = [{"name": p.name, "code": p.code, "seconds": p.seconds, "leaves": p.leaves} for p in self.probes]
        task = json.dumps({"values": dict(self.values()), "probes": wanted, "width": self.width})
        command = [*self.enter(), "-c", self.program]
        done = subprocess.run(command, input=task, capture_output=True, text=True, check=False, timeout=240)
        if done.returncode:
            raise RuntimeError(f"the runner ended with {done.returncode}: {done.stderr[-400:]}")
        found = json.loads(done.stdout)
        return {name: Seen(through=a, what=b.replace("\n", " "), failed=c) for name, (a, b, c) in found.items()}


def attempts(who: str, probes: Sequence[Probe], real: Batch, twins: Mapping[str, Batch]) -> list[Attempt]:
    """Each probe against the real container and against its twin."""
    return [
        Attempt(who, p.name, p.expected, partial(real.seen, p.name), partial(twins[p.twin].seen, p.name))
        for p in probes
    ]
