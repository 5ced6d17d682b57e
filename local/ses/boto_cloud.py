"""S3, SNS, KMS, Lambda and EventBridge by boto3: at an emulator of AWS."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.ses.cloud import CONNECTIONS, CloudError, DataKey

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from types_boto3_kms import KMSClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient


class BotoCloud:
    """All of them at one endpoint. Safe to call from many threads. A client is made when it is first needed."""

    def __init__(self, endpoint: str, region: str) -> None:
        self._endpoint = endpoint
        self._config = Config(
            region_name=region,
            connect_timeout=3,
            read_timeout=20,
            retries={"max_attempts": 2, "mode": "standard"},
            max_pool_connections=CONNECTIONS,
            s3={"addressing_style": "path"},
        )
        # What emulators of AWS take as their owner's: what stands at the endpoint is one, and real ones never reach it.
        self._session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)  # noqa: S106 (no secret)
        self._making = Lock()  # a session makes one client at a time

    @cached_property
    def _s3(self) -> "S3Client":
        with self._making:
            return self._session.client("s3", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def _sns(self) -> "SNSClient":
        with self._making:
            return self._session.client("sns", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def _kms(self) -> "KMSClient":
        with self._making:
            return self._session.client("kms", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def _events(self) -> "EventBridgeClient":
        with self._making:
            return self._session.client("events", endpoint_url=self._endpoint, config=self._config)

    @cached_property
    def _lambda(self) -> "LambdaClient":
        # A function that is waited for has 30 seconds ("Invoke Lambda function action"); it is never called twice.
        once = self._config.merge(Config(read_timeout=30, retries={"max_attempts": 1}))
        with self._making:
            return self._session.client("lambda", endpoint_url=self._endpoint, config=once)

    def data_key(self, key_arn: str, context: Mapping[str, str]) -> DataKey:
        with _asked(f"Could not use the KMS key: {key_arn}"):
            made = self._kms.generate_data_key(KeyId=key_arn, KeySpec="AES_256", EncryptionContext=dict(context))
        return DataKey(plain=made["Plaintext"], wrapped=made["CiphertextBlob"])

    def store(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        with _asked(f"Could not write to bucket: {bucket}, key {key}"):
            self._s3.put_object(Bucket=bucket, Key=key, Body=body, Metadata=dict(metadata))

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        with _asked(f"Could not publish to SNS topic: {topic_arn}"):
            self._sns.publish(TopicArn=topic_arn, Subject=subject, Message=message)

    def put_event(self, bus_arn: str, detail_type: str, resource: str, detail: str) -> None:
        entry: PutEventsRequestEntryTypeDef = {
            "Source": "aws.ses",
            "DetailType": detail_type,
            "Resources": [resource],
            "Detail": detail,
            "EventBusName": bus_arn,
        }
        with _asked(f"Could not put an event on the bus: {bus_arn}"):
            answer = self._events.put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise CloudError(f"Could not put an event on the bus: {bus_arn} ({answer['Entries'][0]})")

    def find_function(self, function_arn: str) -> None:
        with _calling(function_arn):
            self._lambda.invoke(FunctionName=function_arn, InvocationType="DryRun")

    def invoke(self, function_arn: str, event: str) -> str:
        with _calling(function_arn):
            answer = self._lambda.invoke(FunctionName=function_arn, InvocationType="RequestResponse", Payload=event)
            said = answer["Payload"].read().decode("utf-8", "replace")
        if answer.get("FunctionError"):
            raise CloudError(f"The Lambda function failed: {function_arn} ({said[:500]})")
        return said

    def hand(self, function_arn: str, event: str) -> None:
        with _calling(function_arn):
            self._lambda.invoke(FunctionName=function_arn, InvocationType="Event", Payload=event)


@contextmanager
def _asked(otherwise: str) -> Iterator[None]:
    """What boto3 raises becomes a CloudError that begins with these words."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CloudError(f"{otherwise} ({error})") from error


def _calling(function_arn: str) -> AbstractContextManager[None]:
    return _asked(f"Could not invoke Lambda function: {function_arn}")
