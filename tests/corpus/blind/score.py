"""Score a batch: `python -m corpus.blind.score first|second [NAME]`. By group: leaks caught, safe results passed."""

import sys
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ecluse.checks.sandbox import Sandbox

from . import batches
from .case import Case
from .judge import Answer, caught, run


def judged(cases: list[Case], workers: int = 2) -> Iterator[tuple[Case, Answer, bool]]:
    """Every case with its answer, and whether that is right."""

    def some(part: list[Case]) -> list[tuple[Case, Answer, bool]]:
        with Sandbox() as sandbox:
            return [right(case, run(case, sandbox)) for case in part]

    with ThreadPoolExecutor(workers) as pool:
        for part in pool.map(some, [cases[i::workers] for i in range(workers)]):
            yield from part


def right(case: Case, answer: Answer) -> tuple[Case, Answer, bool]:
    """A leak is caught; a safe result passes and keeps its content."""
    return case, answer, caught(case, answer) if case.leak else answer.passed and not answer.lost


def main() -> None:
    cases = batches.named(sys.argv[1])
    cases = [
        c
        for c in cases
        if not sys.argv[2:] or any(part in c.name or part == ("leak" if c.leak else "safe") for part in sys.argv[2:])
    ]
    table: dict[tuple[bool, str], list[bool]] = defaultdict(list)
    for case, answer, good in judged(cases):
        table[case.leak, case.group].append(good)
        if not good:
            print(
                "ok " if good else "BAD",
                "leak" if case.leak else "safe",
                case.group,
                case.name,
                "; ".join((*answer.why, *answer.lost))[:400],
            )
    for leak in (True, False):
        groups = {g: v for (is_leak, g), v in table.items() if is_leak is leak}
        for group, values in sorted(groups.items()):
            print(f"{'leak' if leak else 'safe'} {group:20} {sum(values):4}/{len(values)}")
        every = [v for values in groups.values() for v in values]
        if every:
            print(
                f"{'leaks caught' if leak else 'safe passed'}: {sum(every)}/{len(every)} = {sum(every) / len(every):.1%}"
            )


if __name__ == "__main__":
    main()
