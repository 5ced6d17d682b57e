"""Two desks and a vacation responder write to each other: so many mails, and then it is quiet.

The real stages, over memory. Every mail that a desk sends is delivered, as SES changes it; nothing else ends a run.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from postroom.desk import Desk
from postroom.events import MessageClassified
from postroom.ids import ConversationId, SesId
from postroom.memory.thread_keys import MemoryKeys
from postroom.outcome import Stage
from postroom.reasons import Reason
from postroom.replies.preflight import Limits
from postroom.threads.tokens import Tokens, reference
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import MemoryDesk

MOST = 200  # mails: a run that comes so far is a loop
A, B, VERA = "help@a-desk.example", "support@b-desk.example", "vera@example.com"
VACATION = "I am away until Monday."


@dataclass(frozen=True)
class Letter:
    """A mail under way."""

    raw: bytes
    rcpt_to: str


Robot = Callable[[bytes, int], bytes]


@dataclass
class Town:
    """Desks and robots, and the post between them. `lost` are the header fields that the way takes out of a mail."""

    desks: dict[str, MemoryDesk] = field(default_factory=dict)
    robots: dict[str, Robot] = field(default_factory=dict)
    lost: str = ""
    under_way: deque[Letter] = field(default_factory=deque)
    delivered: int = 0
    reasons: list[Reason] = field(default_factory=list)

    def desk(self, address: str) -> None:
        ours = Desk(address=address, from_name="Desk", recipients=(address.partition("@")[2],))
        self.desks[address] = MemoryDesk(desk=ours)

    def run(self, first: bytes, rcpt_to: str) -> int:
        """Delivers until nothing is under way; gives how many mails were sent after the first."""
        self.under_way.append(Letter(first, rcpt_to))
        while self.under_way and self.delivered < MOST:
            letter = self.under_way.popleft()
            self.delivered += 1
            if letter.rcpt_to in self.desks:
                self._at_desk(letter, self.desks[letter.rcpt_to])
            elif robot := self.robots.get(letter.rcpt_to):
                answer = robot(letter.raw, self.delivered)
                self.under_way.append(Letter(answer, _recipient(answer)))
        return self.delivered - 1

    def _at_desk(self, letter: Letter, desk: MemoryDesk) -> None:
        ses_id, before = f"mail-{self.delivered}", len(desk.mailer.sent)
        parsed = desk.parse(desk.arrived(letter.raw, ses_id, mail_from=_author(letter.raw)))
        classified = desk.classify(parsed)
        if isinstance(classified, MessageClassified):
            desk.reply(classified)
            self.reasons.append(desk.ledger.rows_by_id[SesId(ses_id)].records[Stage.REPLY].reason)
        for number, (raw, _, rcpt_to) in enumerate(desk.mailer.sent[before:], start=before + 1):
            self.under_way.append(Letter(self._by_ses(raw, f"sent-{number}", desk.desk.address), rcpt_to[0]))

    def _by_ses(self, raw: bytes, sent_id: str, address: str) -> bytes:
        """As it arrives: SES gives it a Message-ID, and the way takes out what it takes out."""
        head, _, body = raw.partition(b"\r\n\r\n")
        unfolded = re.sub(rb"\r\n[ \t]", b" ", head)
        fields = [line for line in unfolded.split(b"\r\n") if not self._is_lost(line)]
        domain = address.partition("@")[2].encode()
        fields.append(b"Message-ID: <" + sent_id.encode() + b"." + domain + b"@email.amazonses.com>")
        return b"\r\n".join(fields) + b"\r\n\r\n" + body

    def _is_lost(self, line: bytes) -> bool:
        return bool(self.lost) and re.match(self.lost.encode(), line, re.IGNORECASE) is not None


def _author(raw: bytes) -> str:
    return str(message_from_bytes(raw, policy=policy.default)["From"].addresses[0].addr_spec)


def _recipient(raw: bytes) -> str:
    """The mailbox behind the plus-label."""
    address = str(message_from_bytes(raw, policy=policy.default)["To"].addresses[0].addr_spec)
    return re.sub(r"\+[^@]*", "", address)


def letter(sender: str, to: str, number: int = 0, extra: str = "", subject: str = "A question") -> bytes:
    id_ = f"m{number}@{sender.partition('@')[2]}"
    return (
        f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{id_}>\r\n"
        f"{extra}Content-Type: text/plain\r\n\r\n{VACATION if number else 'Where is my order?'}\r\n"
    ).encode()


def answering(sender: str, *, marked: bool, threaded: bool, to_reply_to: bool) -> Robot:
    """A vacation responder: `marked` as automatic, `threaded` by In-Reply-To, writing to Reply-To or else to From."""

    def robot(raw: bytes, number: int) -> bytes:
        mail = message_from_bytes(raw, policy=policy.default)
        to = mail["Reply-To"] if to_reply_to and mail["Reply-To"] else mail["From"]
        extra = "Auto-Submitted: auto-replied\r\n" if marked else ""
        extra += f"In-Reply-To: {mail['Message-ID']}\r\n" if threaded else ""
        return letter(sender, to.addresses[0].addr_spec, number, extra, "Away" if not threaded else "Re: A question")

    return robot


def one_desk(**style: bool) -> Town:
    town = Town(robots={VERA: answering(VERA, **style)})
    town.desk(A)
    return town


@pytest.mark.parametrize("to_reply_to", [True, False])
@pytest.mark.parametrize("threaded", [True, False])
def test_a_responder_that_says_so_gets_one_acknowledgement_and_answers_it(threaded: bool, to_reply_to: bool) -> None:
    town = one_desk(marked=True, threaded=threaded, to_reply_to=to_reply_to)
    assert town.run(letter(VERA, A), A) == 2


def test_one_that_says_nothing_is_known_by_the_thread() -> None:
    town = one_desk(marked=False, threaded=True, to_reply_to=False)
    assert town.run(letter(VERA, A), A) == 2


def test_one_that_says_nothing_and_answers_where_we_want_it_is_known_by_the_token() -> None:
    town = one_desk(marked=False, threaded=False, to_reply_to=True)
    assert town.run(letter(VERA, A), A) == 2


def test_one_that_says_nothing_and_threads_nothing_ends_in_the_budget_of_its_address() -> None:
    """The worst there is: every answer looks like a new mail of a person."""
    town = one_desk(marked=False, threaded=False, to_reply_to=False)
    budget = Limits().per_sender_per_day
    assert town.run(letter(VERA, A), A) == 2 * budget
    assert len(town.desks[A].mailer.sent) == budget


def two_desks(lost: str = "") -> Town:
    town = Town(lost=lost)
    town.desk(A)
    town.desk(B)
    return town


def test_two_desks_exchange_one_acknowledgement() -> None:
    town = two_desks()
    assert town.run(letter(B, A), A) == 1
    assert town.reasons == [Reason.ACKNOWLEDGED, Reason.LOOP]


@pytest.mark.parametrize(
    ("lost", "mails"),
    [
        ("auto-submitted:", 1),
        ("x-", 1),
        ("(auto-submitted|x-[a-z-]*):", 2),  # the other desk takes it for a person's, and its answer is known
        ("(auto-submitted|x-[a-z-]*|in-reply-to):", 2),
        ("(auto-submitted|x-[a-z-]*|references|in-reply-to|reply-to):", 2),
        # Without a subject to go by either: each ends in the other's budget of five a day.
        ("(auto-submitted|x-[a-z-]*|references|in-reply-to|reply-to|subject):", 10),
    ],
)
def test_two_desks_whose_marks_get_lost_on_the_way_are_quiet_all_the_same(lost: str, mails: int) -> None:
    assert two_desks(lost).run(letter(B, A), A) == mails


def test_two_desks_and_a_responder_between_them() -> None:
    """Vera's mailbox answers whoever writes, and somebody forwards the desks' mail to it: the marks are gone."""
    town = two_desks("(auto-submitted|x-[a-z-]*):")
    town.robots[VERA] = answering(VERA, marked=False, threaded=True, to_reply_to=True)
    town.under_way.append(Letter(letter(VERA, B, subject="Another question"), B))
    town.under_way.append(Letter(letter(B, A), A))
    assert town.run(letter(VERA, A), A) == 8


def test_who_answers_our_mail_and_is_not_let_into_its_conversation_is_not_told_that_it_arrived() -> None:
    """A robot at the end of a forwarding, under a name that we never wrote to, with a token that is too old."""
    town = Town()
    town.desk(A)
    signer = Tokens(keys=MemoryKeys().keys(), desk=A)
    old = reference(A, signer.sign(ConversationId("abcdefghijklmnop"), NOW - timedelta(days=60)))
    assert town.run(letter("carl@elsewhere.example", A, 7, f"References: <{old}>\r\n", "Hello"), A) == 0
    assert town.reasons == [Reason.ANSWERS_OUR_MAIL]
