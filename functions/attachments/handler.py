"""attachments: every attachment of a mail is stored once, under the SHA-256 of its bytes.

In: MessageParsed. Out: AttachmentsStored.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from postroom.clock import now
from postroom.events import MessageParsed
from postroom.outcome import Stage
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages.attachments import AttachmentsStage


@cache
def stage() -> tuple[Pipeline, AttachmentsStage]:
    wiring = Wiring(settings.read(settings.Mail))
    attachments = AttachmentsStage(objects=wiring.objects, raw_mails=wiring.raw_mails, clock=now)
    return wiring.pipeline(Stage.ATTACHMENTS), attachments


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, attachments = stage()
    return pipeline.events(event, MessageParsed, attachments)
