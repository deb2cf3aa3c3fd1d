"""Fuzz the readers with atheris: `python -m fuzz KIND SECONDS [SEED [OPTION…]]`; the runner `make fuzz` goes through all kinds.

Coverage of the checks' own code guides it. It ends with an error at the first crash or at an input that takes more than
ten seconds; the input is then in `build/fuzz/KIND/`.
"""

import sys
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["ecluse.checks"]):
    from fuzz.seeds import seeds
    from fuzz.targets import target


def main() -> None:
    kind, seconds = sys.argv[1], sys.argv[2]
    seed = sys.argv[3] if len(sys.argv) > 3 else "0"
    folder = Path("build/fuzz") / kind
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()[kind]):
        (corpus / f"seed-{number}").write_bytes(data)
    warnings.simplefilter("ignore")
    options = [
        f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=3000", "-max_len=60000", f"-artifact_prefix={folder}/",
        "-print_final_stats=1", *([f"-seed={seed}"] if seed != "0" else []), *sys.argv[4:],
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], target(kind))
    atheris.Fuzz()


main()
