"""Every action that a rules file knows: its key, what may stand under it, an example, and how it is read.

`FORMS` is the table; docs/rules.md shows it, and a test holds the two together.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yaml

from postroom.address import fold
from postroom.conversation import TAG
from postroom.rules.actions import NO_REPLY, Actions, Handling, Priority
from postroom.rules.sheet import Sheet, listed

CATEGORY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ADDRESS = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,189}")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
#: What people call it where mail is lost for ever.
_LOSING = frozenset({"drop", "discard", "delete", "ignore", "reject", "bounce"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """`takes` says to a person what stands under the key, `does` what follows; `read` gives what it sets."""

    takes: str
    does: str
    example: str
    read: Callable[[Sheet, yaml.Node, str], Actions]


def _disposition(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    if isinstance(node, yaml.ScalarNode) and node.value in _LOSING:
        sheet.fault(node, f"`{key}: {node.value}`: nothing is thrown away here. Write quarantine, or refuse.")
        return Actions()
    written = sheet.chosen(node, key, Handling)
    return Actions(disposition=Handling(written) if written else None)


def _priority(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    written = sheet.chosen(node, key, Priority)
    return Actions(priority=Priority(written) if written else None)


def _category(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    return Actions(category=sheet.formed(node, key, CATEGORY, "lower-case letters, digits and underscores") or None)


def _assign(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    written = sheet.formed(node, key, _ADDRESS, "an agent's address such as ann@example.com")
    return Actions(assign=fold(written) or None)


def _reply(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    return Actions(reply=sheet.formed(node, key, _NAME, f"the name of a template, or {NO_REPLY}") or None)


def _tags(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    tags = (sheet.formed(each, key, TAG, "tags of letters, digits and -_.:/") for each in sheet.nodes(node, key))
    return Actions(tags=tuple(tag.casefold() for tag in tags if tag))


def _notify(sheet: Sheet, node: yaml.Node, key: str) -> Actions:
    wanted = "names of small letters, digits, - and _: events bear them, and your own EventBridge rules look for them"
    return Actions(
        notify=tuple(filter(None, (sheet.formed(each, key, _NAME, wanted) for each in sheet.nodes(node, key))))
    )


#: Every action, in the order of the documentation.
FORMS: Mapping[str, Form] = {
    "disposition": Form(
        takes=listed(Handling),
        does="`quarantine` keeps it apart, `refuse` lays it aside for good, `handle` takes it in though SES saw spam",
        example="quarantine",
        read=_disposition,
    ),
    "category": Form(takes="a word of your own", does="what the mail is about", example="billing", read=_category),
    "priority": Form(
        takes=listed(Priority), does="how much it presses; the `urgency` table isn't asked then", example="high",
        read=_priority,
    ),
    "tags": Form(takes="words", does="marks its conversation", example="[vip, press]", read=_tags),
    "assign": Form(
        takes="an agent's address", does="gives the conversation to them, where nobody has it",
        example="ann@example.com", read=_assign,
    ),
    "reply": Form(
        takes="a template's name, or none", does="which automatic reply it gets, once every check has passed",
        example="none", read=_reply,
    ),
    "notify": Form(
        takes="names", does="stand in the event MessageClassified, for EventBridge rules of your own",
        example="[oncall]", read=_notify,
    ),
}  # fmt: skip
