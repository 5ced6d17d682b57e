"""The journal as a whole: what it tells, and that it is never in the way."""

import asyncio
import logging
import shutil
from pathlib import Path

import pytest

from local.ses.journal import Journal
from local.ses.journal.changes import WAITING, WATCHERS, Change, Changes, TooMany
from local.ses.journal.journal import head
from local.ses.journal.told import MAX_EVENT_BYTES, REMEMBERED, Told
from local.ses.values import Json

RAW = (
    b"From: Ann <ann@example.com>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <q@example.com>\r\n\r\nHi\r\n"
)
ABOUT: dict[str, Json] = {"id": "abc", "recipients": ["desk@example.org"]}


def _bounce(message_id: str = "0100a", headers: str = "") -> dict[str, Json]:
    return {
        "eventType": "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": "ann@example.com"}],
            "timestamp": "2026-01-01T00:00:00.000Z",
        },
        "mail": {"messageId": message_id, "headers": [{"name": "X", "value": headers}]},
    }


def test_a_list_shows_the_fields_of_the_mail() -> None:
    assert head(RAW + b"In-Reply-To: <no@example.com>") == {
        "subject": "Grüße",
        "from": "Ann <ann@example.com>",
        "message_id": "<q@example.com>",
        "in_reply_to": "",
    }


def test_both_ways_are_found_again_after_a_restart(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 10)
    journal.received(ABOUT, RAW)
    journal.sent("0100a", RAW, {"id": "0100a"})
    journal.event(_bounce())
    again = Journal(tmp_path, 10)
    assert [again.inbox.raw("abc"), again.outbox.raw("0100a")] == [RAW, RAW]
    assert again.told.rows(10) == journal.told.rows(10)


def test_a_disk_that_fails_is_logged_and_raises_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(tmp_path, 10)
    shutil.rmtree(tmp_path)
    tmp_path.write_text("a file where the folder was")
    with caplog.at_level(logging.ERROR):
        journal.received(ABOUT, RAW)
        journal.sent("0100a", RAW, {"id": "0100a"})
        journal.event(_bounce())
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3
    assert "taken all the same" in caplog.text


def test_an_event_has_a_row_that_says_what_happened(tmp_path: Path) -> None:
    told = Told(tmp_path)
    row = told.add(_bounce())
    assert row == {
        "number": 1,
        "type": "Bounce",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "mail": "0100a",
        "subject": "",
        "recipients": ["ann@example.com"],
        "said": "Permanent · General",
    }
    assert told.body(1) == _bounce()
    assert told.body(2) is None


def test_the_events_of_one_mail_are_found(tmp_path: Path) -> None:
    told = Told(tmp_path)
    for message_id in ("0100a", "0100b", "0100a"):
        told.add(_bounce(message_id))
    assert [one["number"] for one in told.rows(10, "0100a") if isinstance(one, dict)] == [3, 1]


def test_only_the_last_events_are_remembered(tmp_path: Path) -> None:
    told = Told(tmp_path)
    for n in range(REMEMBERED + 10):
        told.add(_bounce(f"0100{n}"))
    assert len(told.rows(REMEMBERED * 2)) == REMEMBERED
    assert told.body(10) is None
    assert told.body(11) is not None


def test_a_long_event_loses_its_headers_and_a_monstrous_one_its_body(tmp_path: Path) -> None:
    told = Told(tmp_path)
    told.add(_bounce(headers="x" * MAX_EVENT_BYTES))
    told.add({**_bounce(), "bounce": {"bounceType": "x" * MAX_EVENT_BYTES}})
    assert told.body(1) == {**_bounce(), "mail": {"messageId": "0100a"}}
    assert told.body(2) == {"eventType": "Bounce", "mail": {"messageId": "0100a"}}


def test_the_file_of_events_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.ses.journal.told.MAX_FILE_BYTES", 2000)
    told = Told(tmp_path)
    for _ in range(50):
        told.add(_bounce())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2 * 2000
    assert Told(tmp_path).rows(1000)


def test_a_line_that_a_crash_left_half_is_passed_over(tmp_path: Path) -> None:
    Told(tmp_path).add(_bounce())
    with (tmp_path / "events.jsonl").open("a") as file:
        file.write('{"eventType": "Bou')
    again = Told(tmp_path)
    assert len(again.rows(10)) == 1
    again.add(_bounce())
    assert len(Told(tmp_path).rows(10)) == 2


def test_a_watcher_is_told_from_any_thread() -> None:
    async def watch() -> list[Change]:
        changes = Changes()
        async with changes.watch() as coming:
            for n in range(3):
                await asyncio.to_thread(changes.tell, Change(kind="told", row={"number": n}))
            changes.end()
            return [change async for change in coming]

    assert [change.row for change in asyncio.run(watch())] == [{"number": n} for n in range(3)]


def test_a_watcher_that_is_too_slow_is_let_go() -> None:
    async def watch() -> int:
        changes = Changes()
        async with changes.watch() as coming:
            for n in range(WAITING + 100):
                changes.tell(Change(kind="told", row={"number": n}))
            await asyncio.sleep(0)
            return len([change async for change in coming])

    assert asyncio.run(watch()) == WAITING


def test_there_are_not_more_watchers_than_there_may_be() -> None:
    async def crowd() -> None:
        changes = Changes()
        watching = [changes.watch() for _ in range(WATCHERS + 1)]
        for one in watching[:-1]:
            await one.__aenter__()
        with pytest.raises(TooMany):
            await watching[-1].__aenter__()
        await watching[0].__aexit__(None, None, None)
        async with changes.watch():
            pass

    asyncio.run(crowd())
