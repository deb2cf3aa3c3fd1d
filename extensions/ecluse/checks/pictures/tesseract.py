"""The reader of drawn text: tesseract's library, loaded once, line by line.

A line per call leaves the layout to us: the reader's own is made for books and breaks on lone digits. The library and
its trained data are loaded by the sandbox's server before it forks, so that a check's process has them for nothing;
that process opens the hostile pixels, within the limits of the check (memory, processor, no core). A reader that dies
there ends its process, which refuses the file.

Worked example: a line with "n = 4" gives the words n, = and 4, each with how sure it is.
"""

import atexit
import ctypes
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

LIBRARY = "libtesseract.so.5"
SECONDS = 30.0
"""For the lines of one picture."""
_LANGUAGE = b"fra"
_ONE_LINE = 7
_DPI = 150
_COLUMNS = 12
_SETTINGS = {
    # Words of a dictionary would be read into codes and names that are none.
    b"load_system_dawg": b"0",
    b"load_freq_dawg": b"0",
    b"tessedit_do_invert": b"0",
    b"debug_file": b"/dev/null",
}


class UnreadError(Exception):
    """The lines could not be read; the message says why, without anything of them."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word and how sure it is (0 to 100)."""

    text: str
    sure: float


def words(lines: Sequence[NDArray[np.uint8]]) -> list[list[Word]]:
    """The words of each line of black text on white, height × width. Raises `UnreadError`."""
    engine = _engine(LIBRARY)
    end = time.monotonic() + SECONDS
    found = []
    for line in lines:
        if time.monotonic() > end:
            raise UnreadError(f"reading took more than {SECONDS:g} s")
        found.append(_parsed(engine.table(line)))
    return found


def load() -> None:
    """Load the reader now, for all processes that are forked from this one; without one, each says so by itself."""
    try:
        _engine(LIBRARY)
    except UnreadError:
        return


@cache
def version() -> str:
    """The reader's version, for the record of a check."""
    try:
        return str(_library(LIBRARY).TessVersion(), "ascii", "replace")
    except UnreadError:
        return "missing"


class _Engine:
    """One loaded reader, by the library's C interface (`tesseract/capi.h`)."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._handle = ctypes.c_void_p(library.TessBaseAPICreate())
        atexit.register(library.TessBaseAPIDelete, self._handle)
        if library.TessBaseAPIInit3(self._handle, None, _LANGUAGE):
            raise UnreadError("the checker's tesseract does not know French")
        for name, value in _SETTINGS.items():
            if not library.TessBaseAPISetVariable(self._handle, name, value):
                raise UnreadError(f"tesseract does not know {name.decode()}")
        library.TessBaseAPISetPageSegMode(self._handle, _ONE_LINE)

    def table(self, line: NDArray[np.uint8]) -> str:
        """Tesseract's table of one line. Raises `UnreadError`."""
        height, width = line.shape
        library, handle = self._library, self._handle
        library.TessBaseAPISetImage(handle, np.ascontiguousarray(line).tobytes(), width, height, 1, width)
        library.TessBaseAPISetSourceResolution(handle, _DPI)
        text = ctypes.c_void_p(library.TessBaseAPIGetTsvText(handle, 0))
        if not text:
            raise UnreadError("tesseract gave no answer")
        try:
            return ctypes.string_at(text).decode("utf-8", "replace")
        finally:
            library.TessDeleteText(text)


@cache
def _engine(name: str) -> _Engine:
    return _Engine(_library(name))


@cache
def _library(name: str) -> ctypes.CDLL:
    """The library. Raises `UnreadError` where it is missing."""
    # Its threads do not survive a fork, and a line is too short for them.
    os.environ.setdefault("OMP_THREAD_LIMIT", "1")
    try:
        library = ctypes.CDLL(name)
    except OSError:
        raise UnreadError("the checker has no tesseract") from None
    library.TessVersion.restype = ctypes.c_char_p
    library.TessBaseAPICreate.restype = library.TessBaseAPIGetTsvText.restype = ctypes.c_void_p
    return library


def _parsed(table: str) -> list[Word]:
    """Words of tesseract's table: level, page, block, paragraph, line, word, left, top, width, height, conf, text."""
    found: list[Word] = []
    for line in table.splitlines():
        cells = line.split("\t")
        if len(cells) != _COLUMNS or cells[0] != "5" or not cells[11].strip():
            continue
        try:
            found.append(Word(cells[11].strip(), float(cells[10])))
        except ValueError:
            raise UnreadError("tesseract answered in another form") from None
    return found
