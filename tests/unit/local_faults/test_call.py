"""What a call is, told from what boto3 really sends."""

import re
from typing import Any

import boto3
import pytest
from botocore.config import Config

from local.faults import operations
from local.faults.call import Call, Protocol, recognise
from local.faults.http import Request

BYTES = b"x" * 10
CALLS: list[tuple[str, str, dict[str, Any], str, Protocol]] = [
    ("s3", "get_object", {"Bucket": "b", "Key": "a/b c"}, "s3:GetObject", Protocol.REST_XML),
    ("s3", "head_object", {"Bucket": "b", "Key": "k"}, "s3:HeadObject", Protocol.REST_XML),
    ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": BYTES}, "s3:PutObject", Protocol.REST_XML),
    ("s3", "create_multipart_upload", {"Bucket": "b", "Key": "k"}, "s3:CreateMultipartUpload", Protocol.REST_XML),
    ("s3", "list_objects_v2", {"Bucket": "b", "Prefix": "raw/"}, "s3:ListObjectsV2", Protocol.REST_XML),
    ("s3", "copy_object", {"Bucket": "b", "Key": "k", "CopySource": "b/c"}, "s3:CopyObject", Protocol.REST_XML),
    (
        "s3",
        "upload_part",
        {"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1, "Body": BYTES},
        "s3:UploadPart",
        Protocol.REST_XML,
    ),
    (
        "s3",
        "abort_multipart_upload",
        {"Bucket": "b", "Key": "k", "UploadId": "u"},
        "s3:AbortMultipartUpload",
        Protocol.REST_XML,
    ),
    ("dynamodb", "get_item", {"TableName": "t", "Key": {"pk": {"S": "a"}}}, "dynamodb:GetItem", Protocol.JSON),
    ("dynamodb", "put_item", {"TableName": "t", "Item": {"pk": {"S": "a"}}}, "dynamodb:PutItem", Protocol.JSON),
    ("events", "put_events", {"Entries": [{"Source": "x", "Detail": "{}"}]}, "events:PutEvents", Protocol.JSON),
    ("sqs", "send_message", {"QueueUrl": "http://127.0.0.1:1/q", "MessageBody": "x"}, "sqs:SendMessage", Protocol.JSON),
    ("kms", "decrypt", {"CiphertextBlob": BYTES}, "kms:Decrypt", Protocol.JSON),
    ("sns", "publish", {"TopicArn": "arn:t", "Message": "&Action=Wrong"}, "sns:Publish", Protocol.QUERY),
    ("ses", "describe_active_receipt_rule_set", {}, "ses:DescribeActiveReceiptRuleSet", Protocol.QUERY),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b"{}"}, "lambda:Invoke", Protocol.REST_JSON),
    (
        "sesv2",
        "send_email",
        {"FromEmailAddress": "a@desk.example", "Content": {"Raw": {"Data": BYTES}}},
        "ses:SendEmail",
        Protocol.REST_JSON,
    ),
]


class Seen(Exception):
    """A request got as far as the network."""


def sent(service: Any, method: str, arguments: dict[str, Any], app: str = "parse") -> tuple[Request, bytes]:
    """What boto3 would send, head and body."""
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    config = Config(s3={"addressing_style": "path"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SDK_UA_APP_ID", app)
        client: Any = session.client(service, endpoint_url="http://127.0.0.1:1", config=config)
    seen: list[Any] = []

    def stop(request: Any, **_: object) -> None:
        seen.append(request)
        raise Seen

    client.meta.events.register("before-send", stop)
    with pytest.raises(Seen):
        getattr(client, method)(**arguments)
    request = seen[0]
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    path, _, query = request.url.removeprefix("http://127.0.0.1:1").partition("?")
    body = request.body if isinstance(request.body, bytes) else b""
    text = request.body.encode() if isinstance(request.body, str) else body
    return _request(request.method, path, query, headers), text


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _request(method: str, path: str, query: str, headers: dict[str, str]) -> Request:
    return Request(raw=b"", method=method, path=path, query=query, version="HTTP/1.1", headers=headers)


@pytest.mark.parametrize(("service", "method", "arguments", "what", "protocol"), CALLS, ids=lambda one: str(one)[:24])
def test_what_boto3_sends_is_recognised(
    service: str, method: str, arguments: dict[str, Any], what: str, protocol: Protocol
) -> None:
    call = recognise(*sent(service, method, arguments))
    assert (call.caller, f"{call.service}:{call.operation}", call.protocol) == ("parse", what, protocol)


def test_a_client_that_gives_no_name_is_nobody() -> None:
    assert recognise(*sent("kms", "decrypt", {"CiphertextBlob": BYTES}, app="")).caller == ""


def test_a_presigned_url_is_recognised_by_its_query() -> None:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    config = Config(signature_version="s3v4")
    client = session.client("s3", endpoint_url="http://127.0.0.1:1", config=config)
    url = client.generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    path, _, query = url.removeprefix("http://127.0.0.1:1").partition("?")
    assert str(recognise(_request("GET", path, query, {}))) == "somebody s3:GetObject"


@pytest.mark.parametrize("service", operations.RESTFUL)
def test_every_operation_of_a_rest_service_is_told_from_all_others(service: str) -> None:
    model = operations._model(operations.RESTFUL[service])
    assert len(model["operations"]) > 80
    for name, operation in model["operations"].items():
        if name in operations._NEVER or operation.get("deprecated"):
            continue
        route = operations._route(operations.RESTFUL[service], name, operation)
        path = re.sub(r"\{\w+\+?\}", "x", operation["http"]["requestUri"].partition("?")[0])
        query = {key: value or "1" for key, value in route.query.items()}
        headers = dict.fromkeys(route.headers, "1")
        assert operations.of_rest(service, operation["http"]["method"], path, query, headers) == name


ODD = {"authorization": "AWS4-HMAC-SHA256 Credential=x/20261124/us-east-1/s3/aws4_request, SignedHeaders=host"}


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (_request("GET", "/", "", {}), Call()),
        (_request("PATCH", "/b/k", "", ODD), Call(service="s3", protocol=Protocol.REST_XML)),
        (_request("GET", "/", "", {"authorization": "AWS4-HMAC-SHA256 Credential=x"}), Call()),
        (_request("POST", "/", "", {"x-amz-target": "No.Good\u0000Name"}), Call(protocol=Protocol.JSON)),
        (_request("GET", "/", "&" * 10_000 + "=%ff;", {}), Call()),
        (
            _request("POST", "/service/GraniteServiceVersion20100801/operation/PutMetricData", "", {}),
            Call(operation="PutMetricData"),
        ),
    ],
)
def test_what_cannot_be_told_is_unknown_and_never_an_error(request_: Request, told: Call) -> None:
    assert recognise(request_) == told
