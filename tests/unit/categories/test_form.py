"""A model as a file: the same back, and anything else is refused in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.categories import form
from postroom.categories.form import Unusable
from tests.unit.categories.small import LABELS, REPORT, content


def test_what_was_written_is_read() -> None:
    model = form.read(content())
    assert (model.labels, model.report, model.threshold) == (LABELS, REPORT, 0.7)
    assert sorted(model.places.values()) == [0, 2, 4]


def test_the_version_tells_two_models_apart() -> None:
    assert form.read(content()).version == form.read(content()).version
    assert form.read(content()).version != form.read(content(threshold=0.71)).version
    assert len(form.read(content()).version) == 12


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (b"", "no model of `postroom train`"),
        (b"PK\x03\x04", "no model of `postroom train`"),
        (content().replace(b"categories 1", b"categories 2", 1), "has form b'2', and this Postroom reads b'1'"),
        (content()[:-1], "damaged"),
        (content() + b"\0", "damaged"),
    ],
)
def test_what_is_no_model_is_refused(changed: bytes, told: str) -> None:
    with pytest.raises(Unusable, match=told):
        form.read(changed)


def sealed(body: bytes) -> bytes:
    """A file whose checksum is right, whatever it holds."""
    import hashlib

    return b"postroom categories 1 " + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_even_under_a_right_checksum(body: bytes) -> None:
    with pytest.raises(Unusable):
        form.read(sealed(body))


@given(st.integers(-8, 8).filter(bool))
def test_tables_of_another_length_than_the_header_says_are_refused(by: int) -> None:
    body = content().partition(b"\n")[2]
    with pytest.raises(Unusable, match="tables are not as long"):
        form.read(sealed(body + bytes(by) if by > 0 else body[:by]))


def test_labels_that_no_desk_can_have_are_refused() -> None:
    with pytest.raises(Unusable, match="labels"):
        form.read(content(labels=("billing\n", "delivery")))
    with pytest.raises(Unusable, match="labels"):
        form.read(content(labels=("billing", "billing")))


@pytest.mark.parametrize(
    "damaged",
    [
        content(bias=1e308),
        content(scale=-1e308),
        content(sharpness=-1e9),
        content(sharpness=0.0),
        content(sharpness=float("nan")),
        content(threshold=0.0),
        content(threshold=float("inf")),
    ],
)
def test_numbers_that_no_mail_could_be_weighed_with_are_refused(damaged: bytes) -> None:
    with pytest.raises(Unusable, match="train it again"):
        form.read(damaged)
