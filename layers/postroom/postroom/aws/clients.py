"""boto3 clients, made once, when first needed. boto3 itself reads AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE>."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_events import EventBridgeClient
    from types_boto3_kms import KMSClient
    from types_boto3_s3 import S3Client
    from types_boto3_secretsmanager import SecretsManagerClient
    from types_boto3_ses import SESClient
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sqs import SQSClient

    from postroom.aws.bedrock import BedrockRuntime

# One retry inside a call; the queue does the rest. Two tries stay well under every function's own time-out.
_CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=3, read_timeout=10, max_pool_connections=10
)
# A send must not be repeated by the SDK behind our back: after a time-out it may have happened (see stages.reply).
_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=3, read_timeout=15)
# Nobody waits long for an opinion (postroom.opinions.patience): 17 s at most, with the pause between two tries.
_SOON = Config(retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=2, read_timeout=6)
# What SES takes once a second waits for its turn: five tries of 13 s, 15 s between them, and 2 s before each.
PATIENCE = 90.0  # seconds
_PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 5}, connect_timeout=3, read_timeout=10)


@cache
def s3() -> "S3Client":
    return boto3.client("s3", config=_CONFIG)


@cache
def kms() -> "KMSClient":
    return boto3.client("kms", config=_CONFIG)


@cache
def secrets() -> "SecretsManagerClient":
    return boto3.client("secretsmanager", config=_CONFIG)


@cache
def dynamodb() -> "DynamoDBClient":
    return boto3.client("dynamodb", config=_CONFIG)


@cache
def bedrock() -> "BedrockRuntime":
    client: BedrockRuntime = boto3.client("bedrock-runtime", config=_SOON)
    return client


@cache
def events() -> "EventBridgeClient":
    return boto3.client("events", config=_CONFIG)


@cache
def sqs() -> "SQSClient":
    return boto3.client("sqs", config=_CONFIG)


@cache
def ses_v2() -> "SESV2Client":
    return boto3.client("sesv2", config=_ONCE)


@cache
def ses_v2_patient() -> "SESV2Client":
    return boto3.client("sesv2", config=_PATIENT)


@cache
def ses() -> "SESClient":
    return boto3.client("ses", config=_CONFIG)
