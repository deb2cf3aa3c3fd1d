import pytest

from ecluse.rules.disk import GIB, GROWTH, held_by, notes, why_ends, why_no_start
from ecluse.rules.outcome import Reason
from ecluse.rules.workspace import HOME, PROJECT, SOCKETS

USED = {"e_project_alpha": 17 * GIB, "e_home_alpha_ada": 3, "e_home_alpha_mem": 5, "other_project_alpha": 9}


def test_what_a_workspace_holds_is_its_projects_folder_and_its_own_home():
    assert held_by(USED, "e", "alpha", "ada") == {PROJECT: 17 * GIB, HOME: 3}
    assert held_by(USED, "e", "beta", "ada") == {PROJECT: 0, HOME: 0}


def test_folder_of_sockets_of_a_sealed_workspace_counts_too():
    held = held_by({**USED, "e_pane_alpha_ada": 41 * GIB}, "e", "alpha", "ada")
    assert held[SOCKETS] == 41 * GIB
    assert why_ends(20, held, {SOCKETS: 0}) is not None
    assert why_no_start(20, held) is not None


def test_who_is_nearly_full_reads_a_note():
    assert notes(20, {PROJECT: 16 * GIB, HOME: 0}) == ()
    assert notes(20, {PROJECT: 17 * GIB, HOME: 21 * GIB}) == (
        "/project holds 17.0 of 20 GiB: delete what is not needed.",
        "Your home holds 21.0 of 20 GiB: delete what is not needed.",
    )


@pytest.mark.parametrize(
    ("size", "at_start", "ends"),
    [
        (20 * GIB, 0, False),
        (20 * GIB + 1, 0, True),
        (21 * GIB, 21 * GIB, False),
        (21 * GIB, 21 * GIB - GROWTH, False),
        (21 * GIB, 21 * GIB - GROWTH - 1, True),
        (21 * GIB, 30 * GIB, False),
    ],
)
def test_a_full_folder_that_goes_on_growing_ends_the_workspace(size, at_start, ends):
    why = why_ends(20, {PROJECT: 0, HOME: size}, {HOME: at_start})
    assert (why is not None) == ends
    if why is not None:
        assert why.reason is Reason.DISK_FULL
        assert why.message.startswith("Your home holds")


def test_far_too_full_starts_nothing():
    assert why_no_start(20, {PROJECT: 40 * GIB}) is None
    why = why_no_start(20, {HOME: 0, PROJECT: 40 * GIB + 1})
    assert why is not None
    assert why.reason is Reason.DISK_FULL
    assert "disk_gib" in why.fix
