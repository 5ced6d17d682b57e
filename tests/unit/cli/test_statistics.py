"""postroom stats: counts by day, rates as SES judges by them, domains, a chart, and SES's own counts beside ours."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import boto3
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st
from types_boto3_ses import SESClient

from cli import running
from cli.main import main
from cli.statistics import beside_ses, chart, command, rates
from cli.statistics.beside_ses import OfSes
from cli.statistics.counted import Counted, counted, last_days, total, worst
from postroom.address import AddressEvent
from postroom.breaker import DAYS, LIMITS, Fault, Tally
from postroom.memory.outside import MemoryAddressBook
from postroom.ports import Count
from tests.contracts.conftest import NOW
from tests.unit.cli.test_conversations import Shell, Stack

NOBODY: dict[str, Any] = {
    "region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"
}  # fmt: skip
TODAY, BEFORE = "2026-11-24", "2026-11-23"


@dataclass
class Office(Stack):
    """A desk with its statistics, and SES's."""

    ses_v1: SESClient = field(default_factory=lambda: boto3.client("ses", **NOBODY))

    @property
    def statistics(self) -> MemoryAddressBook:
        return self.addresses


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    stack = Office()
    monkeypatch.setattr(running, "find", lambda args: stack)
    monkeypatch.setattr(command, "now", lambda: NOW)
    return Shell(stack=stack, capsys=capsys)


@pytest.fixture
def two_days(shell: Shell) -> Shell:
    book = shell.stack.addresses
    for day, sent, hard in ((BEFORE, 900, 6), (TODAY, 100, 4)):
        book.counters.update({(day, "send"): sent, (day, "delivery"): sent - hard - 3, (day, "hard_bounce"): hard,
                              (day, "bounce"): hard + 3, (day, "bounce:no_such_user"): hard,
                              (day, "bounce:vacation"): 1, (day, "bounce:suppressed"): 1})  # fmt: skip
    return shell


def test_each_day_and_their_total_say_what_became_of_the_mail(two_days: Shell) -> None:
    told = two_days.json("stats")
    assert [each["day"] for each in told["days"]] == [BEFORE, TODAY]
    assert [told["total"][name] for name in ("sent", "hard", "soft", "withheld")] == [1000, 10, 2, 2]
    assert told["rates"]["bounce"] == {
        "rate": 0.01, "count": 10, "sent": 1000, "breaker_opens": 0.03, "ses_reviews": 0.05, "ses_pauses": 0.1,
        "too_few": False,
    }  # fmt: skip


def test_the_table_reads_well_at_80_columns(two_days: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.terminal._PIPE_WIDTH", 80)
    book = two_days.stack.addresses
    for name in ("deliverydelay", "reject", "open", "click", "held_complaint", "bounce:spam_or_blocked", "bounce"):
        book.counters[TODAY, name] = 12_345
    table = [line for line in two_days("stats").splitlines() if line[:5] in ("day  ", "2026-", "total")]
    assert all(len(line) <= 80 for line in table)
    assert table[0].split()[:4] == ["day", "sent", "delivered", "hard"]
    assert "complained" in table[0]


def test_columns_in_which_there_is_nothing_are_left_out_and_what_is_there_is_explained(two_days: Shell) -> None:
    told = two_days("stats")
    assert "opened" not in told
    assert "the address is on a suppression list of SES" in told
    assert "1.00% (10 of 1,000 mails); the breaker opens at 3.00%, SES reviews at 5.0%, pauses at 10.0%" in told


def test_a_rate_of_three_mails_is_none(shell: Shell) -> None:
    shell.stack.addresses.counters.update({(TODAY, "send"): 3, (TODAY, "hard_bounce"): 1})
    assert "too few to judge by" in shell("stats")


def test_a_desk_that_sent_nothing_has_a_table_of_nothing(shell: Shell) -> None:
    assert shell("stats").splitlines()[2].split() == ["total", "0"]
    assert shell.json("stats")["days"] == []


def test_rates_look_back_as_far_as_ses_does_and_no_further() -> None:
    days = last_days(2, NOW)
    old, older = (NOW - timedelta(days=back) for back in (DAYS - 1, DAYS + 40))
    tallies = {old.date().isoformat(): Tally(sent=100, bounces=1), older.date().isoformat(): Tally(sent=9, bounces=9)}
    assert [rate.share for rate in rates.rolling(tallies, days)[Fault.BOUNCE]] == [0.01, 0.01]
    assert rates.rolling({TODAY: Tally(sent=20_000, bounces=200), BEFORE: Tally(sent=10, bounces=10)}, days)[
        Fault.BOUNCE
    ][-1].share == pytest.approx(0.01)


def test_the_breaker_opens_before_ses_reviews_and_that_before_it_pauses() -> None:
    for fault, limit in rates.THRESHOLDS.items():
        assert LIMITS[fault].opens < limit.review < limit.pause


NAMES = ("send", "delivery", "bounce", "hard_bounce", "held_complaint", "bounce:suppressed", "bounce:vacation", "x")
COUNTERS = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**9))


@given(st.lists(COUNTERS, max_size=5))
def test_no_count_is_below_nothing_and_days_add_up(days: list[dict[str, int]]) -> None:
    each = [counted(day) for day in days]
    assert all(one.soft >= 0 for one in each)
    assert total(each).sent == sum(one.sent for one in each)
    assert total(each).bounced == sum(one.bounced for one in each)


# Domains


def test_the_domain_at_which_most_failed_comes_first(shell: Shell) -> None:
    book = shell.stack.addresses
    for number, (domain, event) in enumerate([
        ("good.example", AddressEvent.DELIVERED), ("bad.example", AddressEvent.HARD_BOUNCE),
        ("bad.example", AddressEvent.DELIVERED), ("bad.example", AddressEvent.BLAMED_ON_US),
        ("one.example", AddressEvent.MAILBOX_FULL), ("away.example", AddressEvent.DOMAIN_ERROR),
    ]):  # fmt: skip
        book.count(Count(day=TODAY, id=str(number), names=["x"], domains={domain: [event]}))
    found = shell.json("stats", "--domains")
    assert [each["domain"] for each in found] == ["bad.example", "away.example", "one.example"]
    assert (found[0]["failed"], found[0]["ours"], found[0]["share"]) == (2, 1, pytest.approx(2 / 3, abs=1e-5))
    assert "66.7%" in shell("stats", "--domains")


def test_what_a_domain_is_called_moves_no_cursor(shell: Shell) -> None:
    shell.stack.addresses.count(Count(day=TODAY, id="1", names=["x"], domains={"a\x1b[2J.test": ["hard_bounce"]}))
    assert "\x1b" not in shell("stats", "--domains")


@pytest.mark.parametrize("event", list(AddressEvent))
def test_no_domain_is_bad_for_what_is_no_failure(event: AddressEvent) -> None:
    quiet = {AddressEvent.DELIVERED, AddressEvent.DELAYED, AddressEvent.LISTED, AddressEvent.UNLISTED,
             AddressEvent.LIFTED}  # fmt: skip
    assert bool(worst({"a.test": {event: 1}})) is (event not in quiet)


# The chart


def texts(picture: str) -> list[str]:
    return [text for text in ElementTree.fromstring(picture).itertext() if text.strip()]  # noqa: S314 (our own)


def test_the_chart_is_a_picture_with_both_panels_their_legends_and_limits(two_days: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mail.svg"
    two_days("stats", "--chart", str(file), "--days", "7")
    told = texts(file.read_text(encoding="utf-8"))
    assert {"Mails a day (UTC)", "delivered", "bounced", "the breaker opens", "SES reviews the account", "100 %",
            "11-24", "bounces: 1.00% now, reviewed at 5.0%"} <= set(told)  # fmt: skip
    assert "2026-11-24: 100 sent, 93 delivered, 5 bounced, 0 complained" in told
    assert "prefers-color-scheme: dark" in file.read_text(encoding="utf-8")


DAY = st.builds(Counted, sent=st.integers(0, 10**7), delivered=st.integers(0, 10**7), hard=st.integers(0, 10**7))
TALLY = st.builds(Tally, sent=st.integers(0, 10**6), bounces=st.integers(0, 10**6), complaints=st.integers(0, 10**6))


@given(st.lists(st.tuples(DAY, TALLY), min_size=1, max_size=40), st.text(st.characters(codec="utf-8"), max_size=20))
def test_whatever_was_counted_is_drawn_within_the_picture(each: list[tuple[Counted, Tally]], title: str) -> None:
    days = last_days(len(each), NOW)
    tallies = {day: tally for day, (_, tally) in zip(days, each, strict=True)}
    picture = chart.svg(
        title.encode("unicode_escape").decode(), days, [one for one, _ in each], rates.rolling(tallies, days)
    )
    root = ElementTree.fromstring(picture)  # noqa: S314 (our own)
    wide, high = (float(number) for number in root.attrib["viewBox"].split()[2:])
    for shape in root.iter("{http://www.w3.org/2000/svg}rect"):
        x, y, width, height = (float(shape.get(name, 0)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= wide
        assert 0 <= y <= y + height <= high + 0.2
    for line in root.iter("{http://www.w3.org/2000/svg}polyline"):
        assert all(0 <= float(number) <= wide for number in line.attrib["points"].replace(",", " ").split())


def test_what_stands_in_a_title_is_no_markup() -> None:
    picture = chart.svg('<script>"&', [TODAY], [Counted()], rates.rolling({}, [TODAY]))
    assert "<script>" not in picture
    assert '<script>"&' in texts(picture)


@pytest.mark.parametrize(("file", "status"), [("mail.png", 2), ("mail", 2), ("no/folder/mail.svg", 1)])
def test_what_can_not_be_written_is_refused_with_a_sentence(
    two_days: Shell, tmp_path: Path, file: str, status: int
) -> None:
    told = two_days("stats", "--chart", str(tmp_path / file))
    assert two_days.status == status
    assert "a file that ends in .svg" in told or "can't be written" in told
    assert list(tmp_path.iterdir()) == []


# Beside SES


@pytest.fixture
def ses(shell: Shell) -> Iterator[Stubber]:
    assert isinstance(shell.stack, Office)
    with Stubber(shell.stack.ses_v1) as stubber:
        yield stubber


def point(day: int, hour: int, **counts: int) -> dict[str, Any]:
    return {"Timestamp": datetime(2026, 11, day, hour, 15, tzinfo=UTC), **counts}


def test_sess_quarters_of_an_hour_stand_beside_our_days(two_days: Shell, ses: Stubber) -> None:
    points = [point(23, 8, DeliveryAttempts=500, Bounces=8), point(23, 9, DeliveryAttempts=400),
              point(24, 1, DeliveryAttempts=150, Bounces=5, Rejects=1)]  # fmt: skip
    ses.add_response("get_send_statistics", {"SendDataPoints": points})
    told = two_days.json("stats", "--ses")
    assert [(each["day"], each["ses"]["attempts"], each["ours"]["sent"]) for each in told["days"]] == [
        (BEFORE, 900, 900), (TODAY, 150, 100)
    ]  # fmt: skip
    assert told["why"][0].startswith("50 more at SES: it counts the whole account")
    ses.add_response("get_send_statistics", {"SendDataPoints": points})
    assert "+50" in two_days("stats", "--ses")


def test_where_both_agree_that_is_said(two_days: Shell, ses: Stubber) -> None:
    points = [point(23, 8, DeliveryAttempts=900, Bounces=7), point(24, 8, DeliveryAttempts=100, Bounces=5)]
    ses.add_response("get_send_statistics", {"SendDataPoints": points})
    assert "Both agree." in two_days("stats", "--ses")


def test_what_ses_counted_before_we_began_is_named_as_that() -> None:
    ours = {TODAY: Counted(sent=5)}
    found = beside_ses.compared({BEFORE: OfSes(attempts=7), TODAY: OfSes(attempts=4)}, ours, [BEFORE, TODAY])
    why = list(beside_ses.explained(found, ours, TODAY))
    assert why[0] == "7 mails of SES's are from before 2026-11-24, when counting began here."
    assert why[1].startswith("1 more here")
    assert why[-1].startswith("Today is not over")


def test_ses_asked_too_often_is_a_sentence(two_days: Shell, ses: Stubber) -> None:
    ses.add_client_error("get_send_statistics", "Throttling", http_status_code=400)
    assert "ask SES for its statistics" in two_days("stats", "--ses")
    assert two_days.status == 1


@pytest.mark.parametrize("words", [["--days", "0"], ["--days", "401"], ["--days", "x"], ["--domains", "--ses"]])
def test_what_is_no_question_is_refused(shell: Shell, words: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["stats", *words])
    assert left.value.code == 2
