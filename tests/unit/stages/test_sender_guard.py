"""What a hostile stranger writes to get into a conversation, as a table: what it tries, and where it must end."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from postroom.conversation import Conversation, State
from postroom.envelope import Verdict, Verdicts
from postroom.events import MessageClassified
from postroom.ids import ConversationId, sent_message_id
from postroom.keys import Keys
from postroom.outcome import Stage
from postroom.stages.work import Work
from postroom.threads.admission import Admission
from postroom.threads.evidence import FRESH_DAYS
from postroom.threads.tokens import Tokens
from tests.contracts.conftest import NOW, clock
from tests.unit.stages.desk import ALL_PASS, OURS, MemoryDesk

JOIN, SIDE, NEW = Admission.JOIN, Admission.SIDE, Admission.NEW

KEYS = Keys(current=b"k" * 32)
DESK = "support@desk.example"
PASS = ALL_PASS  # the domain of the one address in From vouches: for Eve that is her own
GRAY = replace(ALL_PASS, spf=Verdict.GRAY, dkim=Verdict.GRAY, dmarc=Verdict.GRAY)
REJECTED = replace(GRAY, spf=Verdict.FAIL, dmarc=Verdict.FAIL, dmarc_policy="reject")
REPORTED = replace(REJECTED, dmarc_policy="none")
EVE, ANN, CARL = "Eve <eve@evil.example>", "Ann <ann@example.com>", "Carl <carl@staff.example>"
A1 = "References: <a1@example.com>\r\n"  # the Message-ID of Ann's first mail, which has leaked


def raw(
    sender: str = EVE,
    extra: str = "",
    subject: str = "Hello",
    body: str = "Send it to my new address.",
    own: str = "e@evil.example",
    before: str = "",
) -> bytes:
    """A mail; `sender` is From as it is written, or with `From:` in it the whole field, or fields."""
    author = sender if not sender or "From:" in sender else f"From: {sender}"
    return (
        f"{before}{author + chr(13) + chr(10) if author else ''}To: {DESK}\r\nSubject: {subject}\r\n"
        f"Message-ID: <{own}>\r\n{extra}MIME-Version: 1.0\r\n"
        f"{'' if 'Content-Type:' in extra else 'Content-Type: text/plain; charset=utf-8' + chr(13) + chr(10)}"
        f"\r\n{body}\r\n"
    ).encode()


@dataclass
class Target:
    """Ann's conversation, answered and solved, and all of it that can leak."""

    desk: MemoryDesk = field(default_factory=MemoryDesk)
    numbers: int = 0

    def __post_init__(self) -> None:
        first = self.came(raw(ANN, subject="My order", own="a1@example.com"))
        self.desk.reply(first)
        self.id: ConversationId = first.conversation
        sent = self.desk.sends.states["ses-1/acknowledgement"].sent_id
        assert sent
        self.leaks = {
            "conversation": str(self.id),
            "sent": sent_message_id(sent),
            "sent_region": f"{sent}@eu-west-1.amazonses.com",
            "fresh": self._token(),
            "stale": self._token(days=FRESH_DAYS + 1),
            "other_key": self._token(key=b"x" * 32),
            "other_desk": self._token(desk="sales@desk.example"),
        }
        self.leaks["tampered"] = f"{self.leaks['fresh'][:-1]}{'a' if self.leaks['fresh'][-1] != 'a' else 'b'}"
        self.leaks["another_day"] = f"{self.leaks['fresh'][:17]}abcd{self.leaks['fresh'][21:]}"
        self.leaks["upper"] = self.leaks["stale"].upper()
        self.desk.conversations.change(self.id, lambda now: replace(now, state=State.SOLVED))
        self.desk.mailer.sent.clear()

    def _token(self, days: int = 0, key: bytes = b"k" * 32, desk: str = DESK) -> str:
        return Tokens(keys=Keys(current=key), desk=desk).sign(self.id, NOW - timedelta(days=days))

    def came(
        self, mail: bytes, verdicts: Verdicts = PASS, to: Sequence[str] = (DESK,), mail_from: str | None = "x@x.example"
    ) -> MessageClassified:
        self.numbers += 1
        received = self.desk.arrived(mail, f"ses-{self.numbers}", mail_from, verdicts)
        received = replace(received, envelope=replace(received.envelope, rcpt_to=tuple(to)))
        event = self.desk.classify(self.desk.parse(received))
        assert isinstance(event, MessageClassified)
        return event

    def now(self, id_: ConversationId | None = None) -> Conversation:
        found = self.desk.conversations.get(id_ or self.id)
        assert found is not None
        return found

    def admitted(self, event: MessageClassified) -> Admission:
        if event.conversation == self.id:
            return JOIN
        return SIDE if self.now(event.conversation).linked_to == self.id else NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """One attack: what it tries, the mail (`{leaks}` filled in), and what must come of it."""

    tries: str
    must: Admission
    sender: str = EVE
    extra: str = ""
    subject: str = "Hello"
    body: str = "Send it to my new address."
    own: str = "e@evil.example"
    before: str = ""
    verdicts: Verdicts = PASS
    to: str = DESK
    mail_from: str | None = "eve@evil.example"
    reopens: bool = False
    brings: tuple[str, ...] = ()


def by_ses(domain: str, result: str = "pass") -> str:
    """What SES writes on top of the mail that it took."""
    return (
        "Received: from x (x [192.0.2.1]) by inbound-smtp.eu-west-1.amazonaws.com with SMTP id a for s@desk.example\r\n"
        f"Authentication-Results: amazonses.com; spf=pass smtp.mailfrom=x@{domain};\r\n"
        f" dmarc={result} header.from={domain}\r\n"
    )


FORWARD = (
    "Look.\r\n\r\n---------- Forwarded message ---------\r\nFrom: Ann <ann@example.com>\r\n"
    "Date: Mon, 23 Nov 2026 at 10:00\r\nSubject: My order\r\n"
    "To: Carl <carl@staff.example>\r\n\r\nSend me the money.\r\n"
)
HTML = "Content-Type: text/html\r\n"
MANY = " ".join(f"<{number}@evil.example>" for number in range(10_000))
CC_EVE = "Cc: eve@evil.example\r\nReply-To: eve@evil.example\r\n"

FORGED: tuple[Forged, ...] = (
    # Leaked ids, under her own name.
    Forged(tries="a leaked id in References", must=SIDE, extra=A1),
    Forged(tries="a leaked id in In-Reply-To", must=SIDE, extra="In-Reply-To: <a1@example.com>\r\n"),
    Forged(tries="the id that SES gave our mail", must=SIDE, extra="References: <{sent}>\r\n"),
    Forged(tries="the same in the form of a region", must=SIDE, extra="In-Reply-To: <{sent_region}>\r\n"),
    Forged(tries="a domain that ends as SES's", must=SIDE, extra="References: <sent-1@evil.amazonses.com>\r\n"),
    Forged(tries="the key under which an id of SES is kept", must=SIDE, extra="References: <sent-1@ses>\r\n"),
    Forged(tries="an id in capitals", must=NEW, extra="References: <A1@EXAMPLE.COM>\r\n"),
    Forged(tries="the name of a sibling as an id", must=NEW, extra="References: <answered a1@example.com>\r\n"),
    Forged(tries="Ann's Message-ID as her own", must=SIDE, own="a1@example.com"),
    Forged(tries="our Message-ID as her own", must=SIDE, own="sent-1@email.amazonses.com"),
    Forged(tries="10,000 ids, the leaked one last", must=NEW, extra=f"References: {MANY} <a1@example.com>\r\n"),
    Forged(tries="10,000 ids, the leaked one first", must=NEW, extra=f"References: <a1@example.com> {MANY}\r\n"),
    Forged(tries="the id of the conversation", must=NEW, extra="References: <{conversation}@desk.example>\r\n"),
    Forged(tries="our own header", must=NEW, extra="X-Postroom-Conversation: {conversation}\r\n"),
    # Tokens.
    Forged(tries="an old token as address", must=SIDE, to="support+{stale}@desk.example"),
    Forged(tries="an old token in To alone", must=SIDE, extra="Cc: support+{stale}@desk.example\r\n"),
    Forged(tries="an old token in capitals", must=SIDE, body="{upper}"),
    Forged(tries="an old token in a quote", must=SIDE, body="Yes.\r\n\r\n> [{stale}]"),
    Forged(tries="an old token in HTML", must=SIDE, extra=HTML, body="<i title='{stale}'>Yes</i>"),
    Forged(tries="a token in the subject", must=NEW, subject="Re: My order {fresh}"),
    Forged(tries="a token with another end", must=NEW, body="{tampered}"),
    Forged(tries="a token of another day", must=NEW, body="{another_day}"),
    Forged(tries="a token of another key", must=NEW, body="{other_key}"),
    Forged(tries="a token of another desk", must=NEW, to="support+{other_desk}@desk.example"),
    Forged(tries="a token as the label of a foreign address", must=NEW, extra="Cc: s+{stale}@evil.example\r\n"),
    Forged(tries="letters that are others in lower case", must=NEW, body=f"t{'ſ' * 40} t{'K' * 40}"),
    Forged(tries="20 tokens before a good one", must=NEW, body="{other_key} " * 20 + "{fresh}"),
    Forged(
        tries="a fresh token: who has it was given it",
        must=JOIN,
        to="support+{fresh}@desk.example",
        reopens=True,
        brings=("eve@evil.example",),
    ),
    # Ann's name on it.
    Forged(tries="Ann, whose domain rejects", must=SIDE, sender=ANN, extra=A1 + CC_EVE, verdicts=REJECTED),
    Forged(
        tries="Ann, whose domain says nothing", must=JOIN, sender=ANN, extra=A1 + CC_EVE, verdicts=GRAY, reopens=True
    ),
    Forged(
        tries="Ann, whose domain asks for reports",
        must=JOIN,
        sender=ANN,
        extra=A1 + CC_EVE,
        verdicts=REPORTED,
        reopens=True,
    ),
    Forged(
        tries="an out-of-office of Ann",
        must=JOIN,
        sender=ANN,
        extra=f"{A1}Auto-Submitted: auto-replied\r\n",
        subject="Automatic reply: My order",
        verdicts=GRAY,
        mail_from=None,
    ),
    Forged(tries="the null return path", must=SIDE, sender=ANN, extra=A1, verdicts=REJECTED, mail_from=None),
    Forged(tries="Ann as display name", must=SIDE, sender='"ann@example.com" <eve@evil.example>', extra=A1),
    Forged(
        tries="Ann in an encoded word", must=SIDE, sender="=?utf-8?q?ann=40example.com?= <eve@evil.example>", extra=A1
    ),
    Forged(
        tries="an encoded word as address",
        must=SIDE,
        sender="<=?utf-8?b?YW5uQGV4YW1wbGUuY29t?=@evil.example>",
        extra=A1,
    ),
    Forged(tries="Ann in a comment", must=SIDE, sender="(ann@example.com) eve@evil.example", extra=A1),
    Forged(tries="two authors, Ann first", must=SIDE, sender=f"{ANN}, {EVE}", extra=A1, verdicts=GRAY),
    Forged(tries="two authors, hers vouched for", must=SIDE, sender=f"{ANN}, {EVE}", extra=A1),
    Forged(tries="two authors, Ann's domain rejects", must=SIDE, sender=f"{ANN}, {EVE}", extra=A1, verdicts=REJECTED),
    Forged(tries="two From fields", must=SIDE, sender=f"From: {ANN}\r\nFrom: {EVE}", extra=A1),
    Forged(tries="two From fields, hers first", must=SIDE, sender=f"From: {EVE}\r\nFrom: {ANN}", extra=A1),
    Forged(tries="a group of authors", must=SIDE, sender="Us: ann@example.com, eve@evil.example;", extra=A1),
    Forged(tries="a group that looks like her", must=SIDE, sender="eve@evil.example: ann@example.com;", extra=A1),
    Forged(tries="no From, but a Sender", must=SIDE, sender="", extra=f"Sender: {ANN}\r\n{A1}", verdicts=GRAY),
    Forged(
        tries="an empty From, but a Sender", must=SIDE, sender="From:", extra=f"Sender: {ANN}\r\n{A1}", verdicts=GRAY
    ),
    Forged(tries="Ann as Sender beside From", must=SIDE, extra=f"Sender: {ANN}\r\n{A1}"),
    Forged(tries="Ann as Reply-To", must=SIDE, extra=f"Reply-To: {ANN}\r\n{A1}"),
    Forged(tries="Ann in Cc", must=SIDE, extra=f"Cc: {ANN}\r\n{A1}"),
    Forged(
        tries="a source route",
        must=SIDE,
        before=by_ses("evil.example"),
        sender="<@evil.example:ann@example.com>",
        extra=A1,
    ),
    Forged(
        tries="a second @", must=SIDE, before=by_ses("evil.example"), sender="ann@example.com @evil.example", extra=A1
    ),
    Forged(
        tries="a second @ behind the brackets",
        must=SIDE,
        before=by_ses("evil.example", "none"),
        sender="<ann@example.com>@evil.example",
        extra=A1,
        verdicts=GRAY,
    ),
    Forged(tries="a final dot", must=SIDE, sender="ann@example.com.", extra=A1, verdicts=GRAY),
    Forged(tries="a Cyrillic letter", must=SIDE, sender="ann@exаmple.com", extra=A1, verdicts=GRAY),
    Forged(tries="a subdomain", must=SIDE, sender="ann@evil.example.com", extra=A1, verdicts=GRAY),
    Forged(tries="a label", must=SIDE, sender="ann+eve@example.com", extra=A1, verdicts=GRAY),
    Forged(tries="quotes around the local part", must=SIDE, sender='"ann"@example.com', extra=A1, verdicts=GRAY),
    # Lists that write themselves into From.
    Forged(tries="X-Original-From", must=SIDE, extra=f"X-Original-From: {ANN}\r\n{A1}"),
    Forged(
        tries="a list that names Ann",
        must=SIDE,
        sender="'Ann' via L <l@evil.example>",
        extra=f"List-Id: <l.evil.example>\r\nReply-To: {ANN}\r\n{A1}",
    ),
    Forged(
        tries="the desk's own list, which nothing vouches for",
        must=SIDE,
        sender="'Ann' via Support <support@desk.example>",
        extra=f"List-Id: <support.desk.example>\r\nX-Original-From: {ANN}\r\n{A1}",
        verdicts=GRAY,
    ),
    Forged(
        tries="the desk's own list, which is vouched for",
        must=JOIN,
        sender="'Ann' via Support <support@desk.example>",
        extra=f"List-Id: <support.desk.example>\r\nX-Original-From: {ANN}\r\n{CC_EVE}{A1}",
        reopens=True,
    ),
    # Agents.
    Forged(tries="an agent, whose domain rejects", must=SIDE, sender=CARL, extra=A1, verdicts=REJECTED),
    Forged(
        tries="an agent, of whom nothing is known", must=SIDE, sender=CARL, extra=f"{A1}Cc: {ANN}\r\n", verdicts=GRAY
    ),
    Forged(tries="an agent, whose domain asks for reports", must=SIDE, sender=CARL, extra=A1, verdicts=REPORTED),
    Forged(tries="an agent that a list names", must=SIDE, extra=f"X-Original-From: {CARL}\r\n{A1}"),
    Forged(tries="an agent's forward", must=NEW, sender=CARL, subject="Fwd: My order", body=FORWARD, verdicts=GRAY),
    Forged(tries="a forward of her own, in Ann's name", must=NEW, subject="Fwd: My order", body=FORWARD),
    Forged(tries="the desk's own address", must=SIDE, sender=DESK, extra=A1, verdicts=GRAY),
    # Subjects.
    Forged(tries="the subject, under her own name", must=NEW, subject="Re: My order", extra=f"Cc: {ANN}\r\n"),
    Forged(tries="the subject, in Ann's name", must=NEW, subject="Re: My order", sender=ANN, verdicts=GRAY),
    Forged(
        tries="the subject, in Ann's rejected name", must=NEW, subject="Re: My order", sender=ANN, verdicts=REJECTED
    ),
    # Reports.
    Forged(
        tries="a bounce that names our mail",
        must=SIDE,
        sender="MAILER-DAEMON@evil.example",
        extra="In-Reply-To: <{sent}>\r\nAuto-Submitted: auto-replied\r\n",
        subject="Undelivered mail",
        mail_from=None,
    ),
)


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: forged.tries)
def test_a_forged_mail_ends_where_the_table_of_proofs_says_and_changes_nothing_else(forged: Forged) -> None:
    target = Target()
    before = target.now()
    sender, extra, subject, body = (
        each.format(**target.leaks) for each in (forged.sender, forged.extra, forged.subject, forged.body)
    )
    mail = raw(sender, extra, subject, body, forged.own, forged.before)
    event = target.came(mail, forged.verdicts, [forged.to.format(**target.leaks)], forged.mail_from)
    told = target.desk.ledger.rows_by_id[event.ses_id].records[Stage.CLASSIFY].signals
    assert target.admitted(event) is forged.must, told
    after = target.now()
    assert after.participants == (*before.participants, *forged.brings)
    assert after.state is (State.OPEN if forged.reopens else State.SOLVED)
    assert after.mails == before.mails + (forged.must is JOIN)
    target.desk.reply(event)
    secrets = (str(target.id), target.leaks["fresh"], "My order", "ann@example.com")
    for sent, _, _ in target.desk.mailer.sent:  # what she gets tells nothing that she didn't write herself
        assert [secret for secret in secrets if secret.encode() in sent and secret.encode() not in mail] == []
    genuine = target.came(raw(ANN, extra=A1, own="a2@example.com"))
    assert genuine.conversation == target.id
    assert target.now().participants == after.participants
    assert target.now().mails == after.mails + 1


def test_no_row_of_the_table_tries_what_another_does() -> None:
    assert len(FORGED) >= 40
    assert len({each.tries for each in FORGED}) == len(FORGED)


# --- Tricks of several mails: Eve prepares, and Ann's own honest mail is to open the door ---------------------------


@pytest.mark.parametrize("verdicts", [GRAY, REPORTED, REJECTED])
def test_a_mail_in_anns_name_with_eve_in_cc_never_makes_eve_a_participant_by_anns_next_mail(verdicts: Verdicts) -> None:
    """Ann's next mail answers what the forged one says that it answers: they seem to be one conversation."""
    target = Target()
    target.came(raw(ANN, extra=A1 + CC_EVE, own="e1@evil.example"), verdicts)
    target.came(raw(ANN, extra=A1, own="a2@example.com"))
    assert target.now().participants == ("ann@example.com",)


@pytest.mark.parametrize("verdicts", [GRAY, REPORTED, REJECTED])
def test_a_mail_in_anns_name_that_names_two_conversations_merges_none(verdicts: Verdicts) -> None:
    target = Target()
    other = target.came(raw(ANN, own="b1@example.com", extra=CC_EVE))  # Ann's, and Eve takes part in it
    assert "eve@evil.example" in target.now(other.conversation).participants
    target.came(raw(ANN, extra="References: <a1@example.com> <b1@example.com>\r\n", own="e1@evil.example"), verdicts)
    assert target.now().participants == ("ann@example.com",)
    assert target.now(other.conversation).id == other.conversation


def test_one_who_takes_part_in_another_conversation_of_ann_plants_no_bridge_there() -> None:
    target = Target()
    other = target.came(raw(ANN, own="b1@example.com", extra=CC_EVE))
    planted = target.came(raw(EVE, extra="References: <a1@example.com> <b1@example.com>\r\n", own="e1@evil.example"))
    assert planted.conversation == other.conversation
    assert target.came(raw(ANN, extra=A1, own="a2@example.com")).conversation == target.id
    assert target.now().participants == ("ann@example.com",)


def test_an_honest_mail_of_ann_that_names_both_still_makes_them_one() -> None:
    target = Target()
    target.came(raw(ANN, own="b1@example.com"))
    target.came(raw(ANN, extra="References: <a1@example.com> <b1@example.com>\r\n", own="a2@example.com"))
    assert target.now().mails == 3


CLAIMED = {
    "as what hers answers": ("In-Reply-To: <later@example.com>\r\n", "e1@evil.example"),
    "as her own": ("", "later@example.com"),
}


@pytest.mark.parametrize("claimed", CLAIMED)
@pytest.mark.parametrize("cc", [ANN, ""])
def test_who_claims_an_id_before_anns_mail_with_it_comes_does_not_get_anns_mail(claimed: str, cc: str) -> None:
    extra, own = CLAIMED[claimed]
    target = Target()
    hers = target.came(raw(EVE, extra=f"{extra}Cc: {cc}\r\n", own=own))
    anns = target.came(raw(ANN, own="later@example.com"))
    assert anns.conversation != hers.conversation
    assert anns.opened
    assert target.now(anns.conversation).customer == "ann@example.com"


def test_who_claims_what_ann_will_answer_does_not_get_her_answer() -> None:
    target = Target()
    hers = target.came(raw(EVE, extra=f"In-Reply-To: <offer@desk.example>\r\nCc: {ANN}\r\n"))
    anns = target.came(raw(ANN, extra="In-Reply-To: <offer@desk.example>\r\n", own="a2@example.com"))
    assert anns.conversation != hers.conversation
    named = target.came(raw(ANN, extra=f"In-Reply-To: <offer@desk.example>\r\nCc: {EVE}\r\n", own="a3@example.com"))
    assert named.conversation == hers.conversation  # she writes to Eve too: they do have to do with each other


@pytest.mark.parametrize("verdicts", [REPORTED, REJECTED, GRAY])
def test_a_conversation_that_a_forged_mail_opened_has_no_room_for_its_writer(verdicts: Verdicts) -> None:
    target = Target()
    hers = target.came(raw(ANN, subject="Payment", own="e1@evil.example", extra=CC_EVE), verdicts)
    assert "eve@evil.example" not in target.now(hers.conversation).participants
    anns = target.came(raw(ANN, subject="Re: Payment", own="a2@example.com"))
    assert verdicts is not REJECTED or anns.conversation != hers.conversation


def test_who_pretends_to_be_a_list_that_names_ann_gets_no_answer_and_so_no_token() -> None:
    target = Target()
    target.desk.reply(target.came(raw(EVE, extra=f"X-Original-From: {ANN}\r\n"), mail_from="eve@evil.example"))
    assert target.desk.mailer.sent == []


def test_one_who_shares_a_forged_mail_into_another_conversation_by_a_split_gets_into_none() -> None:
    target = Target()
    event = target.came(raw(ANN, extra=A1 + CC_EVE), GRAY)
    desk = target.desk
    work = Work(
        conversations=desk.conversations, objects=desk.objects, ledger=desk.ledger, sends=desk.sends, desk=OURS,
        clock=clock, agent="carl@staff.example",
    )  # fmt: skip
    assert work.split(target.id, [event.ses_id]).participants == ("ann@example.com",)


def test_a_forged_report_about_somebody_who_was_not_written_to_stands_nowhere() -> None:
    target = Target()
    before, entries = target.now(), list(target.desk.conversations.entries(target.id))
    report = (
        "multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nfailed\r\n--b\r\n"
        "Content-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822;bob@example.com\r\nAction: failed\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp;550 5.1.1 user unknown\r\n--b\r\n"
        f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{target.leaks['sent']}>\r\n\r\n--b--\r\n"
    )
    event = target.came(raw("MAILER-DAEMON@evil.example", extra=f"Content-Type: {report}", own="d@evil.example"))
    target.desk.reported(event)
    assert target.now() == before
    assert list(target.desk.conversations.entries(target.id)) == entries
    assert target.desk.addresses.states == {}
