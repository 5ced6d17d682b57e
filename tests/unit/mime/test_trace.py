import pytest

from postroom.message import Hop
from postroom.mime import trace


def test_the_first_hop_comes_first_and_delays_count_from_the_hop_before() -> None:
    fields = (
        ("received", b"from mx.example.com by inbound.example.net; Mon, 5 Feb 2024 10:00:07 +0000"),
        ("received", b"from [192.0.2.1] (helo=laptop) by mx.example.com with ESMTP; Mon, 5 Feb 2024 11:00:00 +0100"),
        ("subject", b"hi"),
    )
    first, last = trace.hops(fields)
    assert (first.source, first.by, first.date, first.delay) == (
        "[192.0.2.1]", "mx.example.com", "2024-02-05T11:00:00+01:00", None,
    )  # fmt: skip
    assert (last.by, last.delay) == ("inbound.example.net", 7)


def test_a_field_that_says_nothing_is_still_a_hop() -> None:
    (hop,) = trace.hops([("received", b"(qmail 1234 invoked by uid 0)")])
    assert (hop.source, hop.date, hop.delay) == (None, None, None)


def test_a_hundred_thousand_hops_are_bounded() -> None:
    assert len(trace.hops([("received", b"from a by b")] * 100_000)) == trace.MOST_HOPS


UTC = "2026-11-24T08:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "source", "by", "date"),
    [
        ("(qmail 123 invoked by uid 0); 24 Nov 2026 08:00:00 -0000", None, None, UTC),
        ("from a (HELO by x) (by y (z)) by mx.test; Tue, 24 Nov 2026 08:00 GMT", "a", "mx.test", UTC),
        ("from (localhost [127.0.0.1]) by mx.test; x", None, "mx.test", None),
        ("by mx.test with SMTP id 1 Tue, 24 Nov 2026 08:00:00 +0000 (UTC)", None, "mx.test", UTC),
        ("from a by mx.test (for <x@y.test>; a comment); 24 Nov 2026 08:00:00 GMT", "a", "mx.test", UTC),
        ("", None, None, None),
    ],
)
def test_hosts_and_dates_are_found_in_every_form(
    field: str, source: str | None, by: str | None, date: str | None
) -> None:
    (hop,) = trace.hops([("received", field.encode())])
    assert (hop.source, hop.by, hop.date) == (source, by, date)


def test_the_way_is_told_in_one_line() -> None:
    def hop(by: str, delay: int | None) -> Hop:
        return Hop(by=by, source=None, date=None, delay=delay)

    assert trace.told(()) == ""
    assert trace.told((hop("a.test", None),)) == "1 hop"
    assert trace.told((hop("a.test", None), hop("b.test", 2), hop("c.test", 7), hop("d.test", -9))) == (
        "4 hops in 9 s, 7 s of them to c.test"
    )
    assert trace.told((hop("a.test", None), hop("b.test", 0))) == "2 hops in 0 s"


@pytest.mark.parametrize("unit", ["(", ")", "()", "from ", "by ", "1 Jan 2026 08:00", "; "])
def test_a_very_long_field_takes_no_longer_than_it_is_long(unit: str) -> None:
    trace.hops([("received", unit.encode() * 100_000)] * 60)
