"""From inside a workspace of beta to alpha: by packets, by the hub's API, through the proxy, by mounted files."""

from escape.probes import Probe

NEIGHBOUR, WEAK_HUB, MOUNTED, HOME = "neighbour", "weak hub", "mounted", "home"


def _packets() -> list[Probe]:
    """The twin stands in alpha's network."""
    udp = 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(2)\ns.connect((V["other"], 9))\ns.send(b"x")\n'
    ask = (
        'q = b"".join(bytes([len(x)]) + x for x in {name}.split(b".")) + b"\\0" + struct.pack(">HH", {kind}, 1)\n'
        "s = socket.socket(socket.AF_INET, {proto})\ns.settimeout(2)\ns.connect(('127.0.0.11', 53))\n"
        'm = b"\\x12\\x34\\x01\\0\\0\\x01\\0\\0\\0\\0\\0\\0" + q\n'
    )
    found = {
        "its workspace by name": 'return tcp(V["other_name"], 8888, None)',
        "its workspace by address": 'return tcp(V["other"], 8888, None)',
        "its workspace's version": 'return tcp(V["other"], 8888, b"GET /user/ada/alpha/api HTTP/1.0\\r\\n\\r\\n", b"version", sealed=True)',
        "its workspace by a fast open": 's = socket.socket()\nfor o in (20, 21): s.setsockopt(1, o, struct.pack("ll", 3, 0))\n'
        's.sendto(hello(), 0x20000000, (V["other"], 8888))\nreturn s.recv(99)[:3] or refuse("closed")',
        "its workspace by an address of both families": 'return tcp("::ffff:" + V["other"], 8888, None)',
        "its workspace by a number": 'return tcp(str(struct.unpack(">I", socket.inet_aton(V["other"]))[0]), 8888, None)',
        "its workspace around every route": 's = socket.socket()\ns.settimeout(2)\ns.setsockopt(1, 5, 1)\n'
        's.connect((V["other"], 8888))\nreturn "reached"',
        "its workspace from a chosen port": 's = socket.socket()\ns.settimeout(2)\ns.bind(("0.0.0.0", 8081))\n'
        's.connect((V["other"], 8888))\nreturn "reached"',
        "whether its workspace is there, by an echo": "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)\n"
        's.settimeout(2)\ns.sendto(b"\\x08\\0\\0\\0\\0\\1\\0\\1x", (V["other"], 0))\nreturn s.recv(99)[:4]',
        "whether its workspace is there, by a closed port": udp + "try:\n    s.recv(9)\nexcept ConnectionRefusedError:\n    return 'it said no'\nrefuse('silent')",
        "whether its workspace is there, by a neighbour's address": 's = socket.socket()\ns.settimeout(1)\ns.connect_ex((V["other"], 8888))\n'
        'return V["other"] if any(l.startswith(V["other"] + " ") and "00:00:00:00:00:00" not in l for l in open("/proc/net/arp")) else refuse("unknown")',
        "every address of its network": "import concurrent.futures as f, ipaddress\n"
        "def up(a):\n    s = socket.socket(); s.settimeout(1)\n    return str(a) if s.connect_ex((str(a), 8888)) in (0, 111) else None\n"
        'with f.ThreadPoolExecutor(40) as pool:\n    seen = [a for a in pool.map(up, ipaddress.ip_network(V["other_net"]).hosts()) if a]\n'
        'return seen or refuse("none answers")',
        "the proxy at its address there": 'return tcp(V["their_proxy"], 8000, None)',
        "the hub at its address there": 'return tcp(V["their_hub"], 8081, None)',
        "the mirror at its address there": 'return tcp(V["their_mirror"], 8083, None)',
        "packages in its name": 'return tcp(V["their_mirror"], 8083, b"GET /health HTTP/1.0\\r\\n\\r\\n", b"HTTP/1.", sealed=True)',
        "its workspace's name, by the resolver": 'return socket.gethostbyname(V["other_name"])',
        "its workspace's name, asked of the engine": ask.format(name='V["other_name"].encode()', kind=1, proto="socket.SOCK_DGRAM")
        + "s.send(m)\ngot = s.recv(500)\nreturn 'named' if got[7] else refuse('no such name')",
        "its workspace's name over TCP": ask.format(name='V["other_name"].encode()', kind=1, proto="socket.SOCK_STREAM")
        + "s.send(struct.pack('>H', len(m)) + m)\ngot = s.recv(500)[2:]\nreturn 'named' if got[7] else refuse('no such name')",
        "who has an address there, asked backwards": ask.format(
            name='(".".join(reversed(V["other"].split("."))) + ".in-addr.arpa").encode()', kind=12, proto="socket.SOCK_DGRAM")
        + "s.send(m)\ngot = s.recv(500)\nreturn 'named' if got[7] and b'alpha' in got else refuse('nobody')",
    }  # fmt: skip
    return [Probe(f"alpha: {name}", code, NEIGHBOUR, "no way there", 10) for name, code in found.items()]


A = "/users/ada"
CALLS: dict[str, tuple[str, str, object, str]] = {
    "who Ada is": ("GET", A, None, '"name"'), "who works": ("GET", "/users?state=active", None, '"name"'),
    "the state of its server": ("GET", f"{A}/servers/alpha", None, '"name"'), "how its server starts": (
        "GET", f"{A}/servers/alpha/progress", None, "data:"), "start a server of another there": ("POST", "/users/cy/servers/gamma", {}, ""),
    "start a server of one's own there": ("POST", "/users/ben/servers/alpha", {}, ""), "start a server of Ada elsewhere": (
        "POST", f"{A}/servers/token-beta", {}, ""), "stop its server": ("DELETE", "/users/mem/servers/alpha", None, ""),
    "a token of Ada": ("POST", f"{A}/tokens", {"note": "x"}, ""), "the tokens of Ada": ("GET", f"{A}/tokens", None, "api_tokens"),
    "an own token for its server": ("POST", "/users/ben/tokens", {"scopes": ["access:servers!server=ada/alpha"]}, ""),
    "a longer own token": ("POST", "/users/ben/tokens", {"expires_in": 10**8}, ""), "its server shared": (
        "POST", "/shares/ada/alpha", {"user": "rev"}, ""), "a code that opens its server": ("POST", "/share-codes/ada/alpha", {}, ""),
    "with whom it is shared": ("GET", "/shares/ada/alpha", None, "items"), "what is shared with Ada": ("GET", f"{A}/shared", None, "items"),
    "a group": ("POST", "/groups/token-ben", {}, ""), "the groups": ("GET", "/groups", None, "["), "the services": (
        "GET", "/services", None, "airlock"), "the routes": ("GET", "/proxy", None, "routespec"), "the routes written anew": (
        "POST", "/proxy", {}, ""), "what the hub is": ("GET", "/info", None, "python"), "Ada's activity": ("POST", f"{A}/activity", {
        "last_activity": "2026-01-01T00:00:00Z"}, ""), "a person more": ("POST", "/users/token-eve", {}, ""), "everybody's rights": (
        "PATCH", "/users/ben", {"admin": True}, ""),
}  # fmt: skip
"""By the token of the own workspace: method, path, body, and what a good answer holds."""


def _calls() -> list[Probe]:
    found = []
    for name, (method, path, body, expect) in CALLS.items():
        code = f"return hub({method!r}, {path!r}, {body!r}, {expect!r})"
        found.append(Probe(f"by the workspace's token: {name}", code, WEAK_HUB, "refused"))
    return found


PLACES = {
    "its Lab": ("GET", "lab", None), "its files": ("GET", "api/contents", None), "a file's content": ("GET", "api/contents/secret-of-alpha?content=1", None),
    "its kernels": ("GET", "api/kernels", None), "a new kernel": ("POST", "api/kernels", {"name": "python3"}), "its sessions": (
        "GET", "api/sessions", None), "its terminals": ("GET", "api/terminals", None), "a new terminal": ("POST", "api/terminals", {}),
    "its way to the airlock": ("GET", "ecluse/api/requests", None), "a download": ("GET", "files/secret-of-alpha", None), "its end": (
        "POST", "api/shutdown", {}), "a file written": ("PUT", "api/contents/evil.py", {"type": "file", "format": "text", "content": "x"}),
}  # fmt: skip


def _proxied() -> list[Probe]:
    found = {}
    for name, (method, path, body) in PLACES.items():
        found[name] = (
            f"return http(V['proxy'] + '/user/ada/alpha/{path}', {method!r}, {body!r}, "
            "{'Authorization': 'token ' + V['token']})"
        )
    get = "return http({url}, 'GET', None, {headers})"
    token = "'Authorization': 'token ' + V['token']"
    found |= {
        "it with the token in the address": get.format(url="V['proxy'] + '/user/ada/alpha/api/contents?token=' + V['token']", headers="{}"),
        "it by a cookie made of the token": get.format(url="V['proxy'] + '/user/ada/alpha/api/contents'",
            headers="{'Cookie': 'jupyterhub-user-ada-alpha=' + V['token']}"),
        "it in Ada's name by a header": get.format(url="V['proxy'] + '/user/ada/alpha/api/contents'",
            headers="{" + token + ", 'X-Forwarded-User': 'ada', 'Remote-User': 'ada'}"),
        "it from the own path": "s = 'GET /user/ben/beta/../../ada/alpha/api/contents HTTP/1.0\\r\\nAuthorization: token ' + V['token'] + '\\r\\n\\r\\n'\n"
        "return tcp(V['proxy_host'], V['proxy_host_port'], s.encode(), b' 200 ', sealed=V['sealed'])",
        "it by an encoded path": "s = 'GET /user/%61da/alpha/api/contents HTTP/1.0\\r\\nAuthorization: token ' + V['token'] + '\\r\\n\\r\\n'\n"
        "return tcp(V['proxy_host'], V['proxy_host_port'], s.encode(), b' 200 ', sealed=V['sealed'])",
        "its kernels' websocket": "s = 'GET /user/ada/alpha/api/kernels/x/channels HTTP/1.1\\r\\nHost: proxy\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n"
        "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nAuthorization: token ' + V['token'] + '\\r\\n\\r\\n'\n"
        "return tcp(V['proxy_host'], V['proxy_host_port'], s.encode(), b' 101 ', sealed=V['sealed'])",
        "its terminals' websocket": "s = 'GET /user/ada/alpha/terminals/websocket/1 HTTP/1.1\\r\\nHost: proxy\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n"
        "Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nAuthorization: token ' + V['token'] + '\\r\\n\\r\\n'\n"
        "return tcp(V['proxy_host'], V['proxy_host_port'], s.encode(), b' 101 ', sealed=V['sealed'])",
    }  # fmt: skip
    return [Probe(f"through the proxy: {name}", code, WEAK_HUB, "refused") for name, code in found.items()]


def _files() -> list[Probe]:
    """The twin has alpha's mounts."""
    find = (
        "for top in {tops!r}:\n    for folder, _, names in os.walk(top):\n        for n in names:\n            try:\n"
        "                if {what} in open(os.path.join(folder, n), errors='ignore').read(4096): return os.path.join(folder, n)\n"
        "            except OSError: pass\nrefuse('nowhere')"
    )
    found = {
        "its extract": "return open('/data/claims/ACTS.parquet').read()", "its extract beside the own": "return [d for d in os.listdir('/data') if d == 'claims'] or refuse(os.listdir('/data'))",
        "its extract over the own folder": "return open('/data/stays/../claims/ACTS.parquet').read()",
        "its extract through a link": "p = '/tmp/l' + str(os.getpid()); os.symlink('/data/claims', p); return os.listdir(p)",
        "its extract through another process": "return open('/proc/1/root/data/claims/ACTS.parquet').read()",
        "its extract through an open folder": "return open('/proc/1/cwd/../../data/claims/ACTS.parquet').read()",
        "its rows anywhere": find.format(tops=("/data", "/project", "/home", "/srv", "/mnt", "/media", "/var/lib"), what="'rows-of-alpha'"),
        "its project's folder": "got = open('/project/' + V['secret']).read()\nreturn got if V['secret'] in got else refuse('an own one')", "a file in its project's folder": "p = '/project/' + V['secret']\n"
        "open(p, 'a').close()\nif os.path.getsize(p): return 'it is there'\nos.unlink(p)\nrefuse('an own one, empty')",
        "Ada's home": "return open('/home/researcher/' + V['secret']).read()", "what Ada keeps, anywhere": find.format(
            tops=("/project", "/home", "/tmp", "/dev/shm", "/srv", "/mnt"), what="V['secret']"),
        "a mount of alpha's": "return [l for l in open('/proc/self/mountinfo') if 'alpha' in l][:1] or refuse('none')",
        "a mount of claims": "return [l for l in open('/proc/self/mounts') if '/data/claims' in l][:1] or refuse('none')",
    }  # fmt: skip
    return [Probe(f"files: {name}", code, MOUNTED, "not there", 20) for name, code in found.items()]


def _own() -> list[Probe]:
    """Of Cy, who is in both: from the workspace of beta to the own one of alpha."""
    by = "return hub({0!r}, {1!r}, {2!r}, {3!r}, V['cy_token'])"
    calls = {
        "look at the own server of alpha": ("GET", "/users/cy/servers/alpha", None, '"name"'),
        "start the own server of alpha": ("POST", "/users/cy/servers/theta", {}, ""),
        "an own token for alpha": ("POST", "/users/cy/tokens", {"scopes": ["access:servers!server=cy/alpha"]}, ""),
        "the own tokens": ("GET", "/users/cy/tokens", None, "api_tokens"),
        "share the own server of alpha": ("POST", "/shares/cy/alpha", {"user": "ben"}, ""),
        "a code that opens the own server of alpha": ("POST", "/share-codes/cy/alpha", {}, ""),
    }
    found = [Probe(f"in both projects, from beta: {n}", by.format(*c), WEAK_HUB, "refused") for n, c in calls.items()]
    files = {
        "the home of alpha": "return open('/home/researcher/' + V['secret']).read()",
        "what was kept in alpha, by any name": "return [n for n in os.listdir('/home/researcher') if 'alpha' in n] or refuse('nothing')",
        "the mount of the home of alpha": "return [l for l in open('/proc/self/mountinfo') if '_home_alpha_' in l][:1] or refuse('none')",
    }
    return found + [Probe(f"in both projects, from beta: {n}", c, HOME, "not there") for n, c in files.items()]


PROBES = [*_packets(), *_calls(), *_proxied(), *_files()]
OWN = _own()
__all__ = ["OWN", "PROBES"]
