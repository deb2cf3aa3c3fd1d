"""Figures as researchers make them pass; figures that show small counts or identifiers do not."""

import io

import numpy as np
import pytest
from PIL import Image

from corpus.pictures import figures
from ecluse.checks import check_files
from ecluse.checks.sandbox import Sandbox
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.policy import OutputRules

SEEDS = (0, 17)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as warm:
        yield warm


def verdicts(drawers, seed: int, sandbox: Sandbox) -> dict[str, tuple[CheckVerdict, list[str]]]:
    files = [(f"{d.__name__}.png", figures.png(d, n + seed)) for n, d in enumerate(drawers)]
    report, _ = check_files(files, OutputRules(check_seconds=600), sandbox=sandbox)
    return {f.path: (f.verdict, [x.message for x in f.findings]) for f in report.files}


@pytest.mark.parametrize("seed", SEEDS)
def test_safe_figures_pass(seed: int, sandbox: Sandbox) -> None:
    """A measured floor: 66 of 68 over both seeds pass (97 %), at worst 32 of 34."""
    found = verdicts(figures.SAFE, seed, sandbox)
    held = {path: why for path, (verdict, why) in found.items() if verdict is not CheckVerdict.PASS}
    assert len(found) >= 30
    assert len(held) <= 2, held


@pytest.mark.parametrize("seed", SEEDS)
def test_leaking_figures_are_held(seed: int, sandbox: Sandbox) -> None:
    """A measured floor, not the aim: 60 of 64 are held; the others have letters of 8 pixels or digits on grid lines."""
    found = verdicts(figures.LEAKING, seed, sandbox)
    passed = [path for path, (verdict, _) in found.items() if verdict is CheckVerdict.PASS]
    assert len(found) >= 30
    assert len(passed) <= 3, passed


def test_safe_figure_keeps_its_pixels(sandbox: Sandbox) -> None:
    data = figures.png(figures.roc, 5)
    report, rebuilt = check_files([("roc.png", data)], OutputRules(), sandbox=sandbox)
    made = rebuilt[report.files[0].rebuilt.sha256]
    with Image.open(io.BytesIO(data)) as before, Image.open(io.BytesIO(made)) as after:
        assert np.array_equal(np.asarray(before.convert("RGB")), np.asarray(after.convert("RGB")))
