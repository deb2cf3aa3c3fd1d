"""Weak transport: what may not be spoken with the edge, and what may not be said in clear."""

import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from escape.attempt import Seen
from escape.stranger_case import NAIVE, WEAK_EDGE, WEAK_HUB, Act, Case, first
from escape.stranger_place import Place, openssl
from escape.web import raw

SPOKEN = {
    "TLS 1.0": "-tls1 -cipher ALL:@SECLEVEL=0",
    "TLS 1.1": "-tls1_1 -cipher ALL:@SECLEVEL=0",
    "a key sent under the certificate's own (RSA), in GCM": "-tls1_2 -cipher AES128-GCM-SHA256",
    "a key sent under the certificate's own (RSA), in CBC": "-tls1_2 -cipher AES256-SHA",
    "blocks in CBC with SHA-1": "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA",
    "blocks in CBC with SHA-2": "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-SHA256",
    "the cipher Camellia": "-tls1_2 -cipher ECDHE-ECDSA-CAMELLIA128-SHA256:ECDHE-RSA-CAMELLIA128-SHA256",
    "the cipher ARIA": "-tls1_2 -cipher ECDHE-ECDSA-ARIA128-GCM-SHA256:ECDHE-ARIA128-GCM-SHA256",
    "short tags (CCM-8)": "-tls1_2 -cipher ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0",
    "no encryption at all": "-tls1_2 -cipher ECDHE-ECDSA-NULL-SHA:ECDHE-RSA-NULL-SHA:@SECLEVEL=0",
    "nobody's certificate (anonymous)": "-tls1_2 -cipher AECDH-AES128-SHA:ADH-AES128-GCM-SHA256:@SECLEVEL=0",
    "finite-field Diffie-Hellman": "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256",
    "signatures over SHA-1": "-tls1_2 -sigalgs RSA+SHA1:ECDSA+SHA1 -cipher ALL:@SECLEVEL=0",
    "a curve of 192 bits": "-tls1_2 -groups P-192 -cipher ALL:@SECLEVEL=0",
    "a curve of 224 bits": "-tls1_2 -groups P-224 -cipher ALL:@SECLEVEL=0",
}
"""What `openssl s_client` is told to offer, and nothing else."""


def cases() -> Iterator[Case]:
    """All of them."""
    for name, offer in SPOKEN.items():
        yield Case(f"speak with {name}", _offer(offer), WEAK_EDGE, "no handshake")
    yield Case("take a session up again by its ticket", _again("-tls1_2"), WEAK_EDGE, "a new session")
    yield Case("take a session up again by its number", _again("-tls1_2 -no_ticket"), WEAK_EDGE, "a new session")
    yield Case("send a request before the handshake ends (0-RTT)", _early, WEAK_EDGE, "not taken")
    for name, request in {
        "read the sign-in page in clear": b"GET /hub/login HTTP/1.1",
        "send a password in clear": b"POST /hub/login HTTP/1.1\r\nContent-Length: 0",
        "send a token in clear": b"GET /services/airlock/health HTTP/1.1\r\nAuthorization: token abcdefgh",
        "send a cookie in clear": b"GET /services/airlock/static/x HTTP/1.1\r\nCookie: ecluse-airlock=abc",
    }.items():
        yield Case(name, _clear(request), NAIVE, "sent to TLS, nothing else")
    yield Case("clear text after an upgrade to HTTP/2 (h2c)", _h2c, NAIVE, "not spoken")
    for port, what in ((22, "SSH"), (25, "mail"), (80, "the web's port"), (443, "TLS's port"), (8080, "a web port"),
                       (3128, "a forward proxy")):  # fmt: skip
        yield Case(f"another port of the edge: {what}", _port(port), "outside", "closed")
    for port, what in ((8001, "the proxy's routes"), (8081, "the hub"), (9000, "a workspace")):
        yield Case(f"a port of what stands behind it: {what}", _port(port), WEAK_HUB, "closed")
    yield Case("the edge at another address of the machine", _other_address, "outside", "closed")


def _offer(offer: str) -> Act:
    def act(place: Place) -> Seen:
        told = openssl("s_client", "-connect", f"{place.address}:{place.port}", *offer.split())
        spoken = re.search(r"Cipher is (?!\(NONE\))(\S+)", told)
        return Seen(bool(spoken), spoken[0] if spoken else "no handshake")

    return act


def _again(offer: str) -> Act:
    def act(place: Place) -> Seen:
        told = openssl("s_client", "-reconnect", "-connect", f"{place.address}:{place.port}", *offer.split())
        if "New, TLSv1.2" not in told:
            return Seen(through=False, what=told[-200:], failed=True)
        return Seen("Reused, " in told, "taken up" if "Reused, " in told else "a new session each time")

    return act


def _early(place: Place) -> Seen:
    with tempfile.TemporaryDirectory() as folder:
        kept, data = Path(folder) / "session", Path(folder) / "data"
        data.write_text("GET / HTTP/1.0\r\n\r\n")
        where = ("-connect", f"{place.address}:{place.port}", "-tls1_3")
        first_time = openssl("s_client", *where, "-ign_eof", "-sess_out", str(kept), text="GET / HTTP/1.0\r\n\r\n")
        if "Cipher is TLS" not in first_time:
            return Seen(through=False, what=first_time[-200:], failed=True)
        if not kept.exists():
            return Seen(through=False, what="no session is given")
        told = openssl("s_client", *where, "-sess_in", str(kept), "-early_data", str(data))
    return Seen("Early data was accepted" in told, "accepted" if "Early data was accepted" in told else "not accepted")


def _clear(request: bytes) -> Act:
    def act(place: Place) -> Seen:
        data = request + f"\r\nHost: {place.host}\r\nConnection: close\r\n\r\n".encode()
        told = raw(f"http://{place.address}:{place.port}", data)
        onward = re.search(rb"(?i)\r\nlocation: (\S+)", told)
        sent_on = told.startswith((b"HTTP/1.1 301", b"HTTP/1.1 400")) and (
            not onward or onward[1].startswith(b"https:")
        )
        return Seen(not sent_on, first(told))

    return act


def _h2c(place: Place) -> Seen:
    ask = f"GET /hub/health HTTP/1.1\r\nHost: {place.host}\r\nConnection: close, Upgrade, HTTP2-Settings\r\n"
    told = raw(
        f"http://{place.address}:{place.port}", (ask + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n").encode()
    )
    return Seen(told.startswith((b"HTTP/1.1 101", b"HTTP/1.1 200")), first(told))


def _reach(address: str, port: int) -> Seen:
    try:
        socket.create_connection((address, port), 2).close()
    except OSError as error:
        return Seen(through=False, what=str(error)[:60])
    return Seen(through=True, what="reached")


def _port(port: int) -> Act:
    def act(place: Place) -> Seen:
        assert place.world is not None
        return _reach(place.more.get(str(port)) or _edge(place), port)

    return act


def _edge(place: Place) -> str:
    assert place.world is not None
    return place.world.address(f"{place.world.name}-edge", f"{place.world.name}-edge")


def _other_address(place: Place) -> Seen:
    from escape.researcher import own_address

    assert place.world is not None
    return _reach(own_address(), place.world.listener if place.twin else place.port)
