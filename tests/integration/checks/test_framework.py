"""The check of a request: each file alone in its process, all judged together, nothing passes by accident."""

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ecluse.checks import check_files, codec, facts, limits, report, sandbox
from ecluse.checks.kinds.delimited import facts as csv_facts
from ecluse.checks.kinds.delimited import read as read_csv
from ecluse.rules.finding import CheckReport, CheckVerdict, Place
from ecluse.rules.policy import OutputRules

RULES = OutputRules()
SAFE = "région,n\nNord,120\nSud,133\nTotal,253\n".encode()


@pytest.fixture(scope="module")
def warm() -> Iterator[sandbox.Sandbox]:
    with sandbox.Sandbox() as made:
        yield made


def check(
    warm: sandbox.Sandbox, *files: tuple[str, bytes | Path], rules: OutputRules = RULES, **more: Any
) -> CheckReport:
    return check_files(list(files), rules, sandbox=warm, **more)[0]


def test_a_safe_table_passes_and_is_rebuilt(warm: sandbox.Sandbox) -> None:
    made, rebuilt = check_files([("t.csv", SAFE)], RULES, sandbox=warm)
    file = made.files[0]
    assert (made.verdict, file.kind, file.sha256) == (CheckVerdict.PASS, "csv", hashlib.sha256(SAFE).hexdigest())
    assert file.rebuilt is not None
    assert rebuilt[file.rebuilt.sha256] == SAFE


def test_every_kind_of_table_is_read_in_its_process(warm: sandbox.Sandbox, tmp_path: Path) -> None:
    frame = pd.DataFrame({"région": ["Nord", "Sud"], "n": [120, 133], "part": [47.4, 52.6]})
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_excel(tmp_path / "t.xlsx")
    (tmp_path / "t.html").write_text(frame.to_html())
    made = check(warm, *((p.name, p) for p in sorted(tmp_path.iterdir())))
    assert [(f.kind, f.verdict, f.findings) for f in made.files] == [
        (kind, CheckVerdict.PASS, ()) for kind in ("html", "parquet", "excel")
    ]


def test_a_small_count_is_refused_with_its_place(warm: sandbox.Sandbox) -> None:
    made = check(warm, ("t.csv", b"region,n\nNord,4\nSud,133\n"))
    assert made.verdict is CheckVerdict.REFUSE
    assert any(f.rule == "small-count" and f.place is not None and f.place.row == 0 for f in made.files[0].findings)


def test_findings_of_an_outputs_html_and_text_are_given_once(warm: sandbox.Sandbox) -> None:
    """What the demo's first notebook shows: rows of persons, and a crosstab with small cells, each in two forms."""
    people = pd.DataFrame(
        {
            "PATIENT": [f"2{'abcdefghijk'[i]}uvcvduxutxinhgslay2i3lz{'abcdefghijk'[i]}" for i in range(10)],
            "horTh": ["no", "yes"] * 5,
            "age": range(50, 60),
            "pnodes": [3, 7, 9, 4, 1, 24, 2, 1, 5, 7],
            "cens": [1, 1, 1, 0, 1] * 2,
        }
    )
    counts = pd.DataFrame({"I": [0, 6, 30], "II": [16, 50, 4], "III": [1, 22, 61]}, index=["<30", "30-39", "40+"])
    cells = [
        {
            "cell_type": "code", "id": f"c{n}", "metadata": {}, "source": "frame", "execution_count": n,
            "outputs": [
                {
                    "output_type": "execute_result", "execution_count": n, "metadata": {},
                    "data": {"text/plain": repr(frame), "text/html": frame.to_html()},
                }
            ],
        }
        for n, frame in enumerate((people, counts), 1)
    ]  # fmt: skip
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (file,) = check(warm, ("a.ipynb", json.dumps(book).encode())).files
    assert file.verdict is CheckVerdict.REFUSE
    tables = sorted((f.rule, f.where.split(",")[0]) for f in file.findings if f.rule in ("row-dump", "small-count"))
    assert tables == [("row-dump", "cell 1"), ("small-count", "cell 2")]
    keys = [(f.rule, f.where, f.message) for f in file.findings]
    assert len(set(keys)) == len(keys)


def test_files_of_a_request_are_judged_together_and_alone(warm: sandbox.Sandbox) -> None:
    made = check(warm, ("good.csv", SAFE), ("bad.bin", b"\0\1\2" * 50), ("empty.txt", b""))
    assert [f.verdict for f in made.files] == [CheckVerdict.PASS, CheckVerdict.REFUSE, CheckVerdict.REFUSE]
    assert made.verdict is CheckVerdict.REFUSE
    assert all(f.findings[0].fix for f in made.files[1:])


def test_no_files_can_not_pass(warm: sandbox.Sandbox) -> None:
    assert check(warm).verdict is CheckVerdict.REFUSE


def test_too_many_files_are_refused(warm: sandbox.Sandbox) -> None:
    made = check(warm, ("a.csv", SAFE), ("b.csv", SAFE), rules=RULES.model_copy(update={"max_files": 1}))
    assert {f.findings[0].rule for f in made.files} == {"too-many-files"}
    assert all(f.rebuilt is None for f in made.files)


def test_a_file_over_the_limit_is_refused_unread(warm: sandbox.Sandbox, tmp_path: Path) -> None:
    large = tmp_path / "t.csv"
    large.write_bytes(SAFE * 100)
    made = check(warm, ("t.csv", large), rules=RULES.model_copy(update={"max_file_bytes": 1024}))
    assert made.files[0].findings[0].rule == "file-too-large"
    assert made.files[0].sha256 == hashlib.sha256(SAFE * 100).hexdigest()


@pytest.mark.parametrize(
    "path", ["../t.csv", "/etc/t.csv", "a//t.csv", "a/./t.csv", "a\u202ecsv", "a\\t.csv", "x" * 301]
)
def test_a_path_that_leaves_its_folder_is_refused(warm: sandbox.Sandbox, path: str) -> None:
    made = check(warm, (path, SAFE))
    assert made.verdict is CheckVerdict.REFUSE
    assert made.files[0].findings[0].rule == "bad-path"


def test_two_files_of_one_path_are_refused(warm: sandbox.Sandbox) -> None:
    made = check(warm, ("t.csv", SAFE), ("t.csv", SAFE + b"Est,4\n"))
    assert {f.findings[0].rule for f in made.files} == {"bad-path"}


def test_a_million_rows_are_refused(warm: sandbox.Sandbox) -> None:
    made = check(warm, ("t.csv", b"n\n" + b"12\n" * 1_000_000))
    assert made.files[0].findings[0].rule == "too-many-rows"


def test_what_was_released_before_is_read_and_its_loss_refuses(warm: sandbox.Sandbox) -> None:
    fine = report.Released("demo-1", "t.csv", SAFE)
    assert check(warm, ("u.csv", SAFE), released=[fine]).verdict is CheckVerdict.PASS
    lost = replace(fine, data=b"\0\0\0")
    made = check(warm, ("u.csv", SAFE), released=[lost])
    assert any(f.rule == "released-unreadable" for f in made.files[0].findings)


def test_an_identifier_in_a_file_name_is_read(warm: sandbox.Sandbox) -> None:
    made = check(warm, ("269054958815780.csv", SAFE))
    assert made.verdict is not CheckVerdict.PASS


def test_criteria_name_versions_and_thresholds(warm: sandbox.Sandbox) -> None:
    criteria = check(warm, ("t.csv", SAFE)).criteria
    assert criteria["rules"]["minimum_count"] == RULES.minimum_count
    assert {"ecluse", "parsers", "rules", "limits", "platform"} <= set(criteria)
    assert all(v != "unknown" for v in criteria["parsers"].values())


def test_the_report_is_the_json_of_the_command_line(warm: sandbox.Sandbox) -> None:
    value = json.loads(report.report_json(check(warm, ("t.csv", SAFE))))
    assert set(value) == {"verdict", "files", "criteria"}
    assert set(value["files"][0]) == {"path", "kind", "verdict", "sha256", "rebuilt", "findings"}


@pytest.mark.parametrize(
    ("path", "extension", "expected"),
    [
        ("a.csv", ".csv", "a.csv"),
        ("a.CSV", ".csv", "a.CSV"),
        ("d/a.jpg", ".png", "d/a.png"),
        ("notes", ".txt", "notes.txt"),
    ],
)
def test_a_rebuilt_file_keeps_its_name(path: str, extension: str, expected: str) -> None:
    assert report.rebuilt_path(path, extension, set()) == expected


def test_rebuilt_names_never_collide() -> None:
    taken: set[str] = set()
    names = [report.rebuilt_path(p, ".png", taken) for p in ("a.jpg", "a.png", "a.jpeg", "a.svg", "a.png.x")]
    assert len(set(names)) == len(names)


# --- processes


SMALL = limits.Budget(seconds=2, memory=1024 * 1024 * 1024, output=1024 * 1024)
PROBE = "from ecluse.checks import tasks\ntasks.TASKS['probe'] = lambda folder, job: exec(job['code']) or {}\n"


@pytest.fixture(scope="module")
def probes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Sandbox]:
    """A sandbox with a task that runs any code, as if a reader had been taken over."""
    extra = tmp_path_factory.mktemp("extra")
    found = f"import sys\nsys.path.insert(0, {str(Path(sandbox.__file__).parents[2])!r})\n"
    (extra / "sitecustomize.py").write_text(found + PROBE)
    before = sandbox.EXTRA_PATH
    sandbox.EXTRA_PATH = (str(extra),)
    try:
        with sandbox.Sandbox(SMALL) as made:
            yield made
    finally:
        sandbox.EXTRA_PATH = before


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("pass", "ok"),
        ("raise ValueError('secret')", "crash"),
        ("import os; os.abort()", "crash"),
        ("import os; os._exit(3)", "crash"),
        ("import ctypes; ctypes.string_at(0)", "crash"),
        ("x = bytearray(4 * 1024**3)", "memory"),
        ("while True: pass", "timeout"),
        ("import time; time.sleep(60)", "timeout"),
        ("open('FOLDER/x/full', 'wb').write(b'x' * 10**7)", "crash"),
        ("import os; open('FOLDER/x/answer', 'w').write('[]'); os._exit(0)", "crash"),
        ("import os; open('FOLDER/x/answer', 'w').write('{'); os._exit(0)", "crash"),
    ],
)
def test_a_broken_reader_breaks_only_its_own_check(
    probes: sandbox.Sandbox, tmp_path: Path, code: str, state: str
) -> None:
    jobs = [
        {"task": "probe", "id": "x", "code": code.replace("FOLDER", str(tmp_path))},
        {"task": "probe", "id": "y", "code": ""},
    ]
    found = probes.run(tmp_path, jobs, 20)
    assert (found["x"].state, found["y"].state) == (state, "ok")


def test_a_child_sees_no_environment_and_no_pipes(probes: sandbox.Sandbox, tmp_path: Path) -> None:
    code = (
        "import os, resource; assert 'HOME' not in os.environ; "
        "assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0\n"
        "for n in range(3, 256):\n try: os.fstat(n)\n except OSError: continue\n raise AssertionError(n)"
    )
    assert probes.run(tmp_path, [{"task": "probe", "id": "x", "code": code}], 20)["x"].state == "ok"


def test_time_for_all_ends_what_still_waits(probes: sandbox.Sandbox, tmp_path: Path) -> None:
    jobs = [{"task": "probe", "id": str(n), "code": "import time; time.sleep(30)"} for n in range(6)]
    assert {o.state for o in probes.run(tmp_path, jobs, 1).values()} == {"timeout"}


def test_a_dead_server_is_an_error_and_a_new_one_starts(tmp_path: Path) -> None:
    with sandbox.Sandbox() as made:
        assert made._process is not None
        made._process.kill()
        made._process.wait()
        assert (
            made.run(tmp_path, [{"task": "nothing", "id": "x"}], 20)["x"].state == "crash"
        )  # a fresh server answers: the task is unknown


def test_an_answer_that_is_no_report_refuses_the_file(warm: sandbox.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    forged = {"kind": "csv", "extension": ".csv", "rebuilt": True, "findings": [{"rule": "x", "severity": "fine"}]}
    monkeypatch.setattr(
        sandbox.Sandbox, "run", lambda *_: {"f0": sandbox.Outcome("ok", forged), "judge": sandbox.Outcome("ok")}
    )
    made = check(warm, ("t.csv", SAFE))
    assert made.verdict is CheckVerdict.REFUSE
    assert made.files[0].findings[0].rule == "check-crashed"


def test_a_judge_without_an_answer_refuses_all(warm: sandbox.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sandbox.Sandbox.run

    def run(
        self: sandbox.Sandbox, folder: Path, jobs: list[dict[str, Any]], seconds: float
    ) -> dict[str, sandbox.Outcome]:
        if jobs[0]["task"] == "judge":
            return {"judge": sandbox.Outcome("timeout", detail="it took too long")}
        return real(self, folder, jobs, seconds)

    monkeypatch.setattr(sandbox.Sandbox, "run", run)
    made = check(warm, ("t.csv", SAFE))
    assert [f.rule for f in made.files[0].findings] == ["check-failed"]


def test_forged_facts_refuse_their_file_only(warm: sandbox.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    real = sandbox.Sandbox.run

    def run(self: sandbox.Sandbox, folder: Path, jobs: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
        found = real(self, folder, jobs, seconds)
        if jobs[0]["task"] == "read":
            (folder / "f0/facts").write_bytes(b"[[7],[],[],[],[],[]]")
        return found

    monkeypatch.setattr(sandbox.Sandbox, "run", run)
    made = check(warm, ("forged.csv", SAFE), ("good.csv", SAFE))
    assert [f.verdict for f in made.files] == [CheckVerdict.REFUSE, CheckVerdict.PASS]
    assert made.files[0].rebuilt is None


def test_a_sandbox_that_fails_refuses_all(warm: sandbox.Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object) -> None:
        raise sandbox.SandboxError("no memory")

    monkeypatch.setattr(sandbox.Sandbox, "run", run)
    made = check(warm, ("t.csv", SAFE))
    assert made.verdict is CheckVerdict.REFUSE
    assert made.files[0].rebuilt is None


# --- facts between processes


def test_facts_survive_the_way_between_processes() -> None:
    document = read_csv("région,n,m\nNord,<11,12 (40 %)\nSud,*,1 234\n4 dames,NaN,7\n".encode(), limits.Limits())
    found = csv_facts(document)
    found = replace(found, signs=(facts.Sign(facts.SignKind.SHAPE, rows=3, place=Place(cell=1)),))
    assert codec.decode(codec.encode(found)) == found
    file = facts.FileFacts("t.csv", "csv", "0" * 64, found, "demo-1")
    assert codec.decode_file(codec.encode_file(file)) == file


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"[[],[],[],[],[],7]",
        b"[[1],[],[],[],[],[]]",
        b'[[],[],[],[],[],[["no","",{},null,null,null,""]]]',
    ],
)
def test_what_is_no_fact_is_an_error(raw: bytes) -> None:
    with pytest.raises(ValueError):
        codec.decode(raw)


def test_a_cell_of_another_kind_is_an_error() -> None:
    raw = json.loads(codec.encode(csv_facts(read_csv(SAFE, limits.Limits()))))
    raw[0][0][1][0][0] = ["Z", "Nord"]
    with pytest.raises(ValueError):
        codec.decode(json.dumps(raw).encode())


def test_a_zip_bomb_is_refused(warm: sandbox.Sandbox, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.csv", b"0" * 100_000_000)
    assert check(warm, ("bomb.zip", bomb)).files[0].findings[0].rule == "archive-bomb"
