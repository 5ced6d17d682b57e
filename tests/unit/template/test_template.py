"""What holds for the stack whatever else changes in it."""

import importlib
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from postroom.breaker import Fault
from postroom.events import EVENTS, SOURCE
from postroom.outcome import REPORTING_KINDS, Stage
from postroom.runtime import settings
from postroom.runtime.breaking import BLOCKED, OPENED, RATES
from postroom.stages.ledger import LedgerCheck
from tests.contracts.conftest import ADDRESS_INDEXES, INDEXES, KEY_SCHEMA

ROOT = Path(__file__).parents[3]
STAGES = [stage.value.capitalize() for stage in Stage]
FUNCTIONS = [*STAGES, "Ledger", "Tend", "Activate", "Push"]
#: Functions that are modules in the folder of another, whose files they need.
GUESTS = {"Push": "functions.reply.push.handle"}
FOURTEEN_DAYS = 1_209_600  # seconds: the longest that SQS keeps a message

Template = dict[str, Any]

#: The settings that each function's handler reads. AWS_REGION is set by Lambda.
SETTINGS: dict[str, tuple[type, ...]] = {
    "Parse": (settings.Mail,),
    "Attachments": (settings.Attachments,),
    "Classify": (settings.Classify,),
    "Reply": (settings.Reply,),
    "Feedback": (settings.Feedback,),
    "Ledger": (settings.Ledger,),
    "Tend": (settings.Tend,),
    "Activate": (),
    "Push": (),
}


def of_type(template: Template, type_: str) -> dict[str, Any]:
    return {name: r.get("Properties", {}) for name, r in template["Resources"].items() if r["Type"] == type_}


def properties(template: Template, name: str) -> dict[str, Any]:
    found: dict[str, Any] = template["Resources"][name]["Properties"]
    return found


def statements(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every policy, with the name of the resource that it stands in; also those that an If adds."""
    for name, resource in template["Resources"].items():
        own = resource.get("Properties", {})
        documents = [own.get("PolicyDocument"), *(p["PolicyDocument"] for p in own.get("Policies", ()))]
        for document in filter(None, documents):
            yield from ((name, s["Fn::If"][1] if "Fn::If" in s else s) for s in document["Statement"])


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# Functions


def test_the_functions_are_those_of_the_design(template: Template) -> None:
    assert sorted(of_type(template, "AWS::Serverless::Function")) == sorted(f"{name}Function" for name in FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_can_be_imported(template: Template, name: str) -> None:
    function = properties(template, f"{name}Function")
    module, _, attribute = function["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handlers_dotted_name_is_its_folders(template: Template, name: str) -> None:
    resource = template["Resources"][f"{name}Function"]
    code_uri = resource["Properties"]["CodeUri"]
    expected = GUESTS.get(name, f"{code_uri.replace('/', '.')}.handler.handle")
    assert resource["Properties"]["Handler"] == expected
    assert expected.startswith(code_uri.replace("/", "."))
    assert resource["Metadata"]["BuildProperties"]["ParentPackageMode"] == "auto"
    assert (ROOT / code_uri / "handler.py").is_file()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_layers_are_named_on_each_function(template: Template, name: str) -> None:
    """`sam sync` misses the dependents of a layer that Globals names (aws-sam-cli #4077)."""
    assert properties(template, f"{name}Function")["Layers"] == [{"Ref": "PostroomLayer"}, {"Ref": "VendorLayer"}]
    assert "Layers" not in template["Globals"]["Function"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_the_environment_that_its_handler_reads(template: Template, name: str) -> None:
    variables = properties(template, f"{name}Function").get("Environment", {}).get("Variables", {})
    needed = {s.metadata["variable"] for cls in SETTINGS[name] for s in fields(cls)} - {"AWS_REGION"}
    assert {variable for variable in variables if variable.startswith("POSTROOM_")} == needed


def test_every_function_can_be_pointed_at_a_local_stack(template: Template) -> None:
    """`sam local invoke` passes on only the variables that the template declares; empty, they mean AWS."""
    assert template["Globals"]["Function"]["Environment"]["Variables"]["AWS_ENDPOINT_URL"] == ""
    for name, service in (("Reply", "SESV2"), ("Tend", "SESV2"), ("Activate", "SES"), ("Push", "SESV2")):
        variables = properties(template, f"{name}Function")["Environment"]["Variables"]
        assert variables[f"AWS_ENDPOINT_URL_{service}"] == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_role_and_a_log_of_its_own(template: Template, name: str) -> None:
    function = properties(template, f"{name}Function")
    assert function["Role"] == {"Fn::GetAtt": f"{name}Role.Arn"}
    assert function["LoggingConfig"]["LogGroup"] == {"Ref": f"{name}Logs"}
    assert properties(template, f"{name}Logs")["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_tracing_is_off(template: Template) -> None:
    assert "Tracing" not in json.dumps(template)


# Queues


@pytest.mark.parametrize("name", STAGES)
def test_a_message_stays_hidden_for_six_times_the_functions_timeout(template: Template, name: str) -> None:
    """Lambda developer guide, "Configuring a queue to use with Lambda"."""
    timeout = properties(template, f"{name}Function")["Timeout"]
    assert properties(template, f"{name}Queue")["VisibilityTimeout"] >= 6 * timeout


@pytest.mark.parametrize("name", STAGES)
def test_every_queue_has_a_dead_letter_queue_that_keeps_for_14_days(template: Template, name: str) -> None:
    redrive = properties(template, f"{name}Queue")["RedrivePolicy"]
    assert redrive == {"deadLetterTargetArn": {"Fn::GetAtt": f"{name}DeadLetters.Arn"}, "maxReceiveCount": 5}
    assert properties(template, f"{name}DeadLetters")["MessageRetentionPeriod"] == FOURTEEN_DAYS


def test_there_is_no_queue_beside_those(template: Template) -> None:
    expected = {f"{name}{suffix}" for name in STAGES for suffix in ("Queue", "DeadLetters")}
    assert set(of_type(template, "AWS::SQS::Queue")) == expected


@pytest.mark.parametrize("name", STAGES)
def test_a_batch_gives_back_only_what_failed(template: Template, name: str) -> None:
    (source,) = properties(template, f"{name}Function")["Events"].values()
    assert source["Properties"]["Queue"] == {"Fn::GetAtt": f"{name}Queue.Arn"}
    assert source["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["Properties"]["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert source["Properties"]["BatchSize"] <= 10


def sources(template: Template, queue: str) -> list[tuple[str, Any]]:
    """Who sends into the queue: service and ARN, by the rules and subscriptions."""
    arn = {"Fn::GetAtt": f"{queue}.Arn"}
    topics = [
        ("sns.amazonaws.com", s["TopicArn"])
        for s in of_type(template, "AWS::SNS::Subscription").values()
        if s["Endpoint"] == arn
    ]
    rules = [
        ("events.amazonaws.com", {"Fn::GetAtt": f"{name}.Arn"})
        for name, rule in of_type(template, "AWS::Events::Rule").items()
        if arn in [target["Arn"] for target in rule["Targets"]]
    ]
    return topics + rules


@pytest.mark.parametrize("name", STAGES)
def test_only_its_own_sources_may_send_into_a_queue(template: Template, name: str) -> None:
    policy = properties(template, f"{name}QueuePolicy")
    allowed = [
        (s["Principal"]["Service"], s["Condition"]["ArnEquals"]["aws:SourceArn"])
        for s in policy["PolicyDocument"]["Statement"]
    ]
    assert allowed == sources(template, f"{name}Queue")
    assert policy["Queues"] == [{"Ref": f"{name}Queue"}, {"Ref": f"{name}DeadLetters"}]


def test_what_cannot_be_delivered_goes_to_the_dead_letters(template: Template) -> None:
    for rule in of_type(template, "AWS::Events::Rule").values():
        for target in rule["Targets"]:
            name = target["Arn"]["Fn::GetAtt"].removesuffix("Queue.Arn")
            assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": f"{name}DeadLetters.Arn"}}
    for name in ("Parse", "Feedback"):
        subscription = properties(template, f"{name}Subscription")
        assert subscription["RawMessageDelivery"] is True
        assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": {"Fn::GetAtt": f"{name}DeadLetters.Arn"}}


# Rules on the bus


def test_the_rules_know_our_events_only(template: Template) -> None:
    for rule in of_type(template, "AWS::Events::Rule").values():
        pattern = rule["EventPattern"]
        assert rule["EventBusName"] == {"Ref": "EventBus"}
        assert pattern["source"] == [SOURCE]
        for type_ in pattern["detail-type"]:
            cls = EVENTS[type_, 1]
            assert set(pattern.get("detail", {})) <= {f.name for f in fields(cls)}


def test_the_kinds_that_feedback_reads_are_those_that_the_outcome_waits_for(template: Template) -> None:
    detail = properties(template, "ClassifiedReporting")["EventPattern"]["detail"]
    assert set(detail["kind"]) == REPORTING_KINDS


def test_attachments_sees_only_mails_that_have_some(template: Template) -> None:
    detail = properties(template, "ParsedWithAttachments")["EventPattern"]["detail"]
    assert detail == {"attachments": [{"numeric": [">", 0]}]}


# Permissions

#: Why a policy may say `*` all the same.
STARS = {
    "ActivateRole": "SES's receiving API knows no resources (service authorization reference)",
    "PushRole": "to list SES's templates knows no resources (service authorization reference)",
    "AttachmentsRole": "the network interface of a function in a subnet is not there before it is made",
    "TendRole": "the account's suppression list knows no resources (service authorization reference)",
    "ReplyRole": "what SES says of the account knows no resources (service authorization reference)",
}


def test_every_permission_names_its_resources(template: Template) -> None:
    for name, statement in statements(template):
        if statement["Effect"] == "Deny":
            continue
        assert "*" not in listed(statement["Resource"]) or name in STARS, (name, statement)


def test_who_finds_a_customers_conversations_may_do_so_and_tend_alone_lists_a_desks(template: Template) -> None:
    """People who list come with permissions of their own."""
    indexes = [
        (name, resource["Fn::Sub"].partition("/index/")[2])
        for name, statement in statements(template)
        if "dynamodb:Query" in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        if "Fn::Sub" in resource
    ]
    tended = ["by_state", "by_follow_up", "by_state"]  # of the desk's table, and of addresses
    assert indexes == [("ClassifyRole", "by_customer"), *(("TendRole", name) for name in tended)]


def test_tend_changes_conversations_and_the_breaker_and_hands_on_what_others_send(
    template: Template,
) -> None:
    given = {action for role, s in statements(template) if role == "TendRole" for action in listed(s["Action"])}
    assert {action for action in given if not action.startswith("logs:")} == {
        "dynamodb:Query",
        "dynamodb:GetItem",
        "dynamodb:BatchGetItem",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
        "sqs:SendMessage",
        "ses:ListSuppressedDestinations",
        "ses:GetSuppressedDestination",
        "ses:PutSuppressedDestination",
    }
    removes = [s for role, s in statements(template) if role == "TendRole" and "dynamodb:DeleteItem" in s["Action"]]
    assert [each["Condition"] for each in removes] == [
        {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [whole]}} for whole in ("postponed", "ses_list")
    ]


def test_where_the_lists_are_not_kept_alike_tend_may_not_ask_ses(template: Template) -> None:
    assert template["Parameters"]["SuppressionSync"]["Default"] == "on"
    (policy,) = properties(template, "TendRole")["Policies"]
    asking = [s for s in policy["PolicyDocument"]["Statement"] if "ses:" in json.dumps(s)]
    assert [s["Fn::If"][0::2] for s in asking] == [["SyncsSuppression", {"Ref": "AWS::NoValue"}]]


def test_reply_has_a_star_for_nothing_but_to_ask_what_ses_says_of_the_account(template: Template) -> None:
    starred = [s["Action"] for name, s in statements(template) if name == "ReplyRole" and "*" in listed(s["Resource"])]
    assert starred == [["ses:GetAccount", "ses:GetSuppressedDestination"]]


def test_push_lists_all_templates_and_touches_those_of_its_stack_alone(template: Template) -> None:
    given = [(listed(s["Action"]), s["Resource"]) for role, s in statements(template) if role == "PushRole"]
    own = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:template/${AWS::StackName}__*"
    verbs = ("Get", "Create", "Update", "Delete")
    assert given == [
        (["ses:ListEmailTemplates"], "*"),
        ([f"ses:{verb}EmailTemplate" for verb in verbs], {"Fn::Sub": own}),
        (["logs:CreateLogStream", "logs:PutLogEvents"], {"Fn::GetAtt": "PushLogs.Arn"}),
    ]


def test_nothing_of_push_is_there_unless_somebody_asks_for_it(template: Template) -> None:
    assert template["Parameters"]["SesTemplates"]["Default"] == "off"
    assert template["Conditions"]["PushesTemplates"] == {"Fn::Equals": [{"Ref": "SesTemplates"}, "on"]}
    pushing = [r for name, r in template["Resources"].items() if name.startswith("Push")]
    assert [r.get("Condition") for r in pushing] == ["PushesTemplates"] * 4


def test_other_templates_are_another_push_without_a_hand(template: Template) -> None:
    """SAM names the version of a function by its package, and CloudFormation updates what has another property."""
    assert properties(template, "PushedTemplates")["Package"] == {"Ref": "PushFunction.Version"}
    assert "AutoPublishAlias" in properties(template, "PushFunction")
    assert (ROOT / properties(template, "PushFunction")["CodeUri"] / "templates").is_dir()


def test_cloudformation_waits_for_a_push_as_long_as_it_may_take(template: Template) -> None:
    waiting = properties(template, "PushedTemplates")["ServiceTimeout"]
    assert properties(template, "PushFunction")["Timeout"] < waiting <= 3600


def test_an_alarm_hears_of_an_open_breaker_from_each_who_looks_at_it(template: Template) -> None:
    assert {(OPENED, f"{name}Function") for name in ("Feedback", "Tend")} <= alarmed(template)


@pytest.mark.parametrize("name", ["Classify", "Reply", "Feedback"])
def test_who_puts_things_into_a_conversation_may_read_and_write_it(template: Template, name: str) -> None:
    given = {
        action
        for role, statement in statements(template)
        if role == f"{name}Role" and {"Fn::GetAtt": "DeskTable.Arn"} in listed(statement["Resource"])
        for action in listed(statement["Action"])
    }
    assert {"dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"} <= given


def test_every_permission_names_its_actions(template: Template) -> None:
    for name, statement in statements(template):
        if statement["Effect"] == "Allow":
            assert not [action for action in listed(statement["Action"]) if "*" in action], name


def test_the_attachments_role_has_a_star_for_nothing_but_its_network_interface(template: Template) -> None:
    starred = [s for name, s in statements(template) if name == "AttachmentsRole" and "*" in listed(s["Resource"])]
    assert [action.partition(":")[0] for s in starred for action in s["Action"]] == ["ec2"] * 6


def test_only_attachments_writes_where_links_lead_and_where_none_does(template: Template) -> None:
    writers = {
        (name, place)
        for name, s in statements(template)
        for place in ("attachments", "quarantine")
        if s["Effect"] == "Allow"
        and "s3:PutObject" in listed(s["Action"])
        and f"/{place}/" in json.dumps(s["Resource"])
    }
    assert writers == {("AttachmentsRole", "attachments"), ("AttachmentsRole", "quarantine")}


def test_no_presigned_request_reaches_the_quarantine(template: Template) -> None:
    (denied,) = (s for _, s in statements(template) if s.get("Sid") == "NoLinksIntoQuarantine")
    assert (denied["Effect"], denied["Principal"]) == ("Deny", "*")
    assert denied["Resource"] == {"Fn::Sub": "${MailBucket.Arn}/quarantine/*"}
    assert denied["Condition"] == {"StringEquals": {"s3:authType": "REST-QUERY-STRING"}}


def test_no_role_has_a_policy_of_somebody_else(template: Template) -> None:
    roles = of_type(template, "AWS::IAM::Role")
    assert set(roles) == {f"{name}Role" for name in FUNCTIONS}
    assert not [name for name, role in roles.items() if "ManagedPolicyArns" in role]


#: The functions that read raw mail, and so may have to decrypt it.
READERS = ("Parse", "Attachments", "Feedback", "Ledger")


def test_who_reads_raw_mail_may_decrypt_under_the_keys_that_are_named_and_nobody_else(template: Template) -> None:
    by_role = {
        name: [s["Resource"] for role, s in statements(template) if role == name and s["Action"] == ["kms:Decrypt"]]
        for name in of_type(template, "AWS::IAM::Role")
    }
    keys = [{"Ref": "KmsKeyArn"}, {"Ref": "FormerKmsKeyArns"}]
    assert by_role == {f"{name}Role": keys if name in READERS else [] for name in FUNCTIONS}
    reading = {
        name
        for name, s in statements(template)
        if "s3:GetObject" in listed(s["Action"]) and "/raw/" in json.dumps(s["Resource"])
    }
    assert reading == {f"{name}Role" for name in READERS}


def test_classify_reads_the_one_model_of_categories_that_is_named_and_none_without_a_name(template: Template) -> None:
    (policy,) = properties(template, "ClassifyRole")["Policies"]
    (named,) = (s for s in policy["PolicyDocument"]["Statement"] if "CategoryModel" in json.dumps(s))
    key = {"Fn::Sub": "${MailBucket.Arn}/${CategoryModel}"}
    assert named["Action"] == ["s3:GetObject"]
    assert named["Resource"][1:] == [{"Fn::If": ["HasModel", key, {"Ref": "AWS::NoValue"}]}]
    assert template["Conditions"]["HasModel"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "CategoryModel"}, ""]}]}


def test_classify_alone_may_ask_a_model_and_only_the_one_that_is_named(template: Template) -> None:
    asking = [(name, s) for name, s in statements(template) if "bedrock" in json.dumps(s)]
    profile = "arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/${BedrockModelId}"
    model = "arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/${BedrockModelId}"
    assert [name for name, _ in asking] == ["ClassifyRole"] * 2
    (_, named), (_, through_it) = asking
    assert [named["Action"], through_it["Action"]] == [["bedrock:InvokeModel"]] * 2
    assert named["Resource"] == [{"Fn::Sub": model}, {"Fn::Sub": profile}]
    assert through_it["Condition"] == {"StringEquals": {"bedrock:InferenceProfileArn": {"Fn::Sub": profile}}}


def test_without_a_model_nobody_may_ask_one(template: Template) -> None:
    (policy,) = properties(template, "ClassifyRole")["Policies"]
    written = policy["PolicyDocument"]["Statement"]
    asking = [s["Fn::If"] for s in written if "bedrock" in json.dumps(s)]
    assert [(when, otherwise) for when, _, otherwise in asking] == [("AsksBedrock", {"Ref": "AWS::NoValue"})] * 2
    assert template["Conditions"]["AsksBedrock"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "BedrockModelId"}, ""]}]}
    assert template["Parameters"]["BedrockModelId"]["Default"] == ""


@pytest.mark.parametrize("name", ["MailBucketPolicy", "InboundTopicPolicy", "FeedbackTopicPolicy"])
def test_only_our_own_ses_writes_and_publishes(template: Template, name: str) -> None:
    allowed = [s for where, s in statements(template) if where == name and s["Effect"] == "Allow"]
    for statement in allowed:
        assert statement["Principal"] == {"Service": "ses.amazonaws.com"}
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert "aws:SourceArn" in statement["Condition"]["ArnEquals"]
    assert len(allowed) == 1


def test_the_rule_comes_after_all_that_a_mail_needs(template: Template) -> None:
    """SES writes a test object when the rule is made ("Could not write to bucket"), and mail may follow at once."""
    waits_for = set(template["Resources"]["InboundRule"]["DependsOn"])
    assert {"MailBucketPolicy", "InboundTopicPolicy", "ParseSubscription", "ParseQueuePolicy"} <= waits_for


def test_the_bound_rule_has_the_name_that_the_policies_know(template: Template) -> None:
    name = properties(template, "InboundRule")["Rule"]["Name"]
    for policy in ("MailBucketPolicy", "InboundTopicPolicy"):
        (bound,) = (
            s["Condition"]["ArnEquals"] for w, s in statements(template) if w == policy and s["Effect"] == "Allow"
        )
        assert bound["aws:SourceArn"]["Fn::Sub"][1]["Name"] == name


# What outlives the stack


@pytest.mark.parametrize("name", ["MailBucket", "DeskTable", "AddressTable"])
def test_mail_and_what_is_known_of_it_outlive_the_stack(template: Template, name: str) -> None:
    resource = template["Resources"][name]
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("name", ["DeskTable", "AddressTable"])
def test_tables_are_on_demand_and_can_be_put_back(template: Template, name: str) -> None:
    table = properties(template, name)
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_the_bucket_is_private(template: Template) -> None:
    bucket = properties(template, "MailBucket")
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}


# Alarms


def alarmed(template: Template) -> set[tuple[str, str]]:
    """(metric, what it is measured on) of every alarm."""
    return {
        (alarm["MetricName"], str(next(iter(dimension["Value"].values()))))
        for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", ())
    }


@pytest.mark.parametrize("name", STAGES)
def test_every_queue_raises_the_alarm(template: Template, name: str) -> None:
    assert {
        ("ApproximateNumberOfMessagesVisible", f"{name}DeadLetters.QueueName"),
        ("ApproximateAgeOfOldestMessage", f"{name}Queue.QueueName"),
    } <= alarmed(template)


@pytest.mark.parametrize("name", [*STAGES, "Ledger"])
def test_every_function_raises_the_alarm(template: Template, name: str) -> None:
    """Activate's failures are told by CloudFormation."""
    assert ("Errors", f"{name}Function") in alarmed(template)


def test_a_ledger_that_is_silent_raises_the_alarm(template: Template) -> None:
    alarm = properties(template, "LedgerSilentAlarm")
    assert alarm["MetricName"] == "Invocations"
    assert alarm["TreatMissingData"] == "breaching"


def test_every_alarm_is_sent_and_says_what_to_do(template: Template) -> None:
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}], name
        assert len(alarm["AlarmDescription"]) > 40, name


RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
REPUTATION = {
    "BounceRateAlarm": (RATES[Fault.BOUNCE], 2),
    "BounceRateHighAlarm": (RATES[Fault.BOUNCE], 4),
    "ComplaintRateAlarm": (RATES[Fault.COMPLAINT], 0.05),
    "ComplaintRateHighAlarm": (RATES[Fault.COMPLAINT], 0.08),
    "BlockedAlarm": (BLOCKED, 5),
}


@pytest.mark.parametrize("name", REPUTATION)
def test_an_alarm_hears_of_a_rate_from_whoever_looks_at_it(template: Template, name: str) -> None:
    alarm = properties(template, name)
    assert (alarm["MetricName"], alarm["Threshold"]) == REPUTATION[name]
    assert alarm["Dimensions"] == [{"Name": "addresses", "Value": {"Ref": "AddressTable"}}]


@pytest.mark.parametrize("name", ["AccountBounceRateAlarm", "AccountComplaintRateAlarm"])
def test_what_ses_says_of_the_whole_account_has_no_dimensions_and_is_a_share_of_one(
    template: Template, name: str
) -> None:
    alarm = properties(template, name)
    assert alarm["Namespace"] == "AWS/SES"
    assert "Dimensions" not in alarm
    assert 0 < alarm["Threshold"] < 0.05


def test_an_alarm_that_names_a_page_has_it(template: Template) -> None:
    pages = [line for line in RUNBOOK.splitlines() if line.startswith("## ")]
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        if "docs/runbook.md" in alarm["AlarmDescription"]:
            section = alarm["AlarmDescription"].split('"')[1]
            assert [page for page in pages if page.startswith(f"## {section}") and f"`{name}`" in page], name


def seconds_in_queue(template: Template, name: str) -> int:
    """How long a message may be tried until it is given up into the dead letters."""
    queue = properties(template, name)
    return int(queue["VisibilityTimeout"]) * int(queue["RedrivePolicy"]["maxReceiveCount"])


def test_the_ledger_leaves_a_mail_to_its_queues_first(template: Template) -> None:
    check: dict[str, Any] = {field.name: field.default for field in fields(LedgerCheck)}
    assert check["unseen"].total_seconds() > seconds_in_queue(template, "ParseQueue")
    assert check["settle"].total_seconds() > max(seconds_in_queue(template, f"{name}Queue") for name in STAGES)
    kept = max(int(properties(template, f"{name}DeadLetters")["MessageRetentionPeriod"]) for name in STAGES)
    assert check["window"].total_seconds() >= kept


def test_the_tables_are_keyed_as_in_the_contracts(template: Template) -> None:
    """tests/contracts builds them on moto: what passes there must be what is deployed."""
    desk, addresses = properties(template, "DeskTable"), properties(template, "AddressTable")
    assert desk["KeySchema"] == addresses["KeySchema"] == KEY_SCHEMA
    assert desk["GlobalSecondaryIndexes"] == INDEXES
    assert addresses["GlobalSecondaryIndexes"] == ADDRESS_INDEXES
