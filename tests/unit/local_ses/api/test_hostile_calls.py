"""Both APIs, called with what their shapes don't allow: every answer is one of SES's, never a 500."""

import http.client
import json
import random
from collections.abc import Iterator
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.ses.values import Json
from tests.unit.local_ses.conftest import EVENTS, TOPIC, Running

_NAMES = ("desk", "ann@example.org", "example.org", TOPIC, EVENTS, "", ".", "..", "a/b", "\x00", "é", "<&>", "x" * 400)
_ODD = (
    "true",
    "SEND",
    "{{a",
    '{"a": 1e999}',
    "{{a}}",
    "\ud800@example.org",
    "\x1b\r\nX: y",
    "9" * 5000,
    "NaN",
    "(" * 3000,
)


def _model(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


def _calls(name: str) -> list[OperationModel]:
    model = _model(name)
    return [model.operation_model(one) for one in model.operation_names]


V1, V2 = _calls("ses"), _calls("sesv2")


def _junk(chance: random.Random) -> Json:
    return chance.choice(
        [None, True, 0, -1, 10**30, 1.5, float("inf"), "x", *_ODD, [], {}, [[]], [None], {"a": {}}, {"": "x"}]
    )


def _made(shape: Shape | None, chance: random.Random, depth: int = 0) -> Json:
    """A value of the shape, or of another."""
    if shape is None or depth > 8 or chance.random() < 0.07:
        return _junk(chance)
    if isinstance(shape, StructureShape):
        kept = {name: one for name, one in shape.members.items() if chance.random() < 0.8}
        return {name: _made(one, chance, depth + 1) for name, one in kept.items()}
    if isinstance(shape, ListShape):
        return [_made(shape.member, chance, depth + 1) for _ in range(chance.choice([0, 1, 1, 2]))]
    if isinstance(shape, MapShape):
        return {chance.choice(_NAMES): _made(shape.value, chance, depth + 1)}
    if shape.type_name == "boolean":
        return chance.random() < 0.5
    if shape.type_name in ("integer", "long", "double", "timestamp"):
        return chance.choice([0, 1, -1, 1e9, 300])
    if shape.type_name == "blob":
        return chance.choice(["", "====", "RnJvbTogYUBleGFtcGxlLm9yZwoKeA=="])
    names: list[str] = [*(getattr(shape, "enum", None) or _NAMES), *_NAMES, *_ODD]
    return chance.choice(names)


def _form(value: Json, at: str) -> Iterator[tuple[str, str]]:
    """As the query protocol writes it."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _form(below, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for number, below in enumerate(value, start=1):
            yield from _form(below, f"{at}.member.{number}")
    elif value is not None:
        yield at, str(value).lower() if isinstance(value, bool) else str(value)


def _asked(ses: Running, method: str, path: str, body: bytes, kind: str) -> tuple[int, http.client.HTTPMessage, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", ses.http, timeout=20)
    try:
        connection.request(method, path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def _answered_by_the_first(ses: Running, call: OperationModel, chance: random.Random) -> None:
    fields = dict(_form(_made(call.input_shape, chance), ""))
    form = urlencode({**fields, "Action": call.name}, errors="replace").encode()
    status, _, body = _asked(ses, "POST", "/", form, "application/x-www-form-urlencoded")
    assert status in (200, 400), (call.name, fields, body)
    ElementTree.fromstring(body)  # noqa: S314 (ours)


def _answered_by_the_second(ses: Running, call: OperationModel, chance: random.Random) -> None:
    path = call.http["requestUri"]
    while "{" in path:
        start, _, rest = path.partition("{")
        path = start + quote(chance.choice(_NAMES), safe="", errors="replace") + rest.partition("}")[2]
    body = json.dumps(_made(call.input_shape, chance)).encode()
    status, said, answer = _asked(ses, call.http["method"], path, body, "application/json")
    assert status in (200, 400, 404, 405, 429), (call.name, path, body, answer)
    if status in (400, 429):
        assert said["x-amzn-ErrorType"], (call.name, path, body, answer)
    if status == 200:
        json.loads(answer, parse_constant=pytest.fail)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers())
def test_both_apis_answer_whatever_they_are_asked_in_their_own_errors(ses: Running, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(100):
        _answered_by_the_first(ses, chance.choice(V1), chance)
        _answered_by_the_second(ses, chance.choice(V2), chance)


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded; charset=none-such", "multipart/form-data", "multipart/form-data; boundary=b"],
)
def test_what_is_no_form_is_malformed(ses: Running, kind: str) -> None:
    status, _, body = _asked(ses, "POST", "/", b"Action=ListIdentities\xff", kind)
    assert (status, b"<Code>MalformedInput</Code>" in body) == (400, True)


def test_an_address_of_thousands_of_comments_is_refused(ses: Running) -> None:
    """`email` reads comments within comments by recursion."""
    to = {"ToAddresses": ["(" * 5000 + "ann@example.org"]}
    content = {"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}}
    body = json.dumps({"FromEmailAddress": "desk@example.com", "Destination": to, "Content": content}).encode()
    status, said, _ = _asked(ses, "POST", "/v2/email/outbound-emails", body, "application/json")
    assert (status, said["x-amzn-ErrorType"]) == (400, "BadRequestException")


def test_a_setting_with_a_name_that_no_member_has_is_not_told(ses: Running) -> None:
    """It would be a tag of the answer: `<` in it would be XML."""
    ses.activate("example.com")
    action = "Rule.Actions.member.1.WorkmailAction."
    asked = {
        "Action": "CreateReceiptRule",
        "RuleSetName": "desk",
        "Rule.Name": "odd",
        f"{action}OrganizationArn": "arn:aws:workmail:us-east-1:000000000000:organization/m-1",
        f"{action}a><b": "x",
    }
    _asked(ses, "POST", "/", urlencode(asked).encode(), "application/x-www-form-urlencoded")
    told = ses.v1.describe_receipt_rule(RuleSetName="desk", RuleName="odd")["Rule"]["Actions"]
    assert [list(action["WorkmailAction"]) for action in told] == [["OrganizationArn"]]


def test_dimensions_that_are_no_objects_are_left_out(ses: Running) -> None:
    ses.v1.create_configuration_set(ConfigurationSet={"Name": "desk"})
    destination = {
        "Action": "CreateConfigurationSetEventDestination",
        "ConfigurationSetName": "desk",
        "EventDestination.Name": "watch",
        "EventDestination.MatchingEventTypes.member.1": "send",
        "EventDestination.CloudWatchDestination.DimensionConfigurations.member.1": "x",
    }
    status, _, _ = _asked(ses, "POST", "/", urlencode(destination).encode(), "application/x-www-form-urlencoded")
    assert status == 200


def test_half_a_surrogate_pair_is_no_text(ses: Running) -> None:
    """boto3 can't write it into a request to S3 or SNS: it would be an error that is none of SES's."""
    ses.v2.create_configuration_set(ConfigurationSetName="desk")
    topic = {"Enabled": True, "MatchingEventTypes": ["SEND"], "SnsDestination": {"TopicArn": "\ud800"}}
    body = json.dumps({"EventDestinationName": "topic", "EventDestination": topic}).encode()
    path = "/v2/email/configuration-sets/desk/event-destinations"
    status, _, answer = _asked(ses, "POST", path, body, "application/json")
    assert (status, b"surrogate" in answer) == (400, True)
