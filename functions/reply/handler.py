"""reply: the author of a mail is told that it has arrived, or a named reason says why not.

In: MessageClassified. Out: ReplySent or ReplyWithheld. An automatic reply goes out at most once.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from postroom.aws import clients
from postroom.aws.account import SesAccount
from postroom.aws.mailer import SesMailer
from postroom.clock import now
from postroom.events import MessageClassified
from postroom.outcome import Stage
from postroom.replies import templates
from postroom.replies.preflight import Limits
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages.reply import ReplyStage

TEMPLATES = Path(__file__).with_name("templates")


@cache
def stage() -> tuple[Pipeline, ReplyStage]:
    ours = settings.read(settings.Reply)
    wiring = Wiring(ours)
    reply = ReplyStage(
        objects=wiring.objects,
        conversations=wiring.conversations,
        sends=wiring.sends,
        addresses=wiring.addresses(ours.address_table),
        account=SesAccount(client=clients.ses_v2(), clock=now),
        mailer=SesMailer(client=clients.ses_v2(), configuration_set=ours.configuration_set),
        templates=templates.load(TEMPLATES),
        desk=ours.desk(ours.from_name, replies=ours.replies == "on"),
        keys=wiring.thread_keys(ours.thread_key),
        clock=now,
        limits=Limits(),
    )
    return wiring.pipeline(Stage.REPLY), reply


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, reply = stage()
    return pipeline.events(event, MessageClassified, reply)
