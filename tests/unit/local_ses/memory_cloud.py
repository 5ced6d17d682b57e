"""S3, SNS and KMS in memory, for tests. It fails on request, and passes the contract of test_cloud.py."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Condition

from local.ses.cloud import CloudError
from local.ses.sealing import DataKey


@dataclass
class MemoryCloud:
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    metadata: dict[str, Mapping[str, str]] = field(default_factory=dict)  # by key of the object
    keys: set[str] = field(default_factory=set)
    topics: dict[str, list[str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)  # "store <key>" and "publish <topic>", as they came
    changed: Condition = field(default_factory=Condition)

    def data_key(self, key_arn: str, context: Mapping[str, str]) -> DataKey:
        """Wrapped is what it is for, so that a test can read it."""
        if key_arn not in self.keys:
            raise CloudError(f"Could not use the KMS key: {key_arn}")
        return DataKey(plain=bytes(32), wrapped=json.dumps([key_arn, dict(context)]).encode())

    def store(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        with self.changed:
            if bucket not in self.buckets:
                raise CloudError(f"Could not write to bucket: {bucket}")
            self.buckets[bucket][key] = body
            self.metadata[key] = metadata
            self.order.append(f"store {key}")

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        with self.changed:
            if topic_arn not in self.topics:
                raise CloudError(f"Could not publish to SNS topic: {topic_arn}")
            self.topics[topic_arn].append(message)
            self.order.append(f"publish {topic_arn}")
            self.changed.notify_all()

    def messages(self, topic_arn: str, count: int) -> list[str]:
        """The messages of a topic, once there are so many; what there is after ten seconds."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.topics[topic_arn]) >= count, timeout=10)
            return list(self.topics[topic_arn])
