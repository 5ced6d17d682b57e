"""SendBounce of SES's first API: a bounce for a mail that was received, up to 24 hours later.

Source: "API_SendBounce". Error: MessageRejected. The texts of the bounce types are those that the console offers
("Return bounce response action", SES developer guide).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from local.ses.api import query
from local.ses.api.query import Call, Tree, required
from local.ses.api.v1_receipt_actions import HEADER_NAME, STATUS_CODE
from local.ses.mail import Outgoing, Place
from local.ses.receiving import bounce, dsn
from local.ses.receiving.dsn import About, Failed, Original
from local.ses.receiving.originals import Originals
from local.ses.refused import Refused
from local.ses.values import Json

MAX_RECIPIENTS = 50  # of one bounce; SES documents no number
_MAX_EXTENSIONS = 20
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")

# Status (RFC 3463) and diagnostic text of each type.
_TYPES = {
    "DoesNotExist": ("5.1.1", "550 5.1.1 Mailbox does not exist"),
    "MessageTooLarge": ("5.3.4", "552 5.3.4 Message too large"),
    "ExceededQuota": ("5.2.2", "552 5.2.2 Mailbox full"),
    "ContentRejected": ("5.6.1", "500 5.6.1 Message content rejected"),
    "Undefined": ("5.0.0", "554 5.0.0 Unknown failure"),
    "TemporaryFailure": ("4.0.0", "450 4.0.0 Temporary failure"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceCalls:
    originals: Originals
    send: Callable[[Outgoing], Awaitable[str]]  # gives the id of the sent mail; raises Refused
    place: Place

    def calls(self) -> Mapping[str, Call]:
        return {"SendBounce": self._bounce}

    async def _bounce(self, call: Tree) -> Json:
        original = self._original(required(call, "OriginalMessageId"))
        sender = required(call, "BounceSender")
        if "@" not in sender or not sender.isprintable():
            raise Refused("MessageRejected", f"BounceSender is not an address: {sender!r}")
        failed = _failed(call, original)
        about = _about(query.child(call, "MessageDsn"))
        raw = dsn.composed(sender, original, failed, self.place, query.text(call, "Explanation"), about)
        try:
            return {"MessageId": await self.send(bounce.outgoing(sender, original.mail_from, raw))}
        except Refused as refused:
            raise Refused("MessageRejected", str(refused)) from refused

    def _original(self, ses_id: str) -> Original:
        original = self.originals.get(ses_id)
        if original is None:
            raise Refused("MessageRejected", f"No mail with this id was received in the last 24 hours: {ses_id}")
        if not original.mail_from:
            raise Refused("MessageRejected", "The mail has the null return path: there is nobody to bounce to.")
        return original


def _failed(call: Tree, original: Original) -> list[Failed]:
    infos = query.nodes(call, "BouncedRecipientInfoList")
    if not 1 <= len(infos) <= MAX_RECIPIENTS:
        raise Refused("MessageRejected", f"BouncedRecipientInfoList has 1 to {MAX_RECIPIENTS} recipients.")
    return [_recipient(info, original) for info in infos]


def _recipient(info: Tree, original: Original) -> Failed:
    recipient, fields = required(info, "Recipient"), query.child(info, "RecipientDsnFields")
    final = query.text(fields, "FinalRecipient") or recipient
    had = {one.lower() for one in original.rcpt_to}
    if had.isdisjoint({recipient.lower(), final.lower()}):
        raise Refused("MessageRejected", f"Not a recipient of the mail: {recipient}")
    kind = query.text(info, "BounceType")
    if not fields and kind not in _TYPES:
        raise Refused("MessageRejected", f"BounceType (one of {', '.join(_TYPES)}) or RecipientDsnFields is needed.")
    status, diagnostic = _TYPES.get(kind or "", ("", ""))
    status = query.text(fields, "Status") or status
    action = query.text(fields, "Action") or "failed"
    if not STATUS_CODE.match(status) or action not in _ACTIONS:
        raise Refused("MessageRejected", f"Status is like 5.1.1, and Action one of {', '.join(_ACTIONS)}.")
    return Failed(
        recipient=final,
        original_recipient=recipient,
        status=status,
        diagnostic=_without_type(query.text(fields, "DiagnosticCode") or diagnostic or status),
        action=action,
        remote_mta=query.text(fields, "RemoteMta"),
        last_attempt=_date(fields, "LastAttemptDate"),
        extensions=_extensions(fields),
    )


def _without_type(diagnostic: str) -> str:
    """`smtp; 550 ...` is what the call may give (RFC 3464 section 2.3.6); the type is written anyway."""
    kind, semicolon, text = diagnostic.partition(";")
    return text.strip() if semicolon and kind.strip().lower() == "smtp" else diagnostic


def _about(node: Tree) -> About | None:
    if not node:
        return None
    return About(
        reporting_mta=required(node, "ReportingMta"),
        arrival_date=_date(node, "ArrivalDate"),
        extensions=_extensions(node),
    )


def _date(node: Tree, name: str) -> str | None:
    """The call has ISO 8601, the notification RFC 5322."""
    given = query.text(node, name)
    if given is None:
        return None
    try:
        return format_datetime(datetime.fromisoformat(given))
    except ValueError as error:
        raise Refused("ValidationError", f"{name} is no moment: {given!r}") from error


def _extensions(node: Tree) -> list[tuple[str, str]]:
    fields = [(required(one, "Name"), required(one, "Value")) for one in query.nodes(node, "ExtensionFields")]
    if len(fields) > _MAX_EXTENSIONS or not all(HEADER_NAME.match(name) for name, _ in fields):
        raise Refused("MessageRejected", "ExtensionFields have names of letters, digits and dashes.")
    return fields
