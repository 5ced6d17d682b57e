"""Publish to SNS topic: the notification carries the whole mail.

Source: "Publish to Amazon SNS topic action" (SES developer guide): "the maximum email size (including headers) is
150 KB. Larger emails will bounce."
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.receiving import receipt
from local.ses.receiving.actions.action import Outcome, Playing, Rejected
from local.ses.values import Json

MAX_BYTES = 150 * 1024

# The names of the API, and what notifications call them.
ENCODINGS = {"UTF-8": "UTF8", "Base64": "BASE64"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SnsAction:
    topic: str
    encoding: str = "UTF-8"

    invalid: ClassVar[str] = "InvalidSnsTopic"
    topic_arn: ClassVar[None] = None  # it is its own notification: there is no second

    def reported(self, ses_id: str) -> Mapping[str, Json]:  # noqa: ARG002 (the protocol's)
        return {"type": "SNS", "topicArn": self.topic, "encoding": ENCODINGS[self.encoding]}

    def play(self, playing: Playing) -> Outcome:
        message = playing.notification(self.reported(playing.delivery.ses_id))
        # Written as UTF-8, not as \u escapes: SNS counts bytes, and takes 256 KB of them.
        text = json.dumps({**message, "content": self._content(playing.stored)}, ensure_ascii=False)
        playing.cloud.publish(self.topic, receipt.SUBJECT, text)
        return Outcome(said=f"published to {self.topic}")

    def try_out(self, playing: Playing) -> None:
        self.play(playing)

    def refuse(self, raw: bytes) -> None:
        """Raises Rejected for a mail that is too big. Asked before any action is done: nothing is done by half."""
        if len(raw) > MAX_BYTES:
            raise Rejected(f"552 5.3.4 Message too big: a rule publishes it to SNS, which takes {MAX_BYTES} bytes")

    def _content(self, stored: bytes) -> str:
        if self.encoding == "Base64":
            return base64.b64encode(stored).decode("ascii")
        return stored.decode("utf-8", "replace")
