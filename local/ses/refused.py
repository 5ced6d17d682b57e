"""The one error of this SES: a call that it refuses, in SES's own words."""


class Refused(Exception):
    """`code` is the name of the error in the API that was called, `status` its HTTP status. The text is for people."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
