"""`make bench`: each claim as a ratio against a named alternative in the same run; writes build/bench.json.

A module `NAME.py` beside this one has `NAMES` (the measures it gives) and `run(progress) -> list[Measure]`.
Exit 1 if a bar does not hold.
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

from rich.console import Console

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "deploy")]
console = Console(highlight=False)


def modules(only: set[str]) -> list[ModuleType]:
    """The bench modules that give at least one of the wanted measures."""
    found = [importlib.import_module(f.stem) for f in sorted(HERE.glob("*.py")) if not f.stem.startswith("_")]
    found = [m for m in found if hasattr(m, "NAMES")]
    known = {name for module in found for name in module.NAMES}
    if only - known:
        sys.exit(f"bench: no measure called {', '.join(sorted(only - known))}; there are: {', '.join(sorted(known))}")
    return [m for m in found if not only or only & set(m.NAMES)]


def main() -> int:
    """Run the benchmarks and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names, separated by commas")
    only = {name for name in parser.parse_args().only.split(",") if name}
    results = []
    for module in modules(only):
        with console.status(f"{module.__name__} …") as status:
            found = module.run(lambda text, s=status, m=module: s.update(f"{m.__name__}: {text}"))
        results += [r for r in found if not only or r["name"] in only]
        for r in found:
            ratio = "" if r["ratio"] is None else f"{r['ratio']:.2f} × {r['against']}"
            mark = "[green]holds[/]" if r["holds"] else "[red]does not hold[/]"
            console.print(f"{r['name']:<24} {r['value']:>10.3f} {r['unit']:<6} {ratio}  bar {r['bar']}: {mark}")
    target = HERE.parents[1] / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(results, indent=1) + "\n")
    console.print(f"written: build/bench.json, {len(results)} measures")
    return 0 if all(r["holds"] for r in results) else 1


if __name__ == "__main__":
    sys.exit(main())
