"""The fuzzers, for a short while and from fixed seeds: no crash, no hang, no leak that passes by accident."""

import random
import re
import subprocess
import sys
import zipfile
from io import BytesIO

import pytest

from fuzz.seeds import PAYLOAD, seeds
from fuzz.targets import NAMES, answer, passed_with

pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore")]
TEXTS = {kind: data for kind, data in seeds().items() if kind not in ("any", "png", "pdf")}


@pytest.mark.parametrize("kind", ["csv", "json", "excel"])
def test_a_guided_run_finds_nothing(kind: str) -> None:
    """Coverage leads, the seed is fixed, and the number of inputs too."""
    run = [sys.executable, "-m", "fuzz", kind, "60", "7", "-runs=150"]
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": "tests:extensions", "MPLBACKEND": "Agg", "HOME": "/tmp"}
    done = subprocess.run(run, capture_output=True, text=True, env=env, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    executed = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    assert executed
    assert int(executed[1]) > 20


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One change that keeps most of a file's structure: a cut, flipped bits, a section moved, doubled or left out."""
    at, size = chance.randrange(len(data)), chance.randrange(1, max(2, len(data) // 3))
    part = data[at : at + size]
    return chance.choice((
        lambda: data[:at],
        lambda: data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :],
        lambda: data[:at] + data[at + size :],
        lambda: data[:at] + part + part + data[at + size :],
        lambda: data[at:] + data[:at],
        lambda: data[:at] + bytes(chance.randrange(256) for _ in range(4)) + data[at:],
    ))()  # fmt: skip


def members_mutated(data: bytes, chance: random.Random) -> bytes:
    """A zip whose member is mutated and packed again, so that the change reaches the reader inside."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        chosen = chance.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, mutated(old.read(name), chance) if name == chosen else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize("kind", TEXTS)
def test_a_mutated_leak_does_not_pass_with_its_payload(kind: str) -> None:
    chance = random.Random(kind)
    for data in TEXTS[kind]:
        for number in range(25):
            change = members_mutated if data[:2] == b"PK" and number % 2 else mutated
            made = change(data, chance)
            assert not made.strip() or not passed_with(NAMES[kind], made, PAYLOAD.encode()), made


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_mutated_pictures_are_answered(kind: str) -> None:
    chance = random.Random(kind)
    (data,) = seeds()[kind]
    for _ in range(40):  # `answer` itself asserts
        answer(NAMES[kind], mutated(data, chance) or b"x")
