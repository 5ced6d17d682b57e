"""Return bounce response: the sender gets a delivery status notification (RFC 3464), and the mail goes on to the next
action: "all of the receipt rules are applied in the order you've defined" ("Email-receiving process"); a rule that
should end there says Stop.

Source: "Return bounce response action" (SES developer guide).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.cloud import CloudError
from local.ses.receiving import bounce, dsn
from local.ses.receiving.actions.action import Outcome, Playing
from local.ses.refused import Refused
from local.ses.values import Json

# A stranger's MAIL FROM that nothing can be sent to holds up no mail; a sender that isn't verified does.
_NO_ADDRESS = "InvalidParameterValue"


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceAction:
    smtp_reply_code: str
    message: str
    sender: str
    status_code: str | None = None
    topic_arn: str | None = None

    invalid: ClassVar[str] = "InvalidSnsTopic"  # only its topic can be tried out

    def reported(self, ses_id: str) -> Mapping[str, Json]:  # noqa: ARG002 (the protocol's)
        status: dict[str, Json] = {"statusCode": self.status_code} if self.status_code else {}
        code: dict[str, Json] = {"type": "Bounce", "smtpReplyCode": self.smtp_reply_code}
        return {**code, **status, "message": self.message, "sender": self.sender}

    def play(self, playing: Playing) -> Outcome:
        """A mail with the null return path gets none: a bounce never bounces (RFC 5321 section 6.1)."""
        if not playing.delivery.mail_from:
            return Outcome(said="no bounce: the mail has the null return path")
        status, diagnostic = self._status(), self._diagnostic()
        failed = [dsn.Failed(recipient=one, status=status, diagnostic=diagnostic) for one in playing.recipients]
        raw = dsn.composed(self.sender, dsn.of(playing.delivery, playing.stored), failed, playing.place)
        try:
            sent = playing.bouncer.bounce(bounce.outgoing(self.sender, playing.delivery.mail_from, raw))
        except Refused as refused:
            if refused.code == _NO_ADDRESS:
                return Outcome(said=f"no bounce: {refused}")
            raise CloudError(f"Could not bounce from {self.sender}: {refused}") from refused
        return Outcome(said=f"bounced as {sent}")

    def try_out(self, playing: Playing) -> None:
        """Nothing is bounced for a try."""

    def _status(self) -> str:
        """RFC 3463 wants a status; the reply code's class is all that is known of one that isn't given."""
        return self.status_code or f"{self.smtp_reply_code[0]}.0.0"

    def _diagnostic(self) -> str:
        return " ".join(part for part in (self.smtp_reply_code, self.status_code, self.message) if part)
