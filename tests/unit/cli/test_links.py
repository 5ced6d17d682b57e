"""Which attachments a link is made to, by what the ledger has of the mail."""

import argparse

import pytest

from cli.mails import _fate, _refusal, lasting
from postroom.ids import SesId
from postroom.message import Attachment
from postroom.outcome import MailRow, Stage, StageRecord
from postroom.reasons import Disposition, Held, Reason, Treatment
from postroom.stages.attachments import MOST_HELD

PDF = Attachment(
    path="2",
    filename="a.pdf",
    safe_filename="a.pdf",
    content_type="application/pdf",
    detected_type="application/pdf",
    disposition="attachment",
    content_id=None,
    size=9,
    sha256="0" * 64,
)


def row(*held: Held, decided: bool = True) -> MailRow:
    record = StageRecord(
        stage=Stage.ATTACHMENTS,
        at="2026-11-24T07:30:00.000Z",
        disposition=Disposition.ACCEPTED,
        reason=Reason.STORED,
        held=held,
    )
    return MailRow(
        ses_id=SesId("m"),
        received_at="2026-11-24T07:29:00.000Z",
        records={Stage.ATTACHMENTS: record} if decided else {},
    )


def held(path: str, treatment: Treatment = Treatment.QUARANTINE) -> Held:
    return Held(path=path, treatment=treatment, reason=Reason.MACROS)


def test_what_is_allowed_has_a_link() -> None:
    assert (_refusal(row(), PDF), _fate(row(), PDF)) == ("", "allowed")
    assert _refusal(row(held("3")), PDF) == ""


@pytest.mark.parametrize(("treatment", "said"), [(Treatment.QUARANTINE, "quarantined"), (Treatment.REFUSE, "refused")])
def test_what_is_held_has_none_and_the_reason_in_its_place(treatment: Treatment, said: str) -> None:
    assert _refusal(row(held("2", treatment)), PDF).startswith(f"{said}, macros: there are macros")
    assert _fate(row(held("2", treatment)), PDF) == f"{said}: macros"


def test_what_is_not_decided_yet_has_none() -> None:
    assert "not decided" in _refusal(row(decided=False), PDF)
    assert _fate(row(decided=False), PDF) == "waiting"


def test_where_not_all_that_is_held_is_recorded_nothing_has_one() -> None:
    many = row(*(held(str(number)) for number in range(3, 3 + MOST_HELD)))
    assert "not all of them are recorded" in _refusal(many, PDF)
    assert _fate(many, PDF) == "unknown"


@pytest.mark.parametrize("text", ["0m", "8d", "169h", "soon"])
def test_a_link_holds_for_seven_days_at_most(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        lasting(text)
    assert lasting("7d") == lasting("168h")
