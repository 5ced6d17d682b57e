"""The template ─► MiniStack's CloudFormation, and its SES resources ─► the API of SES as we play it."""

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from local.stack import clients, tree
from local.stack.errors import DeployFailed
from local.stack.mounts import mount
from local.stack.packages import Package
from local.stack.ses_resources import ASKED, SesResource
from local.stack.tree import Node, Template

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_sesv2.type_defs import EmailTemplateContentTypeDef, EventDestinationDefinitionTypeDef

CODE_BUCKET = "postroom-local-code"
DEPLOY_LIMIT = 120.0  # seconds
LOOK = 0.1
TEMPLATE_KEY = "template.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What CloudFormation made: the template's outputs, the answers to what we asked, logical id ─► physical id."""

    outputs: Mapping[str, str]
    answers: Mapping[str, str]
    resources: Mapping[str, str]


def upload(url: str, packages: Iterable[Package], layers: Path) -> dict[str, str]:
    """Folder ─► `s3://` address. The contents of the layers go into the folder `layers`."""
    s3 = clients.s3(url)
    s3.create_bucket(Bucket=CODE_BUCKET)
    addresses = {}
    for package in packages:
        path = package.path
        body = mount(path, layers / path.stem) if package.layer else path.read_bytes()
        s3.put_object(Bucket=CODE_BUCKET, Key=package.key, Body=body)
        addresses[package.folder] = f"s3://{CODE_BUCKET}/{package.key}"
    return addresses


def put_model(url: str, bucket: str, key: str, model: bytes) -> None:
    """Puts a desk's model of categories where the parameter CategoryModel says."""
    clients.s3(url).put_object(Bucket=bucket, Key=key, Body=model)


def make_key(url: str) -> str:
    """The ARN of a new KMS key, as somebody who wants mail encrypted has one before the deployment."""
    return clients.kms(url).create_key(Description="encrypts received mail")["KeyMetadata"]["Arn"]


def deploy(url: str, stack: str, template: Template, parameters: Mapping[str, str]) -> Deployed:
    """DeployFailed with CloudFormation's own reasons."""
    cloudformation = clients.cloudformation(url)
    # By address, since a body of more than 51,200 bytes is refused, as it is by AWS.
    clients.s3(url).put_object(Bucket=CODE_BUCKET, Key=TEMPLATE_KEY, Body=json.dumps(template).encode())
    try:
        cloudformation.create_stack(
            StackName=stack,
            TemplateURL=f"{url}/{CODE_BUCKET}/{TEMPLATE_KEY}",
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        outputs = _wait(cloudformation, stack)
        made = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    except (ClientError, BotoCoreError) as error:
        raise DeployFailed(f"MiniStack refused the template: {error}") from error
    return Deployed(
        outputs={key: value for key, value in outputs.items() if not key.startswith(ASKED)},
        answers={key: value for key, value in outputs.items() if key.startswith(ASKED)},
        resources={one["LogicalResourceId"]: one.get("PhysicalResourceId", "") for one in made},
    )


def _wait(cloudformation: "CloudFormationClient", stack: str) -> dict[str, str]:
    deadline = time.monotonic() + DEPLOY_LIMIT
    while time.monotonic() < deadline:
        found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        status = found["StackStatus"]
        if status == "CREATE_COMPLETE":
            return {one["OutputKey"]: one.get("OutputValue", "") for one in found.get("Outputs", [])}
        if status != "CREATE_IN_PROGRESS":
            raise DeployFailed(f"the template could not be deployed ({status}){_reasons(cloudformation, stack)}")
        time.sleep(LOOK)
    raise DeployFailed(f"the deployment was not done after {DEPLOY_LIMIT:.0f} s{_reasons(cloudformation, stack)}")


def _reasons(cloudformation: "CloudFormationClient", stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    lines = [
        f"\n  {event.get('LogicalResourceId')} ({event.get('ResourceType')}): {event.get('ResourceStatusReason')}"
        for event in reversed(events)
        if "FAILED" in event.get("ResourceStatus", "") and event.get("ResourceStatusReason")
    ]
    return "".join(dict.fromkeys(lines))


def make_ses(url: str, resources: Iterable[SesResource]) -> None:
    """Makes each resource over SES's API, in the template's order but sets before what stands in them."""
    for resource in sorted(resources, key=lambda one: tuple(MAKERS).index(one.type)):
        try:
            MAKERS[resource.type](url, resource.properties)
        except (ClientError, BotoCoreError) as error:
            raise DeployFailed(f"{resource.logical_id} ({resource.type}) could not be made: {error}") from error


# What follows hands a tree of the template to boto3, which checks every field of it against SES's own model.
Request = dict[str, Any]


def _configuration_set(url: str, properties: dict[str, Node]) -> None:
    request: Request = {key: value for key, value in properties.items() if key != "Name"}
    clients.sesv2(url).create_configuration_set(ConfigurationSetName=tree.text(properties["Name"]), **request)


def _event_destination(url: str, properties: dict[str, Node]) -> None:
    given = tree.mapping(properties["EventDestination"])
    clients.sesv2(url).create_configuration_set_event_destination(
        ConfigurationSetName=tree.text(properties["ConfigurationSetName"]),
        EventDestinationName=tree.text(given["Name"]),
        EventDestination=cast("EventDestinationDefinitionTypeDef", event_destination(given)),
    )


def event_destination(given: dict[str, Node]) -> Request:
    """CloudFormation's words for an event destination (`renderingFailure`, TopicARN) in those of the API v2."""
    kinds = given.get("MatchingEventTypes")
    request: Request = {key: value for key, value in given.items() if key not in {"Name", "SnsDestination"}}
    request["MatchingEventTypes"] = [event_type(tree.text(kind)) for kind in (kinds if isinstance(kinds, list) else [])]
    if "SnsDestination" in given:
        request["SnsDestination"] = {"TopicArn": tree.mapping(given["SnsDestination"])["TopicARN"]}
    return request


def event_type(name: str) -> str:
    """`renderingFailure` ─► `RENDERING_FAILURE`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _identity(url: str, properties: dict[str, Node]) -> None:
    clients.sesv2(url).create_email_identity(EmailIdentity=tree.text(properties["EmailIdentity"]))


def _rule_set(url: str, properties: dict[str, Node]) -> None:
    clients.ses(url).create_receipt_rule_set(RuleSetName=tree.text(properties["RuleSetName"]))


def _rule(url: str, properties: dict[str, Node]) -> None:
    request: Request = dict(properties)
    clients.ses(url).create_receipt_rule(**request)


def _template(url: str, properties: dict[str, Node]) -> None:
    given = tree.mapping(properties["Template"])
    content: Request = {
        there: given[here]
        for here, there in (("SubjectPart", "Subject"), ("TextPart", "Text"), ("HtmlPart", "Html"))
        if here in given
    }
    clients.sesv2(url).create_email_template(
        TemplateName=tree.text(given["TemplateName"]), TemplateContent=cast("EmailTemplateContentTypeDef", content)
    )


MAKERS: Mapping[str, Callable[[str, dict[str, Node]], None]] = {
    "AWS::SES::EmailIdentity": _identity,
    "AWS::SES::Template": _template,
    "AWS::SES::ConfigurationSet": _configuration_set,
    "AWS::SES::ConfigurationSetEventDestination": _event_destination,
    "AWS::SES::ReceiptRuleSet": _rule_set,
    "AWS::SES::ReceiptRule": _rule,
}
