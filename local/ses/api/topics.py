"""Event destinations, and topics: a new one is tried out with a message that is not JSON, as SES does it."""

import asyncio

from local.ses.account import ConfigurationSet, EventDestination
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback.events import SUBJECT, VALIDATION
from local.ses.refused import Refused


async def add(cloud: Cloud, found: ConfigurationSet, destination: EventDestination) -> None:
    """Raises Refused; a name that is taken is refused before anything is said to the topic."""
    if destination.name not in found.destinations:
        await try_out(cloud, destination.topic_arn)
    found.add(destination)


async def update(cloud: Cloud, found: ConfigurationSet, destination: EventDestination) -> None:
    """Raises Refused."""
    if found.destination(destination.name).topic_arn != destination.topic_arn:
        await try_out(cloud, destination.topic_arn)
    found.update(destination)


async def try_out(cloud: Cloud, topic_arn: str | None) -> None:
    """Raises Refused (InvalidSNSDestination). Where there is no topic, there is nothing to try."""
    if topic_arn is None:
        return
    try:
        await asyncio.to_thread(cloud.publish, topic_arn, SUBJECT, VALIDATION)
    except CloudError as error:
        raise Refused("InvalidSNSDestination", f"Could not publish to the topic: {error}") from error
