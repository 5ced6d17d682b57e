"""What an address is to us, and how that changes: one total table (state, event) -> state, in one place.

Four things keep us from writing to an address: it doesn't exist (`hard`), its domain doesn't (`no_domain`, for a week),
its owner complained (`complained`), or SES itself holds it back (`listed`). Everything else heals with the next
delivery, and by itself (`postroom.address.FADES`).
"""

from collections.abc import Mapping
from dataclasses import replace

from postroom.address import FADES, AddressEvent, Incident, Record, State
from postroom.clock import from_iso
from postroom.feedback.report import BounceReason, Permanence, Report

_S, _E = State, AddressEvent

TABLE: Mapping[State, Mapping[AddressEvent, State]] = {
    _S.HEALTHY: {
        _E.DELIVERED: _S.HEALTHY,
        _E.DELAYED: _S.HEALTHY,  # SES is still trying: the end will be told as a delivery or a bounce
        _E.BLAMED_ON_US: _S.HEALTHY,  # our fault never punishes the address
        _E.SOFT_BOUNCE: _S.SOFT_ONCE,
        _E.MAILBOX_FULL: _S.MAILBOX_FULL,
        _E.DOMAIN_ERROR: _S.NO_DOMAIN,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.HEALTHY,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
    _S.SOFT_ONCE: {
        _E.DELIVERED: _S.HEALTHY,
        _E.DELAYED: _S.SOFT_ONCE,
        _E.BLAMED_ON_US: _S.SOFT_ONCE,
        _E.SOFT_BOUNCE: _S.SOFT_TWICE,
        _E.MAILBOX_FULL: _S.MAILBOX_FULL,
        _E.DOMAIN_ERROR: _S.NO_DOMAIN,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.SOFT_ONCE,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
    _S.SOFT_TWICE: {
        _E.DELIVERED: _S.HEALTHY,
        _E.DELAYED: _S.SOFT_TWICE,
        _E.BLAMED_ON_US: _S.SOFT_TWICE,
        _E.SOFT_BOUNCE: _S.SOFT_OFTEN,
        _E.MAILBOX_FULL: _S.MAILBOX_FULL,
        _E.DOMAIN_ERROR: _S.NO_DOMAIN,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.SOFT_TWICE,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
    _S.SOFT_OFTEN: {
        _E.DELIVERED: _S.HEALTHY,
        _E.DELAYED: _S.SOFT_OFTEN,
        _E.BLAMED_ON_US: _S.SOFT_OFTEN,
        _E.SOFT_BOUNCE: _S.SOFT_OFTEN,
        _E.MAILBOX_FULL: _S.MAILBOX_FULL,  # it says more than "something failed"
        _E.DOMAIN_ERROR: _S.NO_DOMAIN,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.SOFT_OFTEN,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
    _S.MAILBOX_FULL: {
        _E.DELIVERED: _S.HEALTHY,  # they have tidied up
        _E.DELAYED: _S.MAILBOX_FULL,
        _E.BLAMED_ON_US: _S.MAILBOX_FULL,
        _E.SOFT_BOUNCE: _S.MAILBOX_FULL,  # it says less than "full"
        _E.MAILBOX_FULL: _S.MAILBOX_FULL,
        _E.DOMAIN_ERROR: _S.NO_DOMAIN,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.MAILBOX_FULL,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
    _S.NO_DOMAIN: {
        _E.DELIVERED: _S.HEALTHY,  # the domain is back
        _E.DELAYED: _S.NO_DOMAIN,
        _E.BLAMED_ON_US: _S.NO_DOMAIN,
        _E.SOFT_BOUNCE: _S.NO_DOMAIN,  # it says less, and the week is over soon
        _E.MAILBOX_FULL: _S.MAILBOX_FULL,  # the domain is back, and knows the mailbox
        _E.DOMAIN_ERROR: _S.NO_DOMAIN,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.NO_DOMAIN,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
    _S.HARD: {
        # Events come late and out of order: this may be a delivery from before the bounce. And a server may accept
        # a mail first and bounce it after ("delivered" is only the handing over), so a delivery proves no mailbox.
        _E.DELIVERED: _S.HARD,
        _E.DELAYED: _S.HARD,
        _E.BLAMED_ON_US: _S.HARD,
        _E.SOFT_BOUNCE: _S.HARD,
        _E.MAILBOX_FULL: _S.HARD,
        _E.DOMAIN_ERROR: _S.HARD,
        _E.HARD_BOUNCE: _S.HARD,
        _E.LISTED: _S.HARD,  # SES lists what bounced hard: the consequence doesn't replace the cause
        _E.UNLISTED: _S.HARD,  # what is known of the mailbox is the same as before
        _E.COMPLAINT: _S.COMPLAINED,  # somebody reads it after all, and doesn't want our mail
        _E.LIFTED: _S.HEALTHY,
    },
    _S.LISTED: {
        _E.DELIVERED: _S.LISTED,  # late news from before: SES delivers nothing to a listed address
        _E.DELAYED: _S.LISTED,
        _E.BLAMED_ON_US: _S.LISTED,
        _E.SOFT_BOUNCE: _S.LISTED,
        _E.MAILBOX_FULL: _S.LISTED,
        _E.DOMAIN_ERROR: _S.LISTED,
        _E.HARD_BOUNCE: _S.HARD,  # now the cause is known
        _E.LISTED: _S.LISTED,
        _E.UNLISTED: _S.HEALTHY,  # somebody took it off there: that is their decision, and it is ours
        _E.COMPLAINT: _S.COMPLAINED,  # now the cause is known
        _E.LIFTED: _S.HEALTHY,
    },
    _S.COMPLAINED: {
        # A complaint is a person's wish. No delivery, bounce or list changes it: only a person does.
        _E.DELIVERED: _S.COMPLAINED,
        _E.DELAYED: _S.COMPLAINED,
        _E.BLAMED_ON_US: _S.COMPLAINED,
        _E.SOFT_BOUNCE: _S.COMPLAINED,
        _E.MAILBOX_FULL: _S.COMPLAINED,
        _E.DOMAIN_ERROR: _S.COMPLAINED,
        _E.HARD_BOUNCE: _S.COMPLAINED,
        _E.LISTED: _S.COMPLAINED,
        _E.UNLISTED: _S.COMPLAINED,
        _E.COMPLAINT: _S.COMPLAINED,
        _E.LIFTED: _S.HEALTHY,
    },
}

#: What frees an address that was held back, beside the end of its time. All but a person's word is odd, and explained
#: in its row.
FREES = frozenset(
    (state, event)
    for state, row in TABLE.items()
    for event, then in row.items()
    if state.suppressed and not then.suppressed
)

#: Events that take something back. What happened before the state came about doesn't.
HEALING = frozenset({_E.DELIVERED, _E.UNLISTED, _E.LIFTED})

#: Reasons that speak of the mailbox itself and, where permanent, suppress it. All others are somebody else's matter.
_ABOUT_THE_ADDRESS = frozenset({BounceReason.NO_SUCH_USER, BounceReason.MAILBOX_INACTIVE})

#: Reasons that speak of us or of our mail: the operator must act, the address is innocent.
ABOUT_US = frozenset(
    {
        BounceReason.SPAM_OR_BLOCKED,
        BounceReason.AUTHENTICATION,
        BounceReason.REJECTED_POLICY,
        BounceReason.RATE_LIMITED,
        BounceReason.TOO_LARGE,
        BounceReason.CONTENT_REJECTED,
        BounceReason.PROTOCOL_ERROR,
    }
)

#: Feedback types that are no complaint: RFC 5965 section 7.3 (`not-spam` takes one back; `auth-failure` is RFC 6591's
#: report to the owner of a domain, and speaks of a forger more often than of us).
_NO_COMPLAINT = frozenset({"not-spam", "auth-failure"})


def next_state(state: State, event: AddressEvent) -> State:
    """The state of an address after the event."""
    return TABLE[state][event]


def after(before: Record, incident: Incident) -> Record:
    """What is known of an address after the incident; `before` itself where that is no news.

    Events come late and out of order. What heals must have happened after the state came about, and what happened
    before a person took the address back into use counts no more.
    """
    if _of_the_past(before, incident):
        return before
    stands = before.at(from_iso(incident.at))
    state = next_state(stands.state, incident.event)
    moved = replace(before, state=state, since=max(before.since, incident.at), because=incident)
    if incident.event is AddressEvent.LIFTED:
        return replace(moved, lifted_at=incident.at, lifted_from=stands.state)
    return before if state is stands.state and not _renews(state, incident.event) else moved


def _of_the_past(before: Record, incident: Incident) -> bool:
    if incident.event in HEALING:
        return incident.at < before.since
    # A complaint is a wish: who lifted a bounce has not heard of it.
    lifted = incident.event is not AddressEvent.COMPLAINT or before.lifted_from is State.COMPLAINED
    return lifted and incident.at < before.lifted_at


def is_nothing(before: Record, moved: Record, incident: Incident) -> bool:
    """A delivery to a healthy address: most events are that, and it is not written down. Everything else is, even where
    it changes nothing: coming again later, after a person has lifted the state, it must not be taken for news."""
    healthy = before.state is moved.state is State.HEALTHY
    return healthy and incident.event in (AddressEvent.DELIVERED, AddressEvent.UNLISTED)


def _renews(state: State, event: AddressEvent) -> bool:
    """Whether the event is one more of what led to a state that fades: it stands for so long again."""
    return state in FADES and (
        TABLE[State.HEALTHY][event] is state or (state, event) == (_S.SOFT_OFTEN, _E.SOFT_BOUNCE)
    )


def event_of(report: Report) -> AddressEvent | None:
    """What the report means for its address, or None where it means nothing."""
    match report.reason:
        case BounceReason.COMPLAINT:
            return None if report.feedback_type in _NO_COMPLAINT else AddressEvent.COMPLAINT
        case BounceReason.DELIVERED:
            return AddressEvent.DELIVERED
        case BounceReason.SUPPRESSED:
            return AddressEvent.LISTED
        case BounceReason.VACATION:  # an out-of-office reply is technically a bounce for SES, and proves a mailbox
            return None
    if report.action == "delayed":
        return AddressEvent.DELAYED
    return _event_of_failure(report)


def _event_of_failure(report: Report) -> AddressEvent | None:
    if report.reason is BounceReason.MAILBOX_FULL:
        return AddressEvent.MAILBOX_FULL
    if report.reason in ABOUT_US:
        return AddressEvent.BLAMED_ON_US
    if report.reason is BounceReason.DOMAIN_ERROR and report.permanence is Permanence.PERMANENT:
        return AddressEvent.DOMAIN_ERROR
    if report.reason in _ABOUT_THE_ADDRESS and report.permanence is Permanence.PERMANENT:
        return AddressEvent.HARD_BOUNCE
    if report.permanence is not Permanence.PERMANENT and not _has_evidence(report):
        # SES: Transient/General "may be an out-of-office reply". Without one word of a failure it counts for nothing.
        return None
    return AddressEvent.SOFT_BOUNCE


def _has_evidence(report: Report) -> bool:
    return bool(report.status or report.smtp_code or report.diagnostic) or report.reason is not BounceReason.OTHER
