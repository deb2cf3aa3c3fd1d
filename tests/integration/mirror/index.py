"""A small index of packages that stands for the internet: files of a folder, and a log of every byte it was asked with.

Runs in a container of its own with nothing but Python: `index.py FOLDER PORT`. `/simple/<name>/` lists the folder's
`<name>/*.whl` with the hashes of `<name>/hashes.json` where there is one: that is how it lies about a file.
"""

import hashlib
import http.server
import json
import sys
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Index(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        print(json.dumps({"line": self.requestline, "headers": dict(self.headers)}), flush=True)
        parts = self.path.strip("/").split("/")
        if len(parts) == 2 and parts[0] == "simple" and (FOLDER / parts[1]).is_dir():
            self._send(200, self._page(parts[1]), "application/vnd.pypi.simple.v1+json")
        elif len(parts) == 2 and (FOLDER / parts[0] / parts[1]).is_file():
            self._send(200, (FOLDER / parts[0] / parts[1]).read_bytes(), "application/octet-stream")
        else:
            self._send(404, b"", "text/plain")

    def _page(self, name: str) -> bytes:
        told = FOLDER / name / "hashes.json"
        lies = json.loads(told.read_text()) if told.exists() else {}
        files = []
        for file in sorted((FOLDER / name).glob("*.whl")):
            sha256 = lies.get(file.name) or hashlib.sha256(file.read_bytes()).hexdigest()
            metadata = file.with_name(f"{file.name}.metadata")
            files.append(
                {
                    "filename": file.name,
                    "url": f"/{name}/{file.name}",
                    "hashes": {"sha256": sha256},
                    "core-metadata": {"sha256": hashlib.sha256(metadata.read_bytes()).hexdigest()},
                }
            )
        return json.dumps({"meta": {"api-version": "1.1"}, "name": name, "files": files}).encode()

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The log is what was printed above."""


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("0.0.0.0", int(sys.argv[2])), Index).serve_forever()
