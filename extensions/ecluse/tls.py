"""TLS between the services and workspaces of one enclave, from the three files that each has in a folder of its own.

`python -m ecluse.tls FOLDER URL` exits 0 if the page answers: what health checks ask, as one service asks another.
"""

import ssl
import sys
import urllib.request
from pathlib import Path

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED

SECONDS = 4


def asking(folder: Path) -> ssl.SSLContext:
    """For calls: shows the own certificate, and trusts the enclave's authority and no public one."""
    return _with_own(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), folder, trusts=True)


def answering(folder: Path, *, anyone: bool) -> ssl.SSLContext:
    """For a server. Unless it answers `anyone`, a caller shows a certificate of an authority that the folder names."""
    context = _with_own(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), folder, trusts=not anyone)
    context.verify_mode = ssl.CERT_NONE if anyone else ssl.CERT_REQUIRED
    return context


def _with_own(context: ssl.SSLContext, folder: Path, *, trusts: bool) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / CERTIFICATE, folder / KEY)
    if trusts:
        context.load_verify_locations(folder / TRUSTED)
    return context


def main(folder: str, url: str) -> int:
    """0 if the page answers with a success."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=asking(Path(folder)))
    )
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            return int(answer.status != 200)  # noqa: PLR2004 - HTTP's own number
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
