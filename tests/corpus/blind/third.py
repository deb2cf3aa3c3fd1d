"""The third batch: whole files as a hospital's researchers make them, written before the rules for it were looked at."""

from . import third_hidden, third_leaks, third_logs, third_safe
from .case import Case, leak


def cases() -> list[Case]:
    """Leaks of logs, tables, reports and hidden places, then safe results."""
    logs = [leak(f"third_{name}", f"log {group}", file) for name, group, file in third_logs.leaks()]
    return logs + third_leaks.cases() + third_hidden.cases() + third_safe.cases()
