"""Delivery status notifications that come back to a mail: what a server says of each recipient. Pure.

RFC 3464. Bounded: what strangers send here may be anything. A server that gives no Diagnostic-Code (OpenSMTPD) says it
to people only, in a line `ann@example.org: 550 5.1.1 no such user` of the text: then that is taken.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from local.ses import headers
from local.ses.feedback.answers import MAX_DIAGNOSTIC, bounced, delay_type, status_of
from local.ses.feedback.parts import parts
from local.ses.feedback.steps import Delayed, Step
from local.ses.values import one_line, readable

MAX_RECIPIENTS = 100
_MAX_REPORT = 256 * 1024  # bytes
_REPLY = re.compile(r"[245]\d\d[ -]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is said of one recipient. `step` is None where nothing is amiss (delivered, relayed, expanded)."""

    recipient: str
    step: Step | None


def reports(raw: bytes) -> list[Report]:
    """The reports of a mail; none where it is no delivery status notification."""
    found = list(parts(raw))
    report = next((part for part in found if part.content_type == "message/delivery-status"), None)
    text = next((part for part in found if part.content_type == "text/plain"), None)
    if report is None:
        return []
    said = _said(raw[text.body : text.end][:_MAX_REPORT]) if text is not None else {}
    return list(islice(_reports(raw[report.body : report.end][:_MAX_REPORT], said), MAX_RECIPIENTS))


def _said(text: bytes) -> dict[str, str]:
    """What the text says of each address, where that is a reply of a server."""
    lines = (line.decode("utf-8", "replace").partition(": ") for line in text.splitlines())
    return {who.strip(" <>").lower(): reply for who, _, reply in lines if "@" in who and _REPLY.match(reply)}


def _reports(body: bytes, said: Mapping[str, str]) -> Iterator[Report]:
    blocks = body.replace(b"\r\n", b"\n").split(b"\n\n")
    about, *groups = [block for block in blocks if block.strip()] or [b""]
    reporting = _typed(_field(about, "Reporting-MTA"))
    for group in groups:
        recipient = _typed(_field(group, "Original-Recipient")) or _typed(_field(group, "Final-Recipient"))
        if recipient:
            reply = readable(one_line(said.get(recipient.lower(), "")))[:MAX_DIAGNOSTIC]
            yield Report(recipient=recipient, step=_step(group, reporting or None, reply))


def _step(group: bytes, reporting: str | None, reply: str) -> Step | None:
    status = _field(group, "Status").partition(" ")[0] or "5.0.0"
    diagnostic = _field(group, "Diagnostic-Code")
    if reply and not diagnostic:
        diagnostic = f"smtp; {reply}"
        status = status_of(int(reply[:3]), reply) if status.endswith(".0.0") else status
    diagnostic = diagnostic or f"smtp; {status}"
    match _field(group, "Action").lower():
        case "failed":
            return bounced(status, diagnostic, reporting_mta=reporting)
        case "delayed":
            kind = delay_type(status)
            return Delayed(delay_type=kind, status=status, diagnostic=diagnostic, reporting_mta=reporting)
        case _:
            return None


def _field(block: bytes, name: str) -> str:
    fields, _ = headers.split(block.lstrip(b"\n"))
    return readable(one_line(headers.first(fields, name) or ""))[:MAX_DIAGNOSTIC].strip()


def _typed(value: str) -> str:
    """What stands after the type: `rfc822; ann@example.org`, `dns; mx.example.org`."""
    return value.partition(";")[2].strip(" <>")
