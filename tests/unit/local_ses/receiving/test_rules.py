"""Which rule takes a mail, and in which order things are done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.receiving.actions.s3 import S3Action
from local.ses.receiving.rules import Rule, RuleBook, RuleSet, matches
from local.ses.refused import Refused

WORDS = st.from_regex(r"[a-z0-9]{1,10}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "address", "taken"),
    [
        ("help@example.com", "help@example.com", True),
        ("help@example.com", "HELP@Example.COM", True),
        ("help@example.com", "help+ticket-7@example.com", True),
        ("help@example.com", "help@sub.example.com", False),
        ("help@example.com", "helper@example.com", False),
        ("help+a@example.com", "help+a@example.com", True),
        ("help+a@example.com", "help@example.com", False),
        ("help+a@example.com", "help+b@example.com", False),
        ("example.com", "anyone@example.com", True),
        ("example.com", "anyone@sub.example.com", False),
        ("example.com", "anyone@notexample.com", False),
        (".example.com", "anyone@sub.example.com", True),
        (".example.com", "anyone@deep.sub.example.com", True),
        (".example.com", "anyone@example.com", False),
    ],
)
def test_recipients_match_as_ses_documents_it(pattern: str, address: str, taken: bool) -> None:
    assert matches(pattern, address) is taken


@given(local=WORDS, label=WORDS, domain=WORDS)
def test_an_address_has_all_of_its_labels(local: str, label: str, domain: str) -> None:
    assert matches(f"{local}@{domain}.test", f"{local}+{label}@{domain}.test")


@given(pattern=st.text(max_size=50), address=st.text(max_size=50))
def test_no_pattern_and_no_address_raises(pattern: str, address: str) -> None:
    assert matches(pattern, address) in (True, False)


def _rule(name: str, *recipients: str, enabled: bool = True) -> Rule:
    return Rule(name=name, enabled=enabled, recipients=recipients, actions=(S3Action(bucket=name),))


def _set(*rules: Rule) -> RuleSet:
    return RuleSet(name="desk", created_at="2026-01-01T00:00:00.000Z", rules=rules)


def test_a_rule_without_recipients_takes_everything() -> None:
    assert _set(_rule("all")).taking("anyone@anywhere.test")


def test_a_rule_that_is_not_enabled_takes_nothing() -> None:
    assert not _set(_rule("all", enabled=False)).taking("anyone@anywhere.test")


def test_every_rule_that_matches_is_followed_in_order_for_its_own_recipients() -> None:
    rules = _set(_rule("help", "help@example.com"), _rule("domain", "example.com"), _rule("other", "other.test"))
    matching = rules.matching(["sales@example.com", "help@example.com"])
    assert [(rule.name, recipients) for rule, recipients in matching] == [
        ("help", ("help@example.com",)),
        ("domain", ("sales@example.com", "help@example.com")),
    ]


@pytest.mark.parametrize(("after", "order"), [(None, "cab"), ("a", "acb"), ("b", "abc")])
def test_a_rule_is_moved_behind_another_or_to_the_beginning(after: str | None, order: str) -> None:
    rules = _set(_rule("a"), _rule("b"), _rule("c")).with_position("c", after)
    assert "".join(rule.name for rule in rules.rules) == order


@given(st.permutations(["a", "b", "c", "d"]))
def test_a_set_is_reordered_as_named(names: list[str]) -> None:
    rules = _set(*(_rule(name) for name in "abcd")).reordered(names)
    assert [rule.name for rule in rules.rules] == names


@pytest.mark.parametrize(
    ("names", "code"), [(["a"], "ValidationError"), (["a", "a"], "ValidationError"), (["a", "x"], "RuleDoesNotExist")]
)
def test_an_order_names_every_rule_once(names: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        _set(_rule("a"), _rule("b")).reordered(names)
    assert refused.value.code == code


def test_a_new_rule_comes_first_unless_it_says_after_which() -> None:
    rules = _set(_rule("a")).with_rule(_rule("b"), None).with_rule(_rule("c"), "b")
    assert [rule.name for rule in rules.rules] == ["b", "c", "a"]


def test_the_active_set_can_not_be_deleted_until_another_or_none_is_active() -> None:
    book = RuleBook()
    book.create(_set())
    book.activate("desk")
    with pytest.raises(Refused) as refused:
        book.delete("desk")
    assert refused.value.code == "CannotDelete"
    book.activate(None)
    book.delete("desk")
    assert book.all() == ()
