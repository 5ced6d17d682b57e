"""The parameters of template.yaml as a user sets them, checked as CloudFormation would before anything is deployed.

Constraints: CloudFormation User Guide, "Parameters" (AllowedValues, AllowedPattern, MinValue, MaxValue).
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from local.stack import tree
from local.stack.errors import BadParameter
from local.stack.tree import Node, Template

EXAMPLE = 'SET="NotifyAgents=all QuietHours=22:00-07:00 Europe/Berlin"'
_NAME = re.compile(r"(?:^|(?<=\s))([A-Z][A-Za-z0-9]{0,254})=")
_QUOTES = ("'", '"')


def read(text: str) -> dict[str, str]:
    """`Name=value Other=two words` as a mapping: a value runs up to the next name, without quotes around it.

    Raises BadParameter where the text doesn't begin with a name, or names a parameter twice.
    """
    found = list(_NAME.finditer(text))
    before = text[: found[0].start()] if found else text
    if before.strip():
        raise BadParameter(f"{before.strip()!r} sets no parameter: write Name=value, as in {EXAMPLE}")
    ends = [*(match.start() for match in found[1:]), len(text)]
    given: dict[str, str] = {}
    for match, end in zip(found, ends, strict=False):
        if match[1] in given:
            raise BadParameter(f"{match[1]} is set twice: set it once")
        given[match[1]] = _unquoted(text[match.end() : end].strip())
    return given


def check(template: Template, given: Mapping[str, str]) -> None:
    """Raises BadParameter for the first that the template doesn't have, doesn't allow, or asks for in vain."""
    declared = tree.mapping(template.get("Parameters"))
    for name, value in given.items():
        if name not in declared:
            raise BadParameter(_unknown(name, declared))
        if fault := _fault(tree.mapping(declared[name]), value):
            raise BadParameter(f"{name} can't be {value!r}: {fault}")


def _unquoted(value: str) -> str:
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in _QUOTES else value


def _unknown(name: str, declared: Mapping[str, Node]) -> str:
    near = {known.lower(): known for known in declared}
    close = get_close_matches(name.lower(), near, n=1)
    instead = f"did you mean {near[close[0]]}?" if close else f"it has {', '.join(declared)}"
    return f"template.yaml has no parameter {name}: {instead}"


def _fault(declared: Mapping[str, Node], value: str) -> str:
    """What is wrong with the value; empty where nothing is."""
    each = value.split(",") if declared.get("Type") == "CommaDelimitedList" else [value]
    return next((fault for one in each for fault in _faults(declared, one.strip())), "")


def _faults(declared: Mapping[str, Node], value: str) -> Iterator[str]:
    allowed = declared.get("AllowedValues")
    if isinstance(allowed, list) and value not in map(str, allowed):
        yield f"it is one of {', '.join(map(str, allowed))}"
    pattern = tree.text(declared.get("AllowedPattern"))
    if pattern and not re.fullmatch(pattern, value):
        yield f"it is {tree.text(declared.get('ConstraintDescription')) or f'what {pattern} matches'}"
    if declared.get("Type") == "Number":
        yield from _out_of_bounds(declared, value)


def _out_of_bounds(declared: Mapping[str, Node], value: str) -> Iterator[str]:
    least, most = declared.get("MinValue"), declared.get("MaxValue")
    if not (value.isascii() and value.isdecimal()):
        yield "it is a whole number"
    elif isinstance(least, int) and isinstance(most, int) and not least <= int(value[:20]) <= most:
        yield f"it is a number from {least} to {most}"
