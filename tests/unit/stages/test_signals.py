"""The signals of a record: what decided is always among them, and what is left out is counted."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.conversation import Conversation
from postroom.ids import ConversationId, SesId
from postroom.kinds.kind import MOST_SIGNALS, TABLE, Signal, kind_of
from postroom.kinds.signals import WEIGHTS
from postroom.message import Message
from postroom.outcome import Stage, StageRecord
from postroom.rules import rules
from postroom.signals import kept
from postroom.stages.conversing import proofs_told
from postroom.threads.admission import Admission, Proof, Standing
from postroom.threads.evidence import Place
from postroom.threads.placing import Claim, Judged, Placement
from tests.unit.stages.desk import MemoryDesk, mail

WORDS = st.lists(st.text("abcdef", max_size=2), max_size=60)


def record(desk: MemoryDesk, raw: bytes) -> StageRecord:
    desk.classified(raw)
    return desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.CLASSIFY]


@given(WORDS, WORDS, st.integers(0, 40))
def test_what_decided_is_kept_first_and_what_is_cut_is_counted(first: list[str], others: list[str], most: int) -> None:
    found = kept(first, others, most)
    every = list(dict.fromkeys((*first, *others)))
    assert list(found.signals) == every[: len(found.signals)]
    assert len(found.signals) + found.left_out == len(every)
    assert set(first) <= set(found.signals)
    assert len(found.signals) <= max(most, len(set(first)))


def test_a_thousand_that_decide_are_bounded_and_counted() -> None:
    found = kept(map(str, range(1_000)), [], 10)
    assert (len(found.signals), found.left_out) == (100, 900)


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.name)
def test_no_rule_of_kinds_rests_on_more_signals_than_a_record_keeps(rule: object) -> None:
    assert isinstance(rule, type(TABLE[0]))
    assert len(rule.deciding(frozenset(Signal))) <= MOST_SIGNALS


def test_the_signals_of_a_kind_are_those_that_decided_then_the_weightiest() -> None:
    facts = {"auto-submitted": "auto-replied", "precedence": "bulk", "list-id": "<news.example.com>", "x-loop": "a"}
    message = Message(subject="Out of office", text="When?", facts={name: (value,) for name, value in facts.items()})
    found = kind_of(message, None)
    rule = next(each for each in TABLE if each.name == found.rule)
    deciding = rule.deciding(frozenset(found.signals))
    first, others = found.signals[: len(deciding)], found.signals[len(deciding) :]
    assert set(first) == deciding
    assert len(others) > 2
    for part in (first, others):
        weights = [abs(WEIGHTS[signal]) for signal in part]
        assert weights == sorted(weights, reverse=True)


#: Forty rules that only add a tag, before those that decide.
MANY = "\n".join(
    [
        "targets: {high: 4h}",
        "urgency:",
        "  reasons:",
        "  - {name: small, points: 5, when: {words: w1}}",
        "  - {name: large, points: 40, when: {words: w2}}",
        "rules:",
        *(f"- {{name: r{n}, tags: [t], when: {{words: w{n}}}}}" for n in range(40)),
        "- {name: last, category: found, when: {words: decides}}",
    ]
)
ALL_WORDS = f"{' '.join(f'w{n}' for n in range(40))} decides"


def test_of_rules_those_that_set_something_are_told_before_those_that_only_added_to_it() -> None:
    found = record(MemoryDesk(rules=rules.load(MANY)), mail(subject="Hello", body=ALL_WORDS))
    of_rules = [signal for signal in found.signals if ":" in signal]
    assert of_rules[:3] == ["text:decides", "urgency:large+40", "urgency:small+5"]
    assert len(of_rules) == 30
    assert found.facts["signals_left_out"] == "13"


def test_a_record_that_has_every_signal_says_nothing_of_others() -> None:
    assert "signals_left_out" not in record(MemoryDesk(), mail()).facts


def judged(number: int, admission: Admission) -> Judged:
    there = Conversation(
        id=ConversationId(f"c{number}"), customer="", participants=(), subject="", created_at="2026-11-24T07:00:00.000Z"
    )
    claim = Claim(proof=Proof.OUR_MAIL, conversation=there, place=Place.REFERENCES)
    return Judged(claim=claim, standing=list(Standing)[number % 5], admission=admission)


def test_the_proof_that_decided_is_told_however_many_were_stronger() -> None:
    outside = [replace(judged(n, Admission.SIDE), claim=replace(judged(n, Admission.SIDE).claim, proof=proof))
               for n in range(5) for proof in (Proof.FRESH_TOKEN, Proof.STALE_TOKEN, Proof.OUR_MAIL)]  # fmt: skip
    into = judged(0, Admission.JOIN)
    told = proofs_told(Placement(into=into.claim.conversation, linked_to=None, merge=(), judged=(*outside, into)))
    assert told.signals[0] == str(into)
    assert told.signals[1:] == tuple(map(str, outside[:9]))
    assert told.left_out == 6
