"""classify: a parsed mail gets its kind, language, category and disposition, and its place in a conversation.

In: MessageParsed. Out: MessageClassified, or MessageQuarantined where SES found a virus or spam.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from postroom.clock import now
from postroom.events import MessageParsed
from postroom.outcome import Stage
from postroom.rules import rules
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages.classify import ClassifyStage
from postroom.stages.conversing import Conversing

RULES = Path(__file__).with_name("rules.yaml")


@cache
def stage() -> tuple[Pipeline, ClassifyStage]:
    ours = settings.read(settings.Classify)
    wiring = Wiring(ours)
    ruleset = rules.load(RULES.read_text(encoding="utf-8"), "functions/classify/rules.yaml")
    classify = ClassifyStage(
        objects=wiring.objects,
        ledger=wiring.ledger,
        conversing=Conversing(
            conversations=wiring.conversations, desk=ours.desk(), keys=wiring.thread_keys(ours.thread_key)
        ),
        rules=ruleset,
        clock=now,
        opinions=wiring.opinions(ours.bedrock_model, int(ours.bedrock_daily), ruleset),
    )
    return wiring.pipeline(Stage.CLASSIFY), classify


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, classify = stage()
    return pipeline.events(event, MessageParsed, classify)
