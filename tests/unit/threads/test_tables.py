"""The tables: who gets in, and what state follows. Both are total, and what must never be never is."""

from itertools import product

import pytest

from postroom.conversation import State
from postroom.threads.admission import ADMISSION, Admission, Proof, Standing
from postroom.threads.life import AFTER, Happening


def test_every_pair_has_its_row() -> None:
    assert set(ADMISSION) == set(product(Proof, Standing))
    assert set(AFTER) == set(product(State, Happening))


def test_a_stranger_gets_in_with_a_fresh_token_and_with_nothing_less() -> None:
    joined = {proof for proof in Proof if ADMISSION[proof, Standing.STRANGER] is Admission.JOIN}
    assert joined == {Proof.FRESH_TOKEN}


def test_a_forged_participant_gets_no_further_than_a_stranger() -> None:
    assert all(ADMISSION[proof, Standing.FORGED] is ADMISSION[proof, Standing.STRANGER] for proof in Proof)


@pytest.mark.parametrize("standing", Standing)
def test_a_weaker_proof_never_opens_more(standing: Standing) -> None:
    order = [Admission.JOIN, Admission.SIDE, Admission.NEW]
    ranks = [order.index(ADMISSION[proof, standing]) for proof in Proof]
    assert ranks == sorted(ranks)
    assert [proof.score for proof in Proof] == sorted((proof.score for proof in Proof), reverse=True)


def test_a_subject_alone_is_enough_only_for_a_proven_participant() -> None:
    joined = {standing for standing in Standing if ADMISSION[Proof.SUBJECT, standing] is Admission.JOIN}
    assert joined == {Standing.PARTICIPANT}


@pytest.mark.parametrize("state", State)
def test_a_robot_changes_no_state(state: State) -> None:
    assert AFTER[state, Happening.AUTOMATIC_MAIL] is state


@pytest.mark.parametrize("state", [State.PENDING, State.SOLVED, State.CLOSED])
def test_a_customer_reopens(state: State) -> None:
    assert AFTER[state, Happening.CUSTOMER_MAIL] is State.OPEN


@pytest.mark.parametrize("state", [State.NEW, State.OPEN])
def test_what_waits_for_the_desk_never_closes_by_itself(state: State) -> None:
    assert AFTER[state, Happening.IDLE] is state


@pytest.mark.parametrize(("state", "happening"), AFTER)
def test_what_happens_twice_changes_nothing_the_second_time(state: State, happening: Happening) -> None:
    once = AFTER[state, happening]
    assert AFTER[once, happening] is once
