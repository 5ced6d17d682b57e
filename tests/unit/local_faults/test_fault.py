"""Which call is struck, and how often."""

from hypothesis import given
from hypothesis import strategies as st

from local.faults.call import Call
from local.faults.fault import Fault, Kind, decide

GET = Call(caller="parse", service="s3", operation="GetObject")


def hits(fault: Fault, calls: int, call: Call = GET) -> list[bool]:
    """For each call in turn whether it was struck."""
    faults, struck = (fault,), []
    for _ in range(calls):
        hit, faults = decide(faults, call)  # type: ignore[assignment]  # one fault stays one
        struck.append(hit is not None)
    return struck


def test_a_fault_strikes_the_calls_that_it_names_and_no_others() -> None:
    fault = Fault(id=1, caller="parse", service="s3", operation="Get*", kind=Kind.THROTTLE)
    assert fault.concerns(GET)
    assert not fault.concerns(Call(caller="reply", service="s3", operation="GetObject"))
    assert not fault.concerns(Call(caller="parse", service="s3", operation="PutObject"))
    assert not fault.concerns(Call(caller="parse", service="s3-control", operation="GetObject"))


def test_a_star_is_everybody_and_a_caller_without_a_name_too() -> None:
    assert Fault(id=1, kind=Kind.REFUSE).concerns(Call())
    assert not Fault(id=1, kind=Kind.REFUSE, caller="parse").concerns(Call())


def test_the_case_of_an_operation_does_not_matter() -> None:
    assert Fault(id=1, kind=Kind.REFUSE, operation="getobject").concerns(GET)


def test_calls_are_skipped_then_struck_so_many_times_then_let_through() -> None:
    fault = Fault(id=1, kind=Kind.THROTTLE, skip=2, times=3)
    assert hits(fault, 8) == [False] * 2 + [True] * 3 + [False] * 3


@given(skip=st.integers(0, 20), times=st.integers(1, 20), calls=st.integers(0, 50))
def test_a_certain_fault_strikes_times_at_most_and_never_before_it_may(skip: int, times: int, calls: int) -> None:
    struck = hits(Fault(id=1, kind=Kind.THROTTLE, skip=skip, times=times), calls)
    assert sum(struck) == max(0, min(times, calls - skip))
    assert not any(struck[:skip])


@given(seed=st.integers(0, 1 << 30), probability=st.floats(0.01, 1.0))
def test_the_same_seed_strikes_the_same_calls(seed: int, probability: float) -> None:
    fault = Fault(id=1, kind=Kind.THROTTLE, probability=probability, seed=seed)
    assert hits(fault, 30) == hits(fault, 30)


def test_a_probability_is_kept_to_over_many_calls_and_another_seed_strikes_others() -> None:
    fault = Fault(id=1, kind=Kind.THROTTLE, probability=0.3, seed=1)
    assert 200 < sum(hits(fault, 1000)) < 400
    assert hits(fault, 100) != hits(Fault(id=1, kind=Kind.THROTTLE, probability=0.3, seed=2), 100)


@given(
    st.lists(
        st.builds(
            Fault,
            id=st.integers(1, 9),
            kind=st.sampled_from(Kind),
            service=st.sampled_from(["*", "s3", "sns"]),
            times=st.none() | st.integers(1, 3),
            skip=st.integers(0, 3),
        ),
        max_size=5,
    ),
    st.lists(st.sampled_from([GET, Call(service="sns"), Call()]), max_size=20),
)
def test_a_call_is_struck_by_one_fault_at_most_and_every_hit_is_counted_once(
    faults: list[Fault], calls: list[Call]
) -> None:
    standing, struck = tuple(faults), 0
    for call in calls:
        hit, standing = decide(standing, call)
        struck += hit is not None
        assert hit is None or hit.concerns(call)
    assert sum(fault.hits for fault in standing) == struck
    assert all(fault.hits <= fault.seen <= len(calls) for fault in standing)


def test_the_first_fault_wins_and_the_next_one_waits_for_its_turn() -> None:
    faults = (Fault(id=1, kind=Kind.THROTTLE, times=1), Fault(id=2, kind=Kind.DENIED, times=1))
    first, faults = decide(faults, GET)  # type: ignore[assignment]  # two stay two
    second, faults = decide(faults, GET)  # type: ignore[assignment]  # two stay two
    assert first is not None
    assert second is not None
    assert (first.id, second.id) == (1, 2)
    assert decide(faults, GET)[0] is None
