"""Who is asked whether they were content, where they answer, and who wants to be asked no more. RFC 2369 section 3.2 is
on List-Unsubscribe; the one click of RFC 8058 needs a web server, which the desk has none of."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from postroom.address import as_person
from postroom.conversation import Conversation, Entry, EntryKind
from postroom.desk import Desk
from postroom.ids import ConversationId
from postroom.message import Parsed
from postroom.ports import Conversations, Sends, ThreadKeys
from postroom.reasons import Reason
from postroom.stages.automatic import AUTHOR, Purpose
from postroom.stages.budgets import Budget
from postroom.threads.tokens import Tokens
from postroom.threads.wishes import wished

_READ = 5_000  # entries of a conversation
_SECONDS = 90 * 86_400  # in which a person is asked once
_ANSWERS = ("good", "fair", "poor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveys:
    """`url` is where customers answer, empty where none is asked."""

    conversations: Conversations
    sends: Sends
    keys: ThreadKeys
    desk: Desk
    url: str = ""

    def refusal(self, conversation: Conversation) -> Reason | None:
        """Why this conversation's customer isn't asked, if there is a reason."""
        if not self.url:
            return Reason.REPLIES_OFF
        if self.sends.state(_wish(conversation.customer)):
            return Reason.UNSUBSCRIBED
        entries = tuple(islice(self.conversations.entries(conversation.id), _READ))
        if any(each.facts.get("template") == Purpose.SURVEY for each in entries):
            return Reason.SURVEYED_BEFORE
        return None if self._answered(entries) else Reason.NOBODY_ANSWERED

    def links(self, conversation: ConversationId, at: datetime) -> Mapping[str, str]:
        """The variables of the template. The token proves to the survey that we asked, and to the desk nothing."""
        joint, token = "&" if "?" in self.url else "?", self._tokens().sign_survey(conversation, at)
        return {f"{answer}_url": f"{self.url}{joint}c={token}&answer={answer}" for answer in _ANSWERS}

    def unsubscribe(self, conversation: ConversationId, at: datetime) -> str:
        """The URI by which a mail program asks for no more of them."""
        token = self._tokens().sign_wish(conversation, at)
        return f"mailto:{quote(self.desk.address, safe='@')}?subject=unsubscribe%20{token}"

    def wished(self, parsed: Parsed) -> Conversation | None:
        """The conversation of the survey of which its reader wants no more, if that is what the mail says."""
        return wished(parsed.message, self.conversations, self.keys, self.desk)

    def stop(self, customer: str, at: str) -> None:
        """They are asked no more, for good. A repeat changes nothing."""
        self.sends.begin(_wish(customer), at)

    def _answered(self, entries: Iterable[Entry]) -> bool:
        """Whether a person of the desk did: by the desk, or by mail to the customer with the desk in Cc."""
        return any(
            (each.kind is EntryKind.REPLY and each.author != AUTHOR)
            or (each.kind is EntryKind.MAIL and self.desk.employs(each.author) and "internal" not in each.facts)
            for each in entries
        )

    def _tokens(self) -> Tokens:
        return Tokens(keys=self.keys.keys(), desk=self.desk.address)


def allowance(person: str) -> tuple[Budget, ...]:
    """Once in 90 days or more: windows are fixed, so the one that follows is used up too."""
    name = f"{Purpose.SURVEY}/{_who(person)}"
    return tuple(Budget(name, 1, _SECONDS, Reason.SURVEYED_BEFORE, ahead) for ahead in (0, 1))


def forget(sends: Sends, person: str) -> None:
    """That they wanted no more is forgotten, with the person."""
    sends.forget(_wish(person))


def _wish(person: str) -> str:
    return f"no_survey/{_who(person)}"


def _who(person: str) -> str:
    return hashlib.sha256(as_person(person).encode("utf-8", "surrogatepass")).hexdigest()
