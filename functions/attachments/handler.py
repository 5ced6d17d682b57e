"""attachments: the policy decides about every attachment of a mail; what it allows is stored once, under the SHA-256 of
its bytes.

In: MessageParsed. Out: AttachmentsStored, or MessageQuarantined where SES found a virus.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from postroom.attachments import reading
from postroom.clamd import Clamd
from postroom.clock import now
from postroom.events import MessageParsed
from postroom.outcome import Stage
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages.attachments import AttachmentsStage

POLICY = Path(__file__).with_name("policy.yaml")


@cache
def stage() -> tuple[Pipeline, AttachmentsStage]:
    ours = settings.read(settings.Attachments)
    wiring = Wiring(ours)
    attachments = AttachmentsStage(
        objects=wiring.objects,
        raw_mails=wiring.raw_mails,
        holders=wiring.holders,
        policy=reading.read(POLICY.read_text(encoding="utf-8"), "functions/attachments/policy.yaml"),
        scanner=Clamd(address=ours.clamd) if ours.clamd else None,
        clock=now,
    )
    return wiring.pipeline(Stage.ATTACHMENTS), attachments


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, attachments = stage()
    return pipeline.events(event, MessageParsed, attachments)
