"""reply: the author of a mail is told that it has arrived, or a named reason says why not. Where the desk has agents,
what they answer by mail is sent on, and who wants to know of a customer's mail is told.

In: MessageClassified; from tend NoticeDue, by which a customer is told something, as that a conversation will close;
and from whoever gives a conversation to an agent ConversationAssigned, by which that one is told. Out: ReplySent or
ReplyWithheld. An automatic mail goes out at most once.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from postroom.aws import clients
from postroom.aws.account import SesAccount
from postroom.aws.mailer import SesMailer
from postroom.aws.postponed import DynamoPostponed
from postroom.clock import now
from postroom.events import ConversationAssigned, MessageClassified, NoticeDue
from postroom.inbound import Ignored
from postroom.outcome import Decision, Stage
from postroom.reasons import Reason
from postroom.replies import templates
from postroom.replies.preflight import Limits
from postroom.runtime import quiet, settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.pipeline import Pipeline, event_of
from postroom.runtime.wiring import Wiring
from postroom.stages.automatic import Automatic
from postroom.stages.customer_notice import CustomerNotice
from postroom.stages.reply import ReplyStage
from postroom.stages.surveys import Surveys

if TYPE_CHECKING:  # only a desk with agents imports it
    from postroom.stages.correspondence import Correspondence

TEMPLATES = Path(__file__).with_name("templates")


@cache
def stage() -> tuple[Pipeline, "ReplyStage | Correspondence", Callable[[NoticeDue], Decision]]:
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
        quiet=quiet.of(ours.quiet),
    )
    postponed = DynamoPostponed(client=clients.dynamodb(), table=ours.desk_table) if automatic.quiet else None
    surveys = Surveys(
        conversations=wiring.conversations,
        sends=wiring.sends,
        keys=automatic.keys,
        desk=automatic.desk,
        url=ours.survey,
    )
    reply = ReplyStage(
        objects=wiring.objects,
        automatic=automatic,
        postponed=postponed,
        surveys=surveys,
        again_hours=int(ours.again_hours),
    )
    notice = CustomerNotice(objects=wiring.objects, automatic=automatic, surveys=surveys)
    return wiring.pipeline(Stage.REPLY), correspondence(ours, wiring, reply) if ours.agents else reply, notice


def correspondence(ours: settings.Reply, wiring: Wiring, reply: ReplyStage) -> "Correspondence":
    """With what only a desk with agents needs: it is imported for those alone."""
    from postroom.runtime.correspondence import correspondence as wired

    return wired(ours, wiring, reply)


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, reply, notice = stage()

    def work(body: str) -> Decision | Ignored:
        match event_of(body):
            case MessageClassified() as mail:
                return reply(mail)
            case NoticeDue() as due:
                return notice(due)
            case ConversationAssigned() as given if not isinstance(reply, ReplyStage):
                return reply.assigned(given)
            case _:
                return Ignored(reason=Reason.NOT_FOR_THIS_STAGE)

    return pipeline.batch(event, work)
