"""Many mails of one template: each has its own result (SendBulkEmail, SendBulkTemplatedEmail)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from local.ses.account import Template
from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.sending import filling
from local.ses.sending.compose import Simple
from local.ses.sending.send import Sender
from local.ses.values import Json

MAX_ENTRIES = 50  # "You can include up to 50 Destination objects in one call"

# What was refused, as BulkEmailStatus has it: in API v1, in API v2.
_STATUSES: Mapping[str, tuple[str, str]] = {
    "AccountSendingPausedException": ("AccountSendingPaused", "ACCOUNT_SENDING_PAUSED"),
    "AccountSuspendedException": ("AccountSuspended", "ACCOUNT_SUSPENDED"),
    "ConfigurationSetDoesNotExist": ("ConfigurationSetDoesNotExist", "CONFIGURATION_SET_NOT_FOUND"),
    "ConfigurationSetSendingPausedException": ("ConfigurationSetSendingPaused", "CONFIGURATION_SET_SENDING_PAUSED"),
    "InternalFailure": ("TransientFailure", "TRANSIENT_FAILURE"),
    "MailFromDomainNotVerifiedException": ("MailFromDomainNotVerified", "MAIL_FROM_DOMAIN_NOT_VERIFIED"),
    "MessageRejected": ("MessageRejected", "MESSAGE_REJECTED"),
    "TemplateDoesNotExist": ("TemplateDoesNotExist", "TEMPLATE_NOT_FOUND"),
    "Throttling": ("AccountThrottled", "ACCOUNT_THROTTLED"),
}
_DAILY = ("AccountDailyQuotaExceeded", "ACCOUNT_DAILY_QUOTA_EXCEEDED")
_OTHERWISE = ("InvalidParameterValue", "INVALID_PARAMETER")
_SUCCESS = ("Success", "SUCCESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One mail: `data` is laid over the default data, member by member."""

    envelope: Outgoing
    parts: Simple
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`statuses` in the words of API v1 and of API v2."""

    statuses: tuple[str, str]
    message_id: str | None = None
    error: str | None = None


async def sent(sender: Sender, template: Template, default: str, entries: Sequence[Entry]) -> list[Outcome]:
    """Sends them one after another; raises Refused where all of them are refused at once."""
    if not 1 <= len(entries) <= MAX_ENTRIES:
        raise Refused(
            "InvalidParameterValue", f"There are {len(entries)} destinations: 1 to {MAX_ENTRIES} can be sent."
        )
    known = filling.data(default)
    return [await _sent(sender, template, known, entry) for entry in entries]


async def _sent(sender: Sender, template: Template, default: Mapping[str, Json], entry: Entry) -> Outcome:
    try:
        data = {**default, **filling.data(entry.data)}
        message_id = await sender.send_filled(entry.envelope, template, data, entry.parts)
    except Refused as error:
        daily = error.code == "Throttling" and str(error).startswith("Daily")
        statuses = _DAILY if daily else _STATUSES.get(error.code, _OTHERWISE)
        return Outcome(statuses=statuses, error=str(error))
    return Outcome(statuses=_SUCCESS, message_id=message_id)
