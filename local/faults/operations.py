"""The operations of the services, out of botocore's own models: their names, and which one a REST request is."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypedDict, cast

from botocore.loaders import Loader

# The credential scope's service ─► its models.
SERVICES: Mapping[str, tuple[str, ...]] = {
    "dynamodb": ("dynamodb",),
    "events": ("events",),
    "kms": ("kms",),
    "lambda": ("lambda",),
    "logs": ("logs",),
    "s3": ("s3",),
    "secretsmanager": ("secretsmanager",),
    "ses": ("sesv2", "ses"),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "ssm": ("ssm",),
    "sts": ("sts",),
}
RESTFUL: Mapping[str, str] = {"lambda": "lambda", "s3": "s3", "ses": "sesv2"}  # told by method and path
# Of directory buckets, at an endpoint of its own: the same request is ListBuckets here.
_NEVER = frozenset({"ListDirectoryBuckets"})
_LABEL = re.compile(r"\{([A-Za-z0-9_]+)(\+?)\}")


class _Http(TypedDict):
    method: str
    requestUri: str


class _Shape(TypedDict, total=False):
    shape: str
    required: list[str]
    members: dict[str, dict[str, str]]


class _Operation(TypedDict, total=False):
    http: _Http
    input: _Shape
    deprecated: bool


class _Model(TypedDict):
    operations: dict[str, _Operation]
    shapes: dict[str, _Shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """What a request must have to be this operation: a path, fields of the query, headers."""

    operation: str
    path: re.Pattern[str]
    query: Mapping[str, str]
    headers: frozenset[str]

    def fits(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        return (
            bool(self.path.fullmatch(path))
            and all(name in query and value in ("", query[name]) for name, value in self.query.items())
            and self.headers <= headers.keys()
        )

    @property
    def demands(self) -> tuple[int, int]:
        """What asks for more is more special; of two that ask for the same, the path with fewer labels is."""
        return len(self.query) + len(self.headers), -self.path.groups


def of_rest(service: str, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """The operation of a request; None where the service has none like it. Headers' names are in lower case."""
    for route in _routes(RESTFUL[service]).get(method, ()):
        if route.fits(path, query, headers):
            return route.operation
    return None


def names(service: str) -> frozenset[str]:
    """Every operation of a service in SERVICES."""
    return frozenset(name for model in SERVICES[service] for name in _model(model)["operations"])


def nearest(word: str, known: frozenset[str]) -> str:
    """The known word that was probably meant, or nothing."""
    folded = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), folded, n=1)
    return folded[close[0]] if close else ""


def warm() -> None:
    """Reads the models of the REST services, which the first call would wait for."""
    for model in RESTFUL.values():
        _routes(model)


@cache
def _model(name: str) -> _Model:
    return cast(_Model, Loader().load_service_model(name, "service-2"))


@cache
def _routes(model: str) -> Mapping[str, tuple[_Route, ...]]:
    """By method, the most special first."""
    found: dict[str, list[_Route]] = {}
    for name, operation in _model(model)["operations"].items():
        if name not in _NEVER and not operation.get("deprecated"):
            found.setdefault(operation["http"]["method"], []).append(_route(model, name, operation))
    return {
        method: tuple(sorted(routes, key=lambda route: route.demands, reverse=True)) for method, routes in found.items()
    }


def _route(model: str, name: str, operation: _Operation) -> _Route:
    path, _, literal = operation["http"]["requestUri"].partition("?")
    shape = _model(model)["shapes"][operation["input"]["shape"]] if "input" in operation else _Shape()
    needed = [shape["members"][member] for member in shape.get("required", ())]
    query = dict.fromkeys((one["locationName"] for one in needed if one.get("location") == "querystring"), "")
    for pair in filter(None, literal.split("&")):
        key, _, value = pair.partition("=")
        query[key] = value
    headers = frozenset(one["locationName"].lower() for one in needed if one.get("location") == "header")
    return _Route(operation=name, path=_path(path), query=query, headers=headers)


def _path(template: str) -> re.Pattern[str]:
    """`/{Bucket}/{Key+}`: a label is one segment, one with a plus the rest. A slash at the end means nothing."""
    parts, place = [], 0
    for label in _LABEL.finditer(template):
        parts.append(re.escape(template[place : label.start()]))
        parts.append("(.+)" if label.group(2) else "([^/]+)")
        place = label.end()
    parts.append(re.escape(template[place:].rstrip("/")))
    return re.compile("".join(parts) + "/?", re.DOTALL)
