"""The errors of AWS's services, each in its service's words and protocol, so that every SDK takes them for real ones.

Codes: botocore's service models, and the API references' "Common error types". Protocols: Smithy's AWS protocols.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import uuid4

from local.faults.call import Call, Protocol
from local.faults.fault import Kind

_REASONS = {400: "Bad Request", 403: "Forbidden", 429: "Too Many Requests", 500: "Internal Server Error",
            503: "Service Unavailable"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Error:
    status: int
    code: str
    message: str


_MESSAGES = {
    Kind.THROTTLE: "Rate exceeded",
    Kind.ERROR500: "We encountered an internal error. Please try again.",
    Kind.ERROR503: "The service is unavailable. Please try again shortly.",
    Kind.DENIED: "Access Denied",
}
# The service's own word where it has one; else the protocol's.
_OF_SERVICE: Mapping[tuple[Kind, str], tuple[int, str]] = {
    (Kind.THROTTLE, "dynamodb"): (400, "ProvisionedThroughputExceededException"),
    (Kind.THROTTLE, "lambda"): (429, "TooManyRequestsException"),
    (Kind.THROTTLE, "s3"): (503, "SlowDown"),
    (Kind.THROTTLE, "sns"): (429, "Throttled"),
    (Kind.THROTTLE, "sqs"): (403, "RequestThrottled"),
    (Kind.ERROR500, "dynamodb"): (500, "InternalServerError"),
    (Kind.ERROR500, "events"): (500, "InternalException"),
    (Kind.ERROR500, "kms"): (500, "KMSInternalException"),
    (Kind.ERROR500, "lambda"): (500, "ServiceException"),
    (Kind.ERROR500, "s3"): (500, "InternalError"),
    (Kind.ERROR500, "sns"): (500, "InternalError"),
    (Kind.DENIED, "sns"): (403, "AuthorizationError"),
}
_OF_PROTOCOL: Mapping[tuple[Kind, Protocol], tuple[int, str]] = {
    (Kind.THROTTLE, Protocol.JSON): (400, "ThrottlingException"),
    (Kind.THROTTLE, Protocol.QUERY): (400, "Throttling"),
    (Kind.THROTTLE, Protocol.REST_JSON): (429, "TooManyRequestsException"),
    (Kind.THROTTLE, Protocol.REST_XML): (503, "SlowDown"),
    (Kind.ERROR500, Protocol.JSON): (500, "InternalFailure"),
    (Kind.ERROR500, Protocol.QUERY): (500, "InternalFailure"),
    (Kind.ERROR500, Protocol.REST_JSON): (500, "InternalServiceErrorException"),
    (Kind.ERROR500, Protocol.REST_XML): (500, "InternalError"),
    (Kind.ERROR503, Protocol.JSON): (503, "ServiceUnavailable"),
    (Kind.ERROR503, Protocol.QUERY): (503, "ServiceUnavailable"),
    (Kind.ERROR503, Protocol.REST_JSON): (503, "ServiceUnavailable"),
    (Kind.ERROR503, Protocol.REST_XML): (503, "ServiceUnavailable"),
    (Kind.DENIED, Protocol.JSON): (400, "AccessDeniedException"),
    (Kind.DENIED, Protocol.QUERY): (403, "AccessDenied"),
    (Kind.DENIED, Protocol.REST_JSON): (403, "AccessDeniedException"),
    (Kind.DENIED, Protocol.REST_XML): (403, "AccessDenied"),
}
ERRORS = frozenset(_MESSAGES)


def refusal(kind: Kind, call: Call, method: str, closes: bool) -> bytes:
    """The whole response. `kind` is one of ERRORS; `closes`: the connection ends with it."""
    status, code = _OF_SERVICE.get((kind, call.service)) or _OF_PROTOCOL[kind, call.protocol]
    error = _Error(status=status, code=code, message=_MESSAGES[kind])
    request_id = str(uuid4())
    headers, body = _BODIES[call.protocol](error, call, request_id)
    return response(status, headers, b"" if method == "HEAD" else body, closes)


def response(status: int, headers: Mapping[str, str], body: bytes, closes: bool) -> bytes:
    lines = {**headers, "Content-Length": str(len(body)), "Connection": "close" if closes else "keep-alive"}
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} {_REASONS.get(status, 'Answer')}\r\n{told}\r\n".encode() + body


def _json(error: _Error, call: Call, request_id: str) -> tuple[Mapping[str, str], bytes]:
    version = "1.1" if "json-1.1" in call.content_type else "1.0"
    headers = {"Content-Type": f"application/x-amz-json-{version}", "x-amzn-RequestId": request_id}
    return headers, json.dumps({"__type": error.code, "message": error.message}).encode()


def _rest_json(error: _Error, _call: Call, request_id: str) -> tuple[Mapping[str, str], bytes]:
    headers = {"Content-Type": "application/json", "x-amzn-RequestId": request_id, "x-amzn-ErrorType": error.code}
    return headers, json.dumps({"message": error.message}).encode()


def _query(error: _Error, _call: Call, request_id: str) -> tuple[Mapping[str, str], bytes]:
    whose = "Sender" if error.status < 500 else "Receiver"
    text = (
        f"<ErrorResponse><Error><Type>{whose}</Type><Code>{error.code}</Code><Message>{error.message}</Message></Error>"
        f"<RequestId>{request_id}</RequestId></ErrorResponse>"
    )
    return {"Content-Type": "text/xml", "x-amzn-RequestId": request_id}, text.encode()


def _rest_xml(error: _Error, _call: Call, request_id: str) -> tuple[Mapping[str, str], bytes]:
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{error.code}</Code><Message>{error.message}</Message>'
        f"<RequestId>{request_id}</RequestId></Error>"
    )
    return {"Content-Type": "application/xml", "x-amz-request-id": request_id}, text.encode()


_BODIES: Mapping[Protocol, Callable[[_Error, Call, str], tuple[Mapping[str, str], bytes]]] = {
    Protocol.JSON: _json,
    Protocol.QUERY: _query,
    Protocol.REST_JSON: _rest_json,
    Protocol.REST_XML: _rest_xml,
}
