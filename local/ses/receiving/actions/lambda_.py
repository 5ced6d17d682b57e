"""Invoke Lambda function: with an event that tells of the mail, and for RequestResponse an answer that steers it.

Source: "Invoke Lambda function action" (SES developer guide).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.receiving.actions.action import Disposition, Outcome, Playing
from local.ses.values import Json, read_json

INVOCATION_TYPES = ("Event", "RequestResponse")


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaAction:
    function_arn: str
    invocation_type: str = "Event"
    topic_arn: str | None = None

    invalid: ClassVar[str] = "InvalidLambdaFunction"

    def reported(self, ses_id: str) -> Mapping[str, Json]:  # noqa: ARG002 (the protocol's)
        return {"type": "Lambda", "functionArn": self.function_arn, "invocationType": self.invocation_type}

    def play(self, playing: Playing) -> Outcome:
        event = json.dumps(self._event(playing))
        if self.invocation_type == "Event":
            playing.cloud.hand(self.function_arn, event)
            return Outcome(said=f"handed to {self.function_arn}")
        disposition = disposition_of(playing.cloud.invoke(self.function_arn, event))
        return Outcome(disposition=disposition, said=f"{self.function_arn} said {disposition.value}")

    def try_out(self, playing: Playing) -> None:
        """The function isn't called: SES only asks whether it may."""
        playing.cloud.find_function(self.function_arn)

    def _event(self, playing: Playing) -> Mapping[str, Json]:
        told = playing.notification(self.reported(playing.delivery.ses_id))
        ses: Json = {"mail": told["mail"], "receipt": told["receipt"]}
        return {"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": ses}]}


def disposition_of(answer: str) -> Disposition:
    """What a function's answer (JSON) means: "CONTINUE or any other invalid value" goes on."""
    try:
        said = read_json(answer)
    except ValueError:
        return Disposition.CONTINUE
    word = said.get("disposition") if isinstance(said, dict) else None
    # One of the guide's examples answers in small letters.
    known = {one.value: one for one in Disposition}
    return known.get(word.upper(), Disposition.CONTINUE) if isinstance(word, str) else Disposition.CONTINUE
