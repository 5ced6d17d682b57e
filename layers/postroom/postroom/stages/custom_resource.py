"""A custom resource: what CloudFormation asks for at a deployment, and what it is answered.

Source: "Custom resources", "Custom resource response objects" (CloudFormation user guide).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

_REASON_LENGTH = 600  # characters, each at most 4 bytes; the whole answer may have 4096 bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What CloudFormation asks for. `physical_id` is what the resource was called before, None when it creates."""

    type: str
    stack_id: str
    request_id: str
    logical_id: str
    physical_id: str | None
    response_url: str

    @property
    def stack(self) -> str:
        """The stack's name: arn:...:stack/<name>/<uuid>."""
        return self.stack_id.partition(":stack/")[2].partition("/")[0]

    @property
    def serial(self) -> str:
        """What no other stack has, not even a later one of the same name."""
        return self.stack_id.rpartition("/")[2]


class Status(StrEnum):
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What CloudFormation is told. `data` holds the attributes that the template may ask for with GetAtt."""

    status: Status
    physical_id: str
    reason: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    def body(self, request: Request) -> bytes:
        """The response object in JSON."""
        fields = {
            "Status": self.status,
            "Reason": self.reason[:_REASON_LENGTH],
            "PhysicalResourceId": self.physical_id,
            "StackId": request.stack_id,
            "RequestId": request.request_id,
            "LogicalResourceId": request.logical_id,
            "Data": dict(self.data),
        }
        return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace")


def read(event: Mapping[str, Any]) -> Request:
    """The request as a value; KeyError where a field is missing without which nobody could be answered."""
    physical_id = event.get("PhysicalResourceId")
    return Request(
        type=str(event.get("RequestType")),
        stack_id=str(event["StackId"]),
        request_id=str(event["RequestId"]),
        logical_id=str(event["LogicalResourceId"]),
        physical_id=str(physical_id) if physical_id else None,
        response_url=str(event.get("ResponseURL", "")),
    )


def failed(request: Request, error: Exception, own_id: str) -> Answer:
    """The answer when it could not be done; a Delete for the same physical id follows and clears up."""
    reason = f"{type(error).__name__}: {error}"
    return Answer(status=Status.FAILED, physical_id=request.physical_id or own_id, reason=reason)
