"""Event destinations, and their topics: a new one is tried out with a message that is not JSON, as SES does it."""

import asyncio

from local.ses.account import ConfigurationSet, EventDestination
from local.ses.cloud import Cloud, CloudError
from local.ses.feedback.events import SUBJECT, VALIDATION
from local.ses.refused import Refused


async def add(cloud: Cloud, found: ConfigurationSet, destination: EventDestination) -> None:
    """Raises Refused; a name that is taken is refused before anything is said to the topic."""
    if destination.name not in found.destinations:
        await asyncio.to_thread(_try_out, cloud, destination)
    found.add(destination)


async def update(cloud: Cloud, found: ConfigurationSet, destination: EventDestination) -> None:
    """Raises Refused."""
    if found.destination(destination.name).topic_arn != destination.topic_arn:
        await asyncio.to_thread(_try_out, cloud, destination)
    found.update(destination)


def _try_out(cloud: Cloud, destination: EventDestination) -> None:
    """Blocks; raises Refused (InvalidSNSDestination)."""
    if destination.topic_arn is not None:
        try_out(cloud, destination.topic_arn)


def try_out(cloud: Cloud, topic_arn: str) -> None:
    """Blocks; raises Refused (InvalidSNSDestination)."""
    try:
        cloud.publish(topic_arn, SUBJECT, VALIDATION)
    except CloudError as error:
        raise Refused("InvalidSNSDestination", f"Could not publish to the topic: {error}") from error
