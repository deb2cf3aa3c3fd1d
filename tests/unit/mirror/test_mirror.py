"""What the mirror answers, what the fetcher fetches, and what the upstream gets to hear."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from ecluse.mirror.cache import FAILED_SECONDS, Cache, Failure, NotFetchedError
from ecluse.mirror.places import Places
from ecluse.rules.packages import MOST_REQUESTS, Package, PackageRequest
from unit.mirror.house import METADATA, House, sha


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def allowed(house: House, *names: str, **more: object) -> None:
    house.packages |= {n: Package.model_validate(more) for n in names}


def requests(house: House) -> list[PackageRequest]:
    files = (house.root / "asked/requests").glob("*/*.json")
    return [PackageRequest.model_validate_json(f.read_bytes()) for f in sorted(files)]


def refusal(house: House, name: str, **more: str) -> str:
    """The sentence that pip shows when a package can't be had."""
    (file,) = house.page(name, **more)
    answer = house.get(str(file["url"]))
    assert answer.status == 403
    return answer.reason


def test_allowed_package_is_listed_and_sent(house: House) -> None:
    sha256 = house.upstream.add("my-tool", "1.0")
    allowed(house, "my-tool")
    house.fetch()
    (file,) = house.page("My_Tool")
    assert file["filename"] == "my_tool-1.0-py3-none-any.whl"
    assert file["hashes"] == {"sha256": sha256}
    assert file["url"] == f"/files/{sha256}/my_tool-1.0-py3-none-any.whl"
    answer = house.take(file["url"])
    assert (answer.status, answer.lasting) == (200, True)
    assert isinstance(answer.content, Path)
    assert answer.content.read_bytes() == b"my-tool 1.0"


def test_metadata_is_passed_through_by_its_hash(house: House) -> None:
    house.upstream.add("tool", "1.0")
    allowed(house, "tool")
    house.fetch()
    (file,) = house.page("tool")
    assert file["core-metadata"] == {"sha256": sha(METADATA)}
    answer = house.take(f"{file['url']}.metadata")
    assert isinstance(answer.content, Path)
    assert answer.content.read_bytes() == METADATA


def test_html_is_served_to_who_takes_no_json(house: House) -> None:
    sha256 = house.upstream.add("tool", "1.0")
    allowed(house, "tool")
    house.fetch()
    answer = house.get("/simple/tool/", json=False)
    assert isinstance(answer.content, bytes)
    link = f'<a href="/files/{sha256}/tool-1.0-py3-none-any.whl#sha256={sha256}" data-core-metadata="sha256='
    assert link in answer.content.decode()


def test_other_package_is_refused_by_a_sentence_and_recorded(house: House) -> None:
    (file,) = house.page("evil")
    assert file["filename"] == "evil-9999+not.allowed.here.your.request.is.recorded-py3-none-any.whl"
    assert "'evil' is not allowed in this project. Your request is recorded" in refusal(house, "evil")
    (kept,) = requests(house)
    assert (kept.project, kept.name, kept.people, kept.count) == ("alpha", "evil", ("ada",), 1)


def test_only_names_of_the_list_reach_the_upstream(house: House) -> None:
    allowed(house, "tool", "secret", projects=["beta"])
    for name in ("evil", "patient-1234567", "tool", "x" * 100, "x" * 101, "..", "tool?q=1"):
        house.get(f"/simple/{name}/")
        house.get(f"/files/{'a' * 64}/{name}-1.0-py3-none-any.whl")
    house.fetch()
    house.fetch()
    assert house.upstream.asked == ["secret", "tool"]


def test_package_of_another_project_is_refused(house: House) -> None:
    sha256 = house.upstream.add("tool", "1.0")
    allowed(house, "tool", projects=["beta"])
    house.fetch()
    assert "not allowed" in refusal(house, "tool")
    url = f"/files/{sha256}/tool-1.0-py3-none-any.whl"
    assert house.take(url, near="10.0.0.34", far="10.0.0.40").status == 200
    # It lies in the cache now, for beta alone.
    assert house.get(url).status == 403


def test_grant_takes_effect_at_once_and_so_does_its_end(house: House) -> None:
    sha256 = house.upstream.add("tool", "1.0")
    assert "not allowed" in refusal(house, "tool")
    allowed(house, "tool")
    house.fetch()
    (file,) = house.page("tool")
    assert house.take(file["url"]).status == 200
    house.packages = {}
    assert "not allowed" in refusal(house, "tool")
    assert house.get(f"/files/{sha256}/tool-1.0-py3-none-any.whl").status == 403


def test_versions_outside_the_list_are_neither_listed_nor_sent(house: House) -> None:
    old = house.upstream.add("tool", "1.0")
    house.upstream.add("tool", "2.0")
    allowed(house, "tool", versions=">=2")
    house.fetch()
    assert [f["filename"] for f in house.page("tool")] == ["tool-2.0-py3-none-any.whl"]
    assert house.get(f"/files/{old}/tool-1.0-py3-none-any.whl").status == 404
    (house.root / "asked/wanted" / old).touch()
    house.fetch()
    assert not house.cache.path(old).exists()


def test_file_with_another_hash_is_refused_and_not_cached(house: House) -> None:
    sha256 = house.upstream.add("tool", "1.0")
    house.upstream.spoilt.add("tool-1.0-py3-none-any.whl")
    allowed(house, "tool")
    house.fetch()
    (file,) = house.page("tool")
    answer = house.take(file["url"])
    assert answer.status == 403
    assert "another hash than its index says" in answer.reason
    assert not house.cache.path(sha256).exists()
    assert list((house.root / "packages/new").iterdir()) == []


def test_upstreams_fault_is_said_and_tried_again(house: House) -> None:
    house.upstream.add("tool", "1.0")
    allowed(house, "tool")
    house.fetch()
    (file,) = house.page("tool")
    house.upstream.down = True
    answer = house.take(file["url"])
    assert (answer.status, answer.reason) == (
        404,
        "The upstream did not send 'tool-1.0-py3-none-any.whl'. Try again later.",
    )
    house.upstream.down = False
    for failed in (house.root / "packages/failed").iterdir():
        past = time.time() - FAILED_SECONDS
        os.utime(failed, (past, past))
    assert house.take(file["url"]).status == 200


def test_released_file_that_changes_upstream_stays_as_it_was(house: House, caplog: pytest.LogCaptureFixture) -> None:
    first = house.upstream.add("tool", "1.0")
    allowed(house, "tool")
    house.fetch()
    house.upstream.add("tool", "1.0", b"exchanged")
    house.now += timedelta(hours=1)
    house.fetch()
    assert [f["hashes"] for f in house.page("tool")] == [{"sha256": first}]
    assert "another hash than before" in caplog.text


def test_indexes_are_fetched_by_the_clock_and_not_by_use(house: House) -> None:
    allowed(house, "tool", "other")
    house.fetch()
    for _ in range(5):
        house.page("tool")
        house.fetch()
    assert house.upstream.asked == ["other", "tool"]
    house.now += timedelta(minutes=30)
    house.fetch()
    assert house.upstream.asked == ["other", "tool"] * 2


def test_upstream_that_does_not_answer_is_asked_once_a_minute(house: House) -> None:
    house.upstream.down = True
    allowed(house, "tool")
    for _ in range(3):
        house.fetch()
    assert house.upstream.asked == ["tool"]
    house.now += timedelta(minutes=1)
    house.fetch()
    assert house.upstream.asked == ["tool", "tool"]


def test_prefetch_hides_when_a_package_is_first_used(house: House) -> None:
    house.upstream.add("tool", "1.0")
    newest = house.upstream.add("tool", "1.10")
    house.upstream.add("tool", "2.0rc1")
    allowed(house, "tool", prefetch=True)
    house.fetch()
    assert house.cache.path(newest).exists()
    asked = list(house.upstream.asked)
    url = f"/files/{newest}/tool-1.10-py3-none-any.whl"
    assert house.get(url).status == 200
    house.fetch()
    assert house.upstream.asked == asked


@pytest.mark.parametrize(
    ("prepare", "sentence"),
    [
        (lambda h: None, "has no package of this name"),
        (lambda h: h.upstream.files.update({"tool": {}}), "there is no wheel of it"),
    ],
)
def test_allowed_package_that_cant_be_had_says_why(house: House, prepare, sentence: str) -> None:
    prepare(house)
    allowed(house, "tool")
    house.fetch()
    assert sentence in refusal(house, "tool")
    assert requests(house) == []


def test_without_a_fetcher_what_is_cached_is_served_and_the_rest_says_so(house: House) -> None:
    house.upstream.add("tool", "1.0")
    house.upstream.add("tool", "2.0")
    allowed(house, "tool", "other")
    house.fetch()
    first, second = house.page("tool")
    assert house.take(first["url"]).status == 200
    (house.root / "packages/.heartbeat").unlink()
    (house.root / "packages/index/other.json").unlink()
    assert house.get(str(first["url"])).status == 200
    assert "there is no upstream" in house.get(str(second["url"])).reason
    assert "there is no upstream" in refusal(house, "other")


def test_caller_from_nowhere_gets_nothing(house: House) -> None:
    house.upstream.add("tool", "1.0")
    allowed(house, "tool")
    house.fetch()
    for near, far in (("10.0.0.2", "10.0.0.40"), ("10.0.0.34", "10.0.0.5"), ("192.168.0.1", "192.168.0.2")):
        assert house.get("/simple/", near=near, far=far).status == 403
        assert "does not know this workspace" in refusal(house, "tool", near=near, far=far)
        file = house.page("tool")[0]
        assert house.get(str(file["url"]), near=near, far=far).status == 403
    (house.root / "places/addresses.json").write_text("nonsense")
    assert house.get("/simple/").status == 403
    (house.root / "places/addresses.json").unlink()
    assert house.get("/simple/").status == 403
    assert house.get("/health", near="127.0.0.1", far="127.0.0.1").status == 200


def test_project_is_the_networks_and_the_person_the_addresss(house: House) -> None:
    places = Places(house.root / "places/addresses.json")
    found = [
        places.find("10.0.0.2", "10.0.0.6"),
        places.find("10.0.0.2", "10.0.0.9"),
        places.find("10.0.0.34", "10.0.0.36"),
    ]
    assert [(p.project, p.person) for p in found if p] == [("alpha", "mem"), ("alpha", None), ("beta", None)]
    moved = {"projects": {"10.0.0.0/27": "alpha"}, "people": {"10.0.0.6": ["beta", "ben"]}}
    (house.root / "places/addresses.json").write_text(json.dumps(moved))
    place = places.find("10.0.0.2", "10.0.0.6")
    assert place is not None
    assert (place.project, place.person) == ("alpha", None)


def test_requests_of_a_project_are_bounded_and_grants_make_room(house: House) -> None:
    for i in range(MOST_REQUESTS):
        assert "is recorded" in refusal(house, f"name-{i}")
    assert f"{MOST_REQUESTS} requests are open" in refusal(house, "one-more")
    assert len(requests(house)) == MOST_REQUESTS
    assert "is recorded" in refusal(house, "one-more", near="10.0.0.34", far="10.0.0.36")
    allowed(house, "name-7")
    assert "is recorded" in refusal(house, "one-more")
    assert {r.name for r in requests(house) if r.project == "alpha"} >= {"one-more", "name-8"}
    assert "name-7" not in {r.name for r in requests(house)}


def test_list_has_the_names_of_the_project_and_there_is_no_search(house: House) -> None:
    allowed(house, "tool", "b-tool")
    allowed(house, "of-beta", projects=["beta"])
    answer = house.get("/simple/")
    assert isinstance(answer.content, bytes)
    assert json.loads(answer.content)["projects"] == [{"name": "b-tool"}, {"name": "tool"}]
    assert b'<a href="/simple/tool/">' in house.get("/simple/", json=False).content  # type: ignore[operator]
    for path in ("/", "/search/", "/pypi/tool/json", "/simple/tool/1/", "/legacy/", "/notice/odd/tool/x", "/simple/-/"):
        assert house.get(path).status == 404, path


def test_wanted_are_hashes_of_the_indexes_alone(house: House) -> None:
    house.upstream.add("tool", "1.0")
    allowed(house, "tool")
    house.fetch()
    asked = list(house.upstream.asked)
    for name in ("b" * 64, "../x", "tool", "B" * 64):
        (house.root / "asked/wanted" / name.replace("/", "-")).touch()
    house.fetch()
    assert house.upstream.asked == asked


def test_full_disk_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    cache.prepare()
    monkeypatch.setattr("ecluse.mirror.cache.SPARE_BYTES", 2**62)
    with pytest.raises(NotFetchedError) as caught:
        cache.put("a" * 64, lambda: iter([b"x"]))
    assert caught.value.failure is Failure.SPACE
    assert not cache.path("a" * 64).exists()


def test_file_in_the_cache_can_not_be_written(house: House) -> None:
    sha256 = house.upstream.add("tool", "1.0")
    allowed(house, "tool", prefetch=True)
    house.fetch()
    assert house.cache.path(sha256).stat().st_mode & 0o777 == 0o440
