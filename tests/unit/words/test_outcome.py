"""The outcome of a mail follows from the stages' records, whatever their order."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from postroom.ids import SesId
from postroom.outcome import REPORTING_KINDS, MailRow, Outcome, Stage, StageRecord, outcome, waiting_for
from postroom.reasons import Disposition, Reason

AT = "2026-11-24T07:03:17.120Z"


def record(
    stage: Stage,
    reason: Reason = Reason.ORDINARY,
    disposition: Disposition = Disposition.ACCEPTED,
    facts: Mapping[str, str] | None = None,
) -> StageRecord:
    return StageRecord(stage=stage, at=AT, disposition=disposition, reason=reason, facts=facts or {})


def row(*records: StageRecord) -> MailRow:
    return MailRow(ses_id=SesId("m"), received_at=AT, records={r.stage: r for r in records})


PARSED = record(Stage.PARSE, facts={"attachments": "0"})
WITH_ATTACHMENTS = record(Stage.PARSE, facts={"attachments": "2"})
PERSON = record(Stage.CLASSIFY, facts={"kind": "person"})
REPLIED = record(Stage.REPLY, Reason.ACKNOWLEDGED)


def test_a_mail_without_records_waits_for_everything() -> None:
    assert waiting_for(row()) == {Stage.PARSE, Stage.CLASSIFY, Stage.REPLY}
    assert outcome(row()) is None


def test_a_plain_mail_is_done_when_the_reply_was_decided() -> None:
    assert outcome(row(PARSED, PERSON)) is None
    assert outcome(row(PARSED, PERSON, REPLIED)) == Outcome(
        disposition=Disposition.ACCEPTED, stage=Stage.REPLY, reason=Reason.ACKNOWLEDGED
    )


def test_attachments_are_waited_for_only_where_there_are_some() -> None:
    assert waiting_for(row(WITH_ATTACHMENTS, PERSON, REPLIED)) == {Stage.ATTACHMENTS}
    assert outcome(row(WITH_ATTACHMENTS, PERSON, REPLIED, record(Stage.ATTACHMENTS, Reason.STORED))) is not None


def test_a_report_waits_for_feedback_too() -> None:
    for kind in REPORTING_KINDS:
        classified = record(Stage.CLASSIFY, facts={"kind": kind})
        assert waiting_for(row(PARSED, classified, REPLIED)) == {Stage.FEEDBACK}


def test_quarantine_at_any_stage_is_the_outcome() -> None:
    spam = record(Stage.CLASSIFY, Reason.SPAM, Disposition.QUARANTINED)
    assert outcome(row(WITH_ATTACHMENTS, spam)) == Outcome(
        disposition=Disposition.QUARANTINED, stage=Stage.CLASSIFY, reason=Reason.SPAM
    )
    assert waiting_for(row(WITH_ATTACHMENTS, spam)) == frozenset()


RECORDS = st.builds(
    record,
    st.sampled_from(list(Stage)),
    st.sampled_from(list(Reason)),
    st.sampled_from(list(Disposition)),
    st.dictionaries(st.sampled_from(["kind", "attachments"]), st.sampled_from(["0", "1", "person", "bounce"])),
)


@given(st.lists(RECORDS, max_size=8), st.randoms())
def test_there_is_an_outcome_exactly_when_nothing_is_waited_for(records: list[StageRecord], random: object) -> None:
    assert (outcome(row(*records)) is None) == bool(waiting_for(row(*records)))
