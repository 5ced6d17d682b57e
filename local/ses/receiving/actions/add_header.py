"""Add header: the actions after it see the mail with one field more. Source: "Add header action"."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.receiving.actions.action import Outcome, Playing
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class AddHeaderAction:
    name: str
    value: str

    invalid: ClassVar[str] = "ValidationError"
    topic_arn: ClassVar[None] = None  # this type has no topic

    def reported(self, ses_id: str) -> Mapping[str, Json]:  # noqa: ARG002 (the protocol's)
        return {"type": "AddHeader", "headerName": self.name, "headerValue": self.value}

    def play(self, playing: Playing) -> Outcome:  # noqa: ARG002 (the protocol's)
        return Outcome(added=(self.name, self.value), said=f"added {self.name}")

    def try_out(self, playing: Playing) -> None:
        """There is nothing to try."""
