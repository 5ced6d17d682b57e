"""template.yaml made fit for one machine: code from MiniStack's S3, endpoints on 127.0.0.1, SES's resources apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from local.stack import ses_resources, tree
from local.stack.ses_resources import Planned
from local.stack.tree import Node, Template

FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
CALLER = "AWS_SDK_UA_APP_ID"
RULES_KEPT = "POSTROOM_RULES_SECONDS"
RULES_SECONDS = 2  # who pushes a file looks at the next mail; here a look at the bucket costs nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A folder that the template deploys. `handler` is empty for a layer."""

    folder: str
    handler: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base URLs: of MiniStack, and of SES as we play it; or twice that of the proxy in front of both."""

    aws: str
    ses: str

    def variables(self) -> dict[str, Node]:
        """What makes boto3 in a function call this machine and nothing else."""
        return {"AWS_ENDPOINT_URL": self.aws, "AWS_ENDPOINT_URL_SES": self.ses, "AWS_ENDPOINT_URL_SESV2": self.ses}


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What differs on one machine. `packages` gives the `s3://` address of each folder of `code`.

    `concurrency` caps each function's workers. `retry_seconds`: when a queue hands out again what failed, where that
    is sooner than the template says; 0 leaves it to the template.
    """

    endpoints: Endpoints
    packages: Mapping[str, str]
    concurrency: int
    retry_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalTemplate:
    """`template` is deployed as it is; `ses` is made over SES's API afterwards."""

    template: Template
    ses: tuple[Planned, ...]


def code(template: Template) -> Iterator[Code]:
    """Every folder that has to be packed, once, also where several functions are in it."""
    found: dict[str, Code] = {}
    for key, kind in (("CodeUri", FUNCTION), ("ContentUri", LAYER)):
        for _, resource in tree.resources(template, kind):
            properties = tree.mapping(resource.get("Properties"))
            if folder := tree.text(properties.get(key)):
                found.setdefault(folder, Code(folder=folder, handler=tree.text(properties.get("Handler"))))
    yield from found.values()


def localise(template: Template, *, stack: str, local: Local) -> LocalTemplate:
    """Raises TemplateFault, with the logical id."""
    changed: dict[str, Node] = {}
    for logical_id, resource in tree.resources(template):
        match resource["Type"]:
            case "AWS::Serverless::Function":
                changed[logical_id] = _function(resource, local)
            case "AWS::Serverless::LayerVersion":
                changed[logical_id] = _with(resource, _packed(resource, "ContentUri", local.packages))
            case "AWS::SQS::Queue" if local.retry_seconds:
                changed[logical_id] = _retried(resource, local.retry_seconds)
            case "AWS::S3::Bucket":
                changed[logical_id] = _unversioned(resource)
            case "AWS::S3::BucketPolicy":
                changed[logical_id] = _without_tls(resource)
            case _:
                changed[logical_id] = resource
    without, planned = ses_resources.take_out({**template, "Resources": changed}, stack)
    return LocalTemplate(template=without, ses=planned)


def _retried(resource: dict[str, Node], seconds: int) -> dict[str, Node]:
    # Six times a function's time-out is right on AWS, and half an hour is long for somebody who looks on.
    properties = tree.mapping(resource.get("Properties"))
    wanted = properties.get("VisibilityTimeout")
    if not isinstance(wanted, int):
        return resource
    return {**resource, "Properties": {**properties, "VisibilityTimeout": min(wanted, seconds)}}


def _unversioned(resource: dict[str, Node]) -> dict[str, Node]:
    # MiniStack 1.5.33 writes objects to disk, but keeps the body of every *version* in its memory for ever.
    properties = {k: v for k, v in tree.mapping(resource.get("Properties")).items() if k != "VersioningConfiguration"}
    return {**resource, "Properties": properties}


def _without_tls(resource: dict[str, Node]) -> dict[str, Node]:
    # The policies are enforced, and on the loopback nobody has TLS.
    properties = tree.mapping(resource.get("Properties"))
    document = tree.mapping(properties.get("PolicyDocument"))
    statements = document.get("Statement")
    kept = (
        [s for s in statements if "aws:SecureTransport" not in str(s)] if isinstance(statements, list) else statements
    )
    return {**resource, "Properties": {**properties, "PolicyDocument": {**document, "Statement": kept}}}


def _packed(resource: dict[str, Node], key: str, packages: Mapping[str, str]) -> dict[str, Node]:
    properties = tree.mapping(resource.get("Properties"))
    folder = tree.text(properties.get(key))
    return {**properties, key: packages[folder]} if folder else properties


def _with(resource: dict[str, Node], properties: dict[str, Node]) -> dict[str, Node]:
    # What `sam build` would do with the folder is done already.
    return {**{key: value for key, value in resource.items() if key != "Metadata"}, "Properties": properties}


def _function(resource: dict[str, Node], local: Local) -> dict[str, Node]:
    folder = tree.text(tree.mapping(resource.get("Properties")).get("CodeUri"))
    properties = _packed(resource, "CodeUri", local.packages)
    environment = tree.mapping(properties.get("Environment"))
    # In each function and not in Globals: what a function declares itself would win over those.
    # The id stands in the User-Agent of every call (AWS SDKs and Tools Reference Guide, "Application ID").
    caller: dict[str, Node] = {CALLER: PurePosixPath(folder).name} if folder else {}
    given = tree.mapping(environment.get("Variables"))
    variables: dict[str, Node] = {
        **given,
        **({RULES_KEPT: str(RULES_SECONDS)} if RULES_KEPT in given else {}),
        **caller,
        **local.endpoints.variables(),
    }
    properties = {**properties, "Environment": {**environment, "Variables": variables}}
    events: dict[str, Node] = {
        key: _capped(tree.mapping(event), local.concurrency)
        for key, event in tree.mapping(properties.get("Events")).items()
    }
    return _with(resource, {**properties, "Events": events} if events else properties)


def _capped(event: dict[str, Node], concurrency: int) -> Node:
    if event.get("Type") != "SQS":
        return event
    properties = tree.mapping(event.get("Properties"))
    wanted = tree.mapping(properties.get("ScalingConfig")).get("MaximumConcurrency")
    cap = min(wanted, concurrency) if isinstance(wanted, int) else concurrency
    scaling: dict[str, Node] = {"MaximumConcurrency": cap}
    capped: dict[str, Node] = {**properties, "ScalingConfig": scaling}
    return {**event, "Properties": capped}
