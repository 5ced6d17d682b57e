"""activate: the receipt rule set in which the desk's rule stands is the active one."""

from typing import Any

from postroom.aws import clients
from postroom.aws.rule_sets import SesRuleSets
from postroom.runtime.custom_resource import answered
from postroom.stages import activate
from postroom.stages.custom_resource import Answer, Request


def handle(event: dict[str, Any], context: object) -> str:
    """Carries out a request of CloudFormation's custom resource, and answers it whatever happens."""
    return answered(event, own_id=activate.own_set, carry_out=_carry_out)


def _carry_out(request: Request) -> Answer:
    return activate.carry_out(request, SesRuleSets(client=clients.ses()))
