"""boto3 for this machine only: made-up credentials, and nothing of the user's own AWS settings."""

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import boto3
import botocore.session
from botocore.config import Config

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_kms import KMSClient
    from types_boto3_lambda import LambdaClient
    from types_boto3_s3 import S3Client
    from types_boto3_ses import SESClient
    from types_boto3_sesv2 import SESV2Client

REGION = "us-east-1"
ACCOUNT = "000000000000"
KEY = "test"

# A proxy of the user's knows nothing of our 127.0.0.1.
_CONFIG = Config(
    region_name=REGION, connect_timeout=3, read_timeout=70, retries={"total_max_attempts": 2}, proxies={},
    s3={"addressing_style": "path"},
)  # fmt: skip


@cache
def session() -> boto3.Session:
    """A session that reads no file and no variable: a profile of the user's that is gone can't break it."""
    apart = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return boto3.Session(botocore_session=apart, aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION)


def s3(url: str) -> "S3Client":
    return session().client("s3", endpoint_url=url, config=_CONFIG)


def kms(url: str) -> "KMSClient":
    return session().client("kms", endpoint_url=url, config=_CONFIG)


def cloudformation(url: str) -> "CloudFormationClient":
    return session().client("cloudformation", endpoint_url=url, config=_CONFIG)


def ses(url: str) -> "SESClient":
    return session().client("ses", endpoint_url=url, config=_CONFIG)


def sesv2(url: str) -> "SESV2Client":
    return session().client("sesv2", endpoint_url=url, config=_CONFIG)


def lambda_(url: str) -> "LambdaClient":
    return session().client("lambda", endpoint_url=url, config=_CONFIG)


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """A child's whole environment: the user's, without AWS settings, proxies and Python paths, and with `ours`."""
    foreign = ("AWS_", "PYTHON", "MINISTACK_", "LAMBDA_", "LOCALSTACK_", "POWERTOOLS_", "POSTROOM_", "BOTO_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(foreign) and not name.lower().endswith("_proxy")
    }
    return (
        kept
        | {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "PYTHONUNBUFFERED": "1",
        }
        | dict(ours)
    )
