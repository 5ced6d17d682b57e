"""The query protocol of SES's first API: form fields in, XML out. Pure.

`Rule.Actions.member.1.S3Action.BucketName=x` is {"Rule": {"Actions": [{"S3Action": {"BucketName": "x"}}]}}.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from xml.sax.saxutils import escape

from local.ses.refused import Refused
from local.ses.values import Json

NAMESPACE = "http://ses.amazonaws.com/doc/2010-12-01/"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MEMBER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,99}\Z")
MAX_PARTS = 12  # names of a path: the deepest that SES knows has 7

Tree = dict[str, "Tree | str"]
Call = Callable[[Tree], Awaitable[Json]]


class Entries(dict[str, Json]):
    """A map whose keys are data, not names of members: `<entry><key>...</key><value>...</value></entry>`."""


def tree(form: Mapping[str, str]) -> Tree:
    """The form's fields as a tree; lists are still numbered: {"member": {"1": ...}}."""
    root: Tree = {}
    for path, value in form.items():
        parts = path.split(".")[:MAX_PARTS]
        node = root
        for part in parts[:-1]:
            below = node.setdefault(part, {})
            if isinstance(below, str):
                break
            node = below
        else:
            node[parts[-1]] = value
    return root


def child(node: Tree, name: str) -> Tree:
    value = node.get(name)
    return value if isinstance(value, dict) else {}


def text(node: Tree, name: str) -> str | None:
    value = node.get(name)
    return value if isinstance(value, str) else None


def required(node: Tree, name: str) -> str:
    """Raises Refused where it is missing or empty."""
    value = text(node, name)
    if not value:
        raise Refused("ValidationError", f"{name} is required.")
    return value


def members(node: Tree, name: str) -> list[Tree | str]:
    """The list of this name, in the order of its numbers."""
    numbered = child(child(node, name), "member")
    return [numbered[key] for key in sorted(numbered, key=lambda key: (len(key), key))]


def texts(node: Tree, name: str) -> list[str]:
    """The texts in the list of this name."""
    return [one for one in members(node, name) if isinstance(one, str)]


def nodes(node: Tree, name: str) -> list[Tree]:
    """The structures in the list of this name."""
    return [one for one in members(node, name) if isinstance(one, dict)]


def flag(node: Tree, name: str) -> bool:
    return node.get(name) == "true"


def plain(node: Tree) -> dict[str, Json]:
    """The tree as JSON: its lists are lists. As deep as `tree` makes it."""
    return {name: _plain(value) for name, value in node.items()}


def _plain(value: Tree | str) -> Json:
    if isinstance(value, str):
        return value
    if set(value) == {"member"} and isinstance(value["member"], dict):
        numbered = value["member"]
        return [_plain(numbered[key]) for key in sorted(numbered, key=lambda key: (len(key), key))]
    return plain(value)


def answer(action: str, result: Json, request_id: str) -> str:
    inside = _element(f"{action}Result", result)
    meta = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return f'<{action}Response xmlns="{NAMESPACE}">{inside}{meta}</{action}Response>'


def failure(code: str, message: str, request_id: str) -> str:
    error = f"<Error><Type>Sender</Type><Code>{_escaped(code)}</Code><Message>{_escaped(message)}</Message></Error>"
    return f'<ErrorResponse xmlns="{NAMESPACE}">{error}<RequestId>{request_id}</RequestId></ErrorResponse>'


def _element(name: str, value: Json) -> str:
    """What was kept as it was given may have names that no member has: of those nothing is told."""
    if value is None or not _MEMBER.match(name):
        return ""
    if isinstance(value, Entries):
        pairs = ("".join((_element("key", key), _element("value", below))) for key, below in value.items())
        inside = "".join(f"<entry>{pair}</entry>" for pair in pairs)
    elif isinstance(value, bool):
        inside = "true" if value else "false"
    elif isinstance(value, Mapping):
        inside = "".join(_element(key, below) for key, below in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inside = "".join(_element("member", one) for one in value)
    else:
        inside = _escaped(str(value))
    return f"<{name}>{inside}</{name}>"


def _escaped(text: str) -> str:
    """The text as XML has it: characters that no XML may hold (XML 1.0 section 2.2) are replaced."""
    return escape(_NOT_XML.sub("\ufffd", text))
