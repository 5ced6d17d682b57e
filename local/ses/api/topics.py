"""A new topic is tried out with a message that is not JSON, as SES does it."""

from local.ses.account import EventDestination
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback.events import SUBJECT, VALIDATION
from local.ses.refused import Refused


def validate(cloud: Cloud, destination: EventDestination) -> None:
    """Blocks; raises Refused (InvalidSNSDestination)."""
    if destination.topic_arn is not None:
        try_out(cloud, destination.topic_arn)


def try_out(cloud: Cloud, topic_arn: str) -> None:
    """Blocks; raises Refused (InvalidSNSDestination)."""
    try:
        cloud.publish(topic_arn, SUBJECT, VALIDATION)
    except CloudError as error:
        raise Refused("InvalidSNSDestination", f"Could not publish to the topic: {error}") from error
