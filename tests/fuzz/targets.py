"""What every fuzzer does: give bytes to the reader of one kind, and hold what must hold of any answer.

Held: only `Unreadable` is raised; the facts survive their own encoding; what is rebuilt is read again by the same kind
of reader and says the same. A leak that is mutated may lose its payload, but never pass with it: see `passed_with`.
"""

from collections.abc import Callable
from types import ModuleType

from corpus.kinds.unpack import unpacked
from ecluse.checks import codec, disclosure, identifiers, opaque, records
from ecluse.checks.facts import Context, Facts
from ecluse.checks.kinds import Rebuilt, Unreadable
from ecluse.checks.kinds.detect import kind_of
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules

LIMITS = Limits(bytes=2_000_000, pixels=1_000_000, text=1_000_000)
NAMES = {
    "csv": "a.csv", "excel": "a.xlsx", "parquet": "a.parquet", "notebook": "a.ipynb", "html": "a.html", "markdown": "a.md",
    "latex": "a.tex", "text": "a.log", "json": "a.json", "png": "a.png", "svg": "a.svg", "pdf": "a.pdf", "docx": "a.docx",
    "zip": "a.zip", "any": "a",
}  # fmt: skip
"""The file name under which each kind is fuzzed. The name never decides alone."""


def answer(name: str, data: bytes) -> tuple[Facts, Rebuilt] | None:
    """The facts and the rebuilt file, or nothing where the file is refused. Anything but `Unreadable` is a defect."""
    try:
        kind: ModuleType = kind_of(data, name)
        document = kind.read(data, LIMITS, name)
        facts = kind.facts(document)
        rebuilt = kind.rebuild(document)
    except Unreadable as refused:
        assert refused.reason
        assert refused.fix
        return None
    assert codec.decode(codec.encode(facts)) == facts or "nan" in repr(facts)
    return facts, rebuilt


def judged(name: str, facts: Facts) -> bool:
    """Whether the rules hold the file."""
    found = [f for each in disclosure.find({name: facts}, OutputRules(), Context()).values() for f in each]
    found += [*identifiers.find(facts, Context()), *records.find(facts, Context()), *opaque.find(facts)]
    return any(f.severity is not Severity.NOTE for f in found)


def passed_with(name: str, data: bytes, payload: bytes) -> bool:
    """Whether a file passes with the payload still in what is rebuilt of it."""
    given = answer(name, data)
    if given is None or payload not in unpacked(given[1].data):
        return False
    return not judged(name, given[0]) and not any(f.severity is not Severity.NOTE for f in given[1].notes)


def target(kind: str) -> Callable[[bytes], None]:
    """The fuzzer's entry for one kind: read, judge, and read what was rebuilt."""
    name = NAMES[kind]

    def run(data: bytes) -> None:
        given = answer(name, data)
        if given is None:
            return
        facts, rebuilt = given
        judged(name, facts)
        again = answer("again" + rebuilt.extension, rebuilt.data) if rebuilt.data.strip() else rebuilt
        assert again is not None, "the rebuilt file is not understood"

    return run
