"""docs/suppression.md has the tables of the code, and says of each event of SES what it does."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from postroom.address import FADES, AddressEvent, State
from postroom.conversation import EntryKind
from postroom.feedback import counting, faults, ses_events
from postroom.feedback.domains import ENOUGH, LASTS
from postroom.feedback.report import BounceReason, Permanence, Report, Source
from postroom.feedback.table import ABOUT_US, TABLE, event_of
from postroom.ids import ANSWERS_TAG
from postroom.memory.outside import MemoryAddressBook
from tests.contracts.conftest import clock
from tests.unit.feedback.told import NOTIFIED, TYPES, told, whom
from tests.unit.stages.desk import MemoryDesk, mail

PAGE = (Path(__file__).parents[3] / "docs" / "suppression.md").read_text(encoding="utf-8")
DAY = "2026-11-24"


def rows(heading: str) -> list[str]:
    """The rows of the first table below a heading, without its head."""
    below = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    table = [line for line in below.partition("\n\n|")[2].partition("\n\n")[0].splitlines() if "|" in line]
    return table[2:]


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


# The states


def shown(state: State) -> str:
    return f"**{state}**" if state.suppressed else str(state)


def test_the_page_has_the_whole_table() -> None:
    head = row("", *map(shown, State))
    assert head in PAGE
    assert rows("What leads where") == [
        row(f"`{event}`", *(_then(state, TABLE[state][event]) for state in State)) for event in AddressEvent
    ]


def _then(before: State, after: State) -> str:
    return "·" if before is after else shown(after)


def test_the_page_says_of_every_state_how_long_it_lasts() -> None:
    lasting = {line.split(" | ")[0]: line.split(" | ")[2] for line in rows("What an address can be")}
    assert lasting == {f"| {shown(state)}": _lasts(state) for state in State}


def _lasts(state: State) -> str:
    if state not in FADES:
        return "–" if state is State.HEALTHY else "for good"
    lasts, then = FADES[state]
    weeks = lasts.days // 7
    return f"{'a week' if weeks == 1 else f'{weeks} weeks'}, then {then}"


def test_the_page_has_the_numbers_of_domains() -> None:
    assert f"{ENOUGH} addresses of a domain" in PAGE
    assert LASTS.days == 1


# What a report means


def test_the_page_says_what_each_reason_of_a_failure_means() -> None:
    assert rows("What a failure means") == [
        row(f"`{reason}`", *(_means(reason, permanence) for permanence in (Permanence.PERMANENT, Permanence.TRANSIENT)))
        for reason in BounceReason
        if reason not in (BounceReason.COMPLAINT, BounceReason.DELIVERED)
    ]


def _means(reason: BounceReason, permanence: Permanence) -> str:
    found = event_of(Report(action="failed", status="4.0.0", reason=reason, permanence=permanence))
    return f"`{found}`" if found else "–"


def test_the_page_names_what_is_our_own_fault() -> None:
    sentence = PAGE.partition("are our own matter")[0].rpartition("\n\n")[2]
    assert {reason for reason in BounceReason if f"`{reason}`" in sentence} == ABOUT_US


# What SES tells


def names(kind: str) -> Sequence[str]:
    return counting.counted(ses_events.read(told(kind, 1)), DAY).names


def is_exact(kind: str) -> bool:
    return counting.counted(ses_events.read(told(kind, 1)), DAY).exact


def once(kind: str) -> str:
    """What makes it the same one: our mail and its recipients, or the event alone."""
    feedback = ses_events.read(told(kind, 1))
    return "event" if counting.counted(feedback, DAY).id == feedback.event_id else "mail"


def desk_after(*events: tuple[str, bool]) -> MemoryDesk:
    """A desk that was told these (type, whether by a notification) of its acknowledgement to ann1@example.com."""
    desk = MemoryDesk(addresses=MemoryAddressBook(clock=clock))
    desk.reply(desk.classified(mail(sender=whom(1)), mail_from=whom(1)))
    for kind, as_notification in events:
        event = told(kind, 1, as_notification=as_notification)
        event["mail"]["tags"] = {ANSWERS_TAG: ["mail-1"]}
        desk.happened(ses_events.read(event))
    return desk


def told_in_conversation(desk: MemoryDesk) -> list[str]:
    (conversation,) = desk.conversations.conversations
    return [one.text for one in desk.conversations.entries(conversation) if one.kind is EntryKind.DELIVERY]


def of_address(kind: str) -> str:
    reports = ses_events.read(told(kind, 1)).reports
    return ", ".join(f"`{event_of(report)}`" for report in reports) or "–"


def test_the_page_says_of_every_type_what_it_does() -> None:
    expected = []
    for kind in TYPES:
        desk = desk_after((kind, False))
        texts = told_in_conversation(desk)
        counted = ", ".join(f"`{name}`" for name in names(kind))
        conversation = "told" if texts else "–"
        name = "any other" if kind == "Something New" else kind
        exact = "never lost" if is_exact(kind) else "one may be lost"
        expected.append(row(name, counted, exact, once(kind), of_address(kind), conversation))
    assert rows("What SES tells") == expected


@pytest.mark.parametrize("kind", TYPES)
def test_each_type_does_to_the_address_what_the_page_says(kind: str) -> None:
    desk = desk_after((kind, False))
    expected = {"Bounce": State.HARD, "Complaint": State.COMPLAINED}.get(kind, State.HEALTHY)
    assert desk.addresses.state(whom(1)) is expected
    assert desk.addresses.days([DAY]) == {DAY: dict.fromkeys(names(kind), 1)}


@pytest.mark.parametrize("kind", sorted(NOTIFIED))
@pytest.mark.parametrize("notification_first", [False, True])
def test_a_notification_beside_an_event_is_the_same_once_more(kind: str, notification_first: bool) -> None:
    desk = desk_after((kind, notification_first), (kind, not notification_first), (kind, notification_first))
    alone = desk_after((kind, False))
    assert desk.addresses.days([DAY]) == alone.addresses.days([DAY])
    assert desk.addresses.domains([DAY]) == alone.addresses.domains([DAY])
    assert len([*desk.addresses.history(whom(1))]) == len([*alone.addresses.history(whom(1))])
    assert desk.addresses.state(whom(1)) is alone.addresses.state(whom(1))


@pytest.mark.parametrize("kind", sorted(set(TYPES) - NOTIFIED))
def test_what_is_told_twice_counts_once(kind: str) -> None:
    assert desk_after((kind, False), (kind, False)).addresses.days([DAY]) == {DAY: dict.fromkeys(names(kind), 1)}


def test_a_delivery_after_a_delay_and_a_bounce_after_a_delivery_are_events_of_their_own() -> None:
    desk = desk_after(("DeliveryDelay", False), ("Delivery", False), ("Bounce", False))
    assert [each.event for each in desk.addresses.history(whom(1))] == [AddressEvent.DELAYED, AddressEvent.HARD_BOUNCE]
    counted = desk.addresses.days([DAY])[DAY]
    assert (counted["deliverydelay"], counted["delivery"], counted["bounce"]) == (1, 1, 1)


def test_what_opens_the_breaker_is_counted_under_a_name_of_its_own() -> None:
    holds = {kind: faults.fault_of(ses_events.read(told(kind, 1))) for kind in TYPES}
    held = {kind: fault for kind, fault in holds.items() if fault}
    assert set(held) == {"Bounce", "Complaint"}
    for kind, fault in held.items():
        assert faults.COUNTED[fault] in names(kind)
        assert f"`{faults.COUNTED[fault]}`" in PAGE
        by_mail = replace(ses_events.read(told(kind, 1)), source=Source.MAIL)
        assert faults.fault_of(by_mail) is None
