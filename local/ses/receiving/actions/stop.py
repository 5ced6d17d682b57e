"""Stop rule set: no action and no rule after it is done. Source: "Stop rule set action" (SES developer guide)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.receiving.actions.action import Disposition, Outcome, Playing
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class StopAction:
    topic_arn: str | None = None

    invalid: ClassVar[str] = "InvalidSnsTopic"

    def reported(self, ses_id: str) -> Mapping[str, Json]:  # noqa: ARG002 (the protocol's)
        return {"type": "Stop"}

    def play(self, playing: Playing) -> Outcome:  # noqa: ARG002 (the protocol's)
        return Outcome(disposition=Disposition.STOP_RULE_SET, said="stopped")

    def try_out(self, playing: Playing) -> None:
        """There is nothing to try."""
