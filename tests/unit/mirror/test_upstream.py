"""What the fetcher says to its upstream, and what it makes of the answers."""

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from ecluse.mirror.cache import Failure, NotFetchedError
from ecluse.mirror.settings import MirrorSettings
from ecluse.mirror.simple import JSON
from ecluse.mirror.upstream import HttpUpstream

PAGE = b'{"meta": {"api-version": "1.0"}, "files": []}'
Answer = Callable[[httpx.Request], httpx.Response]


def upstream(root: Path, answer: Answer) -> HttpUpstream:
    settings = MirrorSettings(root=root, packages_upstream="https://index.test/simple")
    return HttpUpstream(settings, httpx.MockTransport(answer))


def test_call_is_a_plain_get_of_a_name(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=PAGE, headers={"content-type": JSON, "set-cookie": "followed=me"})

    index = upstream(tmp_path, answer)
    assert [index.index("tool") for _ in range(2)] == [(), ()]
    assert {(r.method, str(r.url), r.content) for r in asked} == {("GET", "https://index.test/simple/tool/", b"")}
    assert {n for r in asked for n in r.headers} == {"host", "accept", "accept-encoding", "connection", "user-agent"}


def test_package_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert upstream(tmp_path, lambda _: httpx.Response(404)).index("tool") is None


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(302, headers={"location": "https://elsewhere.test/"}),
        lambda _: httpx.Response(500),
        lambda _: httpx.Response(200, content=b"x", headers={"content-type": "image/png"}),
        lambda _: httpx.Response(200, content=PAGE * 9, headers={"content-type": JSON}),
        lambda request: (_ for _ in ()).throw(httpx.ConnectError("refused", request=request)),
    ],
)
def test_any_other_answer_is_a_failure(tmp_path: Path, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecluse.mirror.upstream.MAX_INDEX", 8 * len(PAGE))
    with pytest.raises(NotFetchedError) as caught:
        upstream(tmp_path, answer).index("tool")
    assert caught.value.failure is Failure.UPSTREAM


def test_file_is_read_to_its_end_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = "https://files.test/tool-1.0-py3-none-any.whl"
    assert b"".join(upstream(tmp_path, lambda _: httpx.Response(200, content=b"wheel")).pieces(url)) == b"wheel"
    monkeypatch.setattr("ecluse.mirror.upstream.MAX_FILE", 4)
    for answer in (httpx.Response(200, content=b"wheel"), httpx.Response(301), httpx.Response(404)):
        with pytest.raises(NotFetchedError):
            list(upstream(tmp_path, lambda _, a=answer: a).pieces(url))  # type: ignore[misc]


def test_login_goes_to_the_upstream_alone(tmp_path: Path) -> None:
    settings = MirrorSettings(root=tmp_path, packages_upstream="https://index.test/simple")
    settings.secrets.mkdir(parents=True)
    (settings.secrets / "login").write_text("reader:secret\n")
    upstream = HttpUpstream(settings)
    assert upstream._auth("https://index.test/simple/tool/") == ("reader", "secret")
    assert upstream._auth("https://files.test/tool.whl") is None
    assert upstream._auth("http://index.test/simple/tool/") is None
