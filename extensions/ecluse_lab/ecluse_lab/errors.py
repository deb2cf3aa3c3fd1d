"""What a refused call answers: a status, a reason code for programs, two sentences for people.

Worked example: `/data/gbsg2/STUDY.parquet` is named for export. `RefusedError(403, "bad-path", "'data/gbsg2/…' lies in
the extract.", "Ask for results: a table, a figure, a notebook.")` becomes the JSON that the airlock itself answers with:
`{"error": {"reason", "message", "fix"}}`.
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
