"""Bounces open the breaker as it is deployed, automatic mail stops, and a person lets it go on."""

from collections.abc import Iterator

import pytest

from cli.main import main
from postroom.breaker import Circuit
from postroom.clock import iso, now
from postroom.outcome import Stage
from postroom.ports import Count
from postroom.reasons import Reason
from tests.journeys.conftest import Town, until

pytestmark = pytest.mark.journey


def reset(town: Town, reason: str) -> int:
    state = str(town.known.state)
    return main(["breaker", "reset", "--state", state, "--reason", reason, "--as", "ann@staff.example"])


@pytest.fixture
def closing(town: Town) -> Iterator[Town]:
    """The others' mail goes out by itself again, whatever happens here."""
    yield town
    assert reset(town, "the journey is over") == 0


def circuit(town: Town) -> Circuit:
    return town.stack.breakers.breaker().circuit


def test_the_tenth_hard_bounce_stops_automatic_mail_until_a_person_resets_the_breaker(closing: Town) -> None:
    town = closing
    for number in range(9):
        town.addresses.count(Count(day=iso(now())[:10], id=f"journey-{number}", names=["hard_bounce"]))
    assert circuit(town) is Circuit.CLOSED
    tenth = town.outcome(town.send(town.mail(sender=f"nobody-{town.fresh()}@gone.invalid")))
    assert tenth.records[Stage.REPLY].reason is Reason.ACKNOWLEDGED
    until(lambda: circuit(town) is Circuit.OPEN, "open breaker")
    stopped = town.outcome(town.send(town.mail()))
    assert stopped.records[Stage.REPLY].reason is Reason.BREAKER_OPEN
    assert town.invoked("TendFunction", {})[0] == ""  # it looks, and lets it be: the day is not over
    assert circuit(town) is Circuit.OPEN
    assert reset(town, "mended") == 0
    assert town.outcome(town.send(town.mail())).records[Stage.REPLY].reason is Reason.ACKNOWLEDGED
    assert [move.by for move in town.stack.breakers.moves()][:2] == ["ann@staff.example", "feedback"]
