"""What the policy makes of signs, and what a policy file may say."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.attachments.policy import (
    NEVER_ALLOWED,
    SIGNS,
    Bounds,
    Limits,
    Listed,
    Policy,
    Sign,
)
from postroom.attachments.reading import read
from postroom.errors import Misconfigured
from postroom.reasons import Reason, Treatment

OURS = Path(__file__).parents[3] / "functions" / "attachments" / "policy.yaml"
STRICTNESS = [Treatment.ALLOW, Treatment.QUARANTINE, Treatment.REFUSE]

some_signs = st.lists(st.builds(lambda reason: Sign(reason=reason), st.sampled_from(list(SIGNS))), max_size=6)


def faults(text: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        read(text, "policy.yaml")
    return "\n".join(caught.value.faults)


# Rulings


def test_an_attachment_without_a_sign_is_allowed() -> None:
    ruling = Policy().rule(())
    assert (ruling.treatment, ruling.reason) == (Treatment.ALLOW, Reason.NOTHING_AGAINST)


@given(some_signs)
def test_the_strictest_sign_decides_in_whatever_order_they_are_seen(signs: list[Sign]) -> None:
    policy = Policy()
    ruling = policy.rule(signs)
    assert ruling.treatment == max((SIGNS[sign.reason] for sign in signs), key=STRICTNESS.index, default="allow")
    assert ruling == policy.rule(sorted(signs, key=lambda sign: sign.reason, reverse=True))
    assert set(ruling.signs) == set(signs)


@given(some_signs)
def test_what_is_held_is_held_for_a_sign_that_was_seen(signs: list[Sign]) -> None:
    ruling = Policy().rule(signs)
    held = ruling.treatment is not Treatment.ALLOW
    assert (ruling.reason in {sign.reason for sign in signs}) is held


def test_a_sign_that_the_policy_allows_is_kept_for_the_record() -> None:
    ruling = Policy().rule([Sign(reason=Reason.ENCRYPTED_PDF)])
    assert (ruling.treatment, [sign.reason for sign in ruling.signs]) == (Treatment.ALLOW, [Reason.ENCRYPTED_PDF])


@pytest.mark.parametrize(
    ("number", "size", "before", "found"),
    [
        (1, 10, 0, set()),
        (3, 10, 0, {Reason.TOO_MANY}),
        (1, 11, 0, {Reason.TOO_LARGE}),
        (2, 10, 10, {Reason.TOO_LARGE_TOGETHER}),
    ],
)
def test_number_and_sizes_are_limited(number: int, size: int, before: int, found: set[Reason]) -> None:
    policy = Policy(limits=Limits(count=2, size=10, total=15))
    assert {sign.reason for sign in policy.of_number(number, size, before)} == found


@pytest.mark.parametrize(
    ("name", "types", "found"),
    [
        ("a.OLD", ["x/y"], {Reason.NAME_LISTED}),
        ("good.old", ["x/y"], set()),
        ("a.txt", ["text/plain", "video/mp4"], {Reason.TYPE_LISTED}),
        ("a.txt", ["text/plain"], set()),
    ],
)
def test_the_first_line_of_a_list_that_fits_counts(name: str, types: list[str], found: set[Reason]) -> None:
    policy = Policy(
        names=(
            Listed(pattern="good*", treatment=Treatment.ALLOW),
            Listed(pattern="*.old", treatment=Treatment.REFUSE),
        ),
        types=(Listed(pattern="video/*", treatment=Treatment.QUARANTINE),),
    )
    signs = list(policy.listed(name, types))
    assert {sign.reason for sign in signs} == found
    assert policy.rule(signs).reason in found | {Reason.NOTHING_AGAINST}
    assert policy.allows_name(name) is (name == "good.old")


# The file


def test_the_file_that_we_come_with_says_what_holds_without_it() -> None:
    policy = read(OURS.read_text(encoding="utf-8"))
    assert (policy.limits, policy.bounds) == (Limits(), Bounds())
    assert dict(policy.signs) == dict(SIGNS)
    assert policy.names == policy.types == ()


def test_every_sign_stands_in_the_file_and_in_its_page() -> None:
    page = (OURS.parents[2] / "docs" / "attachments.md").read_text(encoding="utf-8")
    text = OURS.read_text(encoding="utf-8")
    for sign in SIGNS:
        assert f"  {sign}: " in text
        assert f"| `{sign}` | {SIGNS[sign]} |" in page


@pytest.mark.parametrize("text", ["", "# nothing", "signs:", "names:\ntypes:\n"])
def test_what_a_file_leaves_out_is_as_we_come(text: str) -> None:
    assert dict(read(text).signs) == dict(SIGNS)


def test_a_file_changes_what_it_names_and_nothing_else() -> None:
    policy = read("limits: {count: 5, size: 3 MB}\nsigns: {macros: allow}\nnames: {'*.js': allow, '*.pst': refuse}\n")
    assert (policy.limits.count, policy.limits.size, policy.limits.total) == (5, 3 << 20, Limits().total)
    assert {sign for sign in SIGNS if policy.signs[sign] is not SIGNS[sign]} == {Reason.MACROS}
    assert [line.pattern for line in policy.names] == ["*.js", "*.pst"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("signs: {macro: allow}", "Line 1: `signs` has no `macro`. Did you mean macros?"),
        ("signs: {macros: alow}", "Line 1: `macros: alow` is none of allow, quarantine, refuse. Did you mean allow?"),
        ("signs: {virus_clamd: allow}", "`virus_clamd` can't be allowed: write quarantine or refuse."),
        ("limits:\n  size: 3 GB", "Line 2: `size: 3 GB` must be a size such as 40 MB."),
        ("limits: {count: 3 MB}", "`count: 3 MB` must be a whole number."),
        ("archives: {unpacked: 500 MB}", "`unpacked: 500 MB` must be from 0 to 400 MB."),
        ("archives: {depth: -1}", "`depth: -1` must be a whole number."),
        ("names: {'a/b': allow}", '`a/b` must be a file name such as "*.exe".'),
        ("names: {'*a*b*c*': refuse}", "`*a*b*c*` has 4 asterisks: 3 are the most."),
        ("types: {pdf: refuse}", '`pdf` must be a media type such as "video/*".'),
        ("rules: []", "the file has no `rules`. It knows limits, archives, signs, names, types."),
        ("limits: {count: 1}\nlimits: {count: 2}", "Line 2: `limits` is written twice: keep one."),
        ("signs: [macros]", "`signs` must be written as `key: value`."),
        ("a: [", "this is not YAML"),
        ("- a\n- b", "the file must be written as `key: value`."),
    ],
)
def test_a_fault_names_its_line_and_what_to_write(text: str, said: str) -> None:
    assert said in faults(text)
    assert faults(text).startswith("policy.yaml: ")


def test_all_faults_are_told_at_once() -> None:
    assert faults("signs: {macro: allow, macros: no}\nlimits: {count: x}").count("\n") == 2


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_has_a_fault(text: str) -> None:
    with suppress(Misconfigured):
        read(text)


def test_no_policy_allows_a_virus() -> None:
    assert {Reason.VIRUS_SES, Reason.VIRUS_CLAMD} == NEVER_ALLOWED
