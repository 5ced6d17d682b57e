"""A canned answer: a template of the desk, filled in by the mail that it answers and by whoever sends it."""

from collections.abc import Sequence

from cli.files import Usage
from cli.paths import TEMPLATES
from postroom.desk import Desk
from postroom.ids import ConversationId
from postroom.message import Parsed
from postroom.replies import compose, templates
from postroom.replies.templates.languages import spoken
from postroom.replies.templates.template import Template
from postroom.replies.templates.variables import BY_NAME, Kind, Unfit, Value

_FLAGS = {"yes": True, "no": False}


def picked(name: str, asked: str | None, otherwise: str | None) -> Template:
    """The template in the language that was asked for, which it must have; else in another, or its own."""
    known = templates.load(TEMPLATES)
    if name not in known.by_name:
        raise Usage(f"there is no template {name!r}: there are {', '.join(sorted(known.by_name))}")
    languages = known.by_name[name]
    if asked and not any(each in languages for each in spoken(asked)):
        raise Usage(f"the template {name} is not there in {asked!r}: its languages are {', '.join(sorted(languages))}")
    return known.pick(name, asked or otherwise)


def filled(
    template: Template, said: Sequence[str], parsed: Parsed, desk: Desk, id_: ConversationId
) -> templates.Rendered:
    """What it says of this mail. `said` are NAME=VALUE; Usage where one is missing, or unfit."""
    own = values(template, said)
    if missing := sorted(each for each in template.needs() - own.keys() if not BY_NAME[each].always):
        wanted = ", ".join(f"--set {each}=… ({BY_NAME[each].meaning})" for each in missing)
        raise Usage(f"the template {template.name} says what no mail tells: {wanted}")
    try:
        return template.render({**compose.variables(parsed, desk, id_), **own})
    except Unfit as error:
        raise Usage(f"{error}: --set gives it another") from None


def values(template: Template, said: Sequence[str]) -> dict[str, Value]:
    """The values of the template's own variables, each as its kind wants it. A list has an item for each --set."""
    its = sorted({use.name for use in template.uses() if use.name and not BY_NAME[use.name].always})
    given: dict[str, list[str]] = {}
    for each in said:
        name, equals, value = each.partition("=")
        if not equals:
            raise Usage(f"--set {each!r} gives no value: write --set NAME=VALUE")
        if name not in its:
            raise Usage(f"the template {template.name} has no {name!r} to be set: it has {', '.join(its) or 'none'}")
        given.setdefault(name, []).append(value)
    return {name: _value(name, told) for name, told in given.items()}


def _value(name: str, told: list[str]) -> Value:
    kind = BY_NAME[name].kind
    if kind is Kind.LIST:
        return told
    if len(told) > 1:
        raise Usage(f"--set {name} is given {len(told)} times, and has one value")
    if kind is Kind.FLAG:
        if told[0] not in _FLAGS:
            raise Usage(f"--set {name} is {told[0]!r}: write yes or no")
        return _FLAGS[told[0]]
    return told[0]
