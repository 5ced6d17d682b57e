"""A fault as it is wished for, in JSON, and as it is listed: who, what, how, times, skip, probability, seed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

from local.faults import operations
from local.faults.fault import ANY, MEANINGS, Fault, Kind

MAX_SLOW = 300_000  # milliseconds
_MAX_COUNT = 1_000_000_000
_PATTERN = re.compile(r"[A-Za-z0-9_*.-]{1,64}")
_ALIASES = {"sesv2": "ses", "eventbridge": "events", "ddb": "dynamodb"}


class BadWish(Exception):
    """The text says what is wrong with it, and what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """As its JSON is, its defaults with it."""

    who: str = ANY
    what: str = ANY
    how: str = ""
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = 0


def read(given: object) -> Fault:
    """A fault with id 0; BadWish names the field, the value and what it may be."""
    if not isinstance(given, dict):
        raise BadWish(f"a fault is a JSON object with {', '.join(_READ)}")
    if strange := sorted(set(map(str, given)) - _READ.keys()):
        raise BadWish(f"a fault has no field {strange[0]!r}: it has {', '.join(_READ)}")
    fault = Fault(id=0, kind=Kind.THROTTLE)
    for name in _READ.keys() & given.keys() | {"how"}:
        fault = _READ[name](fault, given.get(name))
    return fault


def shown(fault: Fault) -> dict[str, object]:
    """The same fields, and its id, and its counts."""
    how = f"slow:{fault.milliseconds}" if fault.kind is Kind.SLOW else fault.kind.value
    what = fault.service if fault.operation == ANY else f"{fault.service}:{fault.operation}"
    wish = Wish(
        who=fault.caller, what=what, how=how, times=fault.times, skip=fault.skip,
        probability=fault.probability, seed=fault.seed,
    )  # fmt: skip
    told: dict[str, object] = {field.name: getattr(wish, field.name) for field in fields(Wish)}
    return {"id": fault.id, **told, "seen": fault.seen, "hits": fault.hits}


def _who(fault: Fault, given: object) -> Fault:
    return replace(fault, caller=_pattern("who", given))


def _what(fault: Fault, given: object) -> Fault:
    service, colon, operation = str(given).partition(":")
    service = _pattern("what", _ALIASES.get(service.lower(), service.lower()))
    operation = _pattern("what", operation) if colon else ANY
    _known(service, operation)
    return replace(fault, service=service, operation=operation)


def _known(service: str, operation: str) -> None:
    if "*" in service:
        return
    if service not in operations.SERVICES:
        raise BadWish(f"no service {service!r} is known here: {', '.join(operations.SERVICES)}, or *")
    known = operations.names(service)
    if "*" not in operation and operation.lower() not in {name.lower() for name in known}:
        near = operations.nearest(operation, known)
        instead = f"did you mean {service}:{near}?" if near else f"it has {', '.join(sorted(known)[:8])} and others"
        raise BadWish(f"{service} has no operation {operation!r}: {instead}")


def _how(fault: Fault, given: object) -> Fault:
    name, colon, amount = str(given or "").partition(":")
    known = ", ".join("slow:MILLISECONDS" if kind is Kind.SLOW else kind.value for kind in MEANINGS)
    if name not in {kind.value for kind in Kind} or (bool(colon) != (name == Kind.SLOW)):
        raise BadWish(f"a call can't fail {str(given or '')!r}: how is one of {known}")
    if not colon:
        return replace(fault, kind=Kind(name))
    if not (amount.isascii() and amount.isdecimal() and len(amount) < 8 and 1 <= int(amount) <= MAX_SLOW):
        raise BadWish(f"slow takes from 1 to {MAX_SLOW} milliseconds (slow:250), not {amount!r}")
    return replace(fault, kind=Kind.SLOW, milliseconds=int(amount))


def _times(fault: Fault, given: object) -> Fault:
    return replace(fault, times=None if given is None else _count("times", given, least=1))


def _skip(fault: Fault, given: object) -> Fault:
    return replace(fault, skip=_count("skip", given))


def _seed(fault: Fault, given: object) -> Fault:
    return replace(fault, seed=_count("seed", given))


def _probability(fault: Fault, given: object) -> Fault:
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 1:
        raise BadWish(f"probability is a number above 0 and up to 1, not {given!r}")
    return replace(fault, probability=float(given))


def _pattern(name: str, given: object) -> str:
    if not isinstance(given, str) or not _PATTERN.fullmatch(given):
        raise BadWish(f"{name} is made of letters, digits, - _ . and * (at most 64), not {given!r}")
    return given


def _count(name: str, given: object, least: int = 0) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= _MAX_COUNT:
        raise BadWish(f"{name} is a whole number from {least} up, not {given!r}")
    return given


_READ: Mapping[str, Callable[[Fault, object], Fault]] = {
    "who": _who,
    "what": _what,
    "how": _how,
    "times": _times,
    "skip": _skip,
    "probability": _probability,
    "seed": _seed,
}
