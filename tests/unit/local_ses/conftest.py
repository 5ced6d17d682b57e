"""SES running in a thread on free ports, with S3 and SNS in memory, and boto3 to talk to it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from types_boto3_ses import SESClient
from types_boto3_ses.type_defs import S3ActionTypeDef
from types_boto3_sesv2 import SESV2Client

from local.ses.assembly import Settings
from local.ses.server import Ports, running
from tests.unit.local_ses.memory_cloud import MemoryCloud

TOPIC = "arn:aws:sns:us-east-1:000000000000:inbound"
EVENTS = "arn:aws:sns:us-east-1:000000000000:feedback"


@dataclass(frozen=True, kw_only=True)
class Running:
    smtp: int
    http: int
    submission: int | None
    cloud: MemoryCloud
    state: Path
    v1: SESClient
    v2: SESV2Client

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    def activate(self, *recipients: str, prefix: str = "raw/", topic: str = TOPIC, key_arn: str = "") -> None:
        """One rule, active: these recipients (none: all) to the bucket `mail`."""
        s3: S3ActionTypeDef = {"BucketName": "mail", "ObjectKeyPrefix": prefix, "TopicArn": topic}
        if key_arn:
            s3["KmsKeyArn"] = key_arn
        self.v1.create_receipt_rule_set(RuleSetName="desk")
        self.v1.create_receipt_rule(
            RuleSetName="desk",
            Rule={
                "Name": "inbound",
                "Enabled": True,
                "ScanEnabled": True,
                "Recipients": list(recipients),
                "Actions": [{"S3Action": s3}],
            },
        )
        self.v1.set_active_receipt_rule_set(RuleSetName="desk")


class _Thread(threading.Thread):
    """SES in an event loop of its own."""

    def __init__(self, settings: Settings, cloud: MemoryCloud) -> None:
        super().__init__(daemon=True)
        self._settings, self._cloud = settings, cloud
        self._listening = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._ended = asyncio.Event()
        self._ports: Ports | None = None

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._loop.close()

    async def _serve(self) -> None:
        async with running(self._settings, self._cloud) as ports:
            self._ports = ports
            self._listening.set()
            await self._ended.wait()
        leftover = asyncio.all_tasks() - {asyncio.current_task()}
        for task in leftover:
            task.cancel()
        await asyncio.gather(*leftover, return_exceptions=True)

    def ports(self) -> Ports:
        assert self._listening.wait(10)
        assert self._ports is not None
        return self._ports

    def end(self) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self.join(10)


@pytest.fixture
def cloud() -> MemoryCloud:
    return MemoryCloud(buckets={"mail": {}}, topics={TOPIC: [], EVENTS: []})


@cache
def _session(region: str) -> boto3.Session:
    """One for all tests: a new one reads botocore's descriptions of SES from the disk again."""
    return boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name=region)


@contextmanager
def serving(settings: Settings, cloud: MemoryCloud) -> Iterator[Running]:
    """SES with these settings, from here to the end of the block."""
    thread = _Thread(settings, cloud)
    thread.start()
    ports = thread.ports()
    session = _session(settings.region)
    once = Config(retries={"max_attempts": 1})
    url = f"http://127.0.0.1:{ports.http}"
    try:
        yield Running(
            smtp=ports.smtp,
            http=ports.http,
            submission=ports.submission,
            cloud=cloud,
            state=settings.state,
            v1=session.client("ses", endpoint_url=url, config=once),
            v2=session.client("sesv2", endpoint_url=url, config=once),
        )
    finally:
        thread.end()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """What SES is to be: a module with other wishes has a fixture of this name."""
    return Settings(state=tmp_path, keep=5)


@pytest.fixture
def ses(cloud: MemoryCloud, settings: Settings) -> Iterator[Running]:
    with serving(settings, cloud) as running_ses:
        yield running_ses
