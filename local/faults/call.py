"""One call of AWS, recognised by what every SDK says: who calls, which service, which operation, in which protocol.

Caller: `app/<id>` in the User-Agent, from AWS_SDK_UA_APP_ID (AWS SDKs and Tools Reference Guide, "Application ID").
Service: the credential scope of SigV4 (IAM User Guide, "Elements of an AWS API request signature").
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, unquote

from local.faults.http import Request
from local.faults.operations import RESTFUL, of_rest

UNKNOWN = "Unknown"
_PAIRS = 200  # fields of a query or form that are looked at
_SCOPE = re.compile(r"Credential=[^/,\s]{1,200}/\d{8}/[a-z0-9-]{1,40}/([A-Za-z0-9_-]{1,40})/aws4_request")
_APP = re.compile(r"(?:^|\s)app/([^\s/]{1,64})")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_CBOR = re.compile(r"/service/[A-Za-z0-9_.]{1,128}/operation/([A-Za-z0-9_]{1,128})")


class Protocol(StrEnum):
    """How a service wants to be spoken to, and so how it tells an error."""

    JSON = "json"
    QUERY = "query"
    REST_JSON = "rest-json"
    REST_XML = "rest-xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`service` is the one of the credential scope: `s3`, `dynamodb`, `events`; SES is `ses` in both versions.

    `caller` is empty where the client doesn't say who it is. What can't be told is `Unknown`.
    """

    caller: str = ""
    service: str = UNKNOWN
    operation: str = UNKNOWN
    protocol: Protocol = Protocol.REST_JSON
    content_type: str = ""

    def __str__(self) -> str:
        return f"{self.caller or 'somebody'} {self.service}:{self.operation}"


def recognise(request: Request, body: bytes = b"") -> Call:
    """`body`: the beginning of the request's body, where it is a form."""
    query = fields(request.query)
    service = _service(request.headers, query)
    operation, protocol = _operation(request, service, query, body)
    return Call(
        caller=_caller(request.headers),
        service=service,
        operation=operation,
        protocol=protocol,
        content_type=request.headers.get("content-type", ""),
    )


def fields(text: str) -> Mapping[str, str]:
    """The first fields of a query string or form; empty where it is too odd to be one."""
    try:
        read = parse_qs("&".join(text.split("&", _PAIRS)[:_PAIRS]), keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[0] for name, values in read.items()}


def _caller(headers: Mapping[str, str]) -> str:
    found = _APP.search(headers.get("user-agent", ""))
    return found.group(1) if found else ""


def _service(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    # A presigned URL has the same scope in its query.
    signed = headers.get("authorization", "") or f"Credential={query.get('X-Amz-Credential', '')}"
    found = _SCOPE.search(signed)
    return found.group(1) if found else UNKNOWN


def _operation(request: Request, service: str, query: Mapping[str, str], body: bytes) -> tuple[str, Protocol]:
    if target := request.headers.get("x-amz-target", ""):
        return _named(target.rpartition(".")[2]), Protocol.JSON
    if found := _CBOR.fullmatch(request.path):
        return found.group(1), Protocol.REST_JSON
    form = fields(body.decode("latin-1")) if request.has_form else {}
    if action := form.get("Action", "") or query.get("Action", ""):
        return _named(action), Protocol.QUERY
    if service in RESTFUL:
        protocol = Protocol.REST_XML if service == "s3" else Protocol.REST_JSON
        return of_rest(service, request.method, unquote(request.path), query, request.headers) or UNKNOWN, protocol
    return UNKNOWN, Protocol.REST_JSON


def _named(text: str) -> str:
    return text if _NAME.fullmatch(text) else UNKNOWN
