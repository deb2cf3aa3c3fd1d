import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import nbformat
import pytest

from integration.lab.stand import LAB_TOKEN, FakeAirlock, Lab, airlock_on_loopback, lab_on_loopback


@pytest.fixture(scope="package")
def airlock() -> FakeAirlock:
    return FakeAirlock()


@pytest.fixture(scope="package")
def lab(airlock: FakeAirlock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    options = ("--Airlock.answer_seconds=2", "--Airlock.upload_seconds=4", "--Workspace.file_bytes=2000000")
    with (
        airlock_on_loopback(airlock) as url,
        lab_on_loopback(tmp_path_factory.mktemp("lab") / "stand", url, options=options) as running,
    ):
        yield running


@pytest.fixture
def http(lab: Lab, airlock: FakeAirlock) -> Iterator[httpx.Client]:
    """A signed-in client; the airlock begins each test empty and well."""
    airlock.requests.clear()
    airlock.seen.clear()
    airlock.broken, airlock.slow = None, 0.0
    with httpx.Client(base_url=lab.url, headers={"Authorization": f"token {LAB_TOKEN}"}, trust_env=False) as client:
        yield client


@pytest.fixture
def call(http: httpx.Client) -> Callable[..., httpx.Response]:
    """`call("POST", "requests", {...})`: one of the extension's own calls."""

    def one(method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        content = json.dumps(body) if body is not None else None
        return http.request(method, f"ecluse/api/{path}", content=content, **options)

    return one


@pytest.fixture(scope="package")
def csv() -> str:
    return "person,age,sex\n" + "".join(f"SECRET-{n},{40 + n},F\n" for n in range(40))


@pytest.fixture(scope="package")
def notebook() -> str:
    return str(nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('hello')")])))
