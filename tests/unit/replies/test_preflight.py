"""Who is answered, and who never is. Each test changes one thing of a mail that may be answered."""

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.desk import Desk
from postroom.envelope import Envelope, Received, Verdict, Verdicts
from postroom.ids import MessageId, SesId
from postroom.kinds.kind import Kind
from postroom.message import Address, Message, Parsed
from postroom.reasons import Reason
from postroom.replies import preflight
from postroom.replies.addresses import nobody_reads, robot, sendable
from postroom.replies.preflight import CHECKS, KINDS, Clear, Limits, Situation, Withheld, decide
from postroom.vouching import aligned

DESK = Desk(address="support@desk.example", from_name="Support", recipients=("desk.example", ".sub.example"))
ANN = Address(name="Ann", address="ann@shop.example.com")


def mail(
    *,
    mail_from: str | None = "ann@shop.example.com",
    from_: tuple[Address, ...] = (ANN,),
    sender: Address | None = None,
    reply_to: tuple[Address, ...] = (),
    references: int = 0,
    facts: Mapping[str, tuple[str, ...]] | None = None,
    verdicts: Verdicts | None = None,
) -> Parsed:
    received = Received(
        ses_id=SesId("ses-1"),
        bucket="bucket",
        key="raw/ses-1",
        received_at="2026-11-24T07:00:00.000Z",
        envelope=Envelope(mail_from=mail_from, rcpt_to=("support@desk.example",)),
        verdicts=verdicts or Verdicts(dmarc=Verdict.PASS),
    )
    message = Message(
        message_id=MessageId("1@shop.example.com"),
        subject="A question",
        from_=from_,
        sender=sender,
        reply_to=reply_to,
        references=tuple(MessageId(f"{n}@shop.example.com") for n in range(references)),
        facts=facts or {},
    )
    return Parsed(received=received, message=message, size=1000, fingerprint="f")


def situation(kind: Kind = Kind.PERSON) -> Situation:
    return Situation(kind=kind, desk=DESK, opened=True, age_hours=0.1, limits=Limits())


def why(parsed: Parsed, at: Situation | None = None) -> Reason | None:
    decision = decide(parsed, at or situation())
    return decision.reason if isinstance(decision, Withheld) else None


def test_a_persons_first_mail_is_answered_and_every_check_was_made() -> None:
    decision = decide(mail(), situation())
    assert decision == Clear(recipient=ANN, checks=tuple(check.name for check in CHECKS))


def test_the_answer_goes_to_the_author_and_never_where_reply_to_points() -> None:
    decision = decide(mail(reply_to=(Address(name="", address="victim@other.example"),)), situation())
    assert isinstance(decision, Clear)
    assert decision.recipient == ANN


def test_every_kind_has_its_row_and_only_people_and_the_unknown_are_answered() -> None:
    assert set(KINDS) == set(Kind)
    assert {kind for kind in Kind if why(mail(), situation(kind)) is None} == {Kind.PERSON, Kind.UNKNOWN}


@pytest.mark.parametrize("kind", [k for k in Kind if KINDS[k]])
def test_a_machines_mail_is_withheld_under_the_name_of_its_kind(kind: Kind) -> None:
    assert why(mail(), situation(kind)) is KINDS[kind]


@pytest.mark.parametrize("mail_from", [None, ""])
def test_a_null_return_path_is_never_answered(mail_from: str | None) -> None:
    assert why(mail(mail_from=mail_from)) is Reason.NULL_RETURN_PATH


def test_a_telling_kind_is_named_before_the_return_path_and_a_mere_notification_after_it() -> None:
    assert why(mail(mail_from=None), situation(Kind.OUT_OF_OFFICE)) is Reason.OUT_OF_OFFICE
    assert why(mail(mail_from=None), situation(Kind.NOTIFICATION)) is Reason.NULL_RETURN_PATH


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("x-postroom-loop", "support@desk.example", Reason.LOOP),
        ("x-postroom-loop", "help@another-desk.example", Reason.LOOP),
        ("x-postroom-conversation", "abcdefghijklmnop", Reason.LOOP),
        ("auto-submitted", "auto-replied", Reason.AUTO_REPLY),
        ("auto-submitted", 'Auto-Replied; owner-email="ann@example.com"', Reason.AUTO_REPLY),
        ("auto-submitted", "auto-generated", Reason.NOTIFICATION),
        ("auto-submitted", "auto-notified (vacation)", Reason.NOTIFICATION),
        ("auto-submitted", "something-new", Reason.NOTIFICATION),
        ("auto-submitted", "no", None),
        ("auto-submitted", "No (a person)", None),
        ("auto-submitted", "", None),
        ("list-id", "<talk.lists.example>", Reason.MAILING_LIST),
        ("list-unsubscribe", "<mailto:off@lists.example>", Reason.MAILING_LIST),
        ("precedence", "bulk", Reason.BULK_MAIL),
        ("precedence", " LIST ", Reason.BULK_MAIL),
        ("precedence", "junk", Reason.BULK_MAIL),
        ("precedence", "first-class", None),
        ("x-auto-response-suppress", "All", Reason.ASKED_FOR_SILENCE),
        ("x-auto-response-suppress", "DR, RN, NRN, OOF, AutoReply", Reason.ASKED_FOR_SILENCE),
        ("x-auto-response-suppress", "OOF", Reason.ASKED_FOR_SILENCE),
        ("x-auto-response-suppress", "DR, NDR, RN, NRN", None),
        ("x-auto-response-suppress", "None", None),
    ],
)
def test_header_fields_of_machines_are_believed(name: str, value: str, reason: Reason | None) -> None:
    assert why(mail(facts={name: (value,)})) is reason


def test_the_second_of_two_contradicting_fields_counts_too() -> None:
    assert why(mail(facts={"auto-submitted": ("no", "auto-replied")})) is Reason.AUTO_REPLY


def test_a_thread_longer_than_people_start_one_is_a_loop() -> None:
    assert why(mail(references=50)) is None
    assert why(mail(references=51)) is Reason.LOOP


ROBOTS = [
    "MAILER-DAEMON@mx.example",
    "postmaster@mx.example",
    "owner-talk@lists.example",
    "talk-request@lists.example",
    "talk-owner@lists.example",
    "talk-bounces@lists.example",
    "talk-bounces+ann=example.com@lists.example",
    "talk-return-12-ann=example.com@lists.example",
    "bounces+77@news.example",
    "bounce-77@news.example",
    "listserv@lists.example",
    "Majordomo@lists.example",
]


@pytest.mark.parametrize("address", ROBOTS)
def test_a_machines_address_is_not_answered_in_the_envelope_nor_in_from(address: str) -> None:
    assert why(mail(mail_from=address)) is Reason.ROBOT
    assert why(mail(from_=(Address(name="", address=address),))) is Reason.ROBOT


@pytest.mark.parametrize(
    "local", ["noreply", "No-Reply", "do_not_reply", "orders-noreply", "no.reply+7", "donotreply", "ne-pas-repondre"]
)
def test_an_address_that_nobody_reads_is_not_answered(local: str) -> None:
    assert why(mail(from_=(Address(name="", address=f"{local}@shop.example.com"),))) is Reason.NO_REPLY_ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "prvs=1234567890=ann@example.com",
        "srs0=abc=xy=example.org=ann@fwd.example",
        "ann.owner@example.com",
        "requests@example.com",
    ],
)
def test_people_whose_address_only_looks_like_a_machines_are_answered(address: str) -> None:
    assert not robot(address)
    assert not nobody_reads(address)


@pytest.mark.parametrize(
    "address", ["support@desk.example", "Support+x1@DESK.example", "sales@desk.example", "a@deep.sub.example"]
)
def test_our_own_addresses_are_never_answered(address: str) -> None:
    assert why(mail(from_=(Address(name="", address=address),))) is Reason.OUR_OWN_ADDRESS
    assert why(mail(mail_from=address)) is Reason.OUR_OWN_ADDRESS


@pytest.mark.parametrize(
    "address",
    [
        "ann",
        "ann@",
        "@example.com",
        "ann@localhost",
        "änn@example.com",
        "ann@exämple.com",
        "ann@example.com\r\nBcc: x@other.example",
        "ann@example.com\n",
        "ann@example.com>, <b@other.example",
        "a b@example.com",
        '"a b"@example.com',
        "a,b@example.com",
        f"{'a' * 65}@example.com",
        f"ann@{'a' * 64}.com",
        "ann@192.0.2.1",
        ".ann@example.com",
    ],
)
def test_what_ses_would_not_take_is_no_sender(address: str) -> None:
    assert why(mail(from_=(Address(name="", address=address),))) is Reason.NO_SENDER


def test_a_sender_field_is_no_author() -> None:
    assert why(mail(from_=(), sender=ANN)) is Reason.NO_SENDER
    assert why(mail(from_=())) is Reason.NO_SENDER


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_a_failed_spam_or_virus_check_withholds(verdict: Verdict) -> None:
    failed = verdict is Verdict.FAIL
    assert why(mail(verdicts=Verdicts(dmarc=Verdict.PASS, spam=verdict))) is (Reason.SPAM if failed else None)
    assert why(mail(verdicts=Verdicts(dmarc=Verdict.PASS, virus=verdict))) is (Reason.VIRUS if failed else None)


@pytest.mark.parametrize("dmarc", list(Verdict))
@pytest.mark.parametrize("spf", list(Verdict))
@pytest.mark.parametrize(
    "mail_from", ["ann@shop.example.com", "b@bounce.shop.example.com", "b@example.com", "b@other.example"]
)
def test_a_sender_that_nothing_vouches_for_is_not_answered(dmarc: Verdict, spf: Verdict, mail_from: str) -> None:
    by_spf = dmarc is Verdict.GRAY and spf is Verdict.PASS and mail_from.endswith("example.com")
    expected = None if dmarc is Verdict.PASS or by_spf else Reason.SENDER_NOT_AUTHENTICATED
    assert why(mail(mail_from=mail_from, verdicts=Verdicts(dmarc=dmarc, spf=spf, dkim=Verdict.PASS))) is expected


def test_of_several_authors_none_is_vouched_for() -> None:
    two = (ANN, Address(name="", address="bob@other.example"))
    assert why(mail(from_=two)) is Reason.SENDER_NOT_AUTHENTICATED
    assert why(mail(from_=(ANN, ANN))) is None


def test_alignment_needs_a_shared_domain_and_not_a_shared_ending() -> None:
    assert aligned("x@bounce.example.com", "EXAMPLE.com.")
    assert aligned("x@example.com", "news.example.com")
    assert not aligned("x@evilexample.com", "example.com")
    assert not aligned("x@one.example.com", "two.example.com")
    assert not aligned("x@com", "example.com")
    assert not aligned(None, "example.com")


def test_an_old_mail_is_not_acknowledged_any_more() -> None:
    assert why(mail(), replace(situation(), age_hours=72.0)) is None
    assert why(mail(), replace(situation(), age_hours=72.1)) is Reason.TOO_OLD


def test_a_mail_in_a_conversation_that_exists_is_not_acknowledged_again() -> None:
    assert why(mail(), replace(situation(), opened=False)) is Reason.ALREADY_ACKNOWLEDGED


def test_a_desk_that_is_switched_off_sends_nothing() -> None:
    assert why(mail(), replace(situation(), desk=replace(DESK, replies=False))) is Reason.REPLIES_OFF


def test_a_decision_tells_the_checks_that_were_made_in_order() -> None:
    decision = decide(mail(mail_from="postmaster@mx.example"), situation())
    assert isinstance(decision, Withheld)
    names = [check.name for check in CHECKS]
    assert decision.checks == tuple(names[: names.index("robot_address") + 1])
    assert decision.detail == "postmaster@mx.example"


def test_clear_may_still_be_withheld_and_keeps_its_checks() -> None:
    clear = Clear(recipient=ANN, checks=("sender",))
    expected = Withheld(reason=Reason.SENDER_BUDGET, detail="5 today", checks=("sender", "sender_budget"))
    assert clear.but(Reason.SENDER_BUDGET, "5 today") == expected


def test_names_of_checks_are_said_once() -> None:
    names = [check.name for check in preflight.CHECKS]
    assert len(names) == len(set(names))


ADDRESSES = st.builds(Address, name=st.text(), address=st.text() | st.emails())
FACTS = st.dictionaries(
    st.sampled_from(["auto-submitted", "precedence", "list-id", "x-auto-response-suppress", "x-postroom-loop"]),
    st.lists(st.text()).map(tuple),
)


@given(
    mail_from=st.none() | st.text() | st.emails(),
    from_=st.lists(ADDRESSES, max_size=3).map(tuple),
    facts=FACTS,
    kind=st.sampled_from(Kind),
    dmarc=st.sampled_from(Verdict),
    age=st.floats(),
)
def test_the_decision_is_total_and_a_clear_recipient_can_be_written_to(
    mail_from: str | None,
    from_: tuple[Address, ...],
    facts: dict[str, tuple[str, ...]],
    kind: Kind,
    dmarc: Verdict,
    age: float,
) -> None:
    parsed = mail(mail_from=mail_from, from_=from_, facts=facts, verdicts=Verdicts(dmarc=dmarc))
    decision = decide(parsed, replace(situation(kind), age_hours=age))
    if isinstance(decision, Clear):
        assert sendable(decision.recipient.address)
        assert mail_from
    else:
        assert re.fullmatch(r"[^\x00-\x1f\x7f]*", decision.detail)
        assert len(decision.detail) <= 300
