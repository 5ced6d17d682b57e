"""Receipt rules by boto3's `ses`."""

import json

import pytest
from botocore.exceptions import ClientError
from types_boto3_ses.type_defs import BounceActionTypeDef, ReceiptActionTypeDef, S3ActionTypeDef

from tests.unit.local_ses.conftest import TOPIC, Running


def _code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return error.value.response["Error"]["Code"]


def test_a_rule_is_described_as_it_was_made(ses: Running) -> None:
    ses.activate("example.com", ".example.com")
    active = ses.v1.describe_active_receipt_rule_set()
    assert active["Metadata"]["Name"] == "desk"
    (rule,) = active["Rules"]
    assert rule == {
        "Name": "inbound",
        "Enabled": True,
        "TlsPolicy": "Optional",
        "Recipients": ["example.com", ".example.com"],
        "Actions": [{"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "raw/", "TopicArn": TOPIC}}],
        "ScanEnabled": True,
    }
    assert ses.v1.describe_receipt_rule(RuleSetName="desk", RuleName="inbound")["Rule"] == rule


def test_a_new_s3_action_is_tried_out_with_an_object_that_is_not_a_mail(ses: Running) -> None:
    ses.activate()
    assert list(ses.cloud.buckets["mail"]) == ["raw/AMAZON_SES_SETUP_NOTIFICATION"]
    (message,) = ses.cloud.topics[TOPIC]
    assert json.loads(message)["mail"]["messageId"] == "AMAZON_SES_SETUP_NOTIFICATION"


def test_no_set_is_active_at_first_and_none_again_when_asked(ses: Running) -> None:
    assert "Metadata" not in ses.v1.describe_active_receipt_rule_set()
    ses.activate()
    ses.v1.set_active_receipt_rule_set()
    assert "Metadata" not in ses.v1.describe_active_receipt_rule_set()
    ses.v1.delete_receipt_rule_set(RuleSetName="desk")
    assert ses.v1.list_receipt_rule_sets()["RuleSets"] == []


def test_a_rule_is_changed_and_deleted(ses: Running) -> None:
    ses.activate("example.com")
    ses.v1.update_receipt_rule(RuleSetName="desk", Rule={"Name": "inbound", "Recipients": ["example.net"]})
    (rule,) = ses.v1.describe_receipt_rule_set(RuleSetName="desk")["Rules"]
    assert (rule.get("Recipients"), rule.get("Enabled")) == (["example.net"], False)
    ses.v1.delete_receipt_rule(RuleSetName="desk", RuleName="inbound")
    assert ses.v1.describe_receipt_rule_set(RuleSetName="desk")["Rules"] == []


def test_actions_are_described_as_they_were_given(ses: Running) -> None:
    ses.v1.create_receipt_rule_set(RuleSetName="desk")
    bounce: BounceActionTypeDef = {"SmtpReplyCode": "550", "Message": "no", "Sender": "a@example.com"}
    actions: list[ReceiptActionTypeDef] = [{"BounceAction": bounce}, {"StopAction": {"Scope": "RuleSet"}}]
    ses.v1.create_receipt_rule(RuleSetName="desk", Rule={"Name": "r", "Actions": actions})
    (rule,) = ses.v1.describe_receipt_rule_set(RuleSetName="desk")["Rules"]
    assert rule.get("Actions") == actions


def test_errors_have_the_names_that_ses_gives_them(ses: Running) -> None:
    ses.activate()
    with pytest.raises(ses.v1.exceptions.AlreadyExistsException):
        ses.v1.create_receipt_rule_set(RuleSetName="desk")
    with pytest.raises(ses.v1.exceptions.CannotDeleteException):
        ses.v1.delete_receipt_rule_set(RuleSetName="desk")
    with pytest.raises(ses.v1.exceptions.RuleSetDoesNotExistException):
        ses.v1.set_active_receipt_rule_set(RuleSetName="other")
    with pytest.raises(ses.v1.exceptions.RuleSetDoesNotExistException):
        ses.v1.create_receipt_rule(RuleSetName="other", Rule={"Name": "r"})
    with pytest.raises(ses.v1.exceptions.AlreadyExistsException):
        ses.v1.create_receipt_rule(RuleSetName="desk", Rule={"Name": "inbound"})
    with pytest.raises(ses.v1.exceptions.RuleDoesNotExistException):
        ses.v1.update_receipt_rule(RuleSetName="desk", Rule={"Name": "r"})
    with pytest.raises(ses.v1.exceptions.RuleDoesNotExistException):
        ses.v1.create_receipt_rule(RuleSetName="desk", Rule={"Name": "r"}, After="missing")


def test_a_bucket_key_or_topic_that_can_not_be_used_refuses_the_rule(ses: Running) -> None:
    ses.v1.create_receipt_rule_set(RuleSetName="desk")
    with pytest.raises(ses.v1.exceptions.InvalidS3ConfigurationException):
        ses.v1.create_receipt_rule(
            RuleSetName="desk", Rule={"Name": "r", "Actions": [{"S3Action": {"BucketName": "missing"}}]}
        )
    unusable: S3ActionTypeDef = {"BucketName": "mail", "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/none"}
    with pytest.raises(ses.v1.exceptions.InvalidS3ConfigurationException):
        ses.v1.create_receipt_rule(RuleSetName="desk", Rule={"Name": "r", "Actions": [{"S3Action": unusable}]})
    with pytest.raises(ses.v1.exceptions.InvalidSnsTopicException):
        ses.v1.create_receipt_rule(
            RuleSetName="desk",
            Rule={"Name": "r", "Actions": [{"S3Action": {"BucketName": "mail", "TopicArn": "arn:aws:sns:x:0:no"}}]},
        )
    assert ses.v1.describe_receipt_rule_set(RuleSetName="desk")["Rules"] == []


def test_a_call_that_is_not_played_says_so(ses: Running) -> None:
    with pytest.raises(ClientError) as refused:
        ses.v1.list_custom_verification_email_templates()
    assert _code(refused) == "InvalidAction"


def test_the_quota_is_told(ses: Running) -> None:
    assert ses.v1.get_send_quota()["SentLast24Hours"] == 0.0
