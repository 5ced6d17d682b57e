"""Refusals: whether SES's own name is said when SES would refuse."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from bench.ses_peers.probe import Group, Partly, refused
from bench.ses_peers.target import DOMAIN, SENDER, Target, address, fresh, mail

_GROUP = Group("errors")
GROUPS = (_GROUP,)
probe = _GROUP.probe

# What SES says of a mail that breaks a rule of form: the reference names several, and SES has used each.
_BAD_FORM = ("BadRequestException", "MessageRejected", "InvalidParameterValue")
_REACHABLE = 60  # mails a second that a probe can send


def _v1(t: Target, source: str = SENDER, through: str = "", to: tuple[str, ...] = ()) -> Callable[[], object]:
    more = {"ConfigurationSetName": through} if through else {}
    return lambda: t.v1.send_email(
        Source=source,
        Destination={"ToAddresses": list(to) or [address()]},
        Message={"Subject": {"Data": "A"}, "Body": {"Text": {"Data": "b"}}},
        **more,  # type: ignore[arg-type]  # ** of a dict: ConfigurationSetName or nothing
    )


def _v2(t: Target, source: str = SENDER, to: tuple[str, ...] = (), tag: str = "") -> Callable[[], object]:
    return lambda: t.v2.send_email(
        FromEmailAddress=source,
        Destination={"ToAddresses": list(to) or [address()]},
        Content={"Simple": {"Subject": {"Data": "A"}, "Body": {"Text": {"Data": "b"}}}},
        EmailTags=[{"Name": tag, "Value": "x"}] if tag else [],
    )


def _raw(t: Target, raw: bytes) -> Callable[[], object]:
    return lambda: t.v2.send_email(
        FromEmailAddress=SENDER, Destination={"ToAddresses": [address()]}, Content={"Raw": {"Data": raw}}
    )


@probe("v1: a sender that isn't verified: MessageRejected")
def _(t: Target) -> None:
    refused(_v1(t, "nobody@unverified.example"), "MessageRejected")


@probe("v2: a sender that isn't verified: MessageRejected")
def _(t: Target) -> None:
    refused(_v2(t, "nobody@unverified.example"), "MessageRejected")


@probe("v1: a template that isn't there: TemplateDoesNotExist")
def _(t: Target) -> None:
    refused(
        lambda: t.v1.send_templated_email(
            Source=SENDER, Destination={"ToAddresses": [address()]}, Template=fresh("missing"), TemplateData="{}"
        ),
        "TemplateDoesNotExist",
    )


@probe("v2: a template that isn't there: NotFoundException")
def _(t: Target) -> None:
    content = {"Template": {"TemplateName": fresh("missing"), "TemplateData": "{}"}}
    refused(
        lambda: t.v2.send_email(
            FromEmailAddress=SENDER,
            Destination={"ToAddresses": [address()]},
            Content=content,  # type: ignore[arg-type]  # a TypedDict that a variable made a dict
        ),
        "NotFoundException",
    )


@probe("v1: a configuration set that isn't there: ConfigurationSetDoesNotExist")
def _(t: Target) -> None:
    refused(_v1(t, through=fresh("missing")), "ConfigurationSetDoesNotExist")


@probe("v2: a configuration set that isn't there: NotFoundException")
def _(t: Target) -> None:
    refused(lambda: t.send(address(), through=fresh("missing")), "NotFoundException")


@probe("v1: over 50 recipients")
def _(t: Target) -> None:
    refused(_v1(t, to=tuple(address() for _ in range(51))), "InvalidParameterValue", "MessageRejected")


@probe("v2: over 50 recipients")
def _(t: Target) -> None:
    refused(_v2(t, to=tuple(address() for _ in range(51))), "BadRequestException", "MessageRejected")


@probe("An address without a domain")
def _(t: Target) -> None:
    refused(_v2(t, to=("nowhere",)), *_BAD_FORM)


@probe("A tag that SES doesn't allow")
def _(t: Target) -> None:
    refused(_v2(t, tag="a b!"), *_BAD_FORM)


@probe("A header twice that may be there once")
def _(t: Target) -> None:
    raw = mail(f"From: {SENDER}", "Subject: one", "Subject: two")
    refused(_raw(t, raw), *_BAD_FORM)


@probe("A line over 998 bytes")
def _(t: Target) -> None:
    refused(_raw(t, mail(f"From: {SENDER}", body="x" * 1200 + "\r\n")), *_BAD_FORM)


@probe("v2: sending is paused for the account: SendingPausedException")
def _(t: Target) -> None:
    t.v2.put_account_sending_attributes(SendingEnabled=False)
    try:
        refused(_v2(t), "SendingPausedException")
    finally:
        t.v2.put_account_sending_attributes(SendingEnabled=True)


@probe("v1: sending is paused for the account: AccountSendingPausedException")
def _(t: Target) -> None:
    t.v1.update_account_sending_enabled(Enabled=False)
    try:
        refused(_v1(t), "AccountSendingPausedException")
    finally:
        t.v1.update_account_sending_enabled(Enabled=True)


@probe("v2: sending is paused for the configuration set: SendingPausedException")
def _(t: Target) -> None:
    name = fresh("set")
    t.v2.create_configuration_set(ConfigurationSetName=name)
    t.v2.put_configuration_set_sending_options(ConfigurationSetName=name, SendingEnabled=False)
    refused(lambda: t.send(address(), through=name), "SendingPausedException")


@probe("v2: faster than MaxSendRate: TooManyRequestsException")
def _(t: Target) -> None:
    slow = t.slow or t
    rate = slow.v1.get_send_quota()["MaxSendRate"]
    if rate > _REACHABLE:
        raise AssertionError(f"MaxSendRate is {rate:.0f} a second, and nothing lowers it")

    def code(_: int) -> str:
        try:
            slow.send(f"anybody@{DOMAIN}")
        except ClientError as error:
            return error.response["Error"].get("Code", "?")
        return ""

    with ThreadPoolExecutor(8) as senders:
        codes = set(senders.map(code, range(int(rate * 2) + 10)))
    if "TooManyRequestsException" not in codes:
        raise Partly(f"refused, as {codes - {''}}") if codes - {""} else AssertionError("all accepted")
