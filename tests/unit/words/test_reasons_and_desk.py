"""Small words: every reason has a text; the desk knows its own addresses."""

import pytest

from postroom.address import fold
from postroom.desk import Desk
from postroom.reasons import Reason

DESK = Desk(
    address="Support@desk.example", from_name="Desk", recipients=("help.example", ".sub.example", "me@one.test")
)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_itself_to_a_person(reason: Reason) -> None:
    assert len(reason.text) > 10


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("support@desk.example", True),
        ("SUPPORT+abc@DESK.example", True),
        ("other@desk.example", False),
        ("anyone@help.example", True),
        ("anyone@nohelp.example", False),
        ("anyone@a.sub.example", True),
        ("anyone@sub.example", False),
        ("me@one.test", True),
        ("you@one.test", False),
        ("", False),
    ],
)
def test_the_desk_knows_its_own_addresses(address: str, ours: bool) -> None:
    assert DESK.owns(address) is ours


def test_folding_never_touches_the_local_part() -> None:
    assert fold(" Jean-Paul+x@EXAMPLE.com ") == "Jean-Paul+x@example.com"


def test_folding_makes_no_domain_of_another_one() -> None:
    assert fold("ann@BAN\N{KELVIN SIGN}.example") == "ann@ban\N{KELVIN SIGN}.example"
