"""What a template may say: every variable with its kind, in one table, and the values that fit it."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from postroom.errors import PostroomError
from postroom.replies.lines import lines, one_line

#: JSON without fractions: what a template is filled with.
Value: TypeAlias = "str | bool | int | Sequence[Value] | Mapping[str, Value] | None"


class Kind(StrEnum):
    """What a value is."""

    LINE = "line"  # one line of text
    TEXT = "text"  # text of any number of lines
    URL = "url"  # https:, http: or mailto:, in printable ASCII
    LIST = "list"  # any number of lines, for {{#each}}
    FLAG = "flag"  # yes or no, for {{#if}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """`always`: every mail of ours gives it a value. `optional`: it is empty where nobody gives one."""

    name: str
    kind: Kind
    meaning: str
    example: Value
    always: bool = False
    optional: bool = False


TABLE = (
    Variable(
        name="subject",
        kind=Kind.LINE,
        meaning="the subject of the mail that is answered",
        example="My order has not arrived <urgent> & wet",
        always=True,
    ),
    Variable(
        name="reference",
        kind=Kind.LINE,
        meaning="the id of the conversation, which people may name on the telephone",
        example="k3w9q2m7x4t6p5n8",
        always=True,
    ),
    Variable(name="from_name", kind=Kind.LINE, meaning="the name of the desk", example="Example Support", always=True),
    Variable(
        name="desk_address",
        kind=Kind.LINE,
        meaning="the address of the desk",
        example="support@desk.example",
        always=True,
    ),
    Variable(
        name="message",
        kind=Kind.TEXT,
        meaning="what a person adds in their own words",
        example="The parcel left us on Monday.\nIt should be with you today.",
        optional=True,
    ),
    Variable(
        name="questions",
        kind=Kind.LIST,
        meaning="what is still to be told before the request can be worked on",
        example=("The number of your order", "A photo of the box"),
        optional=True,
    ),
    Variable(
        name="last_notice",
        kind=Kind.FLAG,
        meaning="whether the conversation is closed if no answer comes to this mail",
        example=True,
        optional=True,
    ),
    Variable(
        name="good_url",
        kind=Kind.URL,
        meaning="where a customer goes who is content",
        example="mailto:support@desk.example?subject=Good",
    ),
    Variable(
        name="fair_url",
        kind=Kind.URL,
        meaning="where a customer goes who is half content",
        example="mailto:support@desk.example?subject=Fair",
    ),
    Variable(
        name="poor_url",
        kind=Kind.URL,
        meaning="where a customer goes who is not content",
        example="mailto:support@desk.example?subject=Poor",
    ),
)
BY_NAME: Mapping[str, Variable] = {variable.name: variable for variable in TABLE}

#: Those that a template can count on, whatever mail it is for; `compose.variables` gives a value to each.
VARIABLES = frozenset(variable.name for variable in TABLE if variable.always)

#: A value for each: what a preview shows, and what the tests render.
EXAMPLES: Mapping[str, Value] = {variable.name: variable.example for variable in TABLE}

_URL = re.compile(r"(?:https?://|mailto:)[A-Za-z0-9._~:/?#@!$&()*+,;=%\[\]-]{1,2000}")  # RFC 3986 without the quote


class Unfit(PostroomError):
    """A value is not of its variable's kind: a fault in our code, told with both."""


def given(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of the table's variables, each as its kind wants it, and empty ones for what may be left out.

    Raises Unfit. One that is needed and missing stays missing: the renderer knows the line that wants it.
    """
    filled = {variable.name: _EMPTY[variable.kind] for variable in TABLE if variable.optional}
    for name, value in values.items():
        if (variable := BY_NAME.get(name)) is not None:
            filled[name] = _fitted(variable, value)
    return filled


def escaped(value: Value) -> Value:
    """The value with all its text as HTML; a line's end becomes `<br>`. SES escapes nothing."""
    match value:
        case str():
            return html.escape(value).replace("\n", "<br>\n")
        case Mapping():
            return {name: escaped(item) for name, item in value.items()}
        case Sequence():
            return [escaped(item) for item in value]
        case _:
            return value


def _fitted(variable: Variable, value: Value) -> Value:
    fitted = _FITTED[variable.kind](value)
    if fitted is None:
        raise Unfit(f"the variable {variable.name!r} should be a {variable.kind}, and is given {str(value)[:60]!r}")
    return fitted


def _line(value: Value) -> Value:
    return one_line(value) if isinstance(value, str) else None


def _text(value: Value) -> Value:
    return lines(value) if isinstance(value, str) else None


def _url(value: Value) -> Value:
    return value if isinstance(value, str) and _URL.fullmatch(value) else None


def _flag(value: Value) -> Value:
    return value if isinstance(value, bool) else None


def _list(value: Value) -> Value:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    items = [_line(item) for item in value]
    return None if None in items else items


_EMPTY: Mapping[Kind, Value] = {Kind.LINE: "", Kind.TEXT: "", Kind.LIST: (), Kind.FLAG: False}
_FITTED: Mapping[Kind, Callable[[Value], Value]] = {
    Kind.LINE: _line,
    Kind.TEXT: _text,
    Kind.URL: _url,
    Kind.LIST: _list,
    Kind.FLAG: _flag,
}
