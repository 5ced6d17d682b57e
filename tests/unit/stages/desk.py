"""A desk in memory: every stage over the memory adapters, built on each other as the pipeline is."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from postroom.attachments.policy import Policy
from postroom.desk import Desk
from postroom.envelope import Envelope, Received, Verdict, Verdicts
from postroom.events import Event, FeedbackRecorded, MessageClassified, MessageParsed, NoticeDue
from postroom.feedback.report import BounceReason, Feedback
from postroom.ids import SesId
from postroom.memory.desk import MemoryConversations, MemoryLedger, MemoryPostponed, MemorySends
from postroom.memory.erasures import MemoryErasures, MemoryHolders
from postroom.memory.objects import MemoryObjects
from postroom.memory.outside import (
    MemoryAccount,
    MemoryAddressBook,
    MemoryBreakers,
    MemoryBus,
    MemoryExchange,
    MemoryMailer,
    MemoryOutgoing,
    MemoryRequeue,
)
from postroom.memory.raw_mails import MemoryRawMails
from postroom.memory.thread_keys import MemoryKeys
from postroom.opinions.asking import Opinions
from postroom.outcome import Decision
from postroom.ports import Classifier, Scanner
from postroom.quiet import QuietHours
from postroom.replies import templates
from postroom.replies.preflight import Limits
from postroom.rules import rules
from postroom.rules.rules import RuleSet
from postroom.stages.attachments import AttachmentsStage
from postroom.stages.automatic import Automatic
from postroom.stages.breaking import Breaking
from postroom.stages.categorising import Categorising
from postroom.stages.classify import ClassifyStage
from postroom.stages.conversing import Conversing
from postroom.stages.customer_notice import CustomerNotice
from postroom.stages.drafts import Drafts
from postroom.stages.feedback import FeedbackStage
from postroom.stages.ledger import LedgerCheck
from postroom.stages.parse import ParseStage
from postroom.stages.proving import Proving
from postroom.stages.reply import ReplyStage
from postroom.stages.surveys import Surveys
from postroom.stages.telling import Telling
from tests.contracts.conftest import NOW, clock

FUNCTIONS = Path(__file__).parents[3] / "functions"
SHIPPED = rules.load((FUNCTIONS / "classify" / "rules.yaml").read_text(encoding="utf-8"))
AT = "2026-11-24T07:29:00.000Z"
ALL_PASS = Verdicts(spam=Verdict.PASS, virus=Verdict.PASS, spf=Verdict.PASS, dkim=Verdict.PASS, dmarc=Verdict.PASS)
OURS = Desk(
    address="support@desk.example", from_name="Support", recipients=("desk.example",), agents=("staff.example",)
)


def mail(
    subject: str = "A question",
    sender: str = "ann@example.com",
    message_id: str = "m1@example.com",
    body: str = "Hello, where is my order?",
    extra: str = "",
) -> bytes:
    """A plain mail; `extra` is more header lines, each with its line end."""
    return (
        f"From: Ann <{sender}>\r\nTo: support@desk.example\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n"
        f"{extra}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


def _untold(reason: BounceReason, recipients: int) -> None:
    """Nobody watches."""


@dataclass(slots=True)
class MemoryDesk:
    """The whole pipeline, each stage called by hand."""

    objects: MemoryObjects = field(default_factory=lambda: MemoryObjects(clock=clock))
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    conversations: MemoryConversations = field(default_factory=MemoryConversations)
    sends: MemorySends = field(default_factory=MemorySends)
    addresses: MemoryAddressBook = field(default_factory=MemoryAddressBook)
    account: MemoryAccount = field(default_factory=MemoryAccount)
    blocked: Callable[[BounceReason, int], None] = _untold
    exchange: MemoryExchange = field(default_factory=MemoryExchange)
    holders: MemoryHolders = field(default_factory=MemoryHolders)
    erasures: MemoryErasures = field(default_factory=MemoryErasures)
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    outgoing: MemoryOutgoing = field(default_factory=MemoryOutgoing)
    postponed: MemoryPostponed = field(default_factory=MemoryPostponed)
    quiet: QuietHours | None = None
    again_hours: int = 0
    survey_url: str = ""
    requeue: MemoryRequeue = field(default_factory=MemoryRequeue)
    bus: MemoryBus = field(default_factory=MemoryBus)
    limits: Limits = field(default_factory=Limits)
    policy: Policy = field(default_factory=Policy)
    scanner: Scanner | None = None
    desk: Desk = OURS
    rules: RuleSet = SHIPPED
    classifier: Classifier | None = None
    categorising: Categorising = field(default_factory=Categorising)

    @property
    def raw_mails(self) -> MemoryRawMails:
        return MemoryRawMails(objects=self.objects)

    def arrived(
        self,
        raw: bytes,
        ses_id: str = "mail-1",
        mail_from: str | None = "ann@example.com",
        verdicts: Verdicts = ALL_PASS,
    ) -> Received:
        """SES has stored the mail; this is its notification."""
        received = Received(
            ses_id=SesId(ses_id),
            bucket="mail",
            key=f"raw/{ses_id}",
            received_at=AT,
            envelope=Envelope(mail_from=mail_from, rcpt_to=("support@desk.example",)),
            verdicts=verdicts,
        )
        self.objects.write(received.key, raw, "message/rfc822")
        return received

    def done(self, decision: Decision) -> Event | None:
        """Carries a decision out as the function does; gives its event."""
        if decision.ses_id:
            self.ledger.record(decision.ses_id, decision.received_at, decision.record)
        return decision.event

    def parse(self, received: Received) -> MessageParsed:
        stage = ParseStage(objects=self.objects, raw_mails=self.raw_mails, ledger=self.ledger, clock=clock)
        event = self.done(stage(received))
        assert isinstance(event, MessageParsed)
        return event

    def attachments(self, parsed: MessageParsed) -> Event | None:
        stage = AttachmentsStage(
            objects=self.objects,
            raw_mails=self.raw_mails,
            holders=self.holders,
            policy=self.policy,
            scanner=self.scanner,
            clock=clock,
        )
        return self.done(stage(parsed))

    def classify(self, parsed: MessageParsed) -> Event | None:
        stage = ClassifyStage(
            objects=self.objects,
            ledger=self.ledger,
            conversing=Conversing(conversations=self.conversations, desk=self.desk, keys=MemoryKeys()),
            rules=self.rules,
            clock=clock,
            opinions=self._opinions(),
            categorising=self.categorising,
        )
        return self.done(stage(parsed))

    def _opinions(self) -> Opinions | None:
        if self.classifier is None:
            return None
        return Opinions(classifier=self.classifier, sends=self.sends, per_day=100, clock=clock)

    def reply(self, classified: MessageClassified, hours_later: float = 0.0) -> Event | None:
        return self.done(self.decided(classified, NOW + timedelta(hours=hours_later)))

    def decided(self, classified: MessageClassified, at: datetime) -> Decision:
        """What the reply stage decides at this moment, before anybody notes it."""
        postponed = self.postponed if self.quiet else None
        return ReplyStage(
            objects=self.objects,
            automatic=self.automatic(at),
            postponed=postponed,
            surveys=self.surveys,
            again_hours=self.again_hours,
        )(classified)

    def noticed(self, due: NoticeDue, at: datetime) -> Decision:
        """What becomes of a notice that is due."""
        return CustomerNotice(objects=self.objects, automatic=self.automatic(at), surveys=self.surveys)(due)

    @property
    def surveys(self) -> Surveys:
        return Surveys(
            conversations=self.conversations, sends=self.sends, keys=MemoryKeys(), desk=self.desk, url=self.survey_url
        )

    def automatic(self, at: datetime) -> Automatic:
        return Automatic(
            conversations=self.conversations,
            sends=self.sends,
            addresses=self.addresses,
            account=self.account,
            mailer=self.mailer,
            templates=templates.load(FUNCTIONS / "reply" / "templates"),
            desk=self.desk,
            keys=MemoryKeys(),
            clock=lambda: at,
            limits=self.limits,
            quiet=self.quiet,
        )

    def reported(self, classified: MessageClassified) -> FeedbackRecorded:
        """A report that came as mail."""
        event = self.done(self._feedback.of_mail(classified))
        assert isinstance(event, FeedbackRecorded)
        return event

    def happened(self, feedback: Feedback) -> Event | None:
        """An event of SES about a mail of ours."""
        return self.done(self._feedback.of_event(feedback))

    @property
    def _feedback(self) -> FeedbackStage:
        return FeedbackStage(
            objects=self.objects,
            raw_mails=self.raw_mails,
            proving=Proving(
                sends=self.sends, conversations=self.conversations, keys=MemoryKeys(), desk=self.desk.address
            ),
            addresses=self.addresses,
            exchange=self.exchange,
            breaking=self.breaking(),
            telling=Telling(
                ledger=self.ledger,
                conversations=self.conversations,
                drafts=Drafts(conversations=self.conversations, sends=self.sends),
            ),
            clock=clock,
            blocked=self.blocked,
        )

    def breaking(self, hours_later: float = 0.0) -> Breaking:
        later = lambda: NOW + timedelta(hours=hours_later)  # noqa: E731 - a clock
        return Breaking(breakers=self.breakers, clock=later, by="feedback")

    @property
    def breakers(self) -> MemoryBreakers:
        return MemoryBreakers(book=self.addresses)

    def check(self, hours_later: float = 4.0) -> LedgerCheck:
        return LedgerCheck(
            objects=self.objects,
            raw_mails=self.raw_mails,
            ledger=self.ledger,
            sends=self.sends,
            queue=self.requeue,
            bus=self.bus,
            bucket="mail",
            clock=lambda: NOW + timedelta(hours=hours_later),
        )

    def classified(
        self, raw: bytes, ses_id: str = "mail-1", mail_from: str | None = "ann@example.com"
    ) -> MessageClassified:
        """A mail that went through parse and classify, and was accepted."""
        event = self.classify(self.parse(self.arrived(raw, ses_id, mail_from)))
        assert isinstance(event, MessageClassified)
        return event

    def answered(self, raw: bytes, ses_id: str = "mail-1") -> Event | None:
        """A mail that went as far as the reply."""
        return self.reply(self.classified(raw, ses_id))


def with_verdicts(**changes: Verdict) -> Verdicts:
    return replace(ALL_PASS, **changes)
