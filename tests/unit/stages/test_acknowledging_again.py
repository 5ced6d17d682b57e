"""With AcknowledgeAgainHours a conversation is acknowledged anew, once in so many hours."""

import pytest

from postroom.errors import Throttled
from postroom.events import Event, ReplySent, ReplyWithheld
from postroom.reasons import Reason
from tests.unit.stages.desk import MemoryDesk, mail


def follows(desk: MemoryDesk, number: int, hours: float, extra: str = "") -> Event | None:
    """Another mail of Ann in the conversation that m1 opened."""
    raw = mail(message_id=f"m{number}@example.com", extra=f"References: <m1@example.com>\r\n{extra}")
    return desk.reply(desk.classified(raw, f"mail-{number}"), hours)


def reason(event: Event | None) -> Reason:
    assert isinstance(event, ReplyWithheld)
    return event.reason


@pytest.fixture
def desk() -> MemoryDesk:
    """Ann has been acknowledged."""
    made = MemoryDesk(again_hours=24)
    assert isinstance(made.answered(mail()), ReplySent)
    return made


def test_within_the_hours_a_conversation_gets_one(desk: MemoryDesk) -> None:
    assert reason(follows(desk, 2, 23.9)) is Reason.ALREADY_ACKNOWLEDGED


def test_after_them_it_gets_one_more_and_then_the_hours_begin_anew(desk: MemoryDesk) -> None:
    assert isinstance(follows(desk, 2, 24.1), ReplySent)
    assert reason(follows(desk, 3, 47)) is Reason.ALREADY_ACKNOWLEDGED
    assert isinstance(follows(desk, 4, 48.2), ReplySent)
    assert len(desk.mailer.sent) == 3


def test_without_them_it_never_gets_another() -> None:
    desk = MemoryDesk()
    desk.answered(mail())
    assert reason(follows(desk, 2, 60)) is Reason.ALREADY_ACKNOWLEDGED


def test_of_two_mails_at_one_moment_one_is_acknowledged(desk: MemoryDesk) -> None:
    assert isinstance(follows(desk, 2, 24.1), ReplySent)
    desk.conversations.standing.clear()  # as the second saw it, before the first was noted
    assert reason(follows(desk, 3, 24.1)) is Reason.ALREADY_ACKNOWLEDGED


def test_what_no_acknowledgement_goes_to_gets_none_later_either(desk: MemoryDesk) -> None:
    assert reason(follows(desk, 2, 24.1, "Auto-Submitted: auto-replied\r\n")) in (
        Reason.AUTO_REPLY,
        Reason.OUT_OF_OFFICE,
    )


def test_a_throttle_leaves_the_conversation_its_one(desk: MemoryDesk) -> None:
    desk.mailer.failure = Throttled("SES did not send")
    with pytest.raises(Throttled):
        follows(desk, 2, 24.1)
    assert isinstance(follows(desk, 2, 24.2), ReplySent)
