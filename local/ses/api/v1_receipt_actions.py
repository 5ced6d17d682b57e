"""The actions of receipt rules as the API has them: read from a call, and written into an answer.

Source: "API_ReceiptAction" and the types that it names; the bounds are theirs. Raises Refused.
"""

import re
from collections.abc import Callable, Mapping

from local.ses.api import query
from local.ses.api.query import Tree, required
from local.ses.receiving.actions.action import Action
from local.ses.receiving.actions.add_header import AddHeaderAction
from local.ses.receiving.actions.bounce import BounceAction
from local.ses.receiving.actions.kept import KINDS, KeptAction
from local.ses.receiving.actions.lambda_ import INVOCATION_TYPES, LambdaAction
from local.ses.receiving.actions.s3 import S3Action
from local.ses.receiving.actions.sns import ENCODINGS, SnsAction
from local.ses.receiving.actions.stop import StopAction
from local.ses.receiving.receipt import MAX_ADDED
from local.ses.refused import Refused
from local.ses.values import Json

HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,50}\Z")
_REPLY_CODE = re.compile(r"[45]\d\d\Z")
STATUS_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\Z")
_MAX_PREFIX = 1024 - 40  # a key has 1,024 bytes, 40 of which are the mail's id


def read(node: Tree) -> Action:
    """One action; "an instance of this data type can represent only one"."""
    names = [name for name in node if name in _READERS]
    if len(names) != 1 or len(node) != 1:
        raise Refused("ValidationError", f"An action is exactly one of {', '.join(_READERS)}.")
    return _READERS[names[0]](query.child(node, names[0]))


def written(action: Action) -> Mapping[str, Json]:
    """The action as it is described: {"S3Action": {...}}. What wasn't given isn't told."""
    match action:
        case S3Action(bucket=bucket, prefix=prefix, topic_arn=topic, kms_key_arn=key, role_arn=role):
            s3: dict[str, Json] = {"BucketName": bucket, "ObjectKeyPrefix": prefix or None, "TopicArn": topic}
            return {"S3Action": {**s3, "KmsKeyArn": key, "IamRoleArn": role}}
        case SnsAction(topic=topic, encoding=encoding):
            return {"SNSAction": {"TopicArn": topic, "Encoding": encoding}}
        case LambdaAction(function_arn=function, invocation_type=kind, topic_arn=topic):
            return {"LambdaAction": {"FunctionArn": function, "InvocationType": kind, "TopicArn": topic}}
        case BounceAction(smtp_reply_code=code, status_code=status, message=message, sender=sender, topic_arn=topic):
            said: dict[str, Json] = {"SmtpReplyCode": code, "StatusCode": status, "Message": message}
            return {"BounceAction": {**said, "Sender": sender, "TopicArn": topic}}
        case AddHeaderAction(name=name, value=value):
            return {"AddHeaderAction": {"HeaderName": name, "HeaderValue": value}}
        case StopAction(topic_arn=topic):
            return {"StopAction": {"Scope": "RuleSet", "TopicArn": topic}}
        case KeptAction(name=name, settings=settings, topic_arn=topic):
            return {name: {**dict(settings), "TopicArn": topic}}
        case _:
            raise TypeError(f"no form in the API for {action!r}")


def _s3(node: Tree) -> Action:
    prefix = query.text(node, "ObjectKeyPrefix") or ""
    if len(prefix.encode()) > _MAX_PREFIX:
        raise Refused("ValidationError", f"ObjectKeyPrefix is longer than {_MAX_PREFIX} bytes.")
    return S3Action(
        bucket=required(node, "BucketName"),
        prefix=prefix,
        topic_arn=_topic(node),
        kms_key_arn=query.text(node, "KmsKeyArn") or None,
        role_arn=query.text(node, "IamRoleArn") or None,
    )


def _sns(node: Tree) -> Action:
    encoding = query.text(node, "Encoding") or "UTF-8"
    return SnsAction(topic=required(node, "TopicArn"), encoding=_one_of(encoding, "Encoding", tuple(ENCODINGS)))


def _lambda(node: Tree) -> Action:
    kind = query.text(node, "InvocationType") or "Event"
    return LambdaAction(
        function_arn=required(node, "FunctionArn"),
        invocation_type=_one_of(kind, "InvocationType", INVOCATION_TYPES),
        topic_arn=_topic(node),
    )


def _bounce(node: Tree) -> Action:
    status = query.text(node, "StatusCode") or None
    if status is not None:
        _formed(status, "StatusCode", STATUS_CODE, "5.1.1")
    sender = required(node, "Sender")
    if "@" not in sender or not sender.isprintable():
        raise Refused("ValidationError", f"Sender is not an address: {sender!r}")
    return BounceAction(
        smtp_reply_code=_formed(required(node, "SmtpReplyCode"), "SmtpReplyCode", _REPLY_CODE, "550"),
        status_code=status,
        message=required(node, "Message"),
        sender=sender,
        topic_arn=_topic(node),
    )


def _add_header(node: Tree) -> Action:
    name, value = required(node, "HeaderName"), query.text(node, "HeaderValue") or ""
    if not HEADER_NAME.match(name):
        raise Refused("ValidationError", "HeaderName has 1 to 50 letters, digits and dashes.")
    if len(value) > MAX_ADDED or "\r" in value or "\n" in value:
        raise Refused("ValidationError", f"HeaderValue has at most {MAX_ADDED} characters, in one line.")
    return AddHeaderAction(name=name, value=value)


def _stop(node: Tree) -> Action:
    _one_of(query.text(node, "Scope") or "RuleSet", "Scope", ("RuleSet",))
    return StopAction(topic_arn=_topic(node))


def _kept(name: str) -> Callable[[Tree], Action]:
    def read_settings(node: Tree) -> Action:
        settings = ((key, value) for key, value in node.items() if isinstance(value, str) and key != "TopicArn")
        return KeptAction(name=name, settings=tuple(settings), topic_arn=_topic(node))

    return read_settings


def _topic(node: Tree) -> str | None:
    return query.text(node, "TopicArn") or None


def _one_of(value: str, name: str, values: tuple[str, ...]) -> str:
    if value not in values:
        raise Refused("ValidationError", f"{name} is one of {', '.join(values)}, not {value!r}.")
    return value


def _formed(value: str, name: str, form: re.Pattern[str], example: str) -> str:
    if not form.match(value):
        raise Refused("ValidationError", f"{name} is like {example}, not {value!r}.")
    return value


_READERS: Mapping[str, Callable[[Tree], Action]] = {
    "S3Action": _s3,
    "SNSAction": _sns,
    "LambdaAction": _lambda,
    "BounceAction": _bounce,
    "AddHeaderAction": _add_header,
    "StopAction": _stop,
    **{name: _kept(name) for name in KINDS},
}
