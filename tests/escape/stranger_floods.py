"""Too much of everything, from one address: guesses, requests, connections, and lines without end."""

import contextlib
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from escape.attempt import Seen
from escape.stranger_case import NAIVE, NO_EDGE, Act, Case, first
from escape.stranger_place import Place
from escape.stranger_sign_in import LIMITED, LOGIN


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _limits()
    yield from _floods()


# -- limits by address ------------------------------------------------------------------------------------------------


def _limits() -> Iterator[Case]:
    host = "localhost"
    for name, (target, version, headers) in {
        "in one connection after another": (LOGIN, "1.1", ()), "with another address in X-Forwarded-For": (LOGIN, "1.1", ("X-Forwarded-For: 10.9.8.7",)),
        "with another address in X-Real-IP": (LOGIN, "1.1", ("X-Real-IP: 10.9.8.7",)), "with another address in Forwarded": (
            LOGIN, "1.1", ("Forwarded: for=10.9.8.7",)), "with a query": (f"{LOGIN}?a=1", "1.1", ()), "in HTTP/1.0": (LOGIN, "1.0", ()),
        "with a backslash in the path": ("/hub\\login", "1.1", ()), "by an address in full": (f"http://{host}{LOGIN}", "1.1", ()),
        "with another method in a header": (LOGIN, "1.1", ("X-HTTP-Method-Override: GET",)),
    }.items():  # fmt: skip
        yield Case(
            f"guess from one address {name}", _flood(target, version, headers), NO_EDGE, "slowed down", elsewhere=True
        )


def _flood(target: str, version: str, headers: tuple[str, ...]) -> Act:
    """As many as nobody types, then one in another way: it should be slowed down as well."""

    def act(place: Place) -> Seen:
        with place.client() as browser:
            many = [browser.post(LOGIN).status_code for _ in range(24)]
        told = place.line(target, "Content-Length: 0", *headers, method="POST", version=version)
        looked_at = told[9:12] in (b"403", b"200")  # the hub's own answer to a form without a token
        return Seen(
            looked_at and LIMITED not in many[:5],
            f"{many.count(LIMITED)} of {len(many)} slowed down, then {first(told)}",
        )

    return act


# -- too much ---------------------------------------------------------------------------------------------------------

AT_ONCE, A_SECOND, ENOUGH = 2500, 200, 40
"""More requests than the edge bears in one breath, how many it bears each second after it, and for how long to try."""


def _floods() -> Iterator[Case]:
    for name, (target, headers) in {
        "an address without end": ("/" + "a" * 70_000, ()), "one header without end": ("/hub/health", ("X-A: " + "a" * 100_000,)),
        "headers without end": ("/hub/health", tuple(f"X-{n}: {'a' * 100}" for n in range(1000))), "a body that is said to be long": (
            "/hub/nowhere", ("Content-Length: 400000000",)), "a file that is said to be long": (
            "/services/airlock/api/v1/requests/alpha-1/files?path=a", ("Content-Length: 999999999999", "Authorization: token abcdefgh")),
        "the same bytes a hundred times (ranges)": ("/hub/logo", ("Range: bytes=" + ",".join(["0-"] * 100),)),
    }.items():  # fmt: skip
        yield Case(f"flood: {name}", _long(target, headers), NAIVE)
    yield Case("flood: requests in one breath", _breath, NAIVE, "slowed down", elsewhere=True)
    yield Case("flood: connections without end", _connections, NAIVE, "no more than some", elsewhere=True)
    yield Case("hold a connection by headers that come slowly", _slow, NAIVE, "closed in time")


def _long(target: str, headers: tuple[str, ...]) -> Act:
    def act(place: Place) -> Seen:
        told = place.line(target, *headers, method="PUT" if "airlock" in target else "GET", seconds=1)
        return Seen(told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 1")), first(told))

    return act


def _breath(place: Place) -> Seen:
    """Until one is slowed down, or more were answered than the edge would: how many it takes, the machine's speed says."""
    one = f"GET /hub/health HTTP/1.1\r\nHost: {place.host}\r\n\r\n".encode()
    data = one * 799 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    answered, began = 0, time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        while (passed := time.monotonic() - began) < ENOUGH:
            told = b"".join(pool.map(lambda _n: place.send(data, 10), range(4)))
            answered += told.count(b"HTTP/1.1 ")
            if slowed := told.count(b" 429 "):
                return Seen(False, f"{slowed} of {answered} slowed down")
            passed = time.monotonic() - began
            if answered > AT_ONCE + passed * A_SECOND:
                return Seen(True, f"{answered} answered in {passed:.0f} s, none slowed down")
    return Seen(False, f"{answered} in {passed:.0f} s: too slow to tell", failed=True)


def _connections(place: Place) -> Seen:
    held: list[socket.socket] = []
    ask = f"POST /hub/nowhere HTTP/1.1\r\nHost: {place.host}\r\nContent-Length: 9\r\n\r\n".encode()
    refused, ready = 0, selectors.DefaultSelector()
    try:
        for _ in range(440):
            held.append(_open(place))
            held[-1].sendall(ask)
            ready.register(held[-1], selectors.EVENT_READ)
        time.sleep(0.5)
        for key, _ in ready.select(0):
            one = cast("socket.socket", key.fileobj)
            one.settimeout(0.05)
            with contextlib.suppress(OSError):
                refused += b" 429 " in one.recv(200)
    finally:
        for one in held:
            one.close()
    return Seen(refused == 0, f"{refused} of 440 refused")


def _open(place: Place) -> socket.socket:
    plain = socket.create_connection((place.address, place.port), 10)
    if isinstance(place.verify, ssl.SSLContext):
        return place.verify.wrap_socket(plain, server_hostname="localhost")
    return plain


_slow_ones: dict[str, tuple[threading.Thread, list[float]]] = {}


def begin(place: Place) -> None:
    """Send half a header, and note when the connection is closed; it goes on while others are tried."""
    ended: list[float] = []

    def wait() -> None:
        with _open(place) as one:
            began = time.monotonic()
            one.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
            one.settimeout(20)
            try:
                one.recv(1)
                ended.append(time.monotonic() - began)
            except TimeoutError:
                pass

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    _slow_ones[place.url] = thread, ended


def _slow(place: Place) -> Seen:
    if place.url not in _slow_ones:
        begin(place)
    thread, ended = _slow_ones[place.url]
    thread.join(30)
    return Seen(not ended, f"closed after {ended[0]:.0f} s" if ended else "held for 20 s")
