"""activate: the receipt rule set in which the desk's rule stands is the active one.

CloudFormation can't activate a rule set (aws-cdk #10321), and one alone is active in an account and region. So a custom
resource joins the active one, or makes and activates one of its own where there is none; on delete it puts back what it
made, and nothing else.
"""

from collections.abc import Iterable
from typing import Protocol

from postroom.errors import Misconfigured
from postroom.stages.custom_resource import Answer, Request, Status


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


def own_set(request: Request) -> str:
    """The name of the set that this stack would make: no other stack, not even its successor, has the same.

    SES takes at most 64 characters: ASCII letters, digits, underscores and dashes (CreateReceiptRuleSet).
    """
    return f"{request.stack[:50].rstrip('-')}-{request.serial[-12:]}"


def carry_out(request: Request, sets: RuleSets) -> Answer:
    """Does what is asked; the same request twice changes nothing. Raises what the sets raise, and Misconfigured."""
    match request.type:
        case "Create" | "Update":
            return _named(_joined(own_set(request), sets))
        case "Delete":
            _put_back(request, sets)
            return _named(_known_as(request))
        case _:
            raise Misconfigured([f"RequestType must be Create, Update or Delete; this one is {request.type!r}"])


def _named(rule_set: str) -> Answer:
    """The set's name is both the physical id and the attribute RuleSetName."""
    return Answer(status=Status.SUCCESS, physical_id=rule_set, data={"RuleSetName": rule_set})


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
    own = own_set(request)
    if _known_as(request) != own or own not in sets.names() or sets.rules(own):
        return
    if sets.active() == own:
        sets.activate(None)
    sets.delete(own)


def _known_as(request: Request) -> str:
    return request.physical_id or own_set(request)
