"""S3 and SNS in memory, for tests. It fails on request, and passes the contract of test_cloud.py."""

from dataclasses import dataclass, field
from threading import Condition

from local.ses.cloud import CloudError


@dataclass
class MemoryCloud:
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    topics: dict[str, list[str]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)  # "store <key>" and "publish <topic>", as they came
    changed: Condition = field(default_factory=Condition)

    def store(self, bucket: str, key: str, body: bytes) -> None:
        with self.changed:
            if bucket not in self.buckets:
                raise CloudError(f"Could not write to bucket: {bucket}")
            self.buckets[bucket][key] = body
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
