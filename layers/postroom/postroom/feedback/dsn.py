"""Delivery status notifications: RFC 3464 (and RFC 6533's international form)."""

import re
from collections.abc import Iterator

from postroom.feedback.codes import Meaning, meaning_of, smtp_code_in, status_in
from postroom.feedback.fields import Group, address_in, groups
from postroom.feedback.report import BounceReason, FeedbackKind, Permanence, Report

_MOST_RECIPIENTS = 1_000
_DIAGNOSTIC_LENGTH = 1_000
_LONGEST_NAME = 255  # RFC 1035
_NEAR = 500  # characters of the notice behind an address that speak of it
_STARTS = frozenset({"final-recipient", "original-recipient", "x-actual-recipient"})
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_COMMENT = re.compile(r"^[\d.\s]{1,20}\(([^()]{4,500})\)")
_TYPE_PREFIX = re.compile(r"^[\w.-]{1,40}[ \t]{0,4};[ \t]{0,4}")


def reports_of(status: str, notice: str, original_message_id: str | None) -> tuple[Report, ...]:
    """One report for each recipient group of a delivery-status body.

    `notice` is the text for people beside it: it is asked only where the group itself doesn't say why.
    """
    found = (_report(group, notice, original_message_id) for group in _recipient_groups(status))
    merged: dict[str, Report] = {}
    for _, report in zip(range(_MOST_RECIPIENTS), found, strict=False):
        merged.setdefault((report.recipient or "").lower(), report)
    return tuple(merged.values())


def kind_of(reports: tuple[Report, ...]) -> FeedbackKind:
    """The kind of the whole report: one failure makes it a bounce."""
    actions = {report.action for report in reports}
    if "failed" in actions or not actions:
        return FeedbackKind.BOUNCE
    return FeedbackKind.DELAY if "delayed" in actions else FeedbackKind.DELIVERED


def _recipient_groups(status: str) -> Iterator[Group]:
    """Groups that speak of a recipient. One without an address at all is kept if it has an action and a status."""
    for group in groups(status, _STARTS):
        if any(group.get(name) for name in _STARTS) or (group.get("action") and group.get("status")):
            yield group


def _report(group: Group, notice: str, original_message_id: str | None) -> Report:
    recipient = _recipient(group)
    diagnostic, said = _diagnostic(group), _words_about(recipient, notice)
    words = diagnostic or said  # some servers tell the answer to people only
    status = _status(group, words)
    code = smtp_code_in(words)
    action = _action(group, status)
    meaning = _meaning(action, words, status, code, said)
    return Report(
        recipient=recipient,
        action=action,
        status=status,
        smtp_code=code,
        reason=meaning.reason,
        permanence=meaning.permanence,
        diagnostic=words[:_DIAGNOSTIC_LENGTH] or None,
        original_message_id=original_message_id,
        remote_mta=_TYPE_PREFIX.sub("", group.get("remote-mta"))[:_LONGEST_NAME].strip() or None,
    )


def _meaning(action: str, words: str, status: str | None, code: str | None, notice: str) -> Meaning:
    if action in _ARRIVED:
        return Meaning(reason=BounceReason.DELIVERED, permanence=Permanence.UNDETERMINED)
    meaning = meaning_of(words, status, code)
    if meaning.reason is BounceReason.OTHER and notice:
        meaning = meaning_of(notice, status, code)
    if action == "delayed":  # whatever the code says: the server is still trying
        return Meaning(reason=meaning.reason, permanence=Permanence.TRANSIENT)
    return meaning


def _recipient(group: Group) -> str | None:
    """The address that we wrote to: the original one where the report knows it, else the final one."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        value = _TYPE_PREFIX.sub("", group.get(name))
        if address := address_in(_from_xtext(value) if name == "original-recipient" else value):
            return address
    bare = _TYPE_PREFIX.sub("", group.get("final-recipient")).strip().strip("<>")
    return bare or None


def _from_xtext(value: str) -> str:
    """RFC 3461 section 4: `+3D` stands for `=`. A plus sign that is followed by no capital hex digits is itself."""
    return _XTEXT.sub(lambda found: chr(int(found[1], 16)) if 0x20 < int(found[1], 16) < 0x7F else found[0], value)


def _diagnostic(group: Group) -> str:
    """The server's words: several Diagnostic-Code fields are all kept, the type in front is not. Old sendmails put
    them into a comment of the status: "4.0.0 (mx.example.net: host name lookup failure)"."""
    values = [*group.values.get("diagnostic-code", ()), *group.values.get("x-supplementary-info", ())]
    words = " ".join(_TYPE_PREFIX.sub("", value) for value in values).strip()
    return words or "".join(_COMMENT.findall(group.get("status"))[:1])


def _status(group: Group, words: str) -> str | None:
    """The Status field, or the server's own code where the field is general (x.0.0) or missing (RFC 3463)."""
    told = status_in(group.get("status"))
    if told is None or told.endswith(".0.0"):
        return status_in(words) or told
    return told


def _action(group: Group, status: str | None) -> str:
    word = group.get("action").lower()
    known = next((action for action in _ACTIONS if word.startswith(action)), None)
    if known:
        return known
    return {"2": "delivered", "4": "delayed"}.get((status or "")[:1], "failed") if not word else "failed"


def _words_about(recipient: str | None, notice: str) -> str:
    """The part of the notice that speaks of this recipient: from its address on, or from the start without one."""
    at = notice.lower().find(recipient.lower()) if recipient else -1
    return notice[max(at, 0) : max(at, 0) + _NEAR]
