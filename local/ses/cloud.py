"""S3 and SNS, as much of them as SES needs. Two adapters: `BotoCloud` here, and the tests' own in memory."""

from typing import Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

CONNECTIONS = 32  # one per worker thread


class CloudError(Exception):
    """S3 or SNS did not take it. The text says which, and why."""


class Cloud(Protocol):
    """Where received mail and notifications go. Both calls block; both raise CloudError."""

    def store(self, bucket: str, key: str, body: bytes) -> None: ...

    def publish(self, topic_arn: str, subject: str, message: str) -> None: ...


class BotoCloud:
    """S3 and SNS at one endpoint. Safe to call from many threads."""

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
        self._sns = session.client("sns", endpoint_url=endpoint, config=config)

    def store(self, bucket: str, key: str, body: bytes) -> None:
        try:
            self._s3.put_object(Bucket=bucket, Key=key, Body=body)
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not write to bucket: {bucket} (key {key}: {error})") from error

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        try:
            self._sns.publish(TopicArn=topic_arn, Subject=subject, Message=message)
        except (BotoCoreError, ClientError) as error:
            raise CloudError(f"Could not publish to SNS topic: {topic_arn} ({error})") from error
