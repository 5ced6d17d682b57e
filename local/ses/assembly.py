"""The parts of this SES, joined: who looks at mail, who receives, who sends, who tells of it."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.ses.account import Account, Limits, SigningKey
from local.ses.api.query import Call
from local.ses.api.v1_bounce import BounceCalls
from local.ses.api.v1_configuration_sets import ConfigurationSetCalls
from local.ses.api.v1_identities import IdentityCalls
from local.ses.api.v1_notifications import NotificationCalls
from local.ses.api.v1_receipt_filters import FilterCalls
from local.ses.api.v1_receiving import ReceivingCalls
from local.ses.api.v1_sending import SendingCalls
from local.ses.api.v1_templates import TemplateCalls
from local.ses.cloud import Cloud
from local.ses.feedback.publish import Publisher
from local.ses.feedback.relay import Relay, Target
from local.ses.feedback.reporter import Reporter
from local.ses.feedback.returned import Returned
from local.ses.feedback.tracking import Tracker
from local.ses.journal import Journal
from local.ses.journal.shelf import GIGABYTE
from local.ses.mail import Place
from local.ses.receiving.receive import Receiver
from local.ses.receiving.rules import RuleBook
from local.ses.sending.bounces import SentBounces
from local.ses.sending.credentials import Credentials
from local.ses.sending.send import Sender
from local.ses.sending.signing import AmazonKey
from local.ses.sending.zone import OwnZone
from local.ses.values import SentIds
from local.ses.verdicts.check import Asked, Checks, by_eicar, by_gtube
from local.ses.verdicts.clamd import Clamd
from local.ses.verdicts.findings import Checker
from local.ses.verdicts.rspamd import Rspamd
from local.ses.verdicts.zone import ZoneFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where to listen (port 0: any that is free), and what to be."""

    host: str = "127.0.0.1"
    smtp_port: int = 0
    http_port: int = 0
    submission_port: int | None = None  # None: no SMTP interface for sending
    state: Path
    keep: int = 10_000
    keep_bytes: int = GIGABYTE
    region: str = "us-east-1"
    account: str = "000000000000"
    limits: Limits = field(default_factory=Limits)
    credentials: Credentials = field(default_factory=Credentials)
    relay: Target | None = None
    zone: Path | None = None  # the DNS of spf, dkim and dmarc; without one they all pass
    clamd: str | None = None  # HOST:PORT or the path of a socket; without one EICAR is the only virus
    rspamd: str | None = None  # http://HOST:PORT; without one GTUBE is the only spam


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What stands behind the ports."""

    cloud: Cloud
    journal: Journal
    reporter: Reporter
    sender: Sender
    receiver: Receiver

    def calls(self) -> Mapping[str, Call]:
        """The calls of API v1."""
        receiver, account = self.receiver, self.sender.account
        return {
            **ReceivingCalls(rules=receiver.rules, receiver=receiver).calls(),
            **FilterCalls(filters=receiver.filters).calls(),
            **BounceCalls(originals=receiver.originals, send=self.sender.send, place=receiver.place).calls(),
            **SendingCalls(sender=self.sender).calls(),
            **TemplateCalls(account=account).calls(),
            **IdentityCalls(account=account).calls(),
            **NotificationCalls(identities=account.identities, cloud=self.cloud).calls(),
            **ConfigurationSetCalls(account=account, cloud=self.cloud).calls(),
        }

    def opened(self, url: str, relay: Target | None) -> Tracker:
        """To be called once the address of the APIs is known: tracked links lead there."""
        tracker = Tracker(base_url=url, key=secrets.token_bytes(32))
        self.reporter.tracker = tracker
        if relay is not None:
            self.reporter.relay = Relay(target=relay, told=self.reporter.happened, fetch=self.journal.outbox.raw)
        return tracker


def assembled(settings: Settings, cloud: Cloud) -> Parts:
    """In a running event loop. Raises ZoneError."""
    place, loop = Place(region=settings.region, account=settings.account), asyncio.get_running_loop()
    amazon = AmazonKey(selector="local", key=SigningKey.made(1024))  # as long as Amazon's own is
    own = OwnZone(settings.state / "dns" / "ses.zone", amazon, place)
    account = Account(limits=settings.limits)
    own.write(account.identities.all())
    account.identities.changed = own.write
    journal = Journal(settings.state, settings.keep, settings.keep_bytes)
    reporter = Reporter(publisher=Publisher(cloud=cloud, told=journal.event), account=account, place=place)
    ids = SentIds(settings.region)
    sender = Sender(account=account, journal=journal, place=place, ids=ids, reporter=reporter, amazon=amazon)
    receiver = Receiver(
        cloud=cloud,
        rules=RuleBook(),
        place=place,
        checker=_checker(settings, own.path),
        journal=journal,
        bouncer=SentBounces(sender=sender, loop=loop),
        returned=Returned(recent=reporter.recent, told=reporter.happened, loop=loop),
    )
    return Parts(cloud=cloud, journal=journal, reporter=reporter, sender=sender, receiver=receiver)


def _checker(settings: Settings, own: Path) -> Checker:
    """Who looks at a mail. Raises ZoneError."""
    checks = Checks(
        zone=ZoneFile(settings.zone, own) if settings.zone is not None else None,
        virus=Clamd(settings.clamd) if settings.clamd is not None else by_eicar,
        spam=Rspamd(settings.rspamd) if settings.rspamd is not None else by_gtube,
    )
    return Asked(checks)
