"""The JSON forms of the file commands: scripts read them, so they hold."""

from collections.abc import Iterator, Mapping
from typing import Any

from postroom.attachments.policy import Ruling
from postroom.kinds.absence import Absence
from postroom.kinds.kind import Finding
from postroom.message import Address, Attachment, Forwarded, Message, Reply
from postroom.mime import secured
from postroom.rules.rules import CategoryFinding

Form = dict[str, Any]


def message(value: Message) -> Form:
    """`postroom parse`."""
    return {
        "message_id": value.message_id,
        "in_reply_to": list(value.in_reply_to),
        "references": list(value.references),
        "date": value.date,
        "subject": value.subject,
        "from": _addresses(value.from_),
        "sender": _address(value.sender),
        "reply_to": _addresses(value.reply_to),
        "to": _addresses(value.to),
        "cc": _addresses(value.cc),
        "bcc": _addresses(value.bcc),
        "text": value.text,
        "html": value.html,
        "reply": cut(value.reply),
        "forwarded": _forwarded(value.forwarded),
        "attachments": [_attachment(a) for a in value.attachments],
        "secured": list(value.facts.get(secured.FACT, ())),
        "defects": list(value.defects),
    }


def classification(
    finding: Finding, language: str | None, category: CategoryFinding, absence: Absence | None = None
) -> Form:
    """`postroom classify`. `confidence` is that of the kind, from 0 to 1; `absence` is of an out-of-office."""
    return {
        "kind": finding.kind.value,
        # The rule that fired, the signals that it saw, the same of the category, and what else the rules want.
        "reasons": [
            f"rule:{finding.rule}",
            *finding.signals,
            f"category:{category.rule}",
            *(signal for signal in category.signals if signal != category.rule),
            *_other_actions(category),
        ],
        "language": language,
        "category": category.category,
        "priority": category.priority,
        "confidence": finding.confidence / 100,
        **({"absence": _absence(absence)} if absence else {}),
    }


def _other_actions(category: CategoryFinding) -> Iterator[str]:
    """What the rules want beside category and priority: "tags=vip"."""
    if category.disposition:
        yield f"disposition={category.disposition}"
    yield from (f"tags={tag}" for tag in category.tags)
    yield from (f"notify={name}" for name in category.notify)
    if category.assign:
        yield f"assign={category.assign}"
    if category.reply:
        yield f"reply={category.reply}"


def _absence(value: Absence) -> Form:
    return {"back_on": value.back_on.isoformat() if value.back_on else None, "stand_in": value.stand_in}


def cut(value: Reply) -> Form:
    """`postroom trim`."""
    return {"visible": value.visible, "quoted": value.quoted, "signature": value.signature}


def forwarded(value: Forwarded | None) -> Form:
    """`postroom forwarded`: `note` is the text above the mail that was forwarded."""
    found = _forwarded(value)
    note = found.pop("note") if found else ""
    empty: Form = {"from": None, "to": [], "cc": [], "subject": "", "date": "", "body": ""}
    return {"forwarded": found is not None, "note": note, "original": found or empty}


def policy(value: Message, rulings: Mapping[str, Ruling]) -> Form:
    """`postroom policy`: what is done with each attachment, and all signs that were seen in it."""
    return {
        "attachments": [
            {
                "path": a.path,
                "safe_filename": a.safe_filename,
                "treatment": rulings[a.path].treatment.value,
                "reason": rulings[a.path].reason.value,
                "detail": rulings[a.path].detail,
                "signs": [sign.reason.value for sign in rulings[a.path].signs],
            }
            for a in value.attachments
        ]
    }


def _address(value: Address | None) -> Form | None:
    return {"name": value.name, "address": value.address} if value else None


def _addresses(values: tuple[Address, ...]) -> list[Form]:
    return [{"name": a.name, "address": a.address} for a in values]


def _forwarded(value: Forwarded | None) -> Form | None:
    if value is None:
        return None
    return {
        "from": _address(value.sender),
        "to": _addresses(value.to),
        "cc": _addresses(value.cc),
        "subject": value.subject,
        "date": value.date,
        "body": value.body,
        "note": value.note,
    }


def _attachment(value: Attachment) -> Form:
    return {
        "path": value.path,
        "filename": value.filename,
        "safe_filename": value.safe_filename,
        "content_type": value.content_type,
        "detected_type": value.detected_type,
        "disposition": value.disposition,
        "content_id": value.content_id,
        "size": value.size,
        "sha256": value.sha256,
    }
