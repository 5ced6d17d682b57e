"""S3, SNS and KMS, as much of them as SES needs. Two adapters: `BotoCloud` here, and the tests' own in memory."""

from collections.abc import Mapping
from typing import Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local.ses.sealing import DataKey

CONNECTIONS = 32  # one per worker thread


class CloudError(Exception):
    """S3, SNS or KMS did not do it. The text says which, and why."""


class Cloud(Protocol):
    """Where received mail and notifications go. All calls block; all raise CloudError."""

    def data_key(self, key_arn: str, context: Mapping[str, str]) -> DataKey: ...

    def store(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None: ...

    def publish(self, topic_arn: str, subject: str, message: str) -> None: ...


class BotoCloud:
    """S3, SNS and KMS at one endpoint. Safe to call from many threads."""

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
