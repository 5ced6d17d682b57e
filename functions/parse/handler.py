"""parse: the raw MIME of a received mail becomes a parsed document.

In: SES receipt notifications from the inbound topic. Out: MessageParsed, or MessageQuarantined with its reason.
SES's setup notification and topic validations are no mail and are ignored.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom import inbound
from postroom.clock import now
from postroom.inbound import Ignored
from postroom.outcome import Decision, Stage
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages.parse import ParseStage


@cache
def stage() -> tuple[Pipeline, ParseStage]:
    wiring = Wiring(settings.read(settings.Mail))
    return wiring.pipeline(Stage.PARSE), ParseStage(
        objects=wiring.objects, raw_mails=wiring.raw_mails, ledger=wiring.ledger, clock=now
    )


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, parse = stage()

    def work(body: str) -> Decision | Ignored:
        received = inbound.read(body)
        return received if isinstance(received, Ignored) else parse(received)

    return pipeline.batch(event, work)
