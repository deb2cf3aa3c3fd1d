"""The reader of drawn text: one run of tesseract on all lines of a picture, as a process with bounds.

Lines go in as the pages of one TIFF and words come out, both through pipes: nothing is written to disk. A page per
line leaves the layout to us: the reader's own is made for books and breaks on lone digits. The process inherits the
limits of the check (memory, processor, no core) and its process group, so that it ends with it.

Worked example: a line with "n = 4" gives the words n, = and 4, each with how sure it is.
"""

import io
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PROGRAM = "tesseract"
SECONDS = 30
_LANGUAGE = "fra"
_COLUMNS = 12
_OUTPUT = 8 * 1024 * 1024


class UnreadError(Exception):
    """The sheet could not be read; the message says why, without anything of the sheet."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word and how sure it is (0 to 100)."""

    text: str
    sure: float


def words(lines: Sequence[NDArray[np.uint8]]) -> list[list[Word]]:
    """The words of each line of black text on white, height × width. Raises `UnreadError`."""
    data = io.BytesIO()
    first, *rest = [Image.fromarray(line) for line in lines]
    first.save(data, "TIFF", save_all=True, append_images=rest)
    command = [PROGRAM, "stdin", "stdout", "-l", _LANGUAGE, "--psm", "7", "--dpi", "150"]
    # Words of a dictionary would be read into codes and names that are none.
    plain = ("load_system_dawg=0", "load_freq_dawg=0", "tessedit_do_invert=0")
    settings = [*(x for setting in plain for x in ("-c", setting)), "tsv"]
    try:
        done = subprocess.run(
            [*command, *settings],
            input=data.getvalue(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "OMP_THREAD_LIMIT": "1"},
        )
    except FileNotFoundError:
        raise UnreadError("the checker has no tesseract") from None
    except subprocess.TimeoutExpired:
        raise UnreadError(f"reading took more than {SECONDS} s") from None
    except OSError as error:
        raise UnreadError(f"tesseract could not start ({type(error).__name__})") from None
    if done.returncode or len(done.stdout) > _OUTPUT:
        raise UnreadError(f"tesseract ended with {done.returncode}")
    return _parsed(done.stdout.decode("utf-8", "replace"), len(lines))


@cache
def version() -> str:
    """The reader's version, for the record of a check."""
    try:
        done = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "missing"
    return next(iter(done.stdout.split("\n")), "").removeprefix("tesseract ") or "unknown"


def _parsed(table: str, lines: int) -> list[list[Word]]:
    """Words of tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, conf, text."""
    found: list[list[Word]] = [[] for _ in range(lines)]
    for line in table.splitlines()[1:]:
        cells = line.split("\t")
        if len(cells) != _COLUMNS or cells[0] != "5" or not cells[11].strip():
            continue
        try:
            found[int(cells[1]) - 1].append(Word(cells[11].strip(), float(cells[10])))
        except (ValueError, IndexError):
            raise UnreadError("tesseract answered in another form") from None
    return found
