"""What goes through the proxy, and what a client sees of each fault."""

import contextlib
import os
import re
import socket
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from tests.unit.local_faults.conftest import HOST, OK, Running

ERRORS = [
    ("s3", "list_objects_v2", {"Bucket": "b"}, "throttle", "SlowDown", 503),
    ("dynamodb", "list_tables", {}, "throttle", "ProvisionedThroughputExceededException", 400),
    ("events", "list_rules", {}, "throttle", "ThrottlingException", 400),
    ("kms", "list_keys", {}, "throttle", "ThrottlingException", 400),
    ("sns", "list_topics", {}, "throttle", "Throttled", 429),
    ("sqs", "list_queues", {}, "throttle", "RequestThrottled", 403),
    ("lambda", "list_functions", {}, "throttle", "TooManyRequestsException", 429),
    ("ses", "list_receipt_rule_sets", {}, "throttle", "Throttling", 400),
    ("sesv2", "list_email_identities", {}, "throttle", "TooManyRequestsException", 429),
    ("s3", "list_objects_v2", {"Bucket": "b"}, "error500", "InternalError", 500),
    ("dynamodb", "list_tables", {}, "error500", "InternalServerError", 500),
    ("sns", "list_topics", {}, "error500", "InternalError", 500),
    ("sqs", "list_queues", {}, "error500", "InternalFailure", 500),
    ("s3", "list_objects_v2", {"Bucket": "b"}, "error503", "ServiceUnavailable", 503),
    ("lambda", "list_functions", {}, "error503", "ServiceUnavailable", 503),
    ("s3", "list_objects_v2", {"Bucket": "b"}, "denied", "AccessDenied", 403),
    ("dynamodb", "list_tables", {}, "denied", "AccessDeniedException", 400),
    ("sns", "list_topics", {}, "denied", "AuthorizationError", 403),
    ("sesv2", "list_email_identities", {}, "denied", "AccessDeniedException", 403),
]


@pytest.mark.parametrize(("service", "method", "arguments", "how", "code", "status"), ERRORS)
def test_an_error_is_the_services_own(
    proxy: Running, service: str, method: str, arguments: dict[str, Any], how: str, code: str, status: int
) -> None:
    proxy.fault(how=how)
    with pytest.raises(ClientError) as caught:
        getattr(proxy.client(service), method)(**arguments)
    error = caught.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert not proxy.emulator.heads + proxy.ses.heads


@pytest.mark.parametrize(("service", "method", "arguments", "how", "code", "status"), ERRORS[:9])
def test_botocore_takes_a_throttle_for_one_and_tries_again(
    proxy: Running, service: str, method: str, arguments: dict[str, Any], how: str, code: str, status: int
) -> None:
    proxy.fault(how="throttle")
    with pytest.raises(ClientError) as caught:
        getattr(proxy.client(service, attempts=2), method)(**arguments)
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 1
    assert proxy.hits() == 2


def test_a_modelled_exception_is_raised_by_its_class(proxy: Running) -> None:
    proxy.fault(how="throttle", what="dynamodb")
    client = proxy.client("dynamodb")
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        client.list_tables()


def test_what_is_tried_again_after_the_fault_goes_through(proxy: Running) -> None:
    proxy.fault(who="parse", what="dynamodb:ListTables", how="throttle", times=1)
    proxy.client("dynamodb", attempts=2).list_tables()
    assert (proxy.hits(), len(proxy.emulator.heads)) == (1, 1)


def test_a_put_that_waits_for_leave_is_refused_without_its_body(proxy: Running) -> None:
    proxy.fault(how="throttle", times=1)
    s3 = proxy.client("s3", attempts=2)
    s3.put_object(Bucket="b", Key="k", Body=b"x" * 3_000_000)
    assert proxy.hits() == 1
    assert proxy.emulator.bodies[0].length == 3_000_000


def test_a_head_is_throttled_without_a_body(proxy: Running) -> None:
    proxy.fault(how="throttle", times=2)
    s3 = proxy.client("s3")
    for _ in range(2):
        with pytest.raises(ClientError, match="503"):
            s3.head_object(Bucket="b", Key="k")
    s3.head_object(Bucket="b", Key="k")


def test_after_the_effect_the_connection_dies(proxy: Running) -> None:
    proxy.fault(how="after", times=1)
    with pytest.raises(ConnectionClosedError):
        proxy.client("dynamodb").list_tables()
    assert len(proxy.emulator.bodies) == 1


def test_an_upload_takes_effect_before_its_connection_dies(proxy: Running) -> None:
    proxy.fault(how="after", times=1)
    with pytest.raises(ConnectionClosedError):
        proxy.client("s3").put_object(Bucket="b", Key="k", Body=b"x" * 500_000)
    assert proxy.emulator.bodies[0].length == 500_000


def test_a_refused_call_has_no_effect(proxy: Running) -> None:
    proxy.fault(how="refuse", times=1)
    with pytest.raises((ConnectionClosedError, EndpointConnectionError)):
        proxy.client("dynamodb").list_tables()
    assert not proxy.emulator.heads


@pytest.mark.parametrize(
    ("service", "method", "arguments"),
    [("dynamodb", "list_tables", {}), ("s3", "put_object", {"Bucket": "b", "Key": "k", "Body": b"x" * 200_000})],
)
def test_a_call_without_an_answer_ends_when_the_client_gives_up(
    proxy: Running, service: str, method: str, arguments: dict[str, Any]
) -> None:
    proxy.fault(how="timeout")
    with pytest.raises(ReadTimeoutError):
        getattr(proxy.client(service, read_timeout=0.2), method)(**arguments)
    assert not proxy.emulator.heads


def test_a_slow_call_goes_through(proxy: Running) -> None:
    proxy.fault(how="slow:20")
    proxy.client("dynamodb").list_tables()
    assert (proxy.hits(), len(proxy.emulator.heads)) == (1, 1)


def test_calls_of_ses_go_to_ses_and_all_others_do_not(proxy: Running) -> None:
    proxy.client("sesv2").list_email_identities()
    said = b"<R><ListReceiptRuleSetsResult/></R>"
    proxy.ses.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said)
    proxy.client("ses").list_receipt_rule_sets()
    proxy.client("kms").list_keys()
    assert (len(proxy.ses.heads), len(proxy.emulator.heads)) == (2, 1)


def test_one_connection_serves_many_calls_on_either_side(proxy: Running) -> None:
    client = proxy.client("dynamodb", max_pool_connections=1)
    for _ in range(5):
        client.list_tables()
    assert (len(proxy.emulator.heads), proxy.emulator.connections) == (5, 1)


def test_forty_megabytes_go_up_and_come_down(proxy: Running) -> None:
    whole = os.urandom(1_000_000) * 40
    s3 = proxy.client("s3")
    s3.put_object(Bucket="b", Key="k", Body=whole)
    proxy.emulator.answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(whole), whole)
    assert proxy.emulator.bodies[0].length == len(whole)
    assert proxy.emulator.bodies[0].data == whole[-100_000:]
    assert s3.get_object(Bucket="b", Key="k")["Body"].read() == whole


def spoken(proxy: Running, said: bytes, more: bool = False) -> bytes:
    """All that comes back until the connection ends; `more`: as if something was still to come from here."""
    with socket.create_connection((HOST, proxy.port), timeout=5) as connection:
        connection.sendall(said)
        if not more:
            with contextlib.suppress(OSError):  # the proxy was quicker to end it
                connection.shutdown(socket.SHUT_WR)
        heard = b""
        while piece := connection.recv(65_536):
            heard += piece
        return heard


def test_a_request_and_its_answer_pass_byte_for_byte(proxy: Running) -> None:
    request = b"GET /b/a%20b?X=%2f HTTP/1.1\r\nhOsT:  somewhere.example\r\nX-Odd:\t\xfc \r\n\r\n"
    proxy.emulator.answer = (
        b"HTTP/1.1 200 Fine\r\nx-LOWER: 1\r\ntransfer-encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: 1\r\n\r\n"
    )
    assert spoken(proxy, request) == proxy.emulator.answer
    assert proxy.emulator.heads == [request]


def test_a_chunked_request_passes_and_the_next_one_on_the_same_connection_too(proxy: Running) -> None:
    chunked = b"PUT /b/k HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    assert spoken(proxy, chunked + b"GET /b/k HTTP/1.1\r\n\r\n") == OK + OK
    assert bytes(proxy.emulator.bodies[0].data) == b"5\r\nhello\r\n0\r\n\r\n"


def test_an_answer_that_comes_before_the_body_has_gone_is_passed_on(proxy: Running) -> None:
    proxy.emulator.early = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
    head = b"PUT /b/k HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n"
    assert spoken(proxy, head, more=True) == proxy.emulator.early


@pytest.mark.parametrize("length", [20_000, 2_000_000])
def test_a_client_that_goes_away_in_the_middle_leaves_nothing_open(proxy: Running, length: int) -> None:
    with pytest.raises(ConnectionResetError):
        spoken(proxy, b"PUT /b/k HTTP/1.1\r\nContent-Length: %d\r\n\r\nbegun" % length)
    deadline = time.monotonic() + 5
    while not proxy.emulator.broken_off and time.monotonic() < deadline:
        time.sleep(0.01)
    assert proxy.emulator.broken_off == 1


def test_an_answer_without_a_length_ends_with_the_connection(proxy: Running) -> None:
    proxy.emulator.early = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    assert spoken(proxy, b"GET / HTTP/1.1\r\n\r\n") == proxy.emulator.early
    # A client that could ask for more sees the end, too: it is all that tells it that it has everything.
    assert spoken(proxy, b"GET / HTTP/1.1\r\n\r\n", more=True) == proxy.emulator.early


@pytest.mark.parametrize(
    "said",
    [
        b"EHLO there\r\n\r\n",
        b"GET / HTTP/2\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
        b"POST /_faults HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        # What a server behind may read in another way: one request here, and two there.
        b"PUT / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 0\r\n\r\nhello",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length : 5\r\n\r\nhello",
        b"GET / HTTP/1.1\r\nX: folded\r\n Content-Length: 5\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: y\nContent-Length: 5\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: y\rZ: z\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so(proxy: Running, said: bytes) -> None:
    try:
        heard = spoken(proxy, said)
    except ConnectionResetError:  # it closed while we were still sending
        return
    assert re.match(rb"HTTP/1.1 400 Bad Request\r\n", heard)


@pytest.mark.parametrize("chunk", [b"-5\r\nhello\r\n", b"4\r\nhello\r\n", b"5;a\nb\r\nhello\r\n"])
@pytest.mark.parametrize("more", [False, True])
def test_a_broken_chunk_ends_the_connection(proxy: Running, chunk: bytes, more: bool) -> None:
    """Whether or not the client waits for an answer: the emulator waits for the rest of the body."""
    said = b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + b"0\r\n\r\n"
    with contextlib.suppress(ConnectionResetError):
        assert b" 200 " not in spoken(proxy, said, more)
    assert not proxy.emulator.bodies


def test_a_fault_is_taken_from_a_client_that_waits_for_leave_to_send_it(proxy: Running) -> None:
    body = b'{"how": "denied"}'
    head = b"POST /_faults HTTP/1.1\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\n"
    with socket.create_connection((HOST, proxy.port), timeout=10) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert connection.recv(100).startswith(b"HTTP/1.1 201 ")
