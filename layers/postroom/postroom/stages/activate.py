"""activate: the receipt rule set in which the desk's rule stands is the active one.

CloudFormation can't activate a rule set (aws-cdk #10321), and one alone is active in an account and region. So a custom
resource joins the active one, or makes and activates one of its own where there is none; on delete it puts back what it
made, and nothing else. Requests and answers: "Custom resources" and "Custom resource response objects" (CloudFormation
user guide).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from postroom.errors import Misconfigured

_REASON_LENGTH = 600  # characters, each at most 4 bytes; the whole answer may have 4096 bytes


class RuleSets(Protocol):
    """The receipt rule sets of one account and region."""

    def active(self) -> str | None:
        """The name of the active set, if one is."""

    def names(self) -> Iterable[str]: ...

    def rules(self, name: str) -> tuple[str, ...]:
        """The names of the set's rules, in their order; none where the set doesn't exist."""

    def create(self, name: str) -> None:
        """Makes an empty set; one that is there already stays as it is."""

    def activate(self, name: str | None) -> None:
        """Makes this set the active one; None leaves none active."""

    def delete(self, name: str) -> None:
        """Deletes the set with its rules; it must not be the active one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What CloudFormation asks for. `physical_id` is the rule set's name, None when it creates."""

    type: str
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str | None
    response_url: str

    @property
    def own_set(self) -> str:
        """The name of the set that this stack would make: no other stack, not even its successor, has the same.

        SES takes at most 64 characters: ASCII letters, digits, underscores and dashes (CreateReceiptRuleSet).
        """
        name, _, serial = self.stack_id.partition(":stack/")[2].partition("/")  # arn:...:stack/<name>/<uuid>
        return f"{name[:50].rstrip('-')}-{serial[-12:]}"


class Status(StrEnum):
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What CloudFormation is told. `rule_set` is both the physical id and the attribute RuleSetName."""

    status: Status
    rule_set: str
    reason: str = ""

    def body(self, request: Request) -> bytes:
        """The response object in JSON."""
        fields = {
            "Status": self.status,
            "Reason": self.reason[:_REASON_LENGTH],
            "PhysicalResourceId": self.rule_set,
            "StackId": request.stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_id,
            "Data": {"RuleSetName": self.rule_set},
        }
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


def read(event: Mapping[str, Any]) -> Request:
    """The request as a value; KeyError where a field is missing without which nobody could be answered."""
    physical_id = event.get("PhysicalResourceId")
    return Request(
        type=str(event.get("RequestType")),
        stack_id=str(event["StackId"]),
        request_id=str(event["RequestId"]),
        logical_id=str(event["LogicalResourceId"]),
        physical_id=str(physical_id) if physical_id else None,
        response_url=str(event.get("ResponseURL", "")),
    )


def carry_out(request: Request, sets: RuleSets) -> Answer:
    """Does what is asked; the same request twice changes nothing. Raises what the sets raise, and Misconfigured."""
    match request.type:
        case "Create" | "Update":
            return Answer(status=Status.SUCCESS, rule_set=_joined(request.own_set, sets))
        case "Delete":
            _put_back(request, sets)
            return Answer(status=Status.SUCCESS, rule_set=_known_as(request))
        case _:
            raise Misconfigured([f"RequestType must be Create, Update or Delete; this one is {request.type!r}"])


def failed(request: Request, error: Exception) -> Answer:
    """The answer when it could not be done; a Delete for the same physical id follows and clears up."""
    reason = f"{type(error).__name__}: {error}"
    return Answer(status=Status.FAILED, rule_set=_known_as(request), reason=reason)


def _joined(own: str, sets: RuleSets) -> str:
    """The active set's name; where none is active, our own one is made and activated."""
    if active := sets.active():
        return active
    if own not in sets.names():
        sets.create(own)
    sets.activate(own)
    return own


def _put_back(request: Request, sets: RuleSets) -> None:
    """Takes our own set away again. A set that we joined, or in which others have rules by now, is left as it is."""
    own = request.own_set
    if _known_as(request) != own or own not in sets.names() or sets.rules(own):
        return
    if sets.active() == own:
        sets.activate(None)
    sets.delete(own)


def _known_as(request: Request) -> str:
    return request.physical_id or request.own_set
