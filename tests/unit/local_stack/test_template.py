"""What the local stack makes of a template."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from local.stack import ses_resources, template, tree
from local.stack.errors import TemplateFault
from local.stack.ses_resources import SesResource
from local.stack.template import Code, Endpoints, Local, LocalTemplate
from local.stack.tree import Node

SAMPLE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Recipients: {Type: CommaDelimitedList}
  Tls: {Type: String}
Conditions:
  Tracks: !Equals [!Ref Tls, "x"]
Globals:
  Function: {Environment: {Variables: {AWS_ENDPOINT_URL: ""}}}
Resources:
  Layer:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/postroom}
    Metadata: {BuildMethod: makefile}
  Bucket: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}, BucketName: b}}
  Topic: {Type: AWS::SNS::Topic, Properties: {DisplayName: !Sub "of ${Sending}"}}
  ParseFunction:
    Type: AWS::Serverless::Function
    DependsOn: [Rule, Bucket]
    Properties:
      CodeUri: functions/parse
      Handler: functions.parse.handler.handle
      Environment: {Variables: {SET: !Ref Sending, AWS_ENDPOINT_URL_SESV2: ""}}
      Events:
        Mail: {Type: SQS, Properties: {Queue: q, ScalingConfig: {MaximumConcurrency: 20}}}
        Clock: {Type: Schedule, Properties: {Schedule: rate(15 minutes)}}
  Sending:
    Type: AWS::SES::ConfigurationSet
    Properties:
      DeliveryOptions: {TlsPolicy: !If [Tracks, REQUIRE, OPTIONAL]}
      TrackingOptions: !If [Tracks, {CustomRedirectDomain: !Ref Tls}, !Ref AWS::NoValue]
  Events:
    Type: AWS::SES::ConfigurationSetEventDestination
    DependsOn: Topic
    Properties:
      ConfigurationSetName: !Ref Sending
      EventDestination:
        Name: feedback
        Enabled: true
        MatchingEventTypes: [send, !If [Tracks, open, !Ref AWS::NoValue]]
        SnsDestination: {TopicARN: !Ref Topic}
  Rule:
    Type: AWS::SES::ReceiptRule
    Properties:
      RuleSetName: !GetAtt Active.RuleSetName
      Rule: {Name: !Sub "${AWS::StackName}-in", Recipients: !Ref Recipients}
  Extra:
    Type: AWS::SES::EmailIdentity
    Condition: Tracks
    Properties: {EmailIdentity: !Ref Tls}
Outputs:
  Sets: {Value: !Ref Sending}
  RuleName: {Value: !Ref Rule}
"""

PACKAGES = {"layers/postroom": "s3://code/layer.zip", "functions/parse": "s3://code/parse.zip"}
ENDPOINTS = Endpoints(aws="http://127.0.0.1:1", ses="http://127.0.0.1:2")


def localised(text: str = SAMPLE, retry_seconds: int = 0) -> LocalTemplate:
    local = Local(endpoints=ENDPOINTS, packages=PACKAGES, concurrency=2, retry_seconds=retry_seconds)
    return template.localise(tree.load(text), stack="desk", local=local)


def at(node: Node, *path: str) -> Node:
    for key in path:
        node = tree.mapping(node)[key]
    return node


def resource(name: str, *path: str) -> Node:
    return at(localised().template, "Resources", name, *path)


def deployed(values: Mapping[str, str]) -> dict[str, SesResource]:
    """The SES resources after a deployment that answers each ask by its expression."""
    local = localised()
    answers = {
        output: values.get(str(at(asked, "Value")), str(at(asked, "Value")))
        for output, asked in tree.mapping(local.template["Outputs"]).items()
    }
    return {one.logical_id: one for one in ses_resources.fill(local.ses, answers)}


TRACKS = str({"Fn::If": ["Tracks", "yes", "no"]})


def test_short_tags_become_their_long_forms() -> None:
    loaded = tree.load("Resources: {A: {Type: !GetAtt B.C.D, X: !Sub a, Y: !Ref b, Z: !Join [',', [!Ref c]]}}")
    assert loaded["Resources"] == {
        "A": {
            "Type": {"Fn::GetAtt": ["B", "C.D"]},
            "X": {"Fn::Sub": "a"},
            "Y": {"Ref": "b"},
            "Z": {"Fn::Join": [",", [{"Ref": "c"}]]},
        }
    }


def test_a_date_in_a_template_stays_a_string() -> None:
    assert at(tree.load("Resources: {A: {Version: 2012-10-17}}"), "Resources", "A", "Version") == "2012-10-17"


@pytest.mark.parametrize("text", ["", "[]", "a: [", "Resources: []"])
def test_what_is_no_template_is_told_so(text: str) -> None:
    with pytest.raises(TemplateFault, match="template"):
        tree.load(text)


def test_every_folder_that_is_deployed_is_packed_once() -> None:
    assert set(template.code(tree.load(SAMPLE))) == {
        Code(folder="functions/parse", handler="functions.parse.handler.handle"),
        Code(folder="layers/postroom"),
    }


def test_a_folder_of_two_functions_is_packed_once() -> None:
    two = SAMPLE.replace(
        "  Sending:\n",
        "  PushFunction:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: functions/parse, Handler: functions.parse.push.handle}\n  Sending:\n",
        1,
    )
    assert "push" in two
    assert [each.folder for each in template.code(tree.load(two))] == ["functions/parse", "layers/postroom"]


def test_code_comes_from_the_packages() -> None:
    assert resource("ParseFunction", "Properties", "CodeUri") == "s3://code/parse.zip"
    assert resource("Layer", "Properties", "ContentUri") == "s3://code/layer.zip"


def test_a_function_can_call_nothing_but_this_machine() -> None:
    assert resource("ParseFunction", "Properties", "Environment", "Variables") == {
        "SET": "desk-Sending",
        "AWS_SDK_UA_APP_ID": "parse",
        "AWS_ENDPOINT_URL": ENDPOINTS.aws,
        "AWS_ENDPOINT_URL_SES": ENDPOINTS.ses,
        "AWS_ENDPOINT_URL_SESV2": ENDPOINTS.ses,
    }


def test_workers_are_capped_and_schedules_are_kept() -> None:
    assert resource("ParseFunction", "Properties", "Events") == {
        "Mail": {"Type": "SQS", "Properties": {"Queue": "q", "ScalingConfig": {"MaximumConcurrency": 2}}},
        "Clock": {"Type": "Schedule", "Properties": {"Schedule": "rate(15 minutes)"}},
    }


@pytest.mark.parametrize(("seconds", "visible"), [(0, 360), (30, 30), (900, 360)])
def test_what_failed_is_tried_again_sooner_where_that_is_wished(seconds: int, visible: int) -> None:
    queues = "Resources: {Q: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 360}}, D: {Type: AWS::SQS::Queue}}"
    made = localised(queues, seconds).template
    assert at(made, "Resources", "Q", "Properties", "VisibilityTimeout") == visible
    assert at(made, "Resources", "D") == {"Type": "AWS::SQS::Queue"}


def test_buckets_have_no_versions_since_ministack_keeps_those_in_memory() -> None:
    assert resource("Bucket", "Properties") == {"BucketName": "b"}


def test_nothing_of_ses_is_left_for_ministack() -> None:
    assert not list(tree.resources(localised().template, "AWS::SES::"))


def test_what_refers_to_a_ses_resource_gets_its_name() -> None:
    outputs = tree.mapping(localised().template["Outputs"])
    assert outputs["Sets"] == {"Value": "desk-Sending"}
    assert outputs["RuleName"] == {"Value": {"Fn::Sub": "${AWS::StackName}-in"}}
    assert resource("Topic", "Properties", "DisplayName") == {"Fn::Sub": ["of ${Sending}", {"Sending": "desk-Sending"}]}
    assert resource("ParseFunction", "DependsOn") == ["Bucket"]


def test_an_attribute_of_a_ses_resource_is_refused_with_its_name() -> None:
    with pytest.raises(TemplateFault, match=r"GetAtt Sending\.Id"):
        localised(SAMPLE + "  Bad: {Value: !GetAtt Sending.Id}\n")


def test_a_ses_type_that_nobody_knows_is_refused_with_its_name() -> None:
    with pytest.raises(TemplateFault, match="Odd is a AWS::SES::VdmAttributes"):
        localised("Resources: {Odd: {Type: AWS::SES::VdmAttributes}}")


def test_ses_resources_are_filled_with_what_the_deployment_answers() -> None:
    values = {
        TRACKS: "no",
        str({"Ref": "Topic"}): "arn:topic",
        str({"Fn::GetAtt": ["Active", "RuleSetName"]}): "theirs",
        str({"Fn::Join": [",", {"Ref": "Recipients"}]}): "a.example,b.example",
        str({"Fn::Sub": "${AWS::StackName}-in"}): "desk-in",
    }
    made = deployed(values)
    assert made["Rule"].properties == {
        "RuleSetName": "theirs",
        "Rule": {"Name": "desk-in", "Recipients": ["a.example", "b.example"]},
    }
    assert made["Events"].properties["ConfigurationSetName"] == "desk-Sending"
    assert at(made["Events"].properties, "EventDestination", "SnsDestination") == {"TopicARN": "arn:topic"}


def test_a_choice_takes_one_branch_and_no_value_takes_the_key_away() -> None:
    made = deployed({TRACKS: "no"})
    assert made["Sending"].properties == {"DeliveryOptions": {"TlsPolicy": "OPTIONAL"}, "Name": "desk-Sending"}
    assert at(made["Events"].properties, "EventDestination", "MatchingEventTypes") == ["send"]


def test_the_other_branch_is_taken_where_the_condition_holds() -> None:
    guarded = str({"Fn::If": ["Tracks", {"Ref": "Tls"}, "-"]})
    made = deployed({TRACKS: "yes", guarded: "links.example"})
    assert made["Sending"].properties["TrackingOptions"] == {"CustomRedirectDomain": "links.example"}
    assert at(made["Events"].properties, "EventDestination", "MatchingEventTypes") == ["send", "open"]


def test_a_resource_whose_condition_fails_is_not_made() -> None:
    assert "Extra" not in deployed({TRACKS: "no"})
    assert "Extra" in deployed({TRACKS: "yes"})


def test_the_statement_that_asks_for_tls_is_left_out_and_the_others_stay() -> None:
    policy = """
Resources:
  Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: b
      PolicyDocument:
        Statement:
          - {Sid: Ses, Effect: Allow, Action: "s3:PutObject"}
          - {Sid: Tls, Effect: Deny, Action: "s3:*", Condition: {Bool: {"aws:SecureTransport": "false"}}}
"""
    statements = at(localised(policy).template, "Resources", "Policy", "Properties", "PolicyDocument", "Statement")
    assert statements == [{"Sid": "Ses", "Effect": "Allow", "Action": "s3:PutObject"}]


def test_rules_in_the_bucket_are_looked_at_every_two_seconds() -> None:
    raw = (Path(__file__).parents[3] / "template.yaml").read_text(encoding="utf-8")
    functions = dict(tree.resources(tree.load(raw), template.FUNCTION))
    local = Local(endpoints=Endpoints(aws="http://a", ses="http://s"), packages=Everything(), concurrency=2)
    made = template._function(functions["ClassifyFunction"], local)
    variables = tree.mapping(tree.mapping(tree.mapping(made["Properties"])["Environment"])["Variables"])
    assert variables[template.RULES_KEPT] == str(template.RULES_SECONDS)


class Everything(dict[str, str]):
    """Packages of any folder."""

    def __missing__(self, folder: str) -> str:
        return f"s3://code/{folder}"
