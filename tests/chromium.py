"""Debian's Chromium for the tests, in a network of its own.

An engine that starts a container beside the browser adds an interface and its addresses to the machine, and Chromium
breaks off all that it is loading (`net::ERR_NETWORK_CHANGED`): half of a JupyterLab, seconds after its start. People
sit at other machines. So the browser gets a network namespace in which nothing comes or goes, and its connections go
through a SOCKS 5 server (RFC 1928) that listens there and connects here, to loopback and nowhere else.
"""

import contextlib
import ctypes
import os
import socket
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

PROGRAM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
    "--proxy-bypass-list=<-loopback>",
]
NEW_NETWORK = 0x40000000
INTERFACES = """
ip link set lo up
ip link add eth0 type veth peer name far
ip link set eth0 addrgenmode none
ip link set far addrgenmode none
ip address add 192.0.2.1/24 dev eth0
ip link set eth0 up
ip link set far up
"""
"""A second interface, which leads nowhere: else the browser tells every page that it is offline. It gets no address of
IPv6, which would count a second or two later, and break off what is loading then."""
VERSION, CONNECT, BY_NAME = 5, 1, 3
GRANTED, NOT_ALLOWED, REFUSED = 0, 2, 5
HERE = ("localhost", "127.0.0.1", "provider.test")
"""What the browser may reach, and what lies below the first; each is loopback (`provider.test`: tests/glewlwyd.py)."""


@contextlib.contextmanager
def chromium(*arguments: str) -> Iterator[Browser]:
    """A browser, with further arguments. Needs root, as the tests of the engine do."""
    with _network() as (network, listener), _server(listener), TemporaryDirectory() as folder:
        started = Path(folder) / "chromium"
        started.write_text(f'#!/bin/sh\nexec nsenter --net={network} {PROGRAM} "$@"\n')
        started.chmod(0o755)
        server = f"--proxy-server=socks5://127.0.0.1:{listener.getsockname()[1]}"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=started, args=[*ARGUMENTS, server, *arguments])
            try:
                yield browser
            finally:
                browser.close()


@contextlib.contextmanager
def _network() -> Iterator[tuple[str, socket.socket]]:
    """A network namespace that leads nowhere: its path, and a socket that listens in it."""
    made: list[tuple[int, socket.socket]] = []
    failed: list[Exception] = []

    def make() -> None:
        """In a thread of its own, since a namespace is a thread's: this process stays where it is."""
        if ctypes.CDLL(None, use_errno=True).unshare(NEW_NETWORK):
            failed.append(OSError(ctypes.get_errno(), "The tests' browser needs root for a network of its own."))
            return
        try:
            subprocess.run(["sh", "-ec", INTERFACES], check=True)
            listener = socket.create_server(("127.0.0.1", 0), backlog=512)
            made.append((os.open("/proc/thread-self/ns/net", os.O_RDONLY), listener))
        except (OSError, subprocess.CalledProcessError) as error:
            failed.append(error)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    [(descriptor, listener)] = made
    try:
        yield f"/proc/{os.getpid()}/fd/{descriptor}", listener
    finally:
        listener.close()
        os.close(descriptor)


@contextlib.contextmanager
def _server(listener: socket.socket) -> Iterator[None]:
    """Serve the listener until the end; the browser's end is that of each connection."""
    with socketserver.ThreadingTCPServer(("", 0), _Connection, bind_and_activate=False) as server:
        server.socket.close()
        server.socket = listener
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


class _Connection(socketserver.StreamRequestHandler):
    """One connection of the browser's, from its greeting to its end."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        with contextlib.suppress(OSError, EOFError):  # the browser gives up some that it has begun
            self._serve()

    def _serve(self) -> None:
        self._read(self._read(2)[1])
        self.wfile.write(bytes([VERSION, 0]))
        host, port = self._asked()
        if host not in HERE and not host.endswith(".localhost"):
            self._answer(NOT_ALLOWED)
            return
        try:
            far = socket.create_connection(("127.0.0.1", port))
        except OSError:
            self._answer(REFUSED)
            return
        with far:
            far.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._answer(GRANTED)
            back = threading.Thread(target=_pass, args=(far.recv, self.connection))
            back.start()
            _pass(self.rfile.read1, far)
            back.join()

    def _asked(self) -> tuple[str, int]:
        """Host and port. Chromium hands on every host as a name, and asks for nothing but connections."""
        _, command, _, kind, length = self._read(5)
        if (command, kind) != (CONNECT, BY_NAME):
            return "", 0
        return self._read(length).decode(), int.from_bytes(self._read(2), "big")

    def _read(self, length: int) -> bytes:
        """Exactly so many bytes."""
        if len(found := self.rfile.read(length)) < length:
            raise EOFError
        return found

    def _answer(self, code: int) -> None:
        self.wfile.write(bytes([VERSION, code, 0, 1]) + bytes(6))


def _pass(read: Callable[[int], bytes], to: socket.socket) -> None:
    """Copy until the end, and hand on the end."""
    with contextlib.suppress(OSError):
        while data := read(65536):
            to.sendall(data)
    with contextlib.suppress(OSError):
        to.shutdown(socket.SHUT_WR)
