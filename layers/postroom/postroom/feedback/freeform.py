"""Bounces without a delivery-status part: qmail, Exim, Exchange, Domino, sendmail, Postfix before 2.3, and the rest.

No format is known by its program: a notice names the failed address at the start of a line or after a label, and the
words about it follow, up to the next address.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from postroom.feedback.codes import Meaning, meaning_of, smtp_code_in, status_in
from postroom.feedback.fields import ADDRESS, Group
from postroom.feedback.notice import UNDELIVERED_ABROAD
from postroom.feedback.phrases import speaker_in
from postroom.feedback.report import BounceReason, Permanence, Report
from postroom.feedback.wordings import alternatives, any_of

_MOST_LINES = 2_000
_MOST_RECIPIENTS = 200
_CONTEXT = 1_500  # characters of a notice that may speak of one address
_DIAGNOSTIC_LENGTH = 1_000

_LABELS = alternatives(
    r"""
    to
    rcpt to
    recipients?
    for
    user
    address
    e-?mail(?: address)?
    mailbox
    undeliverable address
    intended recipient
    failed recipients?
    recipient(?:'s)? (?:e-?mail )?(?:address|name)
    original recipient
    final recipient
    name
    failed address(?:es)?
    destination
    (?:the )?following (?:address|recipient|user)s?
    unknown user
    invalid (?:final delivery userid|recipient|address)
    user unknown
    did not reach the following recipient(?:\(s\))?
    user's mailbox is full
    delivery failed to
    was not delivered to
    受信者
    宛先
    收件人
    """
)
#: The start of a line, up to an address that the line is about.
_HEAD = re.compile(
    rf"^[\s>*|•\-\"'(\[\d.)]{{0,30}}(?:(?:{_LABELS})\s{{0,4}}[:=：]\s{{0,8}})?[\s<\"'\[]{{0,8}}(?:rfc822;|smtp:|mailto:)?$",
    re.I,
)
#: What may stand behind it there.
_TAIL = re.compile(r"^[>\"'\])]{0,4}(?:\s*$|\s*[:;,(<]|\s*\.\.\.|\s+[-–(]|\s{2,}|\s+\w)")
_PREFIX = re.compile(r"^(?:smtp|rfc822|mailto|to)=", re.I)  # Exchange 5.5: "dda:SMTP=userx@example.com"
#: These are never the ones that failed.
_NEVER = re.compile(
    r"^(?:postmaster|mailer-daemon|abuse|hostmaster|noreply|no-reply|support|help(?:desk)?|webmaster)@", re.I
)
#: "For further assistance, please contact <...>"; "not accepting mail from <...>".
_NOT_MEANT = re.compile(
    r"\b(?:contact|assistance|write to|e-?mail us)\b|\b(?:mail|message|sender)s? from:?[ <]{0,3}$", re.I
)
#: The recipient in an envelope sender of our own (VERP): "bounces+jane=example.net@example.com".
_VERP = re.compile(r"[\w.-]{1,40}[+-]([^@=+\s<]{1,64})=([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})@")
#: The sentence before the failed addresses. What stands above it may be the header of the message that was sent.
_INTRODUCTION = any_of(
    r"""
    (?:did not|could ?n[o']t|cannot|can't|was not|were not|wasn't|unable to|failed to) (?:be )?(?:reach|\
        deliver|sent)
    (?:following|failed) (?:\w{1,12} )?(?:address|recipient|user)
    fail(?:ed|ure) (?:addresses|recipients)
    fatal errors
    delivery (?:to|failed|failure|problems)
    \bfailed:
    """
    + UNDELIVERED_ABROAD
)
_PERMANENT = re.compile(r"\bpermanent|\bfatal\b|\bwill not be (?:re)?tried|\bgiving up\b", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    address: str
    start: int  # of its line
    strong: bool


def reports_of(
    words: str, fields: Group, original: Group, delayed: bool, original_message_id: str | None
) -> tuple[Report, ...]:
    """One report for each address that the notice is about; one without an address where it names none."""
    mentions = list(_mentions(words))
    chosen = _chosen(mentions, words, fields, original)
    return tuple(
        _report(address, _context(address, chosen, mentions, words), words, delayed, original_message_id)
        for address in chosen[:_MOST_RECIPIENTS] or (None,)
    )


def _mentions(words: str) -> Iterator[_Mention]:
    at = 0
    for line in words.splitlines(keepends=True)[:_MOST_LINES]:
        for found in ADDRESS.finditer(line[:2_000]):
            address = _PREFIX.sub("", found[0]).rstrip(".")
            before = line[max(0, found.start() - 60) : found.start()]
            if not (_NEVER.match(address) or "://" in before or _NOT_MEANT.search(before)):
                yield _Mention(address=address, start=at, strong=_is_about(line, found.start(), found.end()))
        at += len(line)


def _is_about(line: str, start: int, end: int) -> bool:
    return bool(_HEAD.match(line[:start]) and _TAIL.match(line[end:]))


def _our_own(fields: Group) -> frozenset[str]:
    """The addresses that the bounce itself came from and went to."""
    values = (v for name in ("from", "to", "return-path", "sender", "reply-to") for v in fields.values.get(name, ()))
    return frozenset(address.lower() for value in values for address in ADDRESS.findall(value))


def _failed_recipients(fields: Group) -> list[str]:
    """Exim, Gmail and others tell them in a field of their own."""
    return [a for value in fields.values.get("x-failed-recipients", ()) for a in ADDRESS.findall(value)]


def _verp(fields: Group) -> list[str]:
    found = _VERP.search(fields.get("to")[:400])
    return [f"{found[1]}@{found[2]}"] if found else []


def failed_addresses(words: str, fields: Group, original: Group) -> list[str]:
    """The addresses that a notice says were not reached; empty where it names none."""
    return _chosen(list(_mentions(words)), words, fields, original)


def _chosen(mentions: list[_Mention], words: str, fields: Group, original: Group) -> list[str]:
    """The failed addresses, from the surest source that has any."""
    intro = _INTRODUCTION.search(words)
    line = words.rfind("\n", 0, intro.start()) + 1 if intro else len(words)
    after = [m for m in mentions if m.start >= line]
    own, written_to = _our_own(fields), _addressed(original)
    foreign = [m for m in mentions if m.address.lower() not in own]
    foreign_after = [m.address for m in after if m.address.lower() not in own]
    sources = (
        _failed_recipients(fields),
        [m.address for m in after if m.strong and m.address.lower() not in own],
        [address for address in foreign_after if address.lower() in written_to],
        _verp(fields),
        foreign_after[:1],
        [m.address for m in foreign if m.strong],
        [m.address for m in after if m.strong],
        list(written_to) if len(written_to) == 1 else [],
        [m.address for m in foreign][:1],
    )
    first = next((source for source in sources if source), [])
    return list({address.lower(): address for address in reversed(first)}.values())[::-1]


def _addressed(original: Group) -> frozenset[str]:
    values = (v for name in ("to", "cc", "x-original-to", "delivered-to") for v in original.values.get(name, ()))
    return frozenset(address.lower() for value in values for address in ADDRESS.findall(value))


def _context(address: str | None, chosen: list[str], mentions: list[_Mention], words: str) -> str:
    """What the notice says about this address: from each line that names it to the next line that names another."""
    if address is None:
        return ""
    others = {c.lower() for c in chosen} - {address.lower()}
    pieces = []
    for mention in mentions:
        if mention.address.lower() == address.lower():
            later = (m.start for m in mentions if m.start > mention.start and m.address.lower() in others)
            start = _answer_before(words, mention.start)
            pieces.append(words[start : min(next(later, len(words)), start + _CONTEXT)])
    return max(pieces[:20], key=len, default="")


def _answer_before(words: str, start: int) -> int:
    """Where the server's own answer begins, if a transcript has it on the line above: `<<< 550 ...`."""
    above = words.rfind("\n", 0, max(start - 1, 0)) + 1
    return above if words[above:start].lstrip(" >").startswith("<<<") else start


def _report(address: str | None, context: str, words: str, delayed: bool, original_message_id: str | None) -> Report:
    status = status_in(context) or status_in(words)
    code = smtp_code_in(context) or smtp_code_in(words)
    meaning = _meaning(context, words, status, code)
    permanence = Permanence.TRANSIENT if delayed else meaning.permanence
    return Report(
        recipient=address,
        action="delayed" if delayed else "failed",
        status=status,
        smtp_code=code,
        reason=meaning.reason,
        permanence=permanence,
        diagnostic=" ".join((context or words).split())[:_DIAGNOSTIC_LENGTH] or None,
        original_message_id=original_message_id,
        remote_mta=speaker_in(context),
    )


def _meaning(context: str, words: str, status: str | None, code: str | None) -> Meaning:
    """By the words about the address, else by all of the notice; "a permanent error" only says how long."""
    meaning = meaning_of(context, status, code)
    if meaning.reason is BounceReason.OTHER:
        meaning = meaning_of(words, status, code)
    if (
        meaning.permanence is Permanence.UNDETERMINED
        and meaning.reason is BounceReason.OTHER
        and _PERMANENT.search(words)
    ):
        return Meaning(reason=meaning.reason, permanence=Permanence.PERMANENT)
    return meaning
