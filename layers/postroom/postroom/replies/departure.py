"""May this mail leave now? What stands against it beside the mail that it answers, once `preflight` has let it through.

Two tables: what is known of the recipient, the desk and the account, and what the mail is once it is composed. The
second binds the answers of people as well (`postroom.replies.by_hand`).
"""

import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from postroom.address import State
from postroom.breaker import Breaker, Circuit
from postroom.ports import Account, Standing
from postroom.reasons import Reason
from postroom.replies.extensions import unsupported

# Of a whole mail, encoded: SES takes 40 MB ("Service quotas in Amazon SES"), and this is the smaller way to read that.
MOST_BYTES = 40_000_000
MOST_RECIPIENTS = 50  # of one send, To and Cc alike ("Service quotas in Amazon SES")
MOST_IN_LINE = 998  # bytes, without the line end (RFC 5322 section 2.1.1)
RESERVE = 0.1  # of the daily quota: it is kept for people

# RFC 5322 section 3.6: at most once each; SES refuses what has one of them twice.
_ONCE = frozenset(
    b"date from sender reply-to to cc bcc message-id in-reply-to references subject mime-version content-type".split()
)
_FIELD = re.compile(rb"([!-9;-~]{1,200}):[ -~\t]*")  # printable ASCII up to the colon (RFC 5322 section 2.2)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What is known before a mail leaves. `listed`: SES's suppression list has the recipient.
    `quiet` are the quiet hours that it is in, empty where it is in none."""

    standing: Standing
    account: Account
    listed: bool = False
    quiet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """The mail as it would be handed to SES. `files` are the names of the files in it."""

    raw: bytes
    rcpt_to: Sequence[str]
    files: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why not, by which check, and what was seen."""

    check: str
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Check(Generic[T]):
    """One row: `finds` says what speaks against the mail, or an empty string."""

    name: str
    finds: Callable[[T], str]
    reason: Reason

    def __call__(self, seen: T) -> Refusal | None:
        detail = self.finds(seen)
        return Refusal(check=self.name, reason=self.reason, detail=detail) if detail else None


def doubtful(state: State) -> bool:
    """Whether SES is asked about the address: it gives one answer a second, so not about those that get their mail."""
    return state is not State.HEALTHY and not state.suppressed


def stopped(breaker: Breaker) -> str:
    """Why the breaker lets nothing out by itself; empty where it lets something out. A person is warned with it."""
    return f"{breaker.told} (`postroom breaker`)" if breaker.circuit is Circuit.OPEN else ""


def paused(account: Account) -> str:
    """Why SES sends nothing for anybody of the account; empty where it sends."""
    if account.enforcement == "SHUTDOWN":
        return "SES has paused the account: the AWS Health Dashboard says why"
    return "" if account.sending else "sending is switched off for the account (PutAccountSendingAttributes)"


def refusals(seen: Circumstances) -> Iterator[Refusal]:
    """All that speaks against the mail, the first first."""
    return filter(None, (check(seen) for check in CHECKS))


def unfit(mail: Outgoing) -> Iterator[Refusal]:
    """All that is wrong with the mail as it was composed."""
    return filter(None, (check(mail) for check in FORM))


def _suppressed(seen: Circumstances) -> str:
    state = seen.standing.address
    return f"its state is {state}" if state.suppressed else ""


def _domain(seen: Circumstances) -> str:
    return "it is looked at again a day after the last failure" if seen.standing.domain_failing else ""


def _review(seen: Circumstances) -> str:
    return "EnforcementStatus is PROBATION" if seen.account.enforcement == "PROBATION" else ""


def _quota(seen: Circumstances) -> str:
    account = seen.account
    low = account.daily > 0 and account.left <= account.daily * RESERVE
    return f"{account.left} of {account.daily} are left, and {RESERVE:.0%} are kept for people" if low else ""


def _listed(seen: Circumstances) -> str:
    return f"its state here is {seen.standing.address}, and SES has it on its list" if seen.listed else ""


def _quiet(seen: Circumstances) -> str:
    return f"it is within {seen.quiet}" if seen.quiet else ""


def _large(mail: Outgoing) -> str:
    return f"{len(mail.raw):,} bytes, more than {MOST_BYTES:,}" if len(mail.raw) > MOST_BYTES else ""


def _crowd(mail: Outgoing) -> str:
    count = len(mail.rcpt_to)
    return "" if 0 < count <= MOST_RECIPIENTS else f"{count} recipients; there must be 1 to {MOST_RECIPIENTS}"


def _files(mail: Outgoing) -> str:
    return ", ".join(filter(unsupported, mail.files))[:300]


def _eight_bit(mail: Outgoing) -> str:
    return "" if mail.raw.isascii() else "a byte that isn't ASCII: what it stands for must be encoded (RFC 2045)"


def _bare(mail: Outgoing) -> str:
    """RFC 5321 section 2.3.8: CR and LF come as a pair only. Servers that take one alone for a line end are how mail is
    smuggled."""
    pairs = mail.raw.count(b"\r\n")
    bare = mail.raw.count(b"\r") != pairs or mail.raw.count(b"\n") != pairs
    return "a CR or an LF without the other" if bare else ""


def _long_line(mail: Outgoing) -> str:
    lines = io.BytesIO(mail.raw)  # one after the other: a large mail has half a million
    longest = max((len(line.removesuffix(b"\n").removesuffix(b"\r")) for line in lines), default=0)
    return f"a line of {longest} bytes, more than {MOST_IN_LINE}" if longest > MOST_IN_LINE else ""


def _header(mail: Outgoing) -> str:
    end = mail.raw.find(b"\r\n\r\n")
    lines = mail.raw[: max(end, 0)].split(b"\r\n")
    fields = [line for line in lines if not line.startswith((b" ", b"\t"))]
    names = [line.partition(b":")[0].lower() for line in fields]
    twice = sorted(name.decode("ascii", "replace") for name in _ONCE if names.count(name) > 1)
    if end < 0 or lines[0].startswith((b" ", b"\t")) or not all(map(_FIELD.fullmatch, fields)):
        return "a line of the header is no field"
    if twice:
        return f"more than one {', '.join(twice)}"
    return "" if b"from" in names else "no From"


#: What is known before it is composed, in order.
CHECKS: tuple[Check[Circumstances], ...] = (
    Check("address_state", _suppressed, Reason.SUPPRESSED),
    Check("domain_state", _domain, Reason.DOMAIN_FAILING),
    Check("breaker", lambda seen: stopped(seen.standing.breaker), Reason.BREAKER_OPEN),
    Check("ses_paused", lambda seen: paused(seen.account), Reason.SENDING_PAUSED),
    Check("ses_review", _review, Reason.UNDER_REVIEW),
    Check("ses_quota", _quota, Reason.QUOTA_RESERVED),
    Check("ses_list", _listed, Reason.LISTED_BY_SES),
    Check("quiet_hours", _quiet, Reason.QUIET_HOURS),  # last: what waits for their end has nothing else against it
)

#: What it is once it is composed. Nobody sends what SES or a server refuses, or reads otherwise than we wrote it.
FORM: tuple[Check[Outgoing], ...] = (
    Check("size", _large, Reason.TOO_LARGE_TO_SEND),
    Check("recipients", _crowd, Reason.TOO_MANY_RECIPIENTS),
    Check("file_types", _files, Reason.FILE_TYPE_REFUSED),
    Check("seven_bit", _eight_bit, Reason.UNSENDABLE_FORM),
    Check("line_ends", _bare, Reason.UNSENDABLE_FORM),
    Check("line_length", _long_line, Reason.UNSENDABLE_FORM),
    Check("header", _header, Reason.UNSENDABLE_FORM),
)

NAMES = (*(check.name for check in CHECKS), *(check.name for check in FORM))
