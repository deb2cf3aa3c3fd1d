"""`ecluse link`: files in, files out, whole or not at all."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ecluse.data.link.linker import link
from ecluse.data.link.page import page
from ecluse.data.link.review import apply_review, read_answers, review_sheet
from ecluse.data.link.spec import LinkError, read_spec

REVIEWED = 300


def link_files(
    left: Path,
    right: Path,
    spec: Path,
    out: Path,
    report: Path | None = None,
    *,
    review_out: Path | None = None,
    review_size: int = REVIEWED,
    reviewed: Path | None = None,
    memory: str = "1GB",
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, object]:
    """Link two files; write the links as Parquet, the report as JSON and beside it as a page.

    `review_out`: where to write `review_size` pairs to be judged; `reviewed`: such a file, judged, that refines the
    report.

    Raises:
        LinkError: if the spec, a file or a column is not as it has to be, or nothing can be written there.
    """
    answers = None if reviewed is None else read_answers(reviewed)
    asked = read_spec(spec)
    linked = link(asked, left, right, memory=memory, progress=progress)
    if answers is not None:
        apply_review(linked, answers, str(reviewed))
    try:
        if review_out is not None:
            _replace(review_out, review_sheet(asked, left, right, linked, review_size).encode(), mode=0o600)
        _write_frame(linked.links, out)
        if report is not None:
            _replace(report, json.dumps(linked.report, indent=1, ensure_ascii=False).encode() + b"\n")
            _replace(
                report.with_suffix(".html"), page(linked.report, f"Linkage of {left.name} with {right.name}").encode()
            )
    except OSError as error:
        raise LinkError(f"{error.filename}: can't be written ({error.strerror})") from None
    return linked.report


def _write_frame(links: pd.DataFrame, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    new = out.with_name(out.name + ".new")
    links.to_parquet(new, index=False)
    new.replace(out)


def _replace(path: Path, content: bytes, mode: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    if mode is not None:
        new.touch(mode)
    new.write_bytes(content)
    new.replace(path)
