"""Second opinions from a language model on Amazon Bedrock, by its Converse API.

Source: Amazon Bedrock API reference, Converse. The model is made to call one tool, whose input is the answer; there is
nothing that the call could do.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from postroom.aws.failures import UNREACHED, code_of, is_passing
from postroom.opinion import NoOpinion, Opinion, Question
from postroom.opinions import answer
from postroom.opinions.prompt import TOOL, prompt, schema
from postroom.reasons import Reason

_MOST_TOKENS = 200  # the call itself takes about 60; models that think aloud first are cut off, and have no opinion

# The model was busy, or failed at this one question. Other errors of a 4xx say that the set-up is wrong.
_PASSING = frozenset({"ModelErrorException", "ModelNotReadyException", "ModelTimeoutException"})

#: Why there is no opinion in an answer that did not end with the call of the tool. Any other end is odd.
_ENDS: Mapping[str, Reason] = {
    "max_tokens": Reason.OPINION_CUT,
    "model_context_window_exceeded": Reason.OPINION_CUT,
    "guardrail_intervened": Reason.OPINION_FILTERED,
    "content_filtered": Reason.OPINION_FILTERED,
}


class BedrockRuntime(Protocol):
    """What we use of boto3's client `bedrock-runtime`."""

    def converse(self, **request: object) -> Mapping[str, object]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BedrockClassifier:
    """`postroom.ports.Classifier`. `model` is the id of a model or of an inference profile; the client is made when it
    is first needed; `nonce` gives a new word that nobody could foresee."""

    client: Callable[[], BedrockRuntime]
    model: str
    nonce: Callable[[], str] = lambda: secrets.token_hex(8)

    def opinion(self, question: Question) -> Opinion | NoOpinion:
        try:
            said = self.client().converse(**request(self.model, question, self.nonce()))
        except ClientError as error:
            passes = is_passing(error) or code_of(error) in _PASSING
            reason = Reason.OPINION_UNAVAILABLE if passes else Reason.OPINION_REFUSED
            return NoOpinion(reason=reason, detail=code_of(error)[:60])
        except UNREACHED as error:
            return NoOpinion(reason=Reason.OPINION_UNAVAILABLE, detail=type(error).__name__)
        except BotoCoreError as error:  # no credentials, no region: the set-up
            return NoOpinion(reason=Reason.OPINION_REFUSED, detail=type(error).__name__)
        except Exception as error:  # botocore reads what is no answer of Bedrock's with TypeErrors and the like
            return NoOpinion(reason=Reason.OPINION_ODD, detail=type(error).__name__)
        return read(said, question)


def request(model: str, question: Question, nonce: str) -> dict[str, object]:
    """The parameters of Converse."""
    told = prompt(question, nonce)
    tool = {"name": TOOL, "description": "Says what the mail is about.", "inputSchema": {"json": schema(question)}}
    return {
        "modelId": model,
        "system": [{"text": told.system}],
        "messages": [{"role": "user", "content": [{"text": told.data}]}],
        "inferenceConfig": {"maxTokens": _MOST_TOKENS, "temperature": 0.0},
        # `any` of one tool is that tool. Naming it is understood by fewer models (API reference, ToolChoice).
        "toolConfig": {"tools": [{"toolSpec": tool}], "toolChoice": {"any": {}}},
    }


class _ToolUse(msgspec.Struct, frozen=True):
    name: str
    input: dict[str, object]


class _Block(msgspec.Struct, frozen=True):
    toolUse: _ToolUse | None = None  # noqa: N815 - Bedrock's name


class _Message(msgspec.Struct, frozen=True):
    content: list[_Block]


class _Output(msgspec.Struct, frozen=True):
    message: _Message


class _Response(msgspec.Struct, frozen=True):
    stopReason: str  # noqa: N815 - Bedrock's name
    output: _Output


def read(said: Mapping[str, object], question: Question) -> Opinion | NoOpinion:
    """The opinion in a response of Converse: that of its one call of our tool. Text beside it is thrown away."""
    try:
        response = msgspec.convert(said, _Response)
    except msgspec.ValidationError:
        return NoOpinion(reason=Reason.OPINION_ODD, detail="no answer of the documented form")
    if response.stopReason in _ENDS:
        return NoOpinion(reason=_ENDS[response.stopReason])
    calls = [block.toolUse for block in response.output.message.content if block.toolUse]
    if response.stopReason != "tool_use" or [call.name for call in calls] != [TOOL]:
        return NoOpinion(reason=Reason.OPINION_ODD, detail="not one call of the tool")
    return answer.read(calls[0].input, question)
