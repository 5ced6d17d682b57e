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
