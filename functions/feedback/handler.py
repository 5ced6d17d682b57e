"""feedback: what came back changes the state of addresses, is told in its conversation, and is counted.

In: SES events from the feedback topic, and MessageClassified of bounces, delivery reports and complaints that came as
mail. Out: FeedbackRecorded. SES's validation of the topic is no event and is ignored.
"""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from postroom.aws import clients
from postroom.aws.exchange import DynamoExchange
from postroom.clock import now
from postroom.events import MessageClassified
from postroom.feedback import ses_events
from postroom.inbound import Ignored
from postroom.outcome import Decision, Stage
from postroom.reasons import Reason
from postroom.runtime import settings
from postroom.runtime.batch import BatchResponse
from postroom.runtime.breaking import blocked, breaking
from postroom.runtime.pipeline import Pipeline, event_of, is_pipeline_event
from postroom.runtime.wiring import Wiring
from postroom.stages.drafts import Drafts
from postroom.stages.feedback import FeedbackStage
from postroom.stages.proving import Proving
from postroom.stages.telling import Telling


@cache
def stage() -> tuple[Pipeline, FeedbackStage]:
    ours = settings.read(settings.Feedback)
    wiring = Wiring(ours)
    feedback = FeedbackStage(
        objects=wiring.objects,
        raw_mails=wiring.raw_mails,
        proving=Proving(
            sends=wiring.sends,
            conversations=wiring.conversations,
            keys=wiring.thread_keys(ours.thread_key),
            desk=ours.desk_address,
        ),
        addresses=wiring.addresses(ours.address_table),
        exchange=DynamoExchange(client=clients.dynamodb(), table=ours.address_table, clock=now),
        breaking=breaking(ours.address_table, "feedback"),
        telling=Telling(
            ledger=wiring.ledger,
            conversations=wiring.conversations,
            drafts=Drafts(conversations=wiring.conversations, sends=wiring.sends),
        ),
        clock=now,
        blocked=partial(blocked, ours.address_table),
    )
    return wiring.pipeline(Stage.FEEDBACK), feedback


def handle(event: Mapping[str, Any], context: object) -> BatchResponse:
    pipeline, feedback = stage()

    def work(body: str) -> Decision | Ignored:
        if not is_pipeline_event(body):
            reported = ses_events.of_body(body)
            return reported if isinstance(reported, Ignored) else feedback.of_event(reported)
        classified = event_of(body)
        if isinstance(classified, MessageClassified):
            return feedback.of_mail(classified)
        return Ignored(reason=Reason.NOT_FOR_THIS_STAGE)

    return pipeline.batch(event, work)
