"""Receipt rules and IP filters: the calls of API v1 that make them."""

from bench.ses_peers.probe import Group, refused, same
from bench.ses_peers.target import Target, fresh, rule

_GROUP = Group("rules")
GROUPS = (_GROUP,)
probe = _GROUP.probe


def _set(t: Target, *names: str) -> str:
    made, after = fresh("rules"), ""
    t.v1.create_receipt_rule_set(RuleSetName=made)
    for name in names:
        if after:
            t.v1.create_receipt_rule(
                RuleSetName=made, Rule=rule(name, {"StopAction": {"Scope": "RuleSet"}}), After=after
            )
        else:
            t.v1.create_receipt_rule(RuleSetName=made, Rule=rule(name, {"StopAction": {"Scope": "RuleSet"}}))
        after = name
    return made


def _names(t: Target, rule_set: str) -> list[str]:
    return [one["Name"] for one in t.v1.describe_receipt_rule_set(RuleSetName=rule_set)["Rules"]]


@probe("CreateReceiptRuleSet, DescribeReceiptRuleSet")
def _(t: Target) -> None:
    name = _set(t)
    same(t.v1.describe_receipt_rule_set(RuleSetName=name)["Metadata"]["Name"], name, "Name")


@probe("ListReceiptRuleSets")
def _(t: Target) -> None:
    name = _set(t)
    assert name in [one["Name"] for one in t.v1.list_receipt_rule_sets()["RuleSets"]]


@probe("DeleteReceiptRuleSet")
def _(t: Target) -> None:
    name = _set(t)
    t.v1.delete_receipt_rule_set(RuleSetName=name)
    refused(lambda: t.v1.describe_receipt_rule_set(RuleSetName=name), "RuleSetDoesNotExist")


@probe("CloneReceiptRuleSet")
def _(t: Target) -> None:
    name, twin = _set(t, "a", "b"), fresh("rules")
    t.v1.clone_receipt_rule_set(RuleSetName=twin, OriginalRuleSetName=name)
    same(_names(t, twin), ["a", "b"], "rules of the clone")


@probe("ReorderReceiptRuleSet")
def _(t: Target) -> None:
    name = _set(t, "a", "b", "c")
    t.v1.reorder_receipt_rule_set(RuleSetName=name, RuleNames=["c", "a", "b"])
    same(_names(t, name), ["c", "a", "b"], "rules")


@probe("SetReceiptRulePosition")
def _(t: Target) -> None:
    name = _set(t, "a", "b", "c")
    t.v1.set_receipt_rule_position(RuleSetName=name, RuleName="a", After="c")
    same(_names(t, name), ["b", "c", "a"], "rules")


@probe("CreateReceiptRule puts a rule after another")
def _(t: Target) -> None:
    same(_names(t, _set(t, "a", "b", "c")), ["a", "b", "c"], "rules")


@probe("DescribeReceiptRule gives every setting back")
def _(t: Target) -> None:
    name, bucket, topic = _set(t), t.bucket(), t.topic()
    made = rule(
        "all",
        {"AddHeaderAction": {"HeaderName": "X-Desk", "HeaderValue": "yes"}},
        {"S3Action": {"BucketName": bucket, "ObjectKeyPrefix": "raw/", "TopicArn": topic.arn}},
        to=["example.com"],
        TlsPolicy="Require",
    )
    t.v1.create_receipt_rule(RuleSetName=name, Rule=made)
    found = t.v1.describe_receipt_rule(RuleSetName=name, RuleName="all")["Rule"]
    for setting in ("Name", "Enabled", "ScanEnabled", "TlsPolicy", "Recipients"):
        same(found.get(setting), made.get(setting), setting)
    s3 = {key: value for key, value in found["Actions"][1]["S3Action"].items() if value}
    same(s3, {"BucketName": bucket, "ObjectKeyPrefix": "raw/", "TopicArn": topic.arn}, "S3Action")


@probe("UpdateReceiptRule")
def _(t: Target) -> None:
    name = _set(t, "a")
    t.v1.update_receipt_rule(RuleSetName=name, Rule=rule("a", {"StopAction": {"Scope": "RuleSet"}}, to=["example.org"]))
    same(
        t.v1.describe_receipt_rule(RuleSetName=name, RuleName="a")["Rule"]["Recipients"], ["example.org"], "Recipients"
    )


@probe("DeleteReceiptRule")
def _(t: Target) -> None:
    name = _set(t, "a", "b")
    t.v1.delete_receipt_rule(RuleSetName=name, RuleName="a")
    same(_names(t, name), ["b"], "rules")


@probe("SetActiveReceiptRuleSet, DescribeActiveReceiptRuleSet")
def _(t: Target) -> None:
    name = _set(t, "a")
    t.v1.set_active_receipt_rule_set(RuleSetName=name)
    try:
        same(t.v1.describe_active_receipt_rule_set()["Metadata"]["Name"], name, "the active set")
    finally:
        t.v1.set_active_receipt_rule_set()
    same(t.v1.describe_active_receipt_rule_set().get("Metadata"), None, "the active set after none was made so")


@probe("The active rule set can't be deleted: CannotDelete")
def _(t: Target) -> None:
    name = _set(t)
    t.v1.set_active_receipt_rule_set(RuleSetName=name)
    try:
        refused(lambda: t.v1.delete_receipt_rule_set(RuleSetName=name), "CannotDelete")
    finally:
        t.v1.set_active_receipt_rule_set()


@probe("A rule set or rule that is there already: AlreadyExists")
def _(t: Target) -> None:
    name = _set(t, "a")
    refused(lambda: t.v1.create_receipt_rule_set(RuleSetName=name), "AlreadyExists")
    again = rule("a", {"StopAction": {"Scope": "RuleSet"}})
    refused(lambda: t.v1.create_receipt_rule(RuleSetName=name, Rule=again), "AlreadyExists")


@probe("A bucket that isn't there: InvalidS3Configuration")
def _(t: Target) -> None:
    made = rule("a", {"S3Action": {"BucketName": fresh("missing")}})
    name = _set(t)
    refused(lambda: t.v1.create_receipt_rule(RuleSetName=name, Rule=made), "InvalidS3Configuration")


@probe("A topic that isn't there: InvalidSnsTopic")
def _(t: Target) -> None:
    arn = f"arn:aws:sns:us-east-1:000000000000:{fresh('missing')}"
    name, made = _set(t), rule("a", {"SNSAction": {"TopicArn": arn}})
    refused(lambda: t.v1.create_receipt_rule(RuleSetName=name, Rule=made), "InvalidSnsTopic")


@probe("A function that isn't there: InvalidLambdaFunction")
def _(t: Target) -> None:
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:{fresh('missing')}"
    name, made = _set(t), rule("a", {"LambdaAction": {"FunctionArn": arn}})
    refused(lambda: t.v1.create_receipt_rule(RuleSetName=name, Rule=made), "InvalidLambdaFunction")


@probe("A new S3 action writes AMAZON_SES_SETUP_NOTIFICATION")
def _(t: Target) -> None:
    name, bucket = _set(t), t.bucket()
    t.v1.create_receipt_rule(RuleSetName=name, Rule=rule("a", {"S3Action": {"BucketName": bucket}}))
    keys = [one["Key"] for one in t.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]
    same(keys, ["AMAZON_SES_SETUP_NOTIFICATION"], "objects")


@probe("CreateReceiptFilter, ListReceiptFilters, DeleteReceiptFilter")
def _(t: Target) -> None:
    name = fresh("filter")
    t.v1.create_receipt_filter(Filter={"Name": name, "IpFilter": {"Policy": "Block", "Cidr": "192.0.2.0/24"}})
    assert name in [one["Name"] for one in t.v1.list_receipt_filters()["Filters"]]
    t.v1.delete_receipt_filter(FilterName=name)
    assert name not in [one["Name"] for one in t.v1.list_receipt_filters()["Filters"]]
