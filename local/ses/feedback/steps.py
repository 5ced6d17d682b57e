"""What can happen to a mail once it is taken: the steps of a fate, each with what its event tells. Values.

Source: "Bounce object", "DeliveryDelay object" and "Complaint object" in "Contents of event data that Amazon SES
publishes to Amazon SNS". Status and diagnostics are as mail servers write them (RFC 3463, RFC 3464 section 2.3).
"""

from dataclasses import dataclass
from typing import TypeAlias

_LISTED = frozenset(
    {
        "Suppressed",
        "OnAccountSuppressionList",
        "OnTenantSuppressionList",
        "UnsubscribedRecipient",
        "EmailValidationSuppressed",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """The recipient's server took it. `response` is its answer to DATA."""

    response: str = "250 2.0.0 OK: queued"
    remote_ip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """It came back. Without a status and a diagnostic where no server said anything that SES could read."""

    bounce_type: str = "Permanent"
    subtype: str = "General"
    status: str | None = None
    diagnostic: str | None = None
    remote_ip: str | None = None
    reporting_mta: str | None = None  # None: SES itself, where there is a status

    @property
    def held_back(self) -> bool:
        """Whether SES itself did not send it: no server was asked."""
        return self.subtype in _LISTED

    @property
    def suppresses(self) -> bool:
        """Whether the address goes on the account's list: hard bounces that a recipient's server made."""
        return self.bounce_type == "Permanent" and self.subtype in ("General", "NoEmail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """Not yet: SES tries again."""

    delay_type: str
    status: str
    diagnostic: str
    reporting_mta: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complained:
    """The recipient called it spam (or, with `not-spam`, took that back)."""

    feedback_type: str = "abuse"

    @property
    def suppresses(self) -> bool:
        return self.feedback_type != "not-spam"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """SES took it, found a virus, and did not send it to anybody."""

    reason: str = "Bad content"

    @property
    def held_back(self) -> bool:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The picture at its end was loaded."""

    ip: str = "192.0.2.1"
    user_agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clicked:
    """A link of it was followed. `link` None: the first of the mail."""

    link: str | None = None
    link_tags: tuple[tuple[str, str], ...] = ()
    ip: str = "192.0.2.1"
    user_agent: str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribed:
    """The recipient left a contact list. Without a topic: all of it."""

    contact_list: str = "local"
    topic: str | None = None
    source: str = "UnsubscribeHeader"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingFailed:
    """The template could not be filled in: nothing was sent."""

    template: str
    message: str


Step: TypeAlias = (
    Delivered | Bounced | Delayed | Complained | Rejected | Opened | Clicked | Unsubscribed | RenderingFailed
)
