"""The message as its reader sees it: what no screen shows reaches no rule, no model, no language and no date.

Hidden parts of HTML are gone already (`postroom.mime.html`). Here go the characters that have no form of their own
(Unicode's Default_Ignorable_Code_Point, UAX #44: zero width, direction, tags, fillers) and control characters: with
them a word is hidden from a rule (`in<U+200B>voice`), or a sentence for a machine from people (U+E0020 and on).
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from postroom.message import Address, Forwarded, Message, Reply

#: DerivedCoreProperties.txt of Unicode 16, without the white space among the controls.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f"
    "\\u202a-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufff8"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]+"
)


def seen(text: str) -> str:
    """The text without the characters that nobody sees."""
    return _UNSEEN.sub("", text)


def as_seen(message: Message) -> Message:
    """The message with only what its reader sees: what kinds, rules, models, language and dates are to be made from.

    It has no HTML: its text is there. Ids, attachments and the message itself stay as they are.
    """
    return replace(
        message,
        subject=seen(message.subject),
        from_=tuple(map(_address, message.from_)),
        sender=_address(message.sender) if message.sender else None,
        reply_to=tuple(map(_address, message.reply_to)),
        text=_or_none(message.text),
        html=None,
        reply=_reply(message.reply),
        forwarded=_forwarded(message.forwarded) if message.forwarded else None,
        facts=_facts(message.facts),
    )


def _or_none(text: str | None) -> str | None:
    return seen(text) if text is not None else None


def _address(address: Address) -> Address:
    return replace(address, name=seen(address.name))


def _reply(reply: Reply) -> Reply:
    return Reply(visible=seen(reply.visible), quoted=_or_none(reply.quoted), signature=_or_none(reply.signature))


def _forwarded(mail: Forwarded) -> Forwarded:
    return replace(mail, subject=seen(mail.subject), body=seen(mail.body), note=seen(mail.note))


def _facts(facts: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return {name: tuple(map(seen, values)) for name, values in facts.items()}
