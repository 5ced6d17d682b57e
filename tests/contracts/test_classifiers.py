"""What every classifier does; Bedrock's answers come over HTTP from a stand-in, through the real SDK."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.validate import ParamValidator

from postroom.aws import clients
from postroom.aws.bedrock import BedrockClassifier, BedrockRuntime
from postroom.memory.classifier import MemoryClassifier
from postroom.opinion import Confidence, NoOpinion, Opinion, Question
from postroom.opinions.patience import Patience
from postroom.ports import Classifier
from postroom.reasons import Reason
from tests.contracts.bedrock import ANSWERS, GARBAGE, SILENT, StandIn, recorded, stand_in
from tests.unit.template.conftest import TEMPLATE, _Loader

MODEL = "eu.amazon.nova-micro-v1:0"
QUESTION = Question(
    subject="Charged twice",
    text="You took [number] twice.",
    categories=("billing", "order"),
    priorities=("low", "normal", "high"),
)
OPINION = Opinion(category="billing", priority="high", confidence=Confidence.HIGH)
KNOWN = {path.stem for path in ANSWERS.glob("*.json")}


@pytest.fixture
def bedrock() -> Iterator[StandIn]:
    with stand_in() as playing:
        yield playing


def client(url: str) -> BedrockRuntime:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="eu-west-1")
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, connect_timeout=1, read_timeout=0.25)
    made: BedrockRuntime = session.client("bedrock-runtime", endpoint_url=url, config=config)
    return made


def asking(url: str) -> BedrockClassifier:
    return BedrockClassifier(client=lambda: client(url), model=MODEL, nonce=lambda: "4d2f")


@pytest.fixture(params=["memory", "bedrock"])
def saying(request: pytest.FixtureRequest) -> Callable[[str, Opinion | NoOpinion], Classifier]:
    """A classifier that says this: by the name of a recorded answer, and as it must be understood."""

    def one(name: str, means: Opinion | NoOpinion) -> Classifier:
        if request.param == "memory":
            return MemoryClassifier(says=means)
        playing: StandIn = request.getfixturevalue("bedrock")
        playing.gives = name
        return asking(playing.url)

    return one


#: Every recorded answer, and what it means. Total.
MEANINGS: dict[str, Opinion | NoOpinion] = {
    "opinion": OPINION,
    "opinion-after-text": OPINION,
    "opinion-after-reasoning": OPINION,
    "nothing-fits": Opinion(category=None, priority="normal", confidence=Confidence.MEDIUM),
    "text-only": NoOpinion(reason=Reason.OPINION_ODD, detail="not one call of the tool"),
    "two-calls": NoOpinion(reason=Reason.OPINION_ODD, detail="not one call of the tool"),
    "another-tool": NoOpinion(reason=Reason.OPINION_ODD, detail="not one call of the tool"),
    "no-content": NoOpinion(reason=Reason.OPINION_ODD, detail="not one call of the tool"),
    "malformed-tool-use": NoOpinion(reason=Reason.OPINION_ODD, detail="not one call of the tool"),
    "obeyed-the-mail": NoOpinion(reason=Reason.OPINION_ODD, detail="not the form that was asked for"),
    "category-made-up": NoOpinion(reason=Reason.OPINION_ODD, detail="a category that the desk does not have"),
    "priority-made-up": NoOpinion(reason=Reason.OPINION_ODD, detail="a priority that there is not"),
    "cut": NoOpinion(reason=Reason.OPINION_CUT),
    "filtered": NoOpinion(reason=Reason.OPINION_FILTERED),
    "guardrail": NoOpinion(reason=Reason.OPINION_FILTERED),
    "throttled": NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="ThrottlingException"),
    "unavailable": NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="ServiceUnavailableException"),
    "internal": NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="InternalServerException"),
    "model-timeout": NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="ModelTimeoutException"),
    "model-error": NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="ModelErrorException"),
    "model-not-ready": NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="ModelNotReadyException"),
    "access-denied": NoOpinion(reason=Reason.OPINION_REFUSED, detail="AccessDeniedException"),
    "no-such-model": NoOpinion(reason=Reason.OPINION_REFUSED, detail="ResourceNotFoundException"),
    "no-tools": NoOpinion(reason=Reason.OPINION_REFUSED, detail="ValidationException"),
}


def test_every_recorded_answer_has_its_meaning() -> None:
    assert set(MEANINGS) == KNOWN


@pytest.mark.parametrize("name", MEANINGS)
def test_an_answer_is_an_opinion_or_a_reason_why_there_is_none(
    saying: Callable[[str, Opinion | NoOpinion], Classifier], name: str
) -> None:
    assert saying(name, MEANINGS[name]).opinion(QUESTION) == MEANINGS[name]


@pytest.mark.parametrize("name", sorted(name for name in KNOWN if recorded(name)["status"] == 200))
def test_a_recorded_answer_is_of_the_documented_form(name: str) -> None:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    shape = model.operation_model("Converse").output_shape
    assert shape is not None
    report = ParamValidator().validate(recorded(name)["body"], shape)
    assert not report.has_errors(), report.generate_report()


@pytest.mark.parametrize("gives", GARBAGE)
def test_garbage_is_no_opinion(bedrock: StandIn, gives: str) -> None:
    bedrock.gives = gives
    found = asking(bedrock.url).opinion(QUESTION)
    assert isinstance(found, NoOpinion)
    assert found.reason is Reason.OPINION_ODD


def test_an_answer_that_does_not_come_is_no_opinion(bedrock: StandIn) -> None:
    bedrock.gives = SILENT
    found = asking(bedrock.url).opinion(QUESTION)
    assert found == NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="ReadTimeoutError")


def test_a_bedrock_that_is_not_there_is_no_opinion() -> None:
    found = asking("http://127.0.0.1:1").opinion(QUESTION)
    assert found == NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail="EndpointConnectionError")


def test_without_credentials_there_is_no_opinion(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bare = boto3.Session(region_name="eu-west-1").client("bedrock-runtime", endpoint_url="http://127.0.0.1:1")
    found = BedrockClassifier(client=lambda: bare, model=MODEL).opinion(QUESTION)
    assert found == NoOpinion(reason=Reason.OPINION_REFUSED, detail="NoCredentialsError")


def test_what_is_sent_is_the_mail_as_data_and_one_tool(bedrock: StandIn) -> None:
    asking(bedrock.url).opinion(QUESTION)
    ((path, sent),) = bedrock.asked
    assert path == f"/model/{MODEL}/converse"
    assert sent["messages"] == [
        {
            "role": "user",
            "content": [{"text": "<mail-4d2f>\nSubject: Charged twice\n\nYou took [number] twice.\n</mail-4d2f>"}],
        }
    ]
    assert sent["inferenceConfig"] == {"maxTokens": 200, "temperature": 0.0}
    (tool,) = sent["toolConfig"]["tools"]
    assert tool["toolSpec"]["inputSchema"]["json"]["properties"]["category"]["enum"][:2] == ["billing", "order"]
    assert sent["toolConfig"]["toolChoice"] == {"any": {}}


def test_every_mail_has_marks_of_its_own(bedrock: StandIn) -> None:
    classifier = BedrockClassifier(client=lambda: client(bedrock.url), model=MODEL)
    for _ in "12":
        classifier.opinion(QUESTION)
    first, second = (sent["messages"][0]["content"][0]["text"].splitlines()[0] for _, sent in bedrock.asked)
    assert first != second
    assert len(first) == len("<mail->") + 16


def test_the_longest_wait_fits_into_half_of_the_functions_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The function must come to an end with a whole batch, however slow the model is."""
    import yaml

    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    template: dict[str, Any] = yaml.load(TEMPLATE.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe loader
    config: Any = clients.bedrock().meta.config  # type: ignore[attr-defined] # boto3's clients have it
    pause = 1.0  # the longest before a second try (SDKs and tools reference guide, "Retry behavior", standard)
    one = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout) + pause
    assert Patience().seconds + one <= template["Resources"]["ClassifyFunction"]["Properties"]["Timeout"] / 2
