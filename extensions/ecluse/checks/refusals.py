"""A refusal of a file as a finding.

Apart from the readers, so that a process that opens no file does not load them.

Worked example: `refusal("check-timeout", "It took too long.", "Send less.")` has severity `refuse`.
"""

from ecluse.rules.finding import Finding, Severity


def refusal(reason: str, message: str, fix: str) -> Finding:
    """A finding that refuses a file."""
    return Finding(rule=reason, severity=Severity.REFUSE, message=message[:2000], fix=fix[:2000])
