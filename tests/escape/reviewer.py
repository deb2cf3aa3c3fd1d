"""A reviewer wants to decide alone, on an own result, or after the other's vote; or to take away what is reviewed."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from pathlib import Path
from unittest.mock import patch

from ecluse.rules.canonical import canonical_json, sha256
from ecluse.rules.outcome import ALLOWED
from ecluse.steps.release import verify_bundle
from ecluse.store.keys import make_release_key, read_release_key, signature_holds
from escape import desk
from escape import desk_tries as tries
from escape.attempt import Attempt, Seen
from escape.desk import BLIND, Stage, Try, Twins
from escape.desk_tries import BLINDNESS, COMMENT, CSRF, DOWNLOAD, READ, RETURN, VOTE, form, get
from escape.hub_tries import hub_attempts
from escape.web import good, holds
from escape.world import AIRLOCK, World, world

WHO = "reviewer"


@contextmanager
def place() -> Iterator[Iterable[Attempt]]:
    """The attempts, of Rev, who has voted; of Ria, who has not; of Mem, a member; of Rex, whose training lapsed."""
    with world() as found:
        yield attempts(found)


def attempts(found: World) -> Iterator[Attempt]:
    """All of them."""
    real = cache(lambda: desk.real_stage(found, {}))
    twins = Twins(found.folder / "twins-reviewer")
    yield from desk.attempts(WHO, list(_all()), real, twins)
    yield from forging(found, real)
    yield from hub_attempts(WHO, found, "rev")


def _all() -> Iterator[Try]:
    yield from _votes()
    yield from _blind()
    yield from _forms()
    yield from _originals()
    yield from tries.claiming("rev", "ria")
    yield from tries.files("ria")


def _votes() -> Iterator[Try]:
    yield Try("vote a second time", form("rev", "{ada}", "vote"), VOTE)
    yield Try("vote a second time, against", form("rev", "{ada}", "vote", approve="no"), VOTE)
    yield Try("vote on an own request", form("mem", "{mem}", "vote", content="{content-mem}"), VOTE)
    yield Try("vote on a request of the own project", form("mem", "{ada}", "vote"), VOTE)
    yield Try("vote after the training lapsed", form("rex", "{ada}", "vote"), VOTE)
    for what, content in (
        ("other files", "{content-mem}"), ("no files", "0" * 64), ("the original file", "{original}"),
        ("the rebuilt file", "{rebuilt}"),
    ):  # fmt: skip
        yield Try(f"vote for {what}", form("ria", "{ada}", "vote", content=content), VOTE)
    yield Try("vote once more on what is released", form("rob", "{released}", "vote"), {**VOTE, **_open()})
    yield Try("return a request of the own project", form("mem", "{ada}", "return", comment="x"), RETURN)
    yield Try("return an own request", form("mem", "{mem}", "return", comment="x"), RETURN)
    yield Try("return after the training lapsed", form("rex", "{ada}", "return", comment="x"), RETURN)
    yield Try("return without a word", form("ria", "{ada}", "return"), RETURN)
    yield Try("comment on a request of the own project", form("mem", "{ada}", "comments", text="x"), COMMENT)
    yield Try("comment after the training lapsed", form("rex", "{ada}", "comments", text="x"), COMMENT)
    yield Try("comment on what is released", form("ria", "{released}", "comments", text="x"), COMMENT)
    yield Try("comment on a draft", form("ria", "{draft}", "comments", text="x"), COMMENT)
    yield Try("withdraw somebody's request", form("ria", "{ada}", "withdraw"), tries.WITHDRAW)
    yield Try("withdraw a draft of others", form("rev", "{draft}", "withdraw"), tries.WITHDRAW)


def _open() -> dict[str, object]:
    from ecluse.rules.review import Outcome

    return {"ecluse.steps.review.outcome": lambda *_: Outcome.OPEN}


def _blind() -> Iterator[Try]:
    page = f"{AIRLOCK}/requests/{{ada}}"
    for person in ("ria", "rob", "rex", "mem", "ada", "cy", "con", "aud"):
        yield Try(f"read a blind comment, as {person}", get(person, page, holds(BLIND)), BLINDNESS, "not shown")
    for person in ("ria", "rob", "mem", "ada"):
        yield Try(f"read who has voted, as {person}", get(person, page, _shows_vote), BLINDNESS, "not shown")


def _shows_vote(answer: object) -> bool:
    """Whether the votes on the page name Rev: the history says that somebody voted, never who or how."""
    text = str(getattr(answer, "text", ""))
    return "Rev" in text.replace("Reviewer", "").replace("Review", "").replace("reviewer", "")


def _forms() -> Iterator[Try]:
    yield Try("vote without the form's token", form("ria", "{ada}", "vote", csrf=""), CSRF)
    yield Try("vote with a guessed token", form("ria", "{ada}", "vote", csrf="x" * 43), CSRF)
    yield Try("vote with the token of another session", _foreign_token, CSRF)
    yield Try("return without the form's token", form("ria", "{ada}", "return", csrf="", comment="x"), CSRF)
    yield Try("comment without the form's token", form("ria", "{ada}", "comments", csrf="", text="x"), CSRF)
    evil = {"Origin": "http://evil.example"}
    yield Try("vote from a page of elsewhere", form("ria", "{ada}", "vote", headers=evil), tries.ORIGIN)
    yield Try(
        "return from a page of elsewhere", form("ria", "{ada}", "return", headers=evil, comment="x"), tries.ORIGIN
    )
    yield Try("vote from a page without an origin", form("ria", "{ada}", "vote", headers={"Origin": "null"}),
              {"ecluse.airlock.people._origin": lambda _u: "null"})  # fmt: skip


def _foreign_token(stage: Stage) -> Seen:
    other = stage.csrf(stage.browser("rob"))
    return form("ria", "{ada}", "vote", csrf=other)(stage)


def _originals() -> Iterator[Try]:
    base = f"{AIRLOCK}/requests/{{ada}}/preview?sha256={{original}}&path="
    yield Try("see the original in the place of the rebuilt file", get("ria", base + "t.csv", good), _original())
    yield Try(
        "see the original without naming a hash",
        get("ria", base.replace("{original}", "") + "t.csv", good),
        _original(),
    )
    for name, path in {
        "a path that climbs": "../../quarantine/t.csv", "an absolute path": "/srv/ecluse/secrets/airlock/release.key",
        "an encoded path": "..%2f..%2fcontrol%2fecluse.sqlite", "another request's file": "../mem/t.csv",
        "a path with a null": "t.csv%00.png",
    }.items():  # fmt: skip
        yield Try(f"preview: {name}", get("ria", base + path, good), _original())
    yield Try("download a release of others", get("rev", f"{AIRLOCK}/releases/{{release}}/download"), DOWNLOAD)
    yield Try(
        "download a release of others, as another reviewer",
        get("rob", f"{AIRLOCK}/releases/{{release}}/download"),
        DOWNLOAD,
    )
    yield Try(
        "download what is not released",
        get("ada", f"{AIRLOCK}/releases/r-{{ada}}/download"),
        {**DOWNLOAD, **_any_release()},
    )
    yield Try("read a release that is none", get("ria", f"{AIRLOCK}/releases/r-{{ada}}"), {**READ, **_any_release()})


def _original() -> dict[str, object]:
    """A preview that shows whatever it is asked for."""

    def shows(desk: object, who: object, request: str, path: str, digest: str) -> object:
        from ecluse.steps.acting import Who

        found = desk.view(Who("rev"), request).files[0].report  # type: ignore[attr-defined]
        return found, found.rebuilt, b"original"

    return {"ecluse.airlock.pages._rebuilt": shows}


def _any_release() -> dict[str, object]:
    """A store that has a release for whatever is asked."""
    from ecluse.store.requests import SqlRequests

    asked = SqlRequests.release

    def any_of(self: SqlRequests, release: str) -> object:  # pragma: no cover - a twin's
        return asked(self, release) or self.releases()[0]

    return {"ecluse.store.requests.SqlRequests.release": any_of}


# -- forged bundles -------------------------------------------------------------------------------------------------


def forging(found: World, real: Callable[[], Stage]) -> Iterator[Attempt]:
    """A released bundle, changed: whoever verifies it finds out. The twin does not look at what was changed."""
    original = cache(lambda: _bundle(real()))
    public = (found.enclave.root / "public/release.pub").read_bytes()
    other = read_release_key(_own_key(found.folder))

    def verify(forge: Callable[[dict[str, bytes]], bytes], *, weak: bool) -> Seen:
        data = forge(dict(original()))
        holds_ = (lambda *_: True) if weak else partial(signature_holds, public)
        look = patch("ecluse.steps.release.bundle_problems", lambda *_: iter(())) if weak else nullcontext()
        with look:
            problems = verify_bundle(data, holds_)
        return Seen(through=not problems, what="taken for a release" if not problems else problems[0][:120])

    for name, forge in _forgeries(other.sign).items():
        yield Attempt(
            WHO, f"forge: {name}", "found out", partial(verify, forge, weak=False), partial(verify, forge, weak=True)
        )


def _bundle(stage: Stage) -> dict[str, bytes]:
    answer = stage.browser("ben").get(f"{AIRLOCK}/releases/{stage.ids['release']}/download")
    answer.raise_for_status()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def _own_key(folder: Path) -> Path:
    file = folder / "forged.key"
    private, _ = make_release_key()
    file.write_bytes(private)
    file.chmod(0o400)
    return file


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def _forgeries(sign: Callable[[bytes], bytes]) -> dict[str, Callable[[dict[str, bytes]], bytes]]:
    def manifest(
        change: Callable[[dict[str, object]], None], *, signed: bool = False
    ) -> Callable[[dict[str, bytes]], bytes]:
        def forge(parts: dict[str, bytes]) -> bytes:
            found = json.loads(parts["manifest.json"])
            change(found)
            parts["manifest.json"] = canonical_json(found)
            if signed:
                parts["manifest.sig"] = sign(parts["manifest.json"])
            return _zip(parts)

        return forge

    def file(change: Callable[[dict[str, bytes], str], None]) -> Callable[[dict[str, bytes]], bytes]:
        def forge(parts: dict[str, bytes]) -> bytes:
            change(parts, next(n for n in parts if n.startswith("files/")))
            return _zip(parts)

        return forge

    def signature(value: bytes) -> Callable[[dict[str, bytes]], bytes]:
        return lambda parts: _zip({**parts, "manifest.sig": value})

    return {
        "another reviewer": manifest(lambda m: m["reviewers"][0].update(reviewer="rob")),  # type: ignore[index]
        "one reviewer alone": manifest(lambda m: m["reviewers"].pop()),  # type: ignore[attr-defined]
        "the author as reviewer": manifest(lambda m: m["reviewers"][0].update(reviewer="ben")),  # type: ignore[index]
        "another author": manifest(lambda m: m.update(author="rev")),
        "another project": manifest(lambda m: m.update(project="alpha")),
        "another title": manifest(lambda m: m.update(title="Other")),
        "another day": manifest(lambda m: m.update(released="2026-01-01T00:00:00Z")),
        "another threshold": manifest(lambda m: m["criteria"].update(minimum_count=1)),  # type: ignore[attr-defined]
        "a new manifest, signed by an own key": manifest(lambda m: m.update(title="Other"), signed=True),
        "the same manifest, signed by an own key": manifest(lambda m: None, signed=True),
        "no signature": signature(b""),
        "a signature of zeros": signature(bytes(64)),
        "a changed file": file(lambda p, n: p.update({n: p[n] + b"x"})),
        "a file more": file(lambda p, _n: p.update({"files/rows.csv": b"rows"})),
        "a file less": file(lambda p, n: p.pop(n) and None),
        "a file under another name": file(lambda p, n: p.update({"files/other.csv": p.pop(n)})),
        "a file for another, with its hash": _exchanged,
    }


def _exchanged(parts: dict[str, bytes]) -> bytes:
    name = next(n for n in parts if n.startswith("files/"))
    parts[name] = b"rows"
    found = json.loads(parts["manifest.json"])
    found["files"][0].update(sha256=sha256(b"rows"), size=4)
    parts["manifest.json"] = canonical_json(found)
    return _zip(parts)


__all__ = ["ALLOWED", "WHO", "place"]
