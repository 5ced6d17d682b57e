"""What becomes of a sent mail, recipient by recipient: one total table. Pure.

Two kinds of addresses decide it. Everybody else gets their mail.

- The mailbox simulator's five at simulator.amazonses.com ("Using the mailbox simulator", SES developer guide):
  success@, bounce@, ooto@, complaint@, suppressionlist@. They never go on the suppression list.
- The names below, at any domain under `.invalid`. These domains exist nowhere (RFC 6761 section 6.4), so mail to any
  other name there bounces as mail to nobody does. Real bounces and complaints put the address on the suppression list.

A label (`bounce+label@`) changes nothing, and neither does case.

| address                     | what happens                                                                         |
|-----------------------------|--------------------------------------------------------------------------------------|
| bounce@, anything else      | Bounce, Permanent/General: no such user                                              |
| bounce.<subtype>@           | Bounce of that subtype: general, noemail, suppressed, onaccountsuppressionlist,      |
|                             | ontenantsuppressionlist, unsubscribedrecipient, emailvalidationsuppressed (Permanent);|
|                             | transient, mailboxfull, messagetoolarge, contentrejected, attachmentrejected,        |
|                             | customtimeoutexceeded (Transient); undetermined                                      |
| delay@, delay.<type>@       | DeliveryDelay, then Delivery: internalfailure, general, mailboxfull, spamdetected,   |
|                             | recipientservererror, ipfailure, transientcommunicationfailure,                      |
|                             | byoiphostnamelookupunavailable, undetermined, sendingdeferral                        |
| complaint@, complaint.<t>@  | Delivery, then Complaint: abuse, auth-failure, fraud, not-spam, other, virus         |
| ooto@                       | Delivery, then the out-of-office reply: Bounce, Transient/General                    |
| open@, click@               | Delivery, then Open; Delivery, Open, then Click on the first link of the mail        |
| unsubscribe@                | Delivery, then Subscription: left the contact list                                   |
| reject@                     | Reject, of the whole mail, as if it had a virus                                      |
| slow@                       | Delivery, seconds later than others                                                  |
| silent@                     | delivered, and no event ever                                                         |
| throttle@                   | the call is refused as over the rate: "Maximum sending rate exceeded."               |
| error500@                   | the call fails inside of SES: HTTP status 500                                        |
| flaky@                      | the call fails the first time, and every other time after it; then Delivery          |
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import TypeAlias

from local.ses.account import SIMULATOR
from local.ses.feedback.steps import (
    Bounced,
    Clicked,
    Complained,
    Delayed,
    Delivered,
    Opened,
    Rejected,
    Step,
    Unsubscribed,
)


def _no(bounce_type: str, subtype: str, status: str, diagnostic: str) -> Bounced:
    return Bounced(bounce_type=bounce_type, subtype=subtype, status=status, diagnostic=diagnostic)


def _later(delay_type: str, status: str, diagnostic: str) -> tuple[Step, ...]:
    return Delayed(delay_type=delay_type, status=status, diagnostic=diagnostic), Delivered()


_GONE = "smtp; 550 5.1.1 user unknown"
_ON_GLOBAL_LIST = (
    "Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid"
    " address."
)
_ON_LIST = "Amazon SES did not send the message to this address because it is on the suppression list for your account."
_ON_TENANT_LIST = (
    "Amazon SES did not send the message to this address because it is on the suppression list for your tenant."
)
_UNSUBSCRIBED = "Amazon SES did not send the message to this address because the recipient has unsubscribed."
_NOT_VALID = "Amazon SES did not send the message to this address because email validation found it not deliverable."
_TOO_LATE = "smtp; 450 4.4.7 Message delivery expired"


class Fate(Enum):
    """`value` is the name of its address under `.invalid`, where it has one; `steps` happen in their order."""

    steps: tuple[Step, ...]

    def __new__(cls, value: str, *steps: Step) -> "Fate":
        fate = object.__new__(cls)
        fate._value_ = value
        fate.steps = steps
        return fate

    # fmt: off
    DELIVERED = "success", Delivered()
    SUPPRESSED = "suppressed", _no("Permanent", "OnAccountSuppressionList", "5.1.1", _ON_LIST)  # accepted, never sent
    GLOBALLY_SUPPRESSED = "suppressionlist", _no("Permanent", "Suppressed", "5.1.1", _ON_GLOBAL_LIST)
    REJECTED = "reject", Rejected()
    OUT_OF_OFFICE = "ooto", Delivered(), Bounced(bounce_type="Transient", subtype="General")
    SLOW = "slow", Delivered()
    SILENT = ("silent",)
    OPENED = "open", Delivered(), Opened()
    CLICKED = "click", Delivered(), Opened(), Clicked()
    UNSUBSCRIBED = "unsubscribe", Delivered(), Unsubscribed()
    THROTTLED = ("throttle",)
    BROKEN = ("error500",)
    FLAKY = "flaky", Delivered()

    BOUNCED = "bounce", _no("Permanent", "General", "5.1.1", _GONE)
    BOUNCED_GENERAL = "bounce.general", _no(
        "Permanent", "General", "5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied.")
    BOUNCED_NO_EMAIL = "bounce.noemail", Bounced(bounce_type="Permanent", subtype="NoEmail")
    BOUNCED_SUPPRESSED = "bounce.suppressed", _no("Permanent", "Suppressed", "5.1.1", _ON_GLOBAL_LIST)
    BOUNCED_ON_LIST = "bounce.onaccountsuppressionlist", _no(
        "Permanent", "OnAccountSuppressionList", "5.1.1", _ON_LIST)
    BOUNCED_ON_TENANT_LIST = "bounce.ontenantsuppressionlist", _no(
        "Permanent", "OnTenantSuppressionList", "5.1.1", _ON_TENANT_LIST)
    BOUNCED_UNSUBSCRIBED = "bounce.unsubscribedrecipient", _no(
        "Permanent", "UnsubscribedRecipient", "5.1.1", _UNSUBSCRIBED)
    BOUNCED_NOT_VALID = "bounce.emailvalidationsuppressed", _no(
        "Permanent", "EmailValidationSuppressed", "5.1.1", _NOT_VALID)
    BOUNCED_TRANSIENT = "bounce.transient", _no("Transient", "General", "4.4.7", _TOO_LATE)
    BOUNCED_FULL = "bounce.mailboxfull", _no(
        "Transient", "MailboxFull", "5.2.2", "smtp; 552 5.2.2 Mailbox full: the recipient is over quota")
    BOUNCED_TOO_LARGE = "bounce.messagetoolarge", _no(
        "Transient", "MessageTooLarge", "5.3.4", "smtp; 552 5.3.4 Message size exceeds fixed limit")
    BOUNCED_CONTENT = "bounce.contentrejected", _no(
        "Transient", "ContentRejected", "5.7.1", "smtp; 554 5.7.1 Message content rejected")
    BOUNCED_ATTACHMENT = "bounce.attachmentrejected", _no(
        "Transient", "AttachmentRejected", "5.7.0", "smtp; 552 5.7.0 This message was blocked: forbidden attachment")
    BOUNCED_TIMEOUT = "bounce.customtimeoutexceeded", _no(
        "Transient", "CustomTimeoutExceeded", "4.4.7", _TOO_LATE)
    BOUNCED_UNDETERMINED = "bounce.undetermined", Bounced(bounce_type="Undetermined", subtype="Undetermined")

    DELAYED = "delay", *_later("General", "4.4.1", "smtp; 421 4.4.1 Unable to connect to remote host")
    DELAYED_GENERAL = "delay.general", *_later("General", "4.4.1", "smtp; 421 4.4.1 Unable to connect to remote host")
    DELAYED_INTERNAL = "delay.internalfailure", *_later(
        "InternalFailure", "4.3.0", "smtp; 451 4.3.0 Internal failure, the message is tried again")
    DELAYED_FULL = "delay.mailboxfull", *_later("MailboxFull", "4.2.2", "smtp; 452 4.2.2 The mailbox is over quota")
    DELAYED_SPAM = "delay.spamdetected", *_later(
        "SpamDetected", "4.7.0", "smtp; 421 4.7.0 Too much unsolicited mail from this sender, try again later")
    DELAYED_SERVER = "delay.recipientservererror", *_later(
        "RecipientServerError", "4.3.2", "smtp; 451 4.3.2 Temporary server error, try again later")
    DELAYED_IP = "delay.ipfailure", *_later(
        "IPFailure", "4.7.1", "smtp; 421 4.7.1 Messages from this IP address are temporarily deferred")
    DELAYED_CONNECTION = "delay.transientcommunicationfailure", *_later(
        "TransientCommunicationFailure", "4.4.2", "smtp; 421 4.4.2 Connection dropped due to timeout")
    DELAYED_BYOIP = "delay.byoiphostnamelookupunavailable", *_later(
        "BYOIPHostNameLookupUnavailable", "4.4.3", "smtp; 451 4.4.3 The host name of the IP address is not found")
    DELAYED_UNDETERMINED = "delay.undetermined", *_later("Undetermined", "4.0.0", "smtp; 451 4.0.0 Try again later")
    DELAYED_DEFERRAL = "delay.sendingdeferral", *_later(
        "SendingDeferral", "4.7.28", "smtp; 421 4.7.28 Sending to this domain is deferred for a while")

    COMPLAINED = "complaint", Delivered(), Complained()
    COMPLAINED_ABUSE = "complaint.abuse", Delivered(), Complained()
    COMPLAINED_AUTH = "complaint.auth-failure", Delivered(), Complained(feedback_type="auth-failure")
    COMPLAINED_FRAUD = "complaint.fraud", Delivered(), Complained(feedback_type="fraud")
    COMPLAINED_NOT_SPAM = "complaint.not-spam", Delivered(), Complained(feedback_type="not-spam")
    COMPLAINED_OTHER = "complaint.other", Delivered(), Complained(feedback_type="other")
    COMPLAINED_VIRUS = "complaint.virus", Delivered(), Complained(feedback_type="virus")
    # fmt: on


Fated: TypeAlias = Sequence[tuple[str, Fate]]  # what becomes of each recipient

_SIMULATED = ("success", "bounce", "ooto", "complaint", "suppressionlist")
_AT_SIMULATOR = {name: Fate(name) for name in _SIMULATED}
# Names that a domain which doesn't exist can't have: nobody gets mail there, and no list of SES's own knows them.
_NOT_PLAYED = (Fate.DELIVERED, Fate.GLOBALLY_SUPPRESSED, Fate.SUPPRESSED)
AT_INVALID = {fate.value: fate for fate in Fate if fate not in _NOT_PLAYED}

HELD_BACK = frozenset(  # these recipients are not sent to
    fate for fate in Fate for step in fate.steps if isinstance(step, Rejected | Bounced) and step.held_back
)


def fate(address: str) -> Fate:
    """What the world makes of a mail to this address. All but those of the simulator and `.invalid` get it."""
    local, _, domain = address.lower().rpartition("@")
    name = local.partition("+")[0]
    if domain == SIMULATOR:
        return _AT_SIMULATOR.get(name, Fate.BOUNCED)
    if domain.endswith(".invalid"):
        return AT_INVALID.get(name, Fate.BOUNCED)
    return Fate.DELIVERED


def together(fated: Iterable[tuple[str, Fate]]) -> list[tuple[str, Fate]]:
    """The same, but that SES rejects a mail as a whole: if one of its recipients' fate is that, it is everybody's."""
    found = list(fated)
    if any(one is Fate.REJECTED for _, one in found):
        return [(address, Fate.REJECTED) for address, _ in found]
    return found


def reason(step: Step) -> str | None:
    """BOUNCE or COMPLAINT where the address goes on the account's suppression list, or None."""
    match step:
        case Bounced() if step.suppresses:
            return "BOUNCE"
        case Complained() if step.suppresses:
            return "COMPLAINT"
        case _:
            return None
