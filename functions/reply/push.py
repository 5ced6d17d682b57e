"""push: the templates that SES keeps for others to send are those of the deployment.

A function of its own in this folder, since the templates lie in it, and `sam build` packs a function's folder alone.
"""

import logging
import time
from pathlib import Path
from typing import Any, Protocol

from postroom.aws import clients
from postroom.aws.ses_templates import SesTemplates
from postroom.replies import templates
from postroom.replies.templates import ses
from postroom.runtime.custom_resource import answered
from postroom.stages.custom_resource import Answer, Request
from postroom.stages.push import Push, own_id

TEMPLATES = Path(__file__).with_name("templates")

_ANSWERING = 15.0  # seconds that the answer may take
_LOG = logging.getLogger(__name__)


class Context(Protocol):
    """What Lambda gives beside the event ("AWS Lambda context object in Python")."""

    def get_remaining_time_in_millis(self) -> int: ...


def handle(event: dict[str, Any], context: Context) -> str:
    """Carries out a request of CloudFormation's custom resource, and answers it whatever happens."""

    def carry_out(request: Request) -> Answer:
        push = Push(
            kept=SesTemplates(client=clients.ses_v2_patient(), prefix=own_id(request)),
            pause=time.sleep,
            time_left=lambda: context.get_remaining_time_in_millis() / 1000,
            longest=clients.PATIENCE + _ANSWERING,
        )
        answer = push.carry_out(request, lambda: ses.all_for_ses(templates.checked(TEMPLATES), request.stack))
        if answer.reason:
            _LOG.error("not all templates were pushed: %s", answer.reason)
        return answer

    return answered(event, own_id=own_id, carry_out=carry_out)
