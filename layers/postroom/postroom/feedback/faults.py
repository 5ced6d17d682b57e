"""What of what came back SES holds against us, under the names by which the address book counts it."""

from collections import Counter
from collections.abc import Mapping

from postroom.address import AddressEvent, fold
from postroom.breaker import Fault, Tally
from postroom.feedback import table
from postroom.feedback.report import BounceReason, Feedback, FeedbackKind, Permanence, Report, Source

SENT = "send"  # SES's own word for the event
COUNTED: Mapping[Fault, str] = {Fault.BOUNCE: "hard_bounce", Fault.COMPLAINT: "held_complaint"}

#: Refusals that are our matter, and that an operator can do something about: reputation, identity, pace.
BLOCKS = frozenset(
    {
        BounceReason.SPAM_OR_BLOCKED,
        BounceReason.AUTHENTICATION,
        BounceReason.REJECTED_POLICY,
        BounceReason.RATE_LIMITED,
    }
)
_SIMULATOR = "@simulator.amazonses.com"


def fault_of(feedback: Feedback) -> Fault | None:
    """None for what SES doesn't count. A report that came as mail is no event of SES's, whatever it says."""
    if feedback.source is not Source.SES_EVENT:
        return None
    reports = [report for report in feedback.reports if not _simulated(report)]
    if feedback.kind is FeedbackKind.BOUNCE and any(map(_hard, reports)):
        return Fault.BOUNCE
    if any(table.event_of(report) is AddressEvent.COMPLAINT for report in reports):
        return Fault.COMPLAINT
    return None


def blocks_of(feedback: Feedback) -> Mapping[BounceReason, int]:
    """How many recipients were refused for each of BLOCKS. What is only delayed may still arrive."""
    ours = (each for each in feedback.reports if each.reason in BLOCKS and not _simulated(each))
    return Counter(each.reason for each in ours if table.event_of(each) is AddressEvent.BLAMED_ON_US)


def tally(counters: Mapping[str, int]) -> Tally:
    """The tally of one day, from its counters by name."""
    return Tally(
        sent=counters.get(SENT, 0),
        bounces=counters.get(COUNTED[Fault.BOUNCE], 0),
        complaints=counters.get(COUNTED[Fault.COMPLAINT], 0),
    )


def _hard(report: Report) -> bool:
    """What the account's suppression list holds back is never sent, and counts for no rate (SES developer guide, "Using
    the account-level suppression list")."""
    return report.permanence is Permanence.PERMANENT and report.reason is not BounceReason.SUPPRESSED


def _simulated(report: Report) -> bool:
    """SES counts nothing of its mailbox simulator (SES developer guide, "Using the mailbox simulator")."""
    return fold(report.recipient or "").endswith(_SIMULATOR)
