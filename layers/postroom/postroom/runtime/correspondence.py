"""The wiring of a desk with agents."""

import time
from functools import partial

from postroom.aws import clients
from postroom.aws.breakers import DynamoBreakers
from postroom.aws.mailer import SesMailer
from postroom.clock import now
from postroom.runtime.settings import Reply
from postroom.runtime.wiring import Wiring
from postroom.stages.answering import Answering
from postroom.stages.assigned import Assigned
from postroom.stages.by_mail import ByMail
from postroom.stages.correspondence import Correspondence
from postroom.stages.notices import Notices
from postroom.stages.notifying import Notify, Notifying
from postroom.stages.reply import ReplyStage


def correspondence(ours: Reply, wiring: Wiring, reply: ReplyStage) -> Correspondence:
    mailer = SesMailer(client=clients.ses_v2(), configuration_set=ours.configuration_set)
    addresses, keys = wiring.addresses(ours.address_table), wiring.thread_keys(ours.thread_key)
    notices = Notices(
        conversations=wiring.conversations,
        sends=wiring.sends,
        addresses=addresses,
        mailer=mailer,
        desk=reply.automatic.desk,
        keys=keys,
        clock=now,
        account=reply.automatic.account,
    )
    answering = partial(
        Answering,
        conversations=wiring.conversations,
        objects=wiring.objects,
        sends=wiring.sends,
        addresses=addresses,
        mailer=mailer,
        desk=reply.automatic.desk,
        keys=keys,
        clock=now,
        account=reply.automatic.account,
        breakers=DynamoBreakers(client=clients.dynamodb(), table=ours.address_table),
        pause=time.sleep,
        pauses=(),  # the queue tries again; a function that waits too long leaves its send uncertain
    )
    notify = Notify(ours.notify_agents)
    return Correspondence(
        objects=wiring.objects,
        by_mail=ByMail(
            conversations=wiring.conversations,
            sends=wiring.sends,
            keys=keys,
            clock=now,
            notices=notices,
            answering=lambda agent: answering(agent=agent),
        ),
        acknowledge=reply.about,
        notifying=Notifying(
            conversations=wiring.conversations,
            notices=notices,
            notify=notify,
        ),
        assigned=Assigned(
            objects=wiring.objects, conversations=wiring.conversations, notices=notices, notify=notify, clock=now
        ),
    )
