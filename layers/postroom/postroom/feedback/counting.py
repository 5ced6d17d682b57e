"""What is counted of an event of SES: once, however it is told, under which names, and for which domains. Pure."""

import hashlib
from collections.abc import Mapping, Sequence

from postroom.address import SORTS, AddressEvent, domain_of, fold
from postroom.feedback import faults, table
from postroom.feedback.report import Feedback, Report
from postroom.ports import Count

#: Events that a mail has once for each recipient: told by a notification and by an event, they are the same.
_ONCE_EACH = frozenset({"Send", "Reject", "Delivery", "Bounce", "Complaint", "Rendering Failure"})

#: SES's types ("Examples of the event data that Amazon SES publishes"); the list is open.
_TYPES = _ONCE_EACH | {"DeliveryDelay", "Open", "Click", "Subscription"}

NOT_OURS = "not_ours"

#: What nobody looks at closely; a crash may lose one of them, and each costs half as much.
_ORDINARY = frozenset({"Send", "Delivery", "Open", "Click"})


def counted(feedback: Feedback, day: str) -> Count:
    """The event as a count. Names are SES's type (`rendering_failure`), that and the reason (`bounce:mailbox_full`),
    what SES holds against us (`postroom.feedback.faults`); of domains, what became of their recipients."""
    name = feedback.event_type.lower().replace(" ", "_") if feedback.event_type in _TYPES else "unknown"
    fault = faults.fault_of(feedback)
    reasons = dict.fromkeys(f"{name}:{report.reason}" for report in feedback.reports if _failed(report))
    return Count(
        day=day,
        id=_id(feedback),
        names=(name, *reasons, *((faults.COUNTED[fault],) if fault else ())),
        domains=_domains(feedback.reports),
        exact=feedback.event_type not in _ORDINARY,
    )


def backscatter(feedback: Feedback, day: str) -> Count:
    """A report as mail that is not proved to be about a mail of ours."""
    return Count(day=day, id=feedback.event_id, names=(NOT_OURS,))


def told_once(report: Report, sent_id: str, event: AddressEvent) -> str:
    """The id of what a report says happened, so that it happens once, whoever tells it. How the first who tells reads
    it holds: of a mail to somebody there is one bounce."""
    return _hash(sent_id, fold(report.recipient or ""), SORTS[event] or event)


def _id(feedback: Feedback) -> str:
    if feedback.about and feedback.event_type in _ONCE_EACH:
        whom = sorted(fold(report.recipient or "") for report in feedback.reports)
        return _hash(feedback.event_type, feedback.about, *whom)
    return feedback.event_id


def _hash(*parts: str) -> str:
    return "once/" + hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def _failed(report: Report) -> bool:
    return report.action != "delivered"


def _domains(reports: Sequence[Report]) -> Mapping[str, Sequence[str]]:
    names: dict[str, dict[str, None]] = {}
    for report in reports:
        event, domain = table.event_of(report), domain_of(fold(report.recipient or ""))
        if event is not None and domain:
            names.setdefault(domain[:255], {})[event] = None
    return {domain: tuple(events) for domain, events in names.items()}
