"""A hostile file in the checker: as a file, as code in the container, and as code in the process that reads it.

Files go through the real checker by its spool, as the airlock sends them. Their twin is a careless reader on a network
with a way out (`checker_naive`); that of the code, the same image without what confines it.
"""

import base64
import json
import posixpath
import secrets
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from io import BytesIO

from corpus.kinds.hidden import PAYLOAD, ZERO_WIDTH, all_cases
from corpus.kinds.unpack import unpacked
from escape import checker_code as code
from escape import checker_naive as naive
from escape import probes as runner
from escape.attempt import Attempt, Seen
from escape.checker_answers import forged
from escape.checker_bombs import bombs
from escape.checker_files import Aim, Goal, Hostile
from escape.checker_place import CHECKER, Answered, Place
from escape.checker_reach import reaching
from escape.probes import Batch
from escape.world import World, world
from integration.hub.stack import docker

WHO = "hostile file"


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts, at the checker of the world."""
    with world() as found:
        yield attempts(Place(found))


def attempts(found: Place) -> Iterator[Attempt]:
    """All of them; what asks whether the checker still answers comes after what could have ended it."""
    since = found.state() if found.before else None
    yield from _coded(found, code.in_worker(), found.worker, "worker", 10)
    yield from _coded(found, code.in_reader(), found.reader, "reader", 6)
    for group in (bombs(), reaching(), hidden()):
        yield from _filed(found, Filed(found, group))
    yield from forged(WHO, found)
    yield from _standing(found, since)


# -- code -----------------------------------------------------------------------------------------------------------


def _coded(
    found: Place, probes: Sequence[runner.Probe], enter: Callable[[], Sequence[str]], where: str, width: int
) -> Iterator[Attempt]:
    program = code.READER if where == "reader" else runner.RUNNER
    more = code.READER_VALUES if where == "reader" else {}
    real = Batch(enter, lambda: {**found.values(), **more}, probes, width, program)
    twins = {
        kind: Batch(
            partial(found.twin, kind, where),
            found.twin_values if kind == "root" else found.values,
            [p for p in probes if p.twin == kind],
            1 if kind == "root" else width,
        )
        for kind in {p.twin for p in probes}
    }
    yield from runner.attempts(WHO, probes, real, twins)


# -- files ----------------------------------------------------------------------------------------------------------


def hidden() -> list[Hostile]:
    """What hides in a file, of the corpus of hidden channels; the twin hands on what it was given."""

    def of(name: str) -> bytes:
        return all_cases()[name]()[1]

    packed = {n for n in all_cases() if n.startswith(("zip_", "png_appended", "apng"))}
    silent = packed | {"csv_trailing_blanks", "png_transparent_colours", "jpeg_exif"}
    return [
        Hostile(f"hides: {n.replace('_', ' ', 1).replace('_', ' ')}", f"{n}/{make()[0]}", "copy", Goal.KEEP, lambda _, n=n: of(n))
        for n, make in all_cases().items()
        if n not in silent
    ]  # fmt: skip


def _holds(data: bytes) -> bool:
    """Whether the payload of the corpus is in a file, however packed."""
    everything = unpacked(data)
    forms = (PAYLOAD.encode(), PAYLOAD.encode("utf-16-le"), PAYLOAD.encode("utf-32-le"), ZERO_WIDTH.encode())
    try:
        tags = any(0xE0000 <= ord(c) < 0xF0000 for c in data.decode())  # letters that nobody sees
    except UnicodeDecodeError:
        tags = False
    return tags or any(f in everything for f in forms)


class Filed:
    """Files that go to the checker in one job, and to the careless readers in one call."""

    def __init__(self, found: Place, files: Sequence[Hostile]) -> None:
        self.place, self.files = found, files
        # Another word for each side: what the careless reader asks for must not count against the checker.
        self.aims, self.weak = (self._aims(side) for side in "rt")

    def _aims(self, side: str) -> dict[str, Aim]:
        address, run = self.place.world.outside.address, secrets.token_hex(3)
        return {f.name: Aim(f"{side}{run}x{n}e", address) for n, f in enumerate(self.files)}

    def path(self, file: Hostile, aims: dict[str, Aim] | None = None) -> str:
        """Its path in the request."""
        return file.path.replace("WORD", (aims or self.aims)[file.name].word)

    @cache  # noqa: B019 - a suite's life
    def answered(self) -> Answered:
        """The real checker's answer."""
        return self.place.check([(self.path(f), f.data(self.aims[f.name])) for f in self.files])

    @cache  # noqa: B019 - a suite's life
    def read(self) -> dict[str, dict[str, object]]:
        """What the careless readers did."""
        files = [
            {"name": f.name, "path": self.path(f, self.weak), "reader": f.reader, "data": base64.b64encode(f.data(self.weak[f.name])).decode()}
            for f in self.files
        ]  # fmt: skip
        task = json.dumps({"files": files, "most": naive.MOST, "seconds": naive.SECONDS})
        command = ["docker", "exec", "-i", self.careless(), "python3", "-c", naive.NAIVE]
        done = subprocess.run(command, input=task, capture_output=True, text=True, check=False, timeout=240)
        if done.returncode:
            raise RuntimeError(f"the careless readers ended with {done.returncode}: {done.stderr[-400:]}")
        return dict(json.loads(done.stdout))

    def careless(self) -> str:
        """The container of the careless readers."""
        found, index = self.place.world, self.place.root / "index"
        options = ("--user", "0:0", "-v", f"{index}:/srv/ecluse/index:ro", "--memory", "4g", "--memory-swap", "4g")
        return found.twin("checker-careless", *options, image=CHECKER, network=found.outside.network)

    @cache  # noqa: B019 - a suite's life
    def arrived(self, *, real: bool) -> set[str]:
        """The words that came to the outside, after everything was read."""
        self.answered() if real else self.read()
        words = json.dumps([a.word for a in (self.aims if real else self.weak).values()])
        ask = (
            "import json, sys, urllib.request as u\n"
            "print(json.dumps([w for w in json.load(sys.stdin) if u.urlopen('http://127.0.0.1/seen/' + w).read() == b'yes']))"
        )
        command = ["docker", "exec", "-i", self.place.world.outside.container, "python3", "-c", ask]
        done = subprocess.run(command, input=words, capture_output=True, text=True, check=True)
        return set(json.loads(done.stdout))

    @cache  # noqa: B019 - a suite's life
    def written(self, *, real: bool) -> str:
        """Every path of the container, after everything was read."""
        self.answered() if real else self.read()
        container = self.place.name if real else self.careless()
        looked = ("/tmp", "/dev/shm", "/srv/ecluse")
        return docker("exec", container, "sh", "-c", f"find {' '.join(looked)} 2>/dev/null; true")


def _filed(found: Place, files: Filed) -> Iterator[Attempt]:
    for one in files.files:
        yield Attempt(WHO, one.name, str(one.goal), partial(_real, files, one), partial(_twin, files, one))


def _twin(files: Filed, file: Hostile) -> Seen:
    """What the careless reader did."""
    seen, aim = files.read()[file.name], files.weak[file.name]
    out = base64.b64decode(str(seen.get("out", "")))
    what = str(seen.get("end") or seen.get("error") or f"{seen['mb']} MB")
    if file.goal is Goal.EXHAUST:
        return Seen(through="end" in seen or int(str(seen["mb"])) > naive.MOST, what=what)
    if file.goal in (Goal.CALL, Goal.RUN):
        return Seen(through=aim.word in files.arrived(real=False), what=f"asked for its address; {what}")
    if file.goal is Goal.SECRET:
        return Seen(through=b"index-of-beta" in out, what=what)
    if file.goal is Goal.WRITE:
        return Seen(through=aim.word in files.written(real=False), what=what)
    return Seen(through=_holds(out), what=what)


def _real(files: Filed, file: Hostile) -> Seen:
    """What the real checker did."""
    answered, aim, path = files.answered(), files.aims[file.name], files.path(file)
    report, made = answered.reports[path], answered.bytes_of(path)
    rules = sorted({f.rule for f in report.findings if f.severity == "refuse"})
    what = f"{report.verdict}: {', '.join(rules)}" if not made else f"rebuilt, {report.verdict}"
    if file.goal is Goal.EXHAUST:
        # Whoever ends at a limit of its process took all that there is: a reader has to stop before.
        return Seen(through=bool({"check-memory", "check-timeout", "check-crashed"} & set(rules)), what=what)
    if file.goal is Goal.RUN:
        return Seen(through=aim.word in files.arrived(real=True), what=what)
    if file.goal is Goal.CALL:
        kept = aim.word.encode() in unpacked(made)
        return Seen(through=kept or aim.word in files.arrived(real=True), what=f"{what}{', kept' if kept else ''}")
    if file.goal is Goal.SECRET:
        told = b"index-of-beta" in unpacked(made) + answered.raw
        return Seen(through=told, what=what)
    if file.goal is Goal.WRITE:
        named = aim.word in path and bool(made)
        return Seen(through=named or aim.word in files.written(real=True) or not _below(made), what=what)
    return Seen(through=_holds(made), what=what)


def _below(made: bytes) -> bool:
    """Whether every member of a rebuilt zip stays below its folder."""
    if made[:2] != b"PK":
        return True
    with zipfile.ZipFile(BytesIO(made)) as archive:
        names = [i.orig_filename.replace("\\", "/") for i in archive.infolist()]
        links = any(i.external_attr >> 28 == 10 for i in archive.infolist())
    return not links and not any(n.startswith("/") or posixpath.normpath(n).startswith("..") for n in names)


# -- afterwards -----------------------------------------------------------------------------------------------------


def _standing(found: Place, since: object) -> Iterator[Attempt]:
    """Whether the checker is the one that it was, and answers. The twin is a reader that reads in its own process."""

    def ended() -> Seen:
        now = found.state()
        return Seen(through=now != since, what=f"runs since {now[0]}, started again {now[1]} times")

    def silent() -> Seen:
        good = found.harmless()
        return Seen(through=not good, what="the next harmless job passes" if good else "it does not")

    def changed() -> Seen:
        raw = (found.root / "spool/results" / found.before / "report.json").read_bytes()
        again = found.check([("t.csv", b"group,n\nyes,246\nno,440\n")])
        same = json.loads(raw)["files"] == json.loads(again.raw)["files"]
        return Seen(through=not same, what="the first answer stands" if same else "another answer")

    killed = partial(_one_process, found)
    yield Attempt(WHO, "all of it: the end of the checker", "it runs on", ended, killed)
    yield Attempt(WHO, "all of it: a checker that does not answer any more", "it answers", silent, killed)
    yield Attempt(WHO, "all of it: another answer to an earlier job", "the same", changed, partial(_rewritten, found))


def _one_process(found: Place) -> Seen:
    """A reader without processes of its own: the first deep file ends it, and what comes after is not read."""
    deep = 'import json, sys, threading; sys.setrecursionlimit(10**9); json.loads("[" * 10**7); print("next")'
    done = subprocess.run(
        [*found.twin("mounted", "worker"), "-c", deep],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        input="",
    )
    return Seen(through="next" not in done.stdout, what=f"it ended with {done.returncode}")


def _rewritten(found: Place) -> Seen:
    """A reader with the folder of answers."""
    folder = f"/srv/ecluse/spool/results/{found.before}"
    write = f"echo '{{}}' > {folder}/report.json && cat {folder}/report.json"
    seen = docker("exec", found.world.twin("checker-free"), "sh", "-c", write)
    return Seen(through=seen == "{}", what="written")


__all__ = ["WHO", "World", "place"]
