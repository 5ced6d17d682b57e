"""Delivery status notifications that come back to a mail: what a server says of each recipient. Pure.

RFC 3464. Bounded: what strangers send here may be anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from local.ses import headers
from local.ses.feedback.answers import MAX_DIAGNOSTIC, bounced, delay_type
from local.ses.feedback.parts import Part, parts
from local.ses.feedback.steps import Delayed, Step
from local.ses.values import one_line, readable

MAX_RECIPIENTS = 100
_MAX_REPORT = 256 * 1024  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What is said of one recipient. `step` is None where nothing is amiss (delivered, relayed, expanded)."""

    recipient: str
    step: Step | None


def reports(raw: bytes) -> list[Report]:
    """The reports of a mail; none where it is no delivery status notification."""
    found = (part for part in parts(raw) if part.content_type == "message/delivery-status")
    part = next(found, None)
    return [] if part is None else list(islice(_reports(raw, part), MAX_RECIPIENTS))


def _reports(raw: bytes, part: Part) -> Iterator[Report]:
    body = raw[part.body : part.end][:_MAX_REPORT].replace(b"\r\n", b"\n")
    about, *groups = [block for block in body.split(b"\n\n") if block.strip()] or [b""]
    reporting = _typed(_field(about, "Reporting-MTA"))
    for group in groups:
        recipient = _typed(_field(group, "Original-Recipient")) or _typed(_field(group, "Final-Recipient"))
        if recipient:
            yield Report(recipient=recipient, step=_step(group, reporting or None))


def _step(group: bytes, reporting: str | None) -> Step | None:
    status = _field(group, "Status").partition(" ")[0]
    diagnostic = _field(group, "Diagnostic-Code")
    match _field(group, "Action").lower():
        case "failed":
            return bounced(status or "5.0.0", diagnostic or f"smtp; {status}", reporting_mta=reporting)
        case "delayed":
            said = diagnostic or f"smtp; {status}"
            return Delayed(delay_type=delay_type(status), status=status, diagnostic=said, reporting_mta=reporting)
        case _:
            return None


def _field(block: bytes, name: str) -> str:
    fields, _ = headers.split(block.lstrip(b"\n"))
    return readable(one_line(headers.first(fields, name) or ""))[:MAX_DIAGNOSTIC].strip()


def _typed(value: str) -> str:
    """What stands after the type: `rfc822; ann@example.org`, `dns; mx.example.org`."""
    return value.partition(";")[2].strip(" <>")
