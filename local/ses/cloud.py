"""S3, SNS, KMS, Lambda and EventBridge, as much of them as SES needs.

Three adapters: `boto_cloud`, `folder_cloud` on disk, and the tests' own in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

CONNECTIONS = 32  # one per worker thread


class CloudError(Exception):
    """A service did not do it. The text says which, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A key of 32 bytes for one mail, plain and wrapped by KMS."""

    plain: bytes
    wrapped: bytes


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
