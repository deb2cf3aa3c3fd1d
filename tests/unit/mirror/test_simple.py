"""An upstream's page is read for wheels with a hash; the rest of it is left out."""

import json
from pathlib import Path

import pytest

from ecluse.mirror.app import main, open_fetcher
from ecluse.mirror.settings import MirrorSettings, read_settings
from ecluse.mirror.simple import JSON, UnreadableError, page, read_index
from ecluse.mirror.upstream import HttpUpstream
from ecluse.rules.settings import SettingsError

BASE = "https://index.test/simple/tool/"
A, B = "a" * 64, "b" * 64
GOOD = {"filename": "tool-1.0-py3-none-any.whl", "url": "../../f/tool-1.0-py3-none-any.whl", "hashes": {"sha256": A}}


def as_json(*files: object, version: str = "1.1") -> bytes:
    return json.dumps({"meta": {"api-version": version}, "name": "tool", "files": files}).encode()


def test_json_page_is_read() -> None:
    told = {**GOOD, "size": 5, "requires-python": ">=3.9", "yanked": "broken", "core-metadata": {"sha256": B}}
    (file,) = read_index(f"{JSON}; charset=utf-8", as_json(told), BASE)
    assert file.url == "https://index.test/f/tool-1.0-py3-none-any.whl"
    assert (file.sha256, file.size, file.requires_python, file.yanked, file.metadata) == (A, 5, ">=3.9", "broken", B)


def test_html_page_is_read() -> None:
    html = f"""<!DOCTYPE html><html><body>
    <a href="tool-1.0%2Bcpu-py3-none-any.whl#sha256={A}" data-requires-python="&gt;=3.9" data-yanked
       data-dist-info-metadata="sha256={B}">x</a>
    <a href="tool-0.9-py3-none-any.whl#md5=abc">y</a> <a>z</a>
    <a href="tool-0.8.tar.gz#sha256={A}">s</a></body></html>"""
    (file,) = read_index("text/html", html.encode(), BASE)
    assert file.filename == "tool-1.0+cpu-py3-none-any.whl"
    assert file.url == "https://index.test/simple/tool/tool-1.0%2Bcpu-py3-none-any.whl"
    assert (file.requires_python, file.yanked, file.metadata) == (">=3.9", True, B)


@pytest.mark.parametrize(
    "change",
    [
        {"hashes": {"md5": "x"}},
        {"hashes": {"sha256": "short"}},
        {"hashes": "x"},
        {"filename": "tool-1.0.tar.gz"},
        {"filename": "../tool-1.0-py3-none-any.whl"},
        {"filename": 7},
        {"url": None},
        {"url": "file:///etc/passwd"},
        {"url": "http://index.test/in-clear.whl"},
        {"url": "https://index.test/x.whl?q=1"},
        {"url": "https://[index.test/x.whl"},
    ],
)
def test_what_is_not_understood_is_left_out(change: dict[str, object]) -> None:
    assert read_index(JSON, as_json({**GOOD, **change}, "nonsense", GOOD), BASE) == read_index(
        JSON, as_json(GOOD), BASE
    )


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, b"{"),
        (JSON, b"[]"),
        (JSON, b'{"files": []}'),
        (JSON, as_json(GOOD, version="2.0")),
        (JSON, b"[" * 100_000),
        ("image/png", b"x"),
    ],
)
def test_what_is_no_index_is_an_error(kind: str, body: bytes) -> None:
    with pytest.raises(UnreadableError):
        read_index(kind, body, BASE)


@pytest.mark.parametrize("form", [True, False])
def test_what_is_written_can_be_read(form: bool) -> None:
    told = {**GOOD, "requires-python": "<4,>=3.9", "yanked": 'of "age" & more', "core-metadata": {"sha256": B}}
    files = read_index(JSON, as_json(told), BASE)
    written = page("tool", files, lambda f: f.url, as_json=form)
    assert read_index(JSON if form else "text/html", written, BASE) == files


def test_settings_are_strict_and_a_password_is_no_part_of_an_address() -> None:
    found = read_settings({"ECLUSE_PACKAGES_UPSTREAM": "https://index.test/simple", "ECLUSE_PACKAGES_PROXY": ""})
    assert (found.packages_upstream, found.packages_proxy) == ("https://index.test/simple", None)
    for wrong in ("ftp://x", "https://name:password@index.test/", "https://index.test/?a=1"):
        with pytest.raises(SettingsError, match="ECLUSE_PACKAGES_UPSTREAM"):
            read_settings({"ECLUSE_PACKAGES_UPSTREAM": wrong})


def test_fetcher_needs_an_upstream_and_a_command_its_word(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not set"):
        open_fetcher(MirrorSettings(root=tmp_path))
    with pytest.raises(ValueError, match="no upstream"):
        HttpUpstream(MirrorSettings(root=tmp_path))
    with pytest.raises(SystemExit, match=r"serve\|fetch"):
        main([], {})
