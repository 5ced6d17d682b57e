"""reply: the author of a mail is told that it has arrived, or a named reason says why not. Where the desk has agents,
what they answer by mail is sent on, and who wants to know of a customer's mail is told.

In: MessageClassified. Out: ReplySent or ReplyWithheld. An automatic reply goes out at most once.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from postroom.aws import clients
from postroom.aws.account import SesAccount
from postroom.aws.mailer import SesMailer
from postroom.clock import now
from postroom.events import MessageClassified
from postroom.outcome import Decision, Stage
from postroom.replies import templates
from postroom.replies.preflight import Limits
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline
from postroom.runtime.wiring import Wiring
from postroom.stages.automatic import Automatic
from postroom.stages.reply import ReplyStage

TEMPLATES = Path(__file__).with_name("templates")


@cache
def stage() -> tuple[Pipeline, Callable[[MessageClassified], Decision]]:
    ours = settings.read(settings.Reply)
    wiring = Wiring(ours)
    automatic = Automatic(
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
    reply = ReplyStage(objects=wiring.objects, automatic=automatic)
    return wiring.pipeline(Stage.REPLY), correspondence(ours, wiring, reply) if ours.agents else reply


def correspondence(ours: settings.Reply, wiring: Wiring, reply: ReplyStage) -> Callable[[MessageClassified], Decision]:
    """With what only a desk with agents needs: it is imported for those alone."""
    from postroom.runtime.correspondence import correspondence as wired

    return wired(ours, wiring, reply)


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, reply = stage()
    return pipeline.events(event, MessageClassified, reply)
