"""Actions that are kept, described and notified, and not played here: WorkMail and Connect."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.receiving.actions.action import Outcome, Playing
from local.ses.values import Json

log = logging.getLogger(__name__)

# What the API calls them, and what notifications do ("action object", SES developer guide).
KINDS = {"WorkmailAction": "WorkMail", "ConnectAction": "Connect"}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAction:
    """`name` is one of KINDS; `settings` are as they were given, without the topic."""

    name: str
    settings: tuple[tuple[str, str], ...]
    topic_arn: str | None = None

    invalid: ClassVar[str] = "InvalidSnsTopic"

    def reported(self, ses_id: str) -> Mapping[str, Json]:  # noqa: ARG002 (the protocol's)
        organization = dict(self.settings).get("OrganizationArn")
        return {"type": KINDS[self.name], **({"organizationArn": organization} if organization else {})}

    def play(self, playing: Playing) -> Outcome:
        kind = KINDS[self.name]
        log.warning("rule %s: %s is not played here; mail %s", playing.rule, kind, playing.delivery.ses_id)
        return Outcome(said=f"{kind} is not played here")

    def try_out(self, playing: Playing) -> None:
        log.warning("rule %s: %s is kept, and not played here", playing.rule, KINDS[self.name])
