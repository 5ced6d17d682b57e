"""The exchange with SES's suppression list, for the function that makes it."""

import time

from postroom.aws import clients
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.exchange import DynamoExchange
from postroom.aws.suppression import SesSuppressionList
from postroom.clock import now
from postroom.stages.listing import Listing


def listing(table: str) -> Listing:
    """Over the address table of this name."""
    return Listing(
        addresses=DynamoAddressBook(client=clients.dynamodb(), table=table, clock=now),
        suppression_list=SesSuppressionList(client=clients.ses_v2()),
        exchange=DynamoExchange(client=clients.dynamodb(), table=table, clock=now),
        clock=now,
        pause=time.sleep,
    )
