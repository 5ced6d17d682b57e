"""May this answer of a person go out? One table of checks, as the pre-flight of automatic mail has one.

What RFC 3834 asks of machines does not bind a person: they may write to a list, to somebody who is not authenticated,
as often as they like. What would hurt the account, or reach somebody who has no part in the conversation, binds them
too; and some of that they may decide otherwise (`anyway`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from postroom.address import State, as_person, fold
from postroom.desk import Desk
from postroom.reasons import Reason
from postroom.replies import departure
from postroom.replies.addresses import nobody_reads, robot, sendable
from postroom.replies.departure import Outgoing


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What every check looks at. `named` are addresses that the person named themselves (`as_person`), so that they
    need not take part; `states` are of folded addresses. `raw` is None where the mail was too large to be put together,
    and empty where it could not be. `files` are the
    names that its files go out under. `listed` are the folded addresses that SES has on the account's suppression list.

    `paused` and `breaker` say, if they say anything, why nothing or nothing more should be sent now.
    """

    recipients: tuple[str, ...]
    participants: tuple[str, ...]
    named: frozenset[str]
    desk: Desk
    said: str
    raw: bytes | None
    files: tuple[str, ...] = ()
    states: Mapping[str, State] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    paused: str = ""
    breaker: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why it doesn't go out, what was seen, and what can be done. `anyway`: the person may send it all the same."""

    reason: Reason
    detail: str
    advice: str
    anyway: bool

    @property
    def text(self) -> str:
        return f"{self.reason.text} ({self.detail}): {self.advice}"


@dataclass(frozen=True, slots=True)
class Check:
    """One row. `finds` says what speaks against sending, or an empty string."""

    name: str
    finds: Callable[[Case], str]
    reason: Reason
    anyway: bool
    advice: str


def doubtful(state: State) -> bool:
    """Whether SES is asked about the address (it gives one answer a second). A person may write to one that bounced, or
    that SES listed once: whether it lists it still, only SES knows."""
    return state is not State.HEALTHY


def refusals(case: Case) -> tuple[Refusal, ...]:
    """All that speaks against it, in the order of the table; total, and it raises nothing."""
    found = ((check, check.finds(case)) for check in CHECKS)
    return tuple(
        Refusal(reason=check.reason, detail=detail, advice=check.advice, anyway=check.anyway)
        for check, detail in found
        if detail
    )


def _nobody(case: Case) -> str:
    return "" if case.recipients else "no recipient"


def _empty(case: Case) -> str:
    return "" if case.said.strip() else "no text"


def _unsendable(case: Case) -> str:
    return _those(case, lambda each: not sendable(each))


def _ours(case: Case) -> str:
    return _those(case, case.desk.owns)


def _strangers(case: Case) -> str:
    allowed = {*case.participants, *case.named}
    return _those(case, lambda each: as_person(each) not in allowed)


def _of_form(check: departure.Check[Outgoing], case: Case) -> str:
    if case.raw is None:
        return f"more than {departure.MOST_BYTES:,} bytes" if check.reason is Reason.TOO_LARGE_TO_SEND else ""
    # What could not be put together has no form: what is wrong with its recipients tells why.
    return check.finds(Outgoing(raw=case.raw, rcpt_to=case.recipients, files=case.files)) if case.raw else ""


def _listed(case: Case) -> str:
    return _those(case, lambda each: fold(each) in case.listed)


def _suppressed(case: Case) -> str:
    """By our own book. What SES lists besides has a check of its own, which says more."""
    return _those(case, lambda each: fold(each) not in case.listed and _state(case, each).suppressed)


def _state(case: Case, address: str) -> State:
    return case.states.get(fold(address), State.HEALTHY)


def _unread(case: Case) -> str:
    return _those(case, lambda each: nobody_reads(each) or robot(each))


def _those(case: Case, wanted: Callable[[str], bool]) -> str:
    return ", ".join(each for each in case.recipients if wanted(each))[:300]


#: What a person can do about the form of a mail. Total over the reasons of `departure.FORM`.
_MEND: Mapping[Reason, str] = {
    Reason.TOO_LARGE_TO_SEND: "leave a file out, or send a link to it",
    Reason.TOO_MANY_RECIPIENTS: "SES takes no more in one mail: leave some out",
    Reason.FILE_TYPE_REFUSED: "leave it out, or send a link to it",
    Reason.UNSENDABLE_FORM: "this is a fault of Postroom: please report it",
}

_NAME_THEM = "leave them out, or name all whom it shall go to with --to ADDRESS, them too, if you know them"
_TAKE_OFF = (
    "SES would take the mail and throw it away. Once you know that the address works and its owner wants mail, take it "
    "off with `aws sesv2 delete-suppressed-destination --email-address ADDRESS`"
)

#: The checks in order: what is wrong with the answer, with its recipients, with the mail, and with the account.
CHECKS: tuple[Check, ...] = (
    Check("text", _empty, Reason.NOTHING_WRITTEN, False, "write something"),
    Check("recipient", _nobody, Reason.NO_RECIPIENT, False, "name whom it goes to with --to ADDRESS"),
    Check("sendable", _unsendable, Reason.ADDRESS_NOT_SENDABLE, False, "name another address with --to ADDRESS"),
    Check("own_address", _ours, Reason.OUR_OWN_ADDRESS, False, "the desk does not write to itself"),
    Check("stranger", _strangers, Reason.NOT_IN_CONVERSATION, False, _NAME_THEM),
    *(Check(form.name, partial(_of_form, form), form.reason, False, _MEND[form.reason]) for form in departure.FORM),
    Check("listed", _listed, Reason.LISTED_BY_SES, False, _TAKE_OFF),
    Check("suppressed", _suppressed, Reason.SUPPRESSED, True, "--anyway sends it; a bounce counts against the account"),
    Check("unread", _unread, Reason.NO_REPLY_ADDRESS, True, "--anyway sends it; --to ADDRESS names another"),
    Check("paused", lambda case: case.paused, Reason.SENDING_PAUSED, False, "nothing is sent until that is over"),
    Check("breaker", lambda case: case.breaker, Reason.BREAKER_OPEN, True, "--anyway sends it; see `postroom breaker`"),
)
