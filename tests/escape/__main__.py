"""Make every attempt: `python -m tests.escape [ATTACKER…]`, or `make escape`.

A line for each (attacker, attempt, expected, seen); the last line counts. Exit code 1 unless all were held.
"""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent / "extensions")]

from escape.attackers import ATTACKERS  # noqa: E402 - after the path is set
from escape.attempt import Result, judge, last_line  # noqa: E402
from escape.world import standing  # noqa: E402


def main(names: list[str]) -> int:
    """Run the attackers of these names, or all."""
    if unknown := set(names) - set(ATTACKERS):
        print(f"no such attacker: {min(unknown)}; there are: {', '.join(ATTACKERS)}", file=sys.stderr)
        return 2
    results: list[Result] = []
    with standing():
        for name in names or ATTACKERS:
            with ATTACKERS[name]() as attempts:
                for attempt in attempts:
                    results.append(judge(attempt))
                    print(results[-1], flush=True)
    print(last_line(results))
    return 0 if results and all(r.held for r in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
