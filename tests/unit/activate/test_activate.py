"""activate on two accounts: one in memory, and SES as moto plays it. Whatever holds for one holds for the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from postroom.aws.rule_sets import SesRuleSets
from postroom.errors import Misconfigured, Retryable
from postroom.stages.activate import RuleSets, carry_out, own_set
from postroom.stages.custom_resource import Request, Status, failed, read

EVENTS = Path(__file__).parents[3] / "events" / "activate"


class Account(Protocol):
    """An account's rule sets, with a hand for what other people do in it."""

    @property
    def sets(self) -> RuleSets: ...

    def add_rule(self, rule_set: str, rule: str) -> None: ...


@dataclass
class MemoryAccount:
    active_set: str | None = None
    held: dict[str, list[str]] = field(default_factory=dict)

    @property
    def sets(self) -> "MemoryAccount":
        return self

    def add_rule(self, rule_set: str, rule: str) -> None:
        self.held[rule_set].append(rule)

    def active(self) -> str | None:
        return self.active_set

    def names(self) -> list[str]:
        return list(self.held)

    def rules(self, name: str) -> tuple[str, ...]:
        return tuple(self.held.get(name, ()))

    def create(self, name: str) -> None:
        self.held.setdefault(name, [])

    def activate(self, name: str | None) -> None:
        self.active_set = name

    def delete(self, name: str) -> None:
        assert self.active_set != name, "SES: Cannot delete active rule set"
        self.held.pop(name, None)


@dataclass
class SesAccount:
    sets: SesRuleSets

    def add_rule(self, rule_set: str, rule: str) -> None:
        self.sets.client.create_receipt_rule(RuleSetName=rule_set, Rule={"Name": rule, "Actions": ()})


@pytest.fixture(params=["memory", "ses"])
def account(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    if request.param == "memory":
        yield MemoryAccount()
        return
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield SesAccount(SesRuleSets(client=boto3.client("ses", region_name="eu-west-1")))


def request_for(name: str) -> Request:
    return read(json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")))


CREATE, UPDATE, DELETE = request_for("create"), request_for("update"), request_for("delete")
OWN = own_set(CREATE)


def test_the_sample_events_are_of_one_stack() -> None:
    assert CREATE.physical_id is None
    assert UPDATE.physical_id == DELETE.physical_id == OWN


@pytest.mark.parametrize("stack", ["postroom", "x" * 128, "x-" * 64])
def test_a_rule_sets_name_is_one_that_ses_takes(stack: str) -> None:
    arn = f"arn:aws:cloudformation:eu-west-1:123456789012:stack/{stack}/11111111-2222-3333-4444-555566667777"
    name = own_set(replace(CREATE, stack_id=arn))
    assert name.startswith(stack[:20])
    assert len(name) <= 64
    assert name.replace("-", "").isalnum()


def test_two_stacks_of_one_name_have_sets_of_their_own() -> None:
    later = replace(CREATE, stack_id=CREATE.stack_id[:-1] + "0")
    assert own_set(later) != OWN


def test_where_no_set_is_active_one_is_made_and_activated(account: Account) -> None:
    answer = carry_out(CREATE, account.sets)
    assert (answer.status, answer.physical_id) == (Status.SUCCESS, OWN)
    assert account.sets.active() == OWN


def test_a_set_that_is_not_active_is_left_alone(account: Account) -> None:
    account.sets.create("holidays")
    carry_out(CREATE, account.sets)
    assert set(account.sets.names()) == {"holidays", OWN}


def test_an_active_set_is_joined(account: Account) -> None:
    account.sets.create("theirs")
    account.sets.activate("theirs")
    assert carry_out(CREATE, account.sets).physical_id == "theirs"
    assert list(account.sets.names()) == ["theirs"]


def test_creating_twice_changes_nothing(account: Account) -> None:
    assert carry_out(CREATE, account.sets) == carry_out(CREATE, account.sets)
    assert list(account.sets.names()) == [OWN]


def test_a_create_that_broke_off_half_way_is_finished_by_the_next(account: Account) -> None:
    account.sets.create(OWN)
    assert carry_out(CREATE, account.sets).physical_id == OWN
    assert account.sets.active() == OWN


def test_an_update_keeps_the_set(account: Account) -> None:
    carry_out(CREATE, account.sets)
    assert carry_out(UPDATE, account.sets).physical_id == OWN


def test_an_update_follows_the_account_to_another_active_set(account: Account) -> None:
    carry_out(CREATE, account.sets)
    account.sets.create("theirs")
    account.sets.activate("theirs")
    assert carry_out(UPDATE, account.sets).physical_id == "theirs"


def test_a_delete_takes_our_own_set_away(account: Account) -> None:
    carry_out(CREATE, account.sets)
    answer = carry_out(DELETE, account.sets)
    assert (answer.status, answer.physical_id) == (Status.SUCCESS, OWN)
    assert account.sets.active() is None
    assert list(account.sets.names()) == []


def test_a_delete_of_our_set_leaves_another_active_one_active(account: Account) -> None:
    carry_out(CREATE, account.sets)
    account.sets.create("theirs")
    account.sets.activate("theirs")
    carry_out(DELETE, account.sets)
    assert account.sets.active() == "theirs"
    assert list(account.sets.names()) == ["theirs"]


def test_a_delete_never_touches_a_joined_set(account: Account) -> None:
    account.sets.create("theirs")
    account.sets.activate("theirs")
    joined = replace(DELETE, physical_id=carry_out(CREATE, account.sets).physical_id)
    assert carry_out(joined, account.sets).status is Status.SUCCESS
    assert account.sets.active() == "theirs"


def test_a_delete_leaves_our_set_where_others_have_rules_in_it(account: Account) -> None:
    carry_out(CREATE, account.sets)
    account.add_rule(OWN, "their-rule")
    assert carry_out(DELETE, account.sets).status is Status.SUCCESS
    assert account.sets.active() == OWN
    assert account.sets.rules(OWN) == ("their-rule",)


def test_deleting_twice_changes_nothing(account: Account) -> None:
    carry_out(CREATE, account.sets)
    assert carry_out(DELETE, account.sets) == carry_out(DELETE, account.sets)


def test_the_delete_after_a_failed_create_clears_up(account: Account) -> None:
    account.sets.create(OWN)  # and then the create failed
    after = replace(DELETE, physical_id=failed(CREATE, RuntimeError("broke off"), OWN).physical_id)
    carry_out(after, account.sets)
    assert list(account.sets.names()) == []


def test_a_set_that_is_not_there_has_no_rules(account: Account) -> None:
    assert account.sets.rules("never-made") == ()


def test_making_a_set_twice_keeps_its_rules(account: Account) -> None:
    account.sets.create("theirs")
    account.add_rule("theirs", "a")
    account.sets.create("theirs")
    assert account.sets.rules("theirs") == ("a",)


def test_an_unknown_request_is_refused_by_name() -> None:
    with pytest.raises(Misconfigured, match="'Rename'"):
        carry_out(replace(CREATE, type="Rename"), MemoryAccount())


def test_an_answer_has_what_cloudformation_asks_for() -> None:
    body = json.loads(carry_out(CREATE, MemoryAccount()).body(CREATE))
    assert body == {
        "Status": "SUCCESS",
        "Reason": "",
        "PhysicalResourceId": OWN,
        "StackId": CREATE.stack_id,
        "RequestId": CREATE.request_id,
        "LogicalResourceId": "ActiveRuleSet",
        "Data": {"RuleSetName": OWN},
    }


def test_a_failure_is_told_in_at_most_four_kilobytes() -> None:
    answer = failed(UPDATE, RuntimeError("\N{ENVELOPE}\udcff" * 9000), "")
    assert answer.status is Status.FAILED
    assert answer.physical_id == OWN
    assert len(answer.body(UPDATE)) <= 4096


def stubbed(region: str) -> tuple[SesRuleSets, Stubber]:
    client = boto3.client("ses", region_name=region, aws_access_key_id="testing", aws_secret_access_key="testing")
    return SesRuleSets(client=client), Stubber(client)


def test_a_region_that_cannot_receive_is_named() -> None:
    sets, stubber = stubbed("eu-west-9")
    stubber.add_client_error("describe_active_receipt_rule_set", "InvalidAction", http_status_code=400)
    with stubber, pytest.raises(Misconfigured, match="no mail in eu-west-9"):
        sets.active()


def test_a_throttled_call_may_be_tried_again() -> None:
    sets, stubber = stubbed("eu-west-1")
    stubber.add_client_error("list_receipt_rule_sets", "Throttling", http_status_code=400)
    with stubber, pytest.raises(Retryable, match="Throttling"):
        list(sets.names())


def test_every_page_of_sets_is_read() -> None:
    sets, stubber = stubbed("eu-west-1")
    stubber.add_response("list_receipt_rule_sets", {"RuleSets": [{"Name": "a"}], "NextToken": "more"})
    stubber.add_response("list_receipt_rule_sets", {"RuleSets": [{"Name": "b"}]}, {"NextToken": "more"})
    with stubber:
        assert list(sets.names()) == ["a", "b"]
