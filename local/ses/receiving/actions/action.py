"""What all actions have in common: what they work on, what they answer, and how they are tried out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from local.ses.cloud import Cloud
from local.ses.mail import Delivery, Place
from local.ses.receiving import receipt
from local.ses.receiving.bounce import Bouncer
from local.ses.values import Json
from local.ses.verdicts.findings import Findings


class Disposition(Enum):
    """How the mail goes on after an action ("Return values", SES developer guide)."""

    CONTINUE = "CONTINUE"
    STOP_RULE = "STOP_RULE"
    STOP_RULE_SET = "STOP_RULE_SET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an action did. `added` is a header field for the actions after it; `said` is for those who look."""

    disposition: Disposition = Disposition.CONTINUE
    added: tuple[str, str] | None = None
    said: str = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Playing:
    """One action at work: the mail, for whom, what was found, and what is at hand.

    `stored` is the mail with SES's fields on top; `milliseconds` is the time since it came in.
    """

    cloud: Cloud
    bouncer: Bouncer
    place: Place
    rule: str
    delivery: Delivery
    recipients: tuple[str, ...]
    stored: bytes
    findings: Findings
    milliseconds: int = 0

    def notification(self, action: Mapping[str, Json]) -> dict[str, Json]:
        """What is told of the mail: `action` is the object of that name."""
        return receipt.notification(
            self.delivery, self.stored, self.recipients, self.findings, action, self.milliseconds
        )


class Action(Protocol):
    """A value, with the settings that the rule gives it."""

    @property
    def topic_arn(self) -> str | None:
        """The topic that hears when the action was done."""
        ...

    @property
    def invalid(self) -> str:
        """The error of the API for a rule whose action fails when it is tried out."""
        ...

    def reported(self, ses_id: str) -> Mapping[str, Json]:
        """The object `action` of its notification, without the topic."""
        ...

    def play(self, playing: Playing) -> Outcome:
        """Does it; blocks. Raises CloudError where it fails, Rejected where the mail is none for this action."""
        ...

    def try_out(self, playing: Playing) -> None:
        """What SES does when a rule with this action is made. Raises CloudError."""
        ...


class Rejected(Exception):
    """A mail that SES doesn't take after all. The text is the whole SMTP reply."""
