"""S3, SNS, KMS, Lambda and EventBridge in memory, for tests.

It fails on request, and passes the contract of test_cloud.py.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Condition

from local.ses.cloud import CloudError, DataKey
from local.ses.values import Json


@dataclass
class MemoryCloud:
    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    metadata: dict[str, Mapping[str, str]] = field(default_factory=dict)  # by key of the object
    keys: set[str] = field(default_factory=set)
    topics: dict[str, list[str]] = field(default_factory=dict)
    buses: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)  # detail type, resource, detail
    functions: dict[str, Callable[[Json], Json]] = field(default_factory=dict)
    invoked: list[tuple[str, str]] = field(default_factory=list)
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

    def put_event(self, bus_arn: str, detail_type: str, resource: str, detail: str) -> None:
        with self.changed:
            if bus_arn not in self.buses:
                raise CloudError(f"Could not put an event on the bus: {bus_arn}")
            self.buses[bus_arn].append((detail_type, resource, detail))
            self.changed.notify_all()

    def find_function(self, function_arn: str) -> None:
        if function_arn not in self.functions:
            raise CloudError(f"Could not invoke Lambda function: {function_arn}")

    def invoke(self, function_arn: str, event: str) -> str:
        self.hand(function_arn, event)
        return json.dumps(self.functions[function_arn](json.loads(event)))

    def hand(self, function_arn: str, event: str) -> None:
        with self.changed:
            if function_arn not in self.functions:
                raise CloudError(f"Could not invoke Lambda function: {function_arn}")
            self.invoked.append((function_arn, event))
            self.order.append(f"invoke {function_arn}")
            self.changed.notify_all()

    def messages(self, topic_arn: str, count: int) -> list[str]:
        """The messages of a topic, once there are so many; what there is after ten seconds."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.topics[topic_arn]) >= count, timeout=10)
            return list(self.topics[topic_arn])
