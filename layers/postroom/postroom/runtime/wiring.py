"""The adapters of a function, made from its settings once, at its cold start."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from postroom.aws import clients
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.bus import EventBridgeBus
from postroom.aws.conversations import DynamoConversations
from postroom.aws.erasures import DynamoHolders
from postroom.aws.ledger import DynamoLedger
from postroom.aws.objects import S3Objects
from postroom.aws.raw_mails import S3RawMails
from postroom.aws.rule_files import S3RuleFiles
from postroom.aws.sends import DynamoSends
from postroom.aws.thread_keys import SecretKeys
from postroom.clock import now
from postroom.outcome import Stage
from postroom.runtime import log, settings
from postroom.runtime.pipeline import Pipeline

if TYPE_CHECKING:
    from postroom.opinions.asking import Opinions


@dataclass(frozen=True)
class Wiring:
    """What most stages need, over the settings of a function."""

    mail: settings.Mail

    def __post_init__(self) -> None:
        log.logger()  # before the first client: it quiets botocore, which tells of its credentials

    @cached_property
    def objects(self) -> S3Objects:
        return S3Objects(client=clients.s3(), bucket=self.mail.bucket)

    @cached_property
    def raw_mails(self) -> S3RawMails:
        return S3RawMails(client=clients.s3(), bucket=self.mail.bucket, kms=clients.kms)

    @cached_property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(client=clients.dynamodb(), table=self.mail.desk_table, clock=now)

    @cached_property
    def conversations(self) -> DynamoConversations:
        return DynamoConversations(client=clients.dynamodb(), table=self.mail.desk_table)

    @cached_property
    def sends(self) -> DynamoSends:
        return DynamoSends(client=clients.dynamodb(), table=self.mail.desk_table)

    @cached_property
    def holders(self) -> DynamoHolders:
        return DynamoHolders(client=clients.dynamodb(), table=self.mail.desk_table)

    @cached_property
    def bus(self) -> EventBridgeBus:
        return EventBridgeBus(client=clients.events(), name=self.mail.bus)

    def thread_keys(self, secret: str) -> SecretKeys:
        return SecretKeys(client=clients.secrets(), secret=secret, clock=now)

    def rule_files(self, key: str) -> S3RuleFiles:
        return S3RuleFiles(client=clients.s3(), bucket=self.mail.bucket, key=key)

    def opinions(self, model: str, per_day: int) -> "Opinions | None":
        """Opinions of a model on Bedrock. None where no model is named: then nothing for it is loaded."""
        if not model:
            return None
        from postroom.aws.bedrock import BedrockClassifier
        from postroom.opinions.asking import Opinions

        bedrock = BedrockClassifier(client=clients.bedrock, model=model)
        return Opinions(classifier=bedrock, sends=self.sends, per_day=per_day, clock=now)

    def addresses(self, table: str) -> DynamoAddressBook:
        return DynamoAddressBook(client=clients.dynamodb(), table=table, clock=now)

    def pipeline(self, stage: Stage) -> Pipeline:
        return Pipeline(stage=stage, ledger=self.ledger, bus=self.bus, clock=now)
