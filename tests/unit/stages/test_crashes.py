"""A run that ends at any call of the reply stage, before its effect or after: no second mail, none missing unsaid."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.errors import Retryable
from postroom.events import Event, MessageClassified, ReplySent, ReplyWithheld
from postroom.ids import sent_message_id
from postroom.outcome import Stage
from postroom.reasons import Reason
from tests.unit.stages.desk import MemoryDesk, mail

PORTS = ("sends", "mailer", "conversations", "addresses", "account")
TRIES = 6  # of the queue; by the second the first is no more under way
AN_HOUR_LATER = 1.0


class Killed(BaseException):
    """The function is gone: nothing of ours runs after it, no `except` and no second thought."""


#: How a call can fail. A throttle says that nothing was done: after the effect it would be a lie.
FAILURES: tuple[tuple[type[BaseException], tuple[bool, ...]], ...] = (
    (Killed, (False, True)),
    (TimeoutError, (False, True)),
    (Retryable, (False,)),
)


@dataclass
class Fault:
    """At the call with this number; `after` its effect or before."""

    number: int
    failure: type[BaseException]
    after: bool


@dataclass
class Line:
    """Counts the calls of one run, and cuts it at the fault."""

    fault: Fault | None
    calls: list[str] = field(default_factory=list)

    def through(self, port: str, inner: object) -> Any:
        return Tapped(self, port, inner)

    def call(self, name: str, done: Callable[[], object]) -> object:
        fault, number = self.fault, len(self.calls)
        self.calls.append(name)
        if fault is None or number != fault.number:
            return done()
        if fault.after:
            done()
        raise fault.failure(name)


@dataclass
class Tapped:
    """A port whose every call goes through the line."""

    line: Line
    port: str
    inner: object

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self.inner, name)
        return lambda *args, **named: self.line.call(f"{self.port}.{name}", lambda: method(*args, **named))


def try_once(desk: MemoryDesk, classified: MessageClassified, line: Line, hours: float) -> Event | None:
    """One delivery of the queue. None where the function failed, and the message comes back."""
    tapped = replace(desk, **{port: line.through(port, getattr(desk, port)) for port in PORTS})
    try:
        return tapped.reply(classified, hours_later=hours)
    except (Killed, TimeoutError, Retryable):
        return None


def calls_of_a_run() -> list[str]:
    desk, line = MemoryDesk(), Line(None)
    assert isinstance(try_once(desk, desk.classified(mail()), line, 0.0), ReplySent)
    return line.calls


CALLS = calls_of_a_run()
#: One more than there are: a retry may look at what the first did not.
faults = st.builds(
    lambda number, how: Fault(number, how[0], how[1]),
    st.integers(0, len(CALLS)),
    st.sampled_from([(failure, after) for failure, when in FAILURES for after in when]),
)


def every_fault() -> Iterator[Fault]:
    for number in range(len(CALLS)):
        for failure, when in FAILURES:
            yield from (Fault(number, failure, after) for after in when)


def journey(*cut: Fault | None) -> tuple[MemoryDesk, MessageClassified, Event]:
    """The tries of the queue, the first of them cut."""
    desk = MemoryDesk()
    classified = desk.classified(mail())
    for number in range(TRIES):
        fault = cut[number] if number < len(cut) else None
        if happened := try_once(desk, classified, Line(fault), number * AN_HOUR_LATER):
            return desk, classified, happened
    pytest.fail("the message ended in the dead letters")


def holds(desk: MemoryDesk, classified: MessageClassified, happened: Event) -> None:
    """Never two; what was sent is known and stands in its conversation; what may not have been has a name."""
    sent = len(desk.mailer.sent)
    assert sent <= 1
    record = desk.ledger.rows_by_id[classified.ses_id].records[Stage.REPLY]
    if isinstance(happened, ReplySent):
        assert sent == 1
        assert record.reason is Reason.ACKNOWLEDGED
        id_ = sent_message_id(happened.sent_id)
        assert desk.conversations.known([id_])[id_].id == classified.conversation
        standing = [entry.id for entry in desk.conversations.entries(classified.conversation)]
        assert standing.count(happened.sent_id) == 1
    else:
        assert isinstance(happened, ReplyWithheld)
        assert happened.reason is record.reason is Reason.SEND_UNCERTAIN
    again = desk.reply(classified, hours_later=TRIES * AN_HOUR_LATER)
    assert again == happened
    assert len(desk.mailer.sent) == sent


def test_the_calls_around_a_send_are_these() -> None:
    """A new call is found by all that follows here; this says what a send is made of."""
    assert [call for call in CALLS if call.startswith(("sends", "mailer"))] == [
        "sends.state",
        "sends.begin",
        "sends.take",
        "sends.take",
        "sends.take",
        "mailer.send",
        "sends.finish",
    ]


@pytest.mark.parametrize("fault", list(every_fault()), ids=lambda f: f"{f.number}-{f.failure.__name__}-{f.after}")
def test_a_run_may_end_at_every_call(fault: Fault) -> None:
    holds(*journey(fault))


@given(faults, faults)
def test_two_runs_may_end_at_any_call(first: Fault, second: Fault) -> None:
    holds(*journey(first, second))


@pytest.mark.parametrize("fault", list(every_fault()), ids=lambda f: f"{f.number}-{f.failure.__name__}-{f.after}")
def test_it_is_uncertain_only_where_it_ended_between_the_mark_and_its_end(fault: Fault) -> None:
    """What is told to a person is told for a reason: anywhere else the next try sends."""
    _, _, happened = journey(fault)
    begun, finished = CALLS.index("sends.begin"), CALLS.index("sends.finish")
    at_the_worst = begun < fault.number < finished or fault.number == (begun if fault.after else finished)
    if not at_the_worst:
        assert isinstance(happened, ReplySent)
