"""classify: a parsed mail gets its kind, language, category and disposition, and its place in a conversation.

In: MessageParsed. Out: MessageClassified, or MessageQuarantined where SES found a virus or spam, or a rule says so.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from postroom.clock import now
from postroom.events import MessageParsed
from postroom.outcome import Stage
from postroom.ports import Objects
from postroom.rules import rules
from postroom.runtime import log, settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages import categorising
from postroom.stages.categorising import Categorising
from postroom.stages.classify import ClassifyStage
from postroom.stages.conversing import Conversing
from postroom.stages.current_rules import CurrentRules

RULES = Path(__file__).with_name("rules.yaml")
MODEL = Path(__file__).with_name("categories.model")


@cache
def stage() -> tuple[Pipeline, ClassifyStage, CurrentRules]:
    ours = settings.read(settings.Classify)
    wiring = Wiring(ours)
    shipped = rules.load(RULES.read_text(encoding="utf-8"), "functions/classify/rules.yaml")
    classify = ClassifyStage(
        objects=wiring.objects,
        ledger=wiring.ledger,
        conversing=Conversing(
            conversations=wiring.conversations, desk=ours.desk(), keys=wiring.thread_keys(ours.thread_key)
        ),
        rules=shipped,
        clock=now,
        opinions=wiring.opinions(ours.bedrock_model, int(ours.bedrock_daily)),
        categorising=model_of(ours.category_model, wiring.objects),
    )
    current = CurrentRules(
        files=wiring.rule_files(ours.rules_key) if ours.rules_key else None,
        shipped=shipped,
        source=ours.rules_key,
        clock=now,
        tell=partial(log.faults, "rules_broken"),
        kept=timedelta(seconds=int(ours.rules_seconds)),
    )
    return wiring.pipeline(Stage.CLASSIFY), classify, current


def model_of(key: str, objects: Objects) -> Categorising:
    """The model in the bucket where a key is set, otherwise the file beside this one, if there is one."""
    if key:
        found = categorising.stored(objects, key)
    else:
        found = categorising.of(MODEL.read_bytes()) if MODEL.exists() else Categorising()
    if found.fault:
        log.logger().warning("model unusable", extra={"fault": found.fault})
    return found


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, classify, current = stage()
    return pipeline.events(event, MessageParsed, replace(classify, rules=current()))
