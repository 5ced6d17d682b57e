"""Is a report that came as mail about a mail of ours, and about one of those whom that went to?

Anybody can write a bounce. So what it says of us is looked up in our own record of the send, and in nothing that a mail
has said: the id that SES gave our mail; or, where the report shows no id of SES, a thread token that we signed. Either
must have gone to the very address that is reported, and the two must not speak of different mails. Whoever had the mail
itself could still make up a bounce of it: of themselves, or of another who got the same one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from postroom.address import fold
from postroom.clock import from_iso
from postroom.conversation import Entry, EntryKind
from postroom.feedback.delivery import MOST, sent_id_of
from postroom.feedback.report import Feedback, Report
from postroom.ids import ConversationId, SentId, sent_message_id
from postroom.ports import Conversations, Sends, ThreadKeys
from postroom.stages.drafts import TO
from postroom.threads.evidence import FRESH_DAYS
from postroom.threads.tokens import Token, Tokens

_ENTRIES = 2_000  # of a conversation that are looked through
_REPLIES = 20  # of one day in it
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """Over our own records. `desk` is the desk's address."""

    sends: Sends
    conversations: Conversations
    keys: ThreadKeys
    desk: str

    def proved(self, feedback: Feedback, marks: Callable[[], Sequence[str]], today: date) -> Feedback:
        """The feedback with those reports alone that are proved, each under SES's id of the mail that it is about; of
        more than SES takes recipients in a mail the first so many. `marks` gives the texts in which a token may stand:
        it is asked only where no id of SES is shown."""
        reports = [each for each in feedback.reports[:MOST] if each.recipient]
        named = {sent_id for each in reports if (sent_id := sent_id_of(feedback, each))}
        if len(named) > 1:  # one report is about one mail
            return replace(feedback, reports=())
        found = self._by_id(named.pop(), reports) if named else self._by_token(reports, marks, today)
        return replace(feedback, reports=tuple(found))

    def _by_id(self, sent_id: SentId, reports: Sequence[Report]) -> Iterator[Report]:
        first = self.sends.recipient(sent_id)
        if first is None:
            return
        whose = {first}
        if any(_whom(each) != first for each in reports):  # of an answer to several our record has the first alone
            known = self.conversations.known([sent_message_id(sent_id)])
            whose |= {who for each in known.values() for who in self._named(each.id, sent_id)}
        yield from (each for each in reports if _whom(each) in whose)

    def _named(self, conversation: ConversationId, sent_id: SentId) -> Iterator[str]:
        entries = islice(self.conversations.entries(conversation), _ENTRIES)
        yield from (who for each in entries if each.id == sent_id for who in _recipients(each))

    def _by_token(self, reports: Sequence[Report], marks: Callable[[], Sequence[str]], today: date) -> Iterator[Report]:
        tokens = list(Tokens(keys=self.keys.keys(), desk=self.desk).found(marks())) if reports else []
        if len({each.conversation for each in tokens}) != 1 or not tokens[0].is_fresh(today, FRESH_DAYS):
            return
        sent = {who: entry for entry in self._sent_on(tokens[0]) for who in self._whose(entry)}
        for each in reports:
            if entry := sent.get(_whom(each)):
                yield replace(each, original_message_id=sent_message_id(SentId(entry.id)))

    def _sent_on(self, token: Token) -> list[Entry]:
        """What we sent in the token's conversation about the day on which it was signed, the last one last."""
        there = self.conversations.get(token.conversation)
        entries = islice(self.conversations.entries(there.id), _ENTRIES) if there else ()
        return [each for each in entries if each.kind is EntryKind.REPLY and _is_of(token, each)][-_REPLIES:]

    def _whose(self, entry: Entry) -> set[str]:
        first = self.sends.recipient(SentId(entry.id))  # None for what was never sent
        return {first, *_recipients(entry)} if first else set()


def _whom(report: Report) -> str:
    return fold(report.recipient or "")


def _is_of(token: Token, entry: Entry) -> bool:
    """A mail may be signed before midnight, and sent after."""
    return abs(from_iso(entry.at).date() - token.issued_on) <= _A_DAY


def _recipients(entry: Entry) -> Iterator[str]:
    """Whom a person's answer went to, as its entry tells."""
    if entry.kind is EntryKind.REPLY:
        told = f"{entry.facts.get(TO, '')},{entry.facts.get('cc', '')}"
        yield from (fold(each) for each in told.split(",") if "@" in each)
