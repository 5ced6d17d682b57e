"""The batch of an SQS queue: each message alone, and only what failed comes back (partial batch responses)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from postroom.errors import Poison
from postroom.runtime.log import fault, logger


class Failure(TypedDict):
    itemIdentifier: str


class BatchResponse(TypedDict):
    """Lambda's ReportBatchItemFailures."""

    batchItemFailures: list[Failure]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`work` takes one message's body. `quarantine` is told of what can never succeed, and gives whether it could name
    the mail: what it can't name goes to the dead-letter queue, where it is kept and seen. `name` is a body's SES id."""

    work: Callable[[str], None]
    quarantine: Callable[[str, Poison], bool]
    name: Callable[[str], str]

    def __call__(self, event: Mapping[str, Any]) -> BatchResponse:
        records: Sequence[Mapping[str, Any]] = event["Records"]
        failed = [r["messageId"] for r in records if not self._done(r["messageId"], r.get("body", ""))]
        return {"batchItemFailures": [{"itemIdentifier": id_} for id_ in failed]}

    def _done(self, id_: str, body: str) -> bool:
        """Whether the message may be deleted. Whatever is unforeseen is retried, so a fix and a redrive recover it."""
        try:
            return self._worked(body)
        except Exception as error:
            told = {"ses_id": self.name(body), "sqs_message_id": id_, **fault(error)}
            logger().error("failed, and will be tried again", extra=told)
            return False

    def _worked(self, body: str) -> bool:
        try:
            self.work(body)
        except Poison as poison:
            told = {"ses_id": self.name(body), "reason": poison.reason.value, **fault(poison)}
            logger().warning("poison", extra=told)
            return self.quarantine(body, poison)
        return True
