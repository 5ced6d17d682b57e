"""DynamoDB's sends and budgets where an answer got lost: the SDK says the same once more, and it counts once."""

from collections.abc import Callable

import pytest
from types_boto3_dynamodb import DynamoDBClient

from postroom.aws.sends import DynamoSends
from postroom.ids import SentId
from postroom.ports import SendState

AT = "2026-11-24T07:03:17.120Z"
LATER = "2026-11-24T07:09:00.000Z"


class Repeating:
    """A client whose writes reach DynamoDB twice, as when the answer to the first is lost. `between` comes between."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.client = client
        self.between: Callable[[], object] = lambda: None

    def __getattr__(self, name: str) -> object:
        call: Callable[..., object] = getattr(self.client, name)
        if name not in {"put_item", "update_item"}:
            return call

        def twice(**request: object) -> object:
            call(**request)
            self.between()
            return call(**request)

        return twice


@pytest.fixture
def repeating(dynamodb: DynamoDBClient) -> Repeating:
    return Repeating(dynamodb)


@pytest.fixture
def sends(repeating: Repeating) -> DynamoSends:
    return DynamoSends(client=repeating, table="desk")  # type: ignore[arg-type] # a client but for its repeats


@pytest.fixture
def others(dynamodb: DynamoDBClient) -> DynamoSends:
    return DynamoSends(client=dynamodb, table="desk")


def test_a_send_that_was_marked_by_this_very_call_has_begun(sends: DynamoSends, others: DynamoSends) -> None:
    assert sends.begin("k", AT) is None
    assert others.state("k") == SendState(since=AT)


def test_a_send_that_somebody_else_has_marked_has_not(sends: DynamoSends, others: DynamoSends) -> None:
    assert sends.begin("k", AT) is None
    assert others.begin("k", LATER) == SendState(since=AT)
    others.finish("k", SentId("s-1"), "ann@example.com")
    assert others.begin("k", LATER) == SendState(since=AT, sent_id=SentId("s-1"))


def test_a_mark_that_was_made_in_the_same_moment_is_still_another_trys(others: DynamoSends) -> None:
    assert [others.begin("k", AT), others.begin("k", AT)] == [None, SendState(since=AT)]


def test_what_is_taken_is_taken_once(sends: DynamoSends, others: DynamoSends) -> None:
    assert sends.take("ann", 3, 3600, 0.0)
    assert [others.take("ann", 3, 3600, 0.0) for _ in range(3)] == [True, True, False]


def test_the_last_one_of_a_budget_is_had_though_nothing_is_left_after_it(sends: DynamoSends) -> None:
    assert sends.take("ann", 1, 3600, 0.0)
    assert [sends.client.get_item(TableName="desk", Key=KEY)["Item"]["taken"]["N"]] == ["1"]


KEY = {"pk": {"S": "budget#ann#0"}, "sk": {"S": "budget"}}


def test_what_is_given_back_is_given_back_once(sends: DynamoSends, others: DynamoSends) -> None:
    assert [others.take("ann", 2, 3600, 0.0) for _ in range(3)] == [True, True, False]
    sends.give_back("ann", 3600, 0.0)
    assert [others.take("ann", 2, 3600, 0.0) for _ in range(2)] == [True, False]


def test_somebody_who_comes_between_costs_one_more_and_never_one_less(
    repeating: Repeating, sends: DynamoSends, others: DynamoSends
) -> None:
    """The token of the first is gone then: the budget errs on the side of sending less."""
    repeating.between = lambda: others.take("ann", 9, 3600, 0.0)
    assert sends.take("ann", 9, 3600, 0.0)
    assert [others.take("ann", 9, 3600, 0.0) for _ in range(7)] == [True] * 6 + [False]
