r"""Which paths a file of a request may have.

Worked example: `results/km.csv` may; `../km.csv`, `/km.csv`, `.git/config`, `a//b`, `km.csv ` and `a\b` may not,
because a reviewer's or an author's machine would unpack them somewhere else, hide them, or not at all.
"""

import re
import unicodedata

from .outcome import ALLOWED, Reason, Refused, Verdict

MAX_PATH = 200
"""Longest path of a file. Shorter than a report's limit, so that a rebuilt file may add its ending."""

_DRIVE = re.compile(r"^[A-Za-z]:")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
_BAD = '\\<>:"|?*'


def path_in_order(path: str) -> Verdict:
    r"""Allowed if the path can be unpacked anywhere and hides nothing.

    Relative, `/` between parts, no empty, `.`, `..` or hidden part, no character that is not seen except
    the plain space (a right-to-left mark shows `gpj.exe` as `exe.jpg`), none of `\ < > : " | ? *`, no space or dot
    at a part's end, in Unicode normal form C (two spellings of `é` would be two files that look the same).
    """
    problem = _path_problem(path)
    if problem is None:
        return ALLOWED
    return Refused(Reason.BAD_PATH, f"The path of the file {problem}.", "Rename the file; letters, digits, - and _ do.")


def _path_problem(path: str) -> str | None:
    parts = path.split("/")
    tests = (
        (not path, "is empty"),
        (len(path) > MAX_PATH, f"is longer than {MAX_PATH} characters"),
        (path.startswith("/") or _DRIVE.match(path) is not None, "is absolute"),
        (
            any(unicodedata.category(c) in _UNSEEN and c != " " for c in path),
            "has a character that is not seen",
        ),
        (any(c in _BAD for c in path), f"has one of {' '.join(_BAD)}"),
        (unicodedata.normalize("NFC", path) != path, "is not in Unicode normal form C"),
        ("" in parts, "has an empty part"),
        (any(p in (".", "..") for p in parts), "steps out of its folder"),
        (any(p.startswith(".") for p in parts), "has a hidden part"),
        (any(p != p.rstrip(" .") or p != p.lstrip(" ") for p in parts), "has a part with a space or dot at its end"),
    )
    return next((message for bad, message in tests if bad), None)


def clash(one: str, other: str) -> bool:
    """Whether two paths differ by case only, or one is a folder of the other: some file systems would lose a file."""
    a, b = one.casefold(), other.casefold()
    return one != other and (a == b or a.startswith(b + "/") or b.startswith(a + "/"))
