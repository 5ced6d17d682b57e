"""Looking into an attachment has an end, whatever is in it: the bounds hold, and nothing raises."""

import os
import tracemalloc
from io import BytesIO
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroom.attachments import inspect
from postroom.attachments.budget import Budget
from postroom.attachments.facts import Facts
from postroom.attachments.policy import SIGNS, Bounds
from postroom.mime.detect import detected_type
from postroom.reasons import Reason
from tests.unit.attachments.made import (
    compound,
    gzipped,
    look,
    nested,
    office,
    overlapping,
    pdf,
    reasons,
    tarred,
    winmail,
    zipped,
)

MIB = 1 << 20


def spent(data: bytes, name: str, bounds: Bounds | None = None) -> int:
    """How many bytes are unpacked for a look."""
    bounds = bounds or Bounds()
    budget = Budget(bounds=bounds, clock=lambda: 0.0, deadline=1.0)
    facts = Facts(name=name, content_type="", detected_type=detected_type(data))
    inspect.signs(BytesIO(data), len(data), facts, budget, lambda name: False)
    return bounds.unpacked - budget.unpacked


# Bombs


def test_a_42_zip_costs_nothing() -> None:
    """Sixteen zips in each of sixteen in each of sixteen ...: over a million files of a megabyte."""
    bomb = nested(5, zipped(("0.dll", bytes(MIB))), wide=16)
    assert reasons(bomb, "42.zip") == {Reason.TOO_DEEP}
    assert spent(bomb, "42.zip") < MIB


def test_a_wide_bomb_ends_at_the_number_of_files() -> None:
    bomb = nested(2, zipped(("a.txt", b"a")), wide=50)
    assert Reason.TOO_MANY_FILES in reasons(bomb, "a.zip", bounds=Bounds(depth=10))


def test_entries_that_share_their_bytes_are_a_bomb_before_one_is_unpacked() -> None:
    bomb = overlapping(copies=1_000, size=MIB)
    assert reasons(bomb, "a.zip") == {Reason.ARCHIVE_BOMB}
    assert spent(bomb, "a.zip") == 0


def test_a_directory_of_a_million_files_is_read_no_further_than_the_bound() -> None:
    bomb = overlapping(copies=60_000, size=1)
    assert reasons(bomb, "a.zip") == {Reason.TOO_MANY_FILES}


def test_a_zip_that_owns_up_to_its_size_is_not_unpacked() -> None:
    bomb = zipped(("zeros.zip", bytes(30 * MIB)))
    assert reasons(bomb, "a.zip") == {Reason.ARCHIVE_BOMB}
    assert spent(bomb, "a.zip") == 0


def test_a_zip_of_much_is_a_bomb_by_the_sum() -> None:
    assert Reason.ARCHIVE_BOMB in reasons(zipped(("a", b"ab" * 999)), "a.zip", bounds=Bounds(unpacked=1_000))


def test_a_gzip_of_zeros_is_left_when_its_ratio_shows() -> None:
    bomb = gzipped(bytes(60 * MIB))
    assert reasons(bomb, "a.gz") == {Reason.ARCHIVE_BOMB}
    assert spent(bomb, "a.gz") < 20 * MIB


def test_what_is_packed_again_and_again_is_too_deep() -> None:
    data = b"hello"
    for _ in range(30):
        data = gzipped(data)
    assert reasons(data, "a.gz") == {Reason.TOO_DEEP}
    assert Reason.TOO_DEEP in reasons(data, "a.gz", bounds=Bounds(depth=10**6))  # no policy can take this bound away


def test_a_tar_of_many_headers_ends_at_the_number_of_files() -> None:
    bomb = tarred(*((str(number), b"") for number in range(3_000)))
    assert Reason.TOO_MANY_FILES in reasons(bomb, "a.tar")


def test_a_look_ends_when_its_time_is_up() -> None:
    ticking = count(0, 0.5)
    data = zipped(*((f"{number}.txt", b"x") for number in range(500)))
    assert reasons(data, "a.zip", clock=lambda: next(ticking)) == {Reason.TOO_COSTLY}


def test_memory_does_not_follow_the_size() -> None:
    large = os.urandom(24 * MIB)
    data = zipped(("a.pdf", b"%PDF-1.7" + large), method=0)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        assert look(data, "a.zip") == ()
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < len(data) + 8 * MIB  # the test's own copy of the bytes, and the pieces


# Whatever it is

SAMPLES = (
    zipped(("a.txt", b"hello " * 50), ("b/c.zip", zipped(("d.exe", b"MZ")))),
    office(("word/vbaProject.bin", compound("VBA"))),
    tarred(("a" * 150, b"x"), ("b.zip", zipped(("a.txt", b"a")))),
    gzipped(tarred(("a.pdf", pdf(b"<</S/JavaScript>>")))),
    compound("Workbook", "Macros", stream=b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(30)),
    pdf(b"<</Type/ObjStm/N 1>>stream\r\nx\nendstream", b"/J#61vaScript"),
    b"<html><script>atob('" + b"QUFB" * 9_000 + b"')</script></html>",
    winmail("a.zip", zipped(("a.exe", b"MZ"))),
    b"Rar!\x1a\x07\x01\x00" + bytes(60),
    b"7z\xbc\xaf'\x1c" + bytes(60),
    overlapping(3, 100),
    bytes(0x8001) + b"CD001",
)
NAMES = st.sampled_from(["", "a.zip", "a.docx", "a.tar.gz", "a.pdf", "a.html", "a.doc", "a.svg", "a.rar", "a.one"])
SMALL = Bounds(files=50, unpacked=MIB, depth=3)


@given(st.binary(max_size=3_000), NAMES)
def test_any_bytes_are_looked_at_without_an_error(data: bytes, name: str) -> None:
    assert {sign.reason for sign in look(data, name, bounds=SMALL)} <= set(SIGNS)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample with some bytes changed, and perhaps its end cut off or another one put behind it."""
    data = bytearray(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(0, 8))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.sampled_from((0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF, 0x50)))
    end = draw(st.integers(0, len(data)))
    return bytes(data[:end] if draw(st.booleans()) else data + draw(st.sampled_from(SAMPLES))[-end:])


@settings(max_examples=500)
@given(mutated(), NAMES)
def test_any_broken_file_is_looked_at_within_the_bounds(data: bytes, name: str) -> None:
    assert {sign.reason for sign in look(data, name, bounds=SMALL)} <= set(SIGNS)
    assert spent(data, name, SMALL) <= SMALL.unpacked + MIB


@settings(max_examples=200)
@given(mutated())
def test_a_look_twice_sees_the_same(data: bytes) -> None:
    assert look(data, "a.zip", bounds=SMALL) == look(data, "a.zip", bounds=SMALL)


@pytest.mark.parametrize(
    "name", ["a" * 5_000 + ".exe", "/" * 5_000, ".".join("a" * 2_000), "\u202e" * 3_000, "\x01", "a:b:c"]
)
def test_any_name_has_its_signs_and_short_details(name: str) -> None:
    assert all(len(sign.detail) <= 120 for sign in look(zipped((name, b"MZ")), "a.zip"))
    assert all(len(sign.detail) <= 120 for sign in look(b"MZ", name))
