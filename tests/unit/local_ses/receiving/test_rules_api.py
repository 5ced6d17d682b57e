"""Receipt rules, IP filters and SendBounce by boto3's `ses`: what is kept, and what is refused by which name."""

import json

import pytest
from botocore.exceptions import ClientError
from types_boto3_ses.type_defs import (
    BouncedRecipientInfoTypeDef,
    ReceiptActionTypeDef,
    ReceiptFilterTypeDef,
    ReceiptRuleTypeDef,
)

from tests.unit.local_ses.conftest import EVENTS, TOPIC, Running
from tests.unit.local_ses.receiving import desk

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:steer"
MISSING_TOPIC = "arn:aws:sns:us-east-1:000000000000:missing"

EVERY_ACTION: list[ReceiptActionTypeDef] = [
    {"S3Action": {"BucketName": "mail", "ObjectKeyPrefix": "raw/", "TopicArn": TOPIC}},
    {"S3Action": {"BucketName": "mail", "IamRoleArn": "arn:aws:iam::000000000000:role/writer"}},
    {"SNSAction": {"TopicArn": TOPIC, "Encoding": "Base64"}},
    {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "RequestResponse", "TopicArn": TOPIC}},
    {
        "BounceAction": {
            "TopicArn": TOPIC,
            "SmtpReplyCode": "550",
            "StatusCode": "5.1.1",
            "Message": "no",
            "Sender": "postmaster@example.com",
        }
    },
    {"AddHeaderAction": {"HeaderName": "X-Desk", "HeaderValue": "a & b <c>"}},
    {"WorkmailAction": {"OrganizationArn": "arn:aws:workmail:us-east-1:000000000000:organization/m-1"}},
    {
        "ConnectAction": {
            "InstanceARN": "arn:aws:connect:us-east-1:000000000000:instance/1",
            "IAMRoleARN": "arn:aws:iam::000000000000:role/connect",
        }
    },
    {"StopAction": {"Scope": "RuleSet", "TopicArn": TOPIC}},
]


def _names(ses: Running, rule_set: str = "desk") -> str:
    return "".join(rule["Name"] for rule in ses.v1.describe_receipt_rule_set(RuleSetName=rule_set)["Rules"])


def _create(ses: Running, rule: ReceiptRuleTypeDef) -> None:
    ses.v1.create_receipt_rule(RuleSetName="desk", Rule=rule)


def _refused(ses: Running, rule: ReceiptRuleTypeDef) -> str:
    """The error of this rule, which is then not made."""
    ses.v1.create_receipt_rule_set(RuleSetName="desk")
    with pytest.raises(ClientError) as refused:
        _create(ses, rule)
    assert _names(ses) == ""
    return refused.value.response["Error"]["Code"]


def test_every_type_of_action_is_described_as_it_was_given(ses: Running) -> None:
    ses.cloud.functions[FUNCTION] = lambda event: event
    desk.rules(ses, {"Name": "all", "TlsPolicy": "Require", "Actions": EVERY_ACTION})
    (rule,) = ses.v1.describe_active_receipt_rule_set()["Rules"]
    assert rule.get("Actions") == EVERY_ACTION
    assert rule.get("TlsPolicy") == "Require"


def test_what_is_left_out_is_what_ses_says_it_is(ses: Running) -> None:
    ses.cloud.functions[FUNCTION] = lambda event: event
    desk.rule(ses, {"LambdaAction": {"FunctionArn": FUNCTION}}, {"SNSAction": {"TopicArn": TOPIC}})
    (rule,) = ses.v1.describe_active_receipt_rule_set()["Rules"]
    assert rule.get("Actions") == [
        {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "Event"}},
        {"SNSAction": {"TopicArn": TOPIC, "Encoding": "UTF-8"}},
    ]


def test_every_topic_of_a_new_rule_hears_of_it_and_no_function_is_called(ses: Running) -> None:
    ses.cloud.functions[FUNCTION] = lambda event: event
    desk.rule(ses, *EVERY_ACTION)
    kinds = []
    for message in map(json.loads, ses.cloud.topics[TOPIC]):
        assert message["mail"]["messageId"] == "AMAZON_SES_SETUP_NOTIFICATION"
        kinds.append(message["receipt"]["action"]["type"])
    assert kinds == ["S3", "SNS", "Lambda", "Bounce", "Stop"]
    assert (ses.cloud.invoked, desk.outbox(ses)) == ([], [])


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ({"S3Action": {"BucketName": "missing"}}, "InvalidS3Configuration"),
        ({"S3Action": {"BucketName": "mail", "KmsKeyArn": "arn:aws:kms:x:0:key/no"}}, "InvalidS3Configuration"),
        ({"S3Action": {"BucketName": "mail", "TopicArn": MISSING_TOPIC}}, "InvalidSnsTopic"),
        ({"SNSAction": {"TopicArn": MISSING_TOPIC}}, "InvalidSnsTopic"),
        ({"LambdaAction": {"FunctionArn": FUNCTION}}, "InvalidLambdaFunction"),
        ({"StopAction": {"Scope": "RuleSet", "TopicArn": MISSING_TOPIC}}, "InvalidSnsTopic"),
        ({"StopAction": {"Scope": "Rule"}}, "ValidationError"),
        ({"SNSAction": {"TopicArn": TOPIC, "Encoding": "UTF-7"}}, "ValidationError"),
        ({"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "DryRun"}}, "ValidationError"),
        ({"AddHeaderAction": {"HeaderName": "X:Y", "HeaderValue": "v"}}, "ValidationError"),
        ({"AddHeaderAction": {"HeaderName": "x" * 51, "HeaderValue": "v"}}, "ValidationError"),
        ({"AddHeaderAction": {"HeaderName": "X", "HeaderValue": "a\r\nBcc: b"}}, "ValidationError"),
        ({"AddHeaderAction": {"HeaderName": "X", "HeaderValue": "v" * 2049}}, "ValidationError"),
        ({"BounceAction": {"SmtpReplyCode": "250", "Message": "m", "Sender": "a@example.com"}}, "ValidationError"),
        ({"BounceAction": {"SmtpReplyCode": "550", "Message": "m", "Sender": "example.com"}}, "ValidationError"),
        ({"S3Action": {"BucketName": "mail"}, "StopAction": {"Scope": "RuleSet"}}, "ValidationError"),
    ],
)
def test_an_action_that_can_not_be_is_refused_with_its_rule(
    ses: Running, action: ReceiptActionTypeDef, code: str
) -> None:
    assert _refused(ses, {"Name": "r", "Actions": [action]}) == code


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ({"Name": "-r"}, "ValidationError"),
        ({"Name": "r" * 65}, "ValidationError"),
        ({"Name": "r\n"}, "ValidationError"),
        ({"Name": "r", "TlsPolicy": "Always"}, "ValidationError"),
        ({"Name": "r", "Recipients": ["a b@example.com"]}, "ValidationError"),
        ({"Name": "r", "Recipients": ["x" * 321]}, "ValidationError"),
        ({"Name": "r", "Recipients": [f"r{number}@example.com" for number in range(101)]}, "LimitExceeded"),
        ({"Name": "r", "Actions": [{"StopAction": {"Scope": "RuleSet"}}] * 11}, "LimitExceeded"),
    ],
)
def test_a_rule_that_can_not_be_is_refused(ses: Running, rule: ReceiptRuleTypeDef, code: str) -> None:
    assert _refused(ses, rule) == code


def test_a_set_has_200_rules_and_an_account_40_sets(ses: Running) -> None:
    for number in range(40):
        ses.v1.create_receipt_rule_set(RuleSetName="desk" if number == 0 else f"set-{number}")
    with pytest.raises(ses.v1.exceptions.LimitExceededException):
        ses.v1.create_receipt_rule_set(RuleSetName="one-more")
    with pytest.raises(ses.v1.exceptions.LimitExceededException):
        ses.v1.clone_receipt_rule_set(RuleSetName="one-more", OriginalRuleSetName="desk")
    for number in range(200):
        _create(ses, {"Name": f"r{number}"})
    with pytest.raises(ses.v1.exceptions.LimitExceededException):
        _create(ses, {"Name": "one-more"})


def test_a_clone_has_the_rules_and_goes_its_own_way(ses: Running) -> None:
    desk.rules(ses, {"Name": "a"}, {"Name": "b"})
    ses.v1.clone_receipt_rule_set(RuleSetName="copy", OriginalRuleSetName="desk")
    ses.v1.delete_receipt_rule(RuleSetName="copy", RuleName="a")
    assert (_names(ses), _names(ses, "copy")) == ("ab", "b")
    with pytest.raises(ses.v1.exceptions.AlreadyExistsException):
        ses.v1.clone_receipt_rule_set(RuleSetName="copy", OriginalRuleSetName="desk")
    with pytest.raises(ses.v1.exceptions.RuleSetDoesNotExistException):
        ses.v1.clone_receipt_rule_set(RuleSetName="other", OriginalRuleSetName="missing")


def test_rules_are_put_in_another_order(ses: Running) -> None:
    desk.rules(ses, {"Name": "a"}, {"Name": "b"}, {"Name": "c"})
    ses.v1.reorder_receipt_rule_set(RuleSetName="desk", RuleNames=["c", "a", "b"])
    assert _names(ses) == "cab"
    ses.v1.set_receipt_rule_position(RuleSetName="desk", RuleName="b", After="c")
    assert _names(ses) == "cba"
    ses.v1.set_receipt_rule_position(RuleSetName="desk", RuleName="a")
    assert _names(ses) == "acb"
    with pytest.raises(ses.v1.exceptions.RuleDoesNotExistException):
        ses.v1.reorder_receipt_rule_set(RuleSetName="desk", RuleNames=["a", "b", "x"])
    with pytest.raises(ses.v1.exceptions.RuleDoesNotExistException):
        ses.v1.set_receipt_rule_position(RuleSetName="desk", RuleName="a", After="x")
    with pytest.raises(ClientError, match="ValidationError"):
        ses.v1.reorder_receipt_rule_set(RuleSetName="desk", RuleNames=["a", "b"])
    assert _names(ses) == "acb"


def test_a_rule_of_a_set_that_is_full_can_still_be_moved(ses: Running) -> None:
    made: list[ReceiptRuleTypeDef] = [{"Name": f"r{number}"} for number in range(200)]
    desk.rules(ses, *made)
    ses.v1.set_receipt_rule_position(RuleSetName="desk", RuleName="r199")
    assert _names(ses).startswith("r199r0r1")


def _filter(name: str, policy: str = "Block", cidr: str = "192.0.2.0/24") -> ReceiptFilterTypeDef:
    return {"Name": name, "IpFilter": {"Policy": policy, "Cidr": cidr}}  # type: ignore[typeddict-item]  # a str, not a literal


def test_filters_are_listed_as_they_were_given_and_deleted(ses: Running) -> None:
    ses.v1.create_receipt_filter(Filter=_filter("spam", cidr="10.0.0.1/24"))
    ses.v1.create_receipt_filter(Filter=_filter("us", "Allow", "192.0.2.1"))
    ses.v1.delete_receipt_filter(FilterName="us")
    ses.v1.delete_receipt_filter(FilterName="us")
    assert ses.v1.list_receipt_filters()["Filters"] == [_filter("spam", cidr="10.0.0.1/24")]


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (_filter("spam"), "AlreadyExists"),
        (_filter("a.b"), "ValidationError"),
        (_filter("other", "Tolerate"), "ValidationError"),
        (_filter("other", cidr="example.com"), "InvalidParameterValue"),
        (_filter("other", cidr="192.0.2.0/33"), "InvalidParameterValue"),
    ],
)
def test_a_filter_that_can_not_be_is_refused(ses: Running, made: ReceiptFilterTypeDef, code: str) -> None:
    ses.v1.create_receipt_filter(Filter=_filter("spam"))
    with pytest.raises(ClientError) as refused:
        ses.v1.create_receipt_filter(Filter=made)
    assert refused.value.response["Error"]["Code"] == code


def test_an_account_has_100_filters(ses: Running) -> None:
    for number in range(100):
        ses.v1.create_receipt_filter(Filter=_filter(f"f{number}"))
    with pytest.raises(ses.v1.exceptions.LimitExceededException):
        ses.v1.create_receipt_filter(Filter=_filter("one-more"))


def _id(ses: Running) -> str:
    return str(desk.received(ses)[0]["id"])


def test_a_received_mail_is_bounced_by_the_api(ses: Running) -> None:
    desk.rule(ses, desk.store())
    desk.send(ses)
    sent = ses.v1.send_bounce(
        OriginalMessageId=_id(ses),
        BounceSender="mailer-daemon@example.com",
        Explanation="Nobody is here.\nCome again.",
        MessageDsn={
            "ReportingMta": "dns; example.com",
            "ArrivalDate": "2026-01-02T03:04:05Z",
            "ExtensionFields": [{"Name": "X-Desk", "Value": "help"}],
        },
        BouncedRecipientInfoList=[{"Recipient": "help@example.com", "BounceType": "ContentRejected"}],
    )
    ((envelope, raw),) = desk.outbox(ses)
    assert (envelope["id"], envelope["destination"]) == (sent["MessageId"], ["ann@example.org"])
    assert raw.startswith(b"Return-Path: <>\r\n")
    text, status, head = desk.parts(desk.read(raw))
    assert str(text.get_content()).splitlines() == ["Nobody is here.", "Come again."]
    about, failed = desk.parts(status)
    assert (about["Reporting-MTA"], about["X-Desk"]) == ("dns; example.com", "help")
    assert about["Arrival-Date"] == "Fri, 02 Jan 2026 03:04:05 +0000"
    assert (failed["Status"], failed["Diagnostic-Code"]) == ("5.6.1", "smtp; 500 5.6.1 Message content rejected")
    assert f"id {_id(ses)}" in str(head.get_payload())


def test_the_fields_of_a_bounce_may_be_given_one_by_one(ses: Running) -> None:
    desk.rule(ses, desk.store())
    desk.send(ses)
    info: BouncedRecipientInfoTypeDef = {
        "Recipient": "help@example.com",
        "RecipientDsnFields": {
            "FinalRecipient": "desk@internal.example.com",
            "Action": "delayed",
            "Status": "4.2.2",
            "RemoteMta": "dns; mx.example.com",
            "DiagnosticCode": "smtp; 452 4.2.2 Mailbox full",
        },
    }
    ses.v1.send_bounce(OriginalMessageId=_id(ses), BounceSender="a@example.com", BouncedRecipientInfoList=[info])
    _, status, _ = desk.parts(desk.read(desk.outbox(ses)[0][1]))
    assert dict(desk.parts(status)[1].items()) == {
        "Action": "delayed",
        "Final-Recipient": "rfc822; desk@internal.example.com",
        "Original-Recipient": "rfc822; help@example.com",
        "Diagnostic-Code": "smtp; 452 4.2.2 Mailbox full",
        "Status": "4.2.2",
        "Remote-MTA": "dns; mx.example.com",
    }


def test_line_ends_in_a_call_make_no_field_of_a_bounce(ses: Running) -> None:
    desk.rule(ses, desk.store())
    desk.send(ses)
    ses.v1.send_bounce(
        OriginalMessageId=_id(ses),
        BounceSender="a@example.com",
        MessageDsn={"ReportingMta": "dns; x\r\nX-Forged: 1"},
        BouncedRecipientInfoList=[
            {
                "Recipient": "help@example.com",
                "RecipientDsnFields": {"Action": "failed", "Status": "5.0.0", "DiagnosticCode": "x\r\n\r\nX-Forged: 2"},
            }
        ],
    )
    assert b"\nX-Forged" not in desk.outbox(ses)[0][1]


def test_a_function_bounces_the_mail_that_it_is_called_for(ses: Running) -> None:
    """Example 4 of the guide's "Lambda function examples"."""

    def bouncing(event: object) -> dict[str, str]:
        message_id = json.loads(json.dumps(event))["Records"][0]["ses"]["mail"]["messageId"]
        ses.v1.send_bounce(
            OriginalMessageId=message_id,
            BounceSender="mailer-daemon@example.com",
            BouncedRecipientInfoList=[{"Recipient": "help@example.com", "BounceType": "ContentRejected"}],
        )
        return {"disposition": "stop_rule_set"}

    ses.cloud.functions[FUNCTION] = lambda event: bouncing(event)
    desk.rule(ses, {"LambdaAction": {"FunctionArn": FUNCTION, "InvocationType": "RequestResponse"}}, desk.store())
    desk.send(ses)
    assert (len(desk.outbox(ses)), desk.stored(ses)) == (1, [])


@pytest.mark.parametrize(
    ("original", "recipient", "kind", "said"),
    [
        ("unknown", "help@example.com", "DoesNotExist", "No mail with this id"),
        ("", "other@example.com", "DoesNotExist", "Not a recipient"),
        ("", "help@example.com", "Vanished", "BounceType"),
    ],
)
def test_what_can_not_be_bounced_is_rejected(ses: Running, original: str, recipient: str, kind: str, said: str) -> None:
    desk.rule(ses, desk.store())
    desk.send(ses)
    with pytest.raises(ses.v1.exceptions.MessageRejected, match=said):
        ses.v1.send_bounce(
            OriginalMessageId=original or _id(ses),
            BounceSender="a@example.com",
            BouncedRecipientInfoList=[{"Recipient": recipient, "BounceType": kind}],  # type: ignore[typeddict-item]  # a str, not a literal
        )
    assert desk.outbox(ses) == []


def test_a_mail_with_the_null_return_path_is_not_bounced_by_the_api_either(ses: Running) -> None:
    desk.rule(ses, desk.store())
    desk.send(ses, sender="")
    with pytest.raises(ses.v1.exceptions.MessageRejected, match="null return path"):
        ses.v1.send_bounce(
            OriginalMessageId=_id(ses),
            BounceSender="a@example.com",
            BouncedRecipientInfoList=[{"Recipient": "help@example.com", "BounceType": "Undefined"}],
        )


def test_an_action_is_told_on_its_own_topic_only(ses: Running) -> None:
    desk.rule(
        ses,
        {"S3Action": {"BucketName": "mail", "TopicArn": TOPIC}},
        {"StopAction": {"Scope": "RuleSet", "TopicArn": EVENTS}},
    )
    desk.send(ses)
    kinds = [
        [desk.path(one, "receipt", "action", "type") for one in desk.told(ses, topic)] for topic in (TOPIC, EVENTS)
    ]
    assert kinds == [["S3"], ["Stop"]]
