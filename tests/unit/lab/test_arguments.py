import json

import pytest

from ecluse_lab.arguments import LINE, TEXT, nothing, read, relative_path, request_id
from ecluse_lab.errors import RefusedError


def body(value):
    return json.dumps(value).encode()


def test_arguments_are_stripped():
    assert read(body({"title": " Table 1 ", "purpose": "a\nb"}), {"title": LINE, "purpose": TEXT}) == {
        "title": "Table 1",
        "purpose": "a\nb",
    }


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"title": "a"}, "Missing argument: purpose"),
        ({"title": "a", "purpose": "b", "project": "other"}, "Unknown argument: 'project'"),
        ({"title": 1, "purpose": "b"}, "'title' has to be a text"),
        ({"title": None, "purpose": "b"}, "'title' has to be a text"),
        ({"title": "  ", "purpose": "b"}, "'title' is empty"),
        ({"title": "x" * 201, "purpose": "b"}, "'title' has 201 characters"),
        ({"title": "a\nb", "purpose": "b"}, "'title' holds characters"),
        ({"title": "a\x00b", "purpose": "b"}, "'title' holds characters"),
        (["title"], "has to be a JSON object"),
    ],
)
def test_wrong_arguments_are_refused_by_name(value, says):
    with pytest.raises(RefusedError, match=says) as refused:
        read(body(value), {"title": LINE, "purpose": TEXT})
    assert refused.value.status == 400
    assert refused.value.reason == "bad-argument"


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe"])
def test_what_is_no_json_is_refused(raw):
    with pytest.raises(RefusedError, match="not JSON"):
        read(raw, {})


def test_a_long_body_is_refused_before_it_is_parsed():
    with pytest.raises(RefusedError) as refused:
        read(b"[" * 70_000, {})
    assert refused.value.status == 413


@pytest.mark.parametrize("raw", [b"", b"{}"])
def test_a_call_without_arguments_takes_none(raw):
    nothing(raw)


def test_a_call_without_arguments_refuses_some():
    with pytest.raises(RefusedError, match="takes no arguments"):
        nothing(body({"force": True}))


def test_ids_of_requests():
    assert request_id("data-challenge-2-17") == "data-challenge-2-17"


@pytest.mark.parametrize(
    "value",
    ["", "7", "bacthub", "Bacthub-7", "bacthub-7/../hydro-1", "bacthub-7?x=1", "bac--thub-1", "bacthub-7\n", "é-1"],
)
def test_what_is_no_id_of_a_request_is_unknown(value):
    with pytest.raises(RefusedError) as refused:
        request_id(value)
    assert refused.value.status == 404


def test_paths_of_files():
    assert relative_path("project/paper/Table 1.csv") == "project/paper/Table 1.csv"


@pytest.mark.parametrize(
    "value", ["/etc/passwd", "../x", "a/../../x", "a//b", "./x", "a/", "..", "C:\\x", "a\\..\\b", "a\0b", "", 7, None]
)
def test_paths_that_lead_elsewhere_are_refused(value):
    with pytest.raises(RefusedError):
        relative_path(value)
