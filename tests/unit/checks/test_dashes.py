"""The dashes of a diagonal are no letters; letters, and dashes of a level line, are not taken for them."""

import numpy as np

from ecluse.checks.pictures.dashes import slanting


def boxes(places: list[tuple[int, int]], height: int = 6, width: int = 8) -> np.ndarray:
    return np.array([(y, x, y + height, x + width) for x, y in places], dtype=np.int64)


def found(made: np.ndarray) -> int:
    return int(slanting(made, np.ones(len(made), dtype=np.bool_)).sum())


def test_a_dashed_diagonal_is_found_among_letters() -> None:
    diagonal = boxes([(20 + 14 * n, 400 - 9 * n) for n in range(30)])
    letters = boxes([(30 + 9 * n, 10) for n in range(12)], height=9, width=7)
    mask = slanting(np.vstack([diagonal, letters]), np.ones(42, dtype=np.bool_))
    assert mask[:30].all()
    assert not mask[30:].any()


def test_letters_stand_on_a_level_line() -> None:
    assert found(boxes([(30 + 9 * n, 10) for n in range(40)])) == 0


def test_labels_along_a_curve_are_read() -> None:
    assert found(boxes([(20 + 14 * n, 400 - n * n // 2) for n in range(25)])) == 0


def test_few_pieces_are_no_line() -> None:
    assert found(boxes([(20 + 14 * n, 400 - 9 * n) for n in range(9)])) == 0


def test_the_legs_of_a_funnel_are_found_where_marks_cross_them() -> None:
    left = boxes([(300 - 4 * n, 100 + 6 * n) for n in range(40) if n % 9])
    right = boxes([(300 + 4 * n, 100 + 6 * n) for n in range(40)])
    letters = boxes([(30 + 9 * n, 10) for n in range(40)], height=9, width=7)
    assert found(np.vstack([left, right, letters])) == len(left) + len(right)


def test_the_marks_of_a_scatter_are_no_dashes() -> None:
    places = np.random.default_rng(3).integers(0, 400, (120, 2))
    assert found(boxes([(int(x), int(y)) for x, y in places])) == 0


def test_the_tiles_of_a_grid_are_no_dashes() -> None:
    assert found(boxes([(20 + 12 * n, 30 + 9 * m) for n in range(30) for m in range(14)])) == 0
    assert found(boxes([(20 + 12 * n, 30 + 9 * m) for n in range(30) for m in range(14) if (n * m) % 3])) == 0
