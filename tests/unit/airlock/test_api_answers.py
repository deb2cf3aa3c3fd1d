"""What surrounds every answer."""

import pytest

from ecluse.airlock.guard import CSP, HEADERS
from ecluse.airlock.settings import BASE
from unit.airlock.calls import API


@pytest.mark.parametrize(
    "path", [f"{API}/requests", f"{BASE}/health", f"{BASE}/nothing/here", "/elsewhere", f"{BASE}/"]
)
async def test_every_answer_closes_the_browser_down(calls, path):
    answer = await calls.client().get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name.decode()] == value.decode()
    assert "default-src 'none'" in CSP
    assert "unsafe" not in CSP
    assert "server" not in answer.headers


async def test_health_tells_only_that_it_is_well(calls):
    assert (await calls.client().get(f"{BASE}/health")).json() == {"status": "ok"}


async def test_there_is_no_documentation_of_the_api_to_browse(calls):
    for path in ("/docs", "/openapi.json", "/redoc", f"{BASE}/docs", f"{BASE}/openapi.json"):
        assert (await calls.client().get(path)).status_code == 404
