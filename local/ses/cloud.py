"""S3, SNS, KMS, Lambda and EventBridge, as much of them as SES needs.

Three adapters: `BotoCloud` here, `FolderCloud` on disk, and the tests' own in memory.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.ses.receiving.sealing import DataKey

if TYPE_CHECKING:
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef

CONNECTIONS = 32  # one per worker thread


class CloudError(Exception):
    """A service did not do it. The text says which, and why."""


class Cloud(Protocol):
    """Where received mail and notifications go. All calls block; all raise CloudError."""

    def data_key(self, key_arn: str, context: Mapping[str, str]) -> DataKey: ...

    def store(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None: ...

    def publish(self, topic_arn: str, subject: str, message: str) -> None: ...

    def put_event(self, bus_arn: str, detail_type: str, resource: str, detail: str) -> None:
        """To EventBridge, from `aws.ses`. `detail` is JSON, `resource` the ARN that the event is about."""
        ...

    def find_function(self, function_arn: str) -> None:
        """Raises where the function can't be called; doesn't call it (invocation type DryRun)."""
        ...

    def invoke(self, function_arn: str, event: str) -> str:
        """Calls a Lambda function and waits; gives what it gave back, as JSON."""
        ...

    def hand(self, function_arn: str, event: str) -> None:
        """Calls a Lambda function without waiting for it (invocation type Event)."""
        ...


class BotoCloud:
    """All of them at one endpoint. Safe to call from many threads."""

    def __init__(self, endpoint: str, region: str) -> None:
        config = Config(
            region_name=region,
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 2, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
            s3={"addressing_style": "path"},
        )
        # What emulators of AWS take as their owner's: what stands at the endpoint is one, and real ones never reach it.
        session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)  # noqa: S106 (no secret)
        self._s3 = session.client("s3", endpoint_url=endpoint, config=config)
        self._kms = session.client("kms", endpoint_url=endpoint, config=config)
        self._sns = session.client("sns", endpoint_url=endpoint, config=config)
        self._events = session.client("events", endpoint_url=endpoint, config=config)
        # A function that is waited for has 30 seconds ("Invoke Lambda function action"); it is never called twice.
        once = config.merge(Config(read_timeout=30, retries={"max_attempts": 1}))
        self._lambda = session.client("lambda", endpoint_url=endpoint, config=once)

    def data_key(self, key_arn: str, context: Mapping[str, str]) -> DataKey:
        try:
            made = self._kms.generate_data_key(KeyId=key_arn, KeySpec="AES_256", EncryptionContext=dict(context))
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not use the KMS key: {key_arn} ({error})") from error
        return DataKey(plain=made["Plaintext"], wrapped=made["CiphertextBlob"])

    def store(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=dict(metadata))
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not write to bucket: {bucket} (key {key}: {error})") from error

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        try:
            self._sns.publish(TopicArn=topic_arn, Subject=subject, Message=message)
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not publish to SNS topic: {topic_arn} ({error})") from error

    def put_event(self, bus_arn: str, detail_type: str, resource: str, detail: str) -> None:
        entry: PutEventsRequestEntryTypeDef = {
            "Source": "aws.ses",
            "DetailType": detail_type,
            "Resources": [resource],
            "Detail": detail,
            "EventBusName": bus_arn,
        }
        try:
            answer = self._events.put_events(Entries=[entry])
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not put an event on the bus: {bus_arn} ({error})") from error
        if answer["FailedEntryCount"]:
            raise CloudError(f"Could not put an event on the bus: {bus_arn} ({answer['Entries'][0]})")

    def find_function(self, function_arn: str) -> None:
        try:
            self._lambda.invoke(FunctionName=function_arn, InvocationType="DryRun")
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not invoke Lambda function: {function_arn} ({error})") from error

    def invoke(self, function_arn: str, event: str) -> str:
        try:
            answer = self._lambda.invoke(FunctionName=function_arn, InvocationType="RequestResponse", Payload=event)
            said = answer["Payload"].read().decode("utf-8", "replace")
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not invoke Lambda function: {function_arn} ({error})") from error
        if answer.get("FunctionError"):
            raise CloudError(f"The Lambda function failed: {function_arn} ({said[:500]})")
        return said

    def hand(self, function_arn: str, event: str) -> None:
        try:
            self._lambda.invoke(FunctionName=function_arn, InvocationType="Event", Payload=event)
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not invoke Lambda function: {function_arn} ({error})") from error
