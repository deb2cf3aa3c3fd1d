"""What a refused call answers: a status, a reason code for programs, two sentences for people.

Worked example: a file below `/data` is named for export. `RefusedError(403, "bad-path", "'STUDY.parquet' belongs to the
extract, …", "Ask for results made from it: …")` becomes `{"error": {"reason", "message", "fix"}}`, as from the airlock.
"""

_LONGEST = 2000


class RefusedError(Exception):
    """A call stopped here or at the airlock. `status` is the HTTP status to answer with."""

    def __init__(self, status: int, reason: str, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason[:100]
        self.message = message[:_LONGEST]
        self.fix = fix[:_LONGEST]

    def as_json(self) -> dict[str, dict[str, str]]:
        """The body of the answer."""
        return {"error": {"reason": self.reason, "message": self.message, "fix": self.fix}}
