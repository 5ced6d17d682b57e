"""A storm of mails ends in a budget, whoever sends them, and costs next to nothing."""

import pytest

from bench.storm import STORMS, UNITS, Storm, weather
from postroom.replies.preflight import Limits

MAILS = 24  # more than any budget here
LIMITS = Limits(per_sender_per_day=2, per_domain_per_hour=4, per_hour=8)
#: How many replies each sort of storm gets.
REPLIES = {
    "one sender, within an hour": LIMITS.per_sender_per_day,
    "one sender, over two days": 3 * LIMITS.per_sender_per_day,  # it begins at noon, so three days have a part in it
    "one sender, in one conversation": 0,
    "one domain, a name for each mail": LIMITS.per_domain_per_hour,
    "a domain for each mail": LIMITS.per_hour,
}
FREE = {"objects.read", "account.account"}


@pytest.mark.parametrize("storm", STORMS, ids=lambda storm: storm.name)
def test_a_storm_gets_as_many_replies_as_its_budget_has_and_each_other_mail_a_reason(storm: Storm) -> None:
    done = weather(storm, MAILS, LIMITS)
    assert done.sent == REPLIES[storm.name]
    assert sum(done.reasons.values()) == MAILS
    assert set(done.meter.calls) - FREE <= set(UNITS)  # every call has its price
    withheld, (_, writes) = MAILS - done.sent, done.meter.units()
    assert writes <= 5 * withheld + 8 * done.sent
    assert (writes == 0) is not storm.opens
