"""How faults are wished for, listed and cleared; what is wrong with a wish is said."""

import contextlib
import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.faults.book import MAX_FAULTS, Book
from local.faults.control import answer
from local.faults.fault import Fault, Kind
from local.faults.wish import BadWish, read, shown
from tests.unit.local_faults.conftest import Running

JSON = "application/json"


def test_a_wish_becomes_a_fault_and_is_shown_as_it_was_wished() -> None:
    wish = {"who": "parse", "what": "s3:GetObject", "how": "slow:250", "times": 3, "skip": 1}
    fault = read({**wish, "probability": 0.5, "seed": 9})
    assert fault == Fault(
        id=0, caller="parse", service="s3", operation="GetObject", kind=Kind.SLOW, milliseconds=250,
        times=3, skip=1, probability=0.5, seed=9,
    )  # fmt: skip
    assert shown(fault).items() >= wish.items()


@pytest.mark.parametrize(
    ("what", "service", "operation"),
    [
        ("s3", "s3", "*"),
        ("*", "*", "*"),
        ("sesv2:SendEmail", "ses", "SendEmail"),
        ("dynamodb:*Item", "dynamodb", "*Item"),
    ],
)
def test_an_operation_may_be_left_out_and_starred(what: str, service: str, operation: str) -> None:
    fault = read({"what": what, "how": "throttle"})
    assert (fault.service, fault.operation) == (service, operation)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ([], "a fault is a JSON object"),
        ({}, "how is one of throttle, timeout"),
        ({"how": "explode"}, "can't fail 'explode': how is one of throttle"),
        ({"how": "slow"}, "slow:MILLISECONDS"),
        ({"how": "slow:0"}, "from 1 to 300000 milliseconds"),
        ({"how": "slow:-1"}, "milliseconds"),
        ({"how": "throttle:3"}, "how is one of"),
        ({"how": "throttle", "what": "s4"}, "no service 's4' is known here: dynamodb, events"),
        ({"how": "throttle", "what": "s3:GetObjekt"}, "did you mean s3:GetObject?"),
        ({"how": "throttle", "what": "s3:Zzz"}, "s3 has no operation 'Zzz': it has"),
        ({"how": "throttle", "what": "s3:"}, "what is made of letters"),
        ({"how": "throttle", "who": "<b>"}, "who is made of letters"),
        ({"how": "throttle", "who": 3}, "who is made of letters"),
        ({"how": "throttle", "times": 0}, "times is a whole number from 1 up, not 0"),
        ({"how": "throttle", "times": True}, "times is a whole number"),
        ({"how": "throttle", "skip": -1}, "skip is a whole number from 0 up"),
        ({"how": "throttle", "probability": 0}, "above 0 and up to 1, not 0"),
        ({"how": "throttle", "probability": float("nan")}, "above 0 and up to 1"),
        ({"how": "throttle", "often": 1}, "no field 'often'"),
    ],
)
def test_a_wish_that_makes_no_sense_is_told_what_would(wish: object, said: str) -> None:
    with pytest.raises(BadWish) as caught:
        read(wish)
    assert said in str(caught.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists, max_leaves=3))
def test_whatever_a_field_holds_is_a_fault_or_a_bad_wish(value: object) -> None:
    for name in ("who", "what", "how", "times", "skip", "probability", "seed"):
        with contextlib.suppress(BadWish):
            read({"how": "denied", name: value})


def asked(url: str, method: str = "GET", body: object = None, content_type: str = JSON) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data=data, method=method, headers={"Content-Type": content_type})  # noqa: S310 - our own
    try:
        with urlopen(request) as response:  # noqa: S310 - our own
            return response.status, json.loads(response.read() or b"null")
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())


def test_faults_are_added_listed_with_their_hits_and_cleared(proxy: Running) -> None:
    url = f"{proxy.url}/_faults"
    assert asked(url, "POST", {"who": "parse", "what": "kms", "how": "refuse", "times": 1})[0] == 201
    assert asked(url, "POST", {"how": "denied"})[1]["id"] == 2
    with pytest.raises(Exception, match="onnection"):
        proxy.client("kms").decrypt(CiphertextBlob=b"x")
    listed = asked(url)[1]["faults"]
    assert [(one["id"], one["what"], one["seen"], one["hits"]) for one in listed] == [(1, "kms", 1, 1), (2, "*", 0, 0)]
    assert asked(f"{url}/1", "DELETE")[0] == 204
    assert asked(f"{url}/1", "DELETE") == (404, {"error": "there is no fault 1"})
    assert asked(url, "DELETE")[0] == 204
    assert asked(url) == (200, {"faults": []})


def test_what_a_browser_may_send_unasked_adds_nothing(proxy: Running) -> None:
    assert asked(f"{proxy.url}/_faults", "POST", {"how": "denied"}, "text/plain")[0] == 415
    assert not proxy.book.faults


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_faults", b"{", 400),
        ("POST", "/_faults", b"[" * 60_000, 400),
        ("POST", "/_faults", b"\xff", 400),
        ("POST", "/_faults", b"{}", 400),
        ("PUT", "/_faults", b"", 405),
        ("GET", "/_faults/1", b"", 405),
        ("DELETE", "/_faults/x", b"", 405),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_a_sentence(method: str, path: str, body: bytes, status: int) -> None:
    told = answer(Book(), method, path, JSON, body)
    assert told.status == status
    assert isinstance(told.body, dict)
    assert told.body["error"]


def test_there_is_an_end_to_faults() -> None:
    book = Book()
    wish = json.dumps({"how": "denied"}).encode()
    for _ in range(MAX_FAULTS):
        assert answer(book, "POST", "/_faults", JSON, wish).status == 201
    assert answer(book, "POST", "/_faults", JSON, wish).status == 409
