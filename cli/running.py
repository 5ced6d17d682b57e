"""The stack that the commands speak to: the local one by its state file, or one on AWS by its name."""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from cli.paths import STATE
from local.stack import running as local_stack
from local.stack.errors import NotRunning
from local.stack.template import RULES_SECONDS
from postroom.aws.account import SesAccount
from postroom.aws.addresses import DynamoAddressBook
from postroom.aws.breakers import DynamoBreakers
from postroom.aws.bus import SqsOutgoing
from postroom.aws.conversations import DynamoConversations
from postroom.aws.erasures import DynamoErasures, DynamoHolders
from postroom.aws.ledger import DynamoLedger
from postroom.aws.mailer import SesMailer
from postroom.aws.objects import S3Objects
from postroom.aws.raw_mails import S3RawMails
from postroom.aws.rule_files import S3RuleFiles
from postroom.aws.sends import DynamoSends
from postroom.aws.suppression import SesSuppressionList
from postroom.aws.thread_keys import SecretKeys
from postroom.clock import iso, now
from postroom.desk import Desk
from postroom.ids import SesId
from postroom.outcome import MailRow
from postroom.ports import NotFound

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_kms import KMSClient
    from types_boto3_sesv2 import SESV2Client

# A send must not be repeated by the SDK behind our back: after a time-out it may have happened (stages.drafts).
_ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
# Most of SES's API may be called once a second: a call that came too early waits and is repeated.
_PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 8})
# As a function of its own bears its name, so that `postroom local fault add` can mean what is sent from here.
CALLER = "cli"
_SEARCH = timedelta(days=7)  # how far back an abbreviated id is looked for


class NoStack(Exception):
    """There is nothing to speak to; the text says how to start it."""


@dataclass(frozen=True)
class Running:
    """A running stack: names, and how to reach it. What has a None is the local stack's alone."""

    session: dict[str, Any]
    bucket: str
    desk_table: str
    name: str = ""
    address_table: str = ""
    rules_key: str = ""
    rules_in_bucket: bool = False
    category_model: str = ""  # the key of the desk's own model, where the stack names one
    rules_seconds: int = 180  # how long a running function may go by rules that were replaced
    desk: Desk = Desk(address="", from_name="")  # noqa: RUF009 (frozen)
    smtp: tuple[str, int] | None = None
    ses_url: str | None = None
    sends_url: str | None = None  # where sends go, where that is not ses_url: by the proxy that lets calls fail
    outbox: Path | None = None
    logs: Path | None = None
    configuration_set: str = ""
    physical_id: Callable[[str], str] = str  # of a resource, by its logical id

    @cached_property
    def dynamodb(self) -> "DynamoDBClient":
        return boto3.client("dynamodb", **self.session)

    @cached_property
    def ledger(self) -> DynamoLedger:
        return DynamoLedger(client=self.dynamodb, table=self.desk_table, clock=now)

    @cached_property
    def conversations(self) -> DynamoConversations:
        return DynamoConversations(client=self.dynamodb, table=self.desk_table)

    @cached_property
    def sends(self) -> DynamoSends:
        return DynamoSends(client=self.dynamodb, table=self.desk_table)

    @cached_property
    def addresses(self) -> DynamoAddressBook:
        return DynamoAddressBook(client=self.dynamodb, table=self.address_table, clock=now)

    @cached_property
    def breakers(self) -> DynamoBreakers:
        return DynamoBreakers(client=self.dynamodb, table=self.address_table)

    @cached_property
    def holders(self) -> DynamoHolders:
        return DynamoHolders(client=self.dynamodb, table=self.desk_table)

    @cached_property
    def erasures(self) -> DynamoErasures:
        return DynamoErasures(client=self.dynamodb, table=self.desk_table)

    @cached_property
    def objects(self) -> S3Objects:
        # SigV4 for links too: some regions, and objects under KMS, take no other.
        signed = self.session.get("config", Config()).merge(Config(signature_version="s3v4"))
        return S3Objects(client=boto3.client("s3", **{**self.session, "config": signed}), bucket=self.bucket)

    @cached_property
    def rule_files(self) -> S3RuleFiles:
        if not self.rules_key:
            raise NoStack("this stack was deployed by a version that knows no rules in the bucket: deploy it again")
        return S3RuleFiles(client=boto3.client("s3", **self.session), bucket=self.bucket, key=self.rules_key)

    @cached_property
    def ses(self) -> "SESV2Client":
        """The API of SES, for all but sending."""
        return self._ses(_PATIENT, self.ses_url)

    @cached_property
    def raw_mails(self) -> S3RawMails:
        def kms() -> "KMSClient":
            return boto3.client("kms", **self.session)

        return S3RawMails(client=boto3.client("s3", **self.session), bucket=self.bucket, kms=kms)

    @cached_property
    def mailer(self) -> SesMailer:
        own = _ONCE.merge(Config(user_agent_extra=f"app/{CALLER}"))
        return SesMailer(
            client=self._ses(own, self.sends_url or self.ses_url), configuration_set=self.configuration_set
        )

    @cached_property
    def account(self) -> SesAccount:
        return SesAccount(client=self._ses(_ONCE, self.ses_url), clock=now)

    @cached_property
    def suppression_list(self) -> SesSuppressionList:
        return SesSuppressionList(client=self.ses)

    def _ses(self, own: Config, url: str | None) -> "SESV2Client":
        where = {"endpoint_url": url} if url else {}
        config = self.session.get("config", Config()).merge(own)
        return boto3.client("sesv2", **{**self.session, **where, "config": config})

    @cached_property
    def outgoing(self) -> SqsOutgoing:
        """The way to the reply function."""
        return SqsOutgoing(client=boto3.client("sqs", **self.session), queue_url=self.physical_id("ReplyQueue"))

    @cached_property
    def keys(self) -> SecretKeys:
        client = boto3.client("secretsmanager", **self.session)
        return SecretKeys(client=client, secret=self.physical_id("ThreadKey"), clock=now)

    def row(self, id_: str) -> MailRow:
        """The row of this SES id, which may be abbreviated; NotFound where there is none, or more than one."""
        if found := self.ledger.row(SesId(id_)):
            return found
        since = iso(now() - _SEARCH)
        if not id_:
            raise NotFound("an id is needed: `postroom inbox` lists them")
        matching = [row for row in self.ledger.rows_since(since) if row.ses_id.startswith(id_)]
        if not matching:
            where = "`postroom inbox` lists them, `postroom conversations` the conversations"
            raise NotFound(f"no mail of the last week has an id that starts with {id_!r}: {where}")
        if len(matching) > 1:
            raise NotFound(
                f"{len(matching)} mails of the last week have an id that starts with {id_!r}: write more of it"
            )
        return matching[0]


def local_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--state", metavar="FOLDER", type=Path, default=STATE, help="the state folder of the local stack (%(default)s)"
    )
    parser.set_defaults(stack=None)


def arguments(parser: argparse.ArgumentParser) -> None:
    local_arguments(parser)
    parser.add_argument("--stack", metavar="NAME", help="a deployed stack on AWS, by its CloudFormation name")


def find(args: argparse.Namespace) -> Running:
    return on_aws(args.stack) if args.stack else local(args.state)


def local(state: Path) -> Running:
    """The local stack whose state is in this folder."""
    try:
        return of_local(local_stack.Running.read(state))
    except NotRunning as error:
        raise NoStack(f"{error} (--state FOLDER names another one, --stack NAME one on AWS)") from None


def of_local(up: local_stack.Running) -> Running:
    return Running(
        session={
            "endpoint_url": up.aws_url,
            "region_name": up.region,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            # A laptop answers at once or not at all.
            "config": Config(retries={"total_max_attempts": 1}, connect_timeout=2, read_timeout=30),
        },
        bucket=up.outputs["MailBucketName"],
        desk_table=up.outputs["DeskTableName"],
        name=up.stack,
        address_table=up.outputs["AddressTableName"],
        rules_key=up.outputs.get("RulesKey", ""),
        rules_in_bucket=up.parameters.get("RulesLocation") == "bucket",
        category_model=up.parameters.get("CategoryModel", ""),
        rules_seconds=RULES_SECONDS,
        desk=_desk(up.parameters),
        smtp=("127.0.0.1", up.smtp_port),
        ses_url=up.ses_url,
        sends_url=up.faults_url or None,
        outbox=Path(up.state) / "ses" / "outbox",
        logs=Path(up.state) / "logs",
        configuration_set=up.outputs.get("ConfigurationSetName", ""),
        physical_id=lambda name: up.resources[name],
    )


def on_aws(name: str) -> Running:
    """A deployed stack, by the outputs of its template. The credentials are the user's own."""
    client: CloudFormationClient = boto3.client("cloudformation")
    try:
        described = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":  # so CloudFormation calls a name that it doesn't know
            raise
        where = f"in {client.meta.region_name}: look at its name, and at AWS_REGION and AWS_PROFILE"
        raise NoStack(f"there is no stack {name!r} {where}") from None
    outputs = {o["OutputKey"]: o["OutputValue"] for o in described.get("Outputs", ())}
    parameters = {p["ParameterKey"]: p["ParameterValue"] for p in described.get("Parameters", ())}
    return Running(
        session={},
        bucket=outputs["MailBucketName"],
        desk_table=outputs["DeskTableName"],
        name=name,
        address_table=outputs["AddressTableName"],
        rules_key=outputs.get("RulesKey", ""),
        rules_in_bucket=parameters.get("RulesLocation") == "bucket",
        category_model=parameters.get("CategoryModel", ""),
        desk=_desk(parameters),
        configuration_set=outputs.get("ConfigurationSetName", ""),
        physical_id=lambda resource: _physical_id(client, name, resource),
    )


def _physical_id(client: "CloudFormationClient", stack: str, resource: str) -> str:
    described = client.describe_stack_resource(StackName=stack, LogicalResourceId=resource)
    return described["StackResourceDetail"]["PhysicalResourceId"]


def _desk(parameters: Mapping[str, str]) -> Desk:
    """The desk as the stack was deployed."""
    lists = (parameters.get(name, "").split(",") for name in ("Recipients", "Agents"))
    recipients, agents = (tuple(filter(None, map(str.strip, each))) for each in lists)
    name = parameters.get("FromName", "")
    return Desk(address=parameters.get("DeskAddress", ""), from_name=name, recipients=recipients, agents=agents)
