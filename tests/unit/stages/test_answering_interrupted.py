"""Whoever answers may be cut off at any call: nothing is sent twice, and what was sent is always to be seen."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from postroom.ids import ConversationId
from postroom.stages.answering import NotSent, Sent
from postroom.stages.drafts import Fate
from tests.unit.stages.test_answering import HELLO, Office


class CutOff(BaseException):
    """The machine is gone: no `except Exception` sees it."""


@dataclass
class Cut:
    """Ends everything at the call of this number: before it has its effect, or after."""

    number: int
    after: bool
    calls: int = 0

    def around(self, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self.calls += 1
        if self.calls == self.number and not self.after:
            raise CutOff
        given = call(*args, **named)
        if self.calls == self.number:
            raise CutOff
        return given


class Fragile:
    """A port whose every call may be the last."""

    def __init__(self, port: Any, cut: Cut) -> None:
        self._port, self._cut = port, cut

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        return lambda *args, **named: self._cut.around(call, *args, **named)


def cut_off(office: Office, id_: ConversationId, cut: Cut) -> bool:
    """Whether the answer was cut off. The office is whole again afterwards."""
    desk, whole = office.desk, {}
    for name in ("conversations", "objects", "sends", "mailer"):
        whole[name] = getattr(desk, name)
    prepared = office.eve.prepared(id_, HELLO)
    for name, port in whole.items():
        setattr(desk, name, Fragile(port, cut))
    try:
        office.eve.send(prepared)
    except CutOff:
        return True
    finally:
        for name, port in whole.items():
            setattr(desk, name, port)
    return False


def calls_of_an_answer() -> int:
    office = Office()
    cut = Cut(number=0, after=False)
    assert not cut_off(office, office.asked(), cut)
    return cut.calls


CALLS = calls_of_an_answer()


def test_an_answer_makes_calls_that_can_be_cut_off() -> None:
    assert 8 <= CALLS <= 16


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, CALLS + 1))
def test_no_double_and_none_unseen_wherever_it_is_cut_off(number: int, after: bool) -> None:
    office = Office()
    id_ = office.asked()
    assert cut_off(office, id_, Cut(number=number, after=after))
    office.at += timedelta(minutes=3)
    went = len(office.desk.mailer.sent)
    if went:
        assert office.fates(id_)
        assert set(office.fates(id_)) <= {Fate.UNCERTAIN, Fate.SENT}
    again = office.answers(id_)  # the person types the command again
    assert len(office.desk.mailer.sent) <= 1
    assert isinstance(again, Sent if len(office.desk.mailer.sent) > went else NotSent)
    if went:
        office.desk.happened(office.told("sent-1"))
        assert Fate.SENT in office.fates(id_)
