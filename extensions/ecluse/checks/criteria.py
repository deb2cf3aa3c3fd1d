"""The record of a check: under which rules, parameters and versions it was made (SATRE 3.3.09).

Worked example: `{"ecluse": "0.1.0", "rules": {"minimum_count": 11, …}, "parsers": {"pyarrow": "26.0.1", …}, …}`.
"""

import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ecluse.rules.policy import OutputRules

from .facts import Context
from .limits import limits_of
from .pictures import tesseract

PARSERS = (
    "highspy",
    "lxml",
    "numpy",
    "openpyxl",
    "phonenumbers",
    "pikepdf",
    "pillow",
    "pyarrow",
    "pypdfium2",
    "resvg-py",
    "pydantic",
    "python-stdnum",
)


def criteria(rules: OutputRules, context: Context) -> dict[str, Any]:
    """Rules, parameters and versions of a check, as JSON values."""
    return {
        "ecluse": _version("ecluse"),
        "rules": rules.model_dump(mode="json"),
        "parsers": {**{name: _version(name) for name in PARSERS}, "tesseract": tesseract.version()},
        "platform": f"Python {platform.python_version()} on {platform.machine()}",
        "limits": asdict(limits_of(rules)),
        "project": context.project,
        "record_index": context.record_index is not None,
        "released_files": len(context.released),
    }


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
