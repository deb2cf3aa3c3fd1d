"""ACRO or Presidio in its own environment: after each line on standard input it does its task once and says how long.

Nothing is loaded from the network: Presidio runs its pattern recognisers on a blank spaCy model (no names), and its
list of domain suffixes is the one that came with it.
"""

import json
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


def _acro(folder: Path) -> Callable[[], object]:
    import pandas as pd
    from acro import ACRO

    frame = pd.read_csv(folder / "crosstab.csv")
    session = ACRO(suppress=False)
    return lambda: session.crosstab(frame["department"], frame["sex"])


def _presidio(folder: Path) -> Callable[[], object]:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    class Blank(SpacyNlpEngine):
        def load(self) -> None:
            self.nlp = {"en": spacy.blank("en")}

    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    engine = Blank()
    engine.load()
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    analyzer = AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])
    lines = [line for path in sorted(folder.glob("*.csv")) for line in path.read_text().splitlines()]
    return lambda: [analyzer.analyze(line, "en") for line in lines]


def _refused(*_: object) -> NoReturn:
    raise OSError("a benchmark asks nobody outside")


def main() -> None:
    """Answer one JSON number of seconds per line read."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a peer prints is no answer
    socket.socket.connect = _refused  # type: ignore[method-assign]
    logging.disable(logging.CRITICAL)
    task = {"acro": _acro, "presidio": _presidio}[sys.argv[1]](Path(sys.argv[2]))
    print(json.dumps("ready"), file=answers, flush=True)
    for _ in sys.stdin:
        begin = time.monotonic()
        task()
        print(json.dumps(time.monotonic() - begin), file=answers, flush=True)


if __name__ == "__main__":
    main()
