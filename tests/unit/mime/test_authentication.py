import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime.authentication import Authentication, results, written_by_ses


def told(value: str) -> list[str]:
    return [str(one) for one in results(value)]


def test_every_result_has_its_domain() -> None:
    value = (
        "amazonses.com; spf=pass (spfCheck: domain of example.com designates 192.0.2.1 as permitted sender)"
        " client-ip=192.0.2.1; envelope-from=ann@mail.example.com; helo=mx.test; dkim=pass header.i=@Example.com;"
        " dkim=fail header.d=lists.test; dmarc=none header.from=example.com;"
    )
    assert results(value) == (
        Authentication(method="spf", result="pass", domain="mail.example.com"),
        Authentication(method="dkim", result="pass", domain="example.com"),
        Authentication(method="dkim", result="fail", domain="lists.test"),
        Authentication(method="dmarc", result="none", domain="example.com"),
    )


@pytest.mark.parametrize(
    "value",
    [
        "amazonses.com; spf=fail (x) envelope-from=spf=pass@bank.example; dmarc=none header.from=bank.example",
        'amazonses.com; spf=fail envelope-from="a; dmarc=pass"@evil.test; dmarc=none header.from=bank.example;',
        "amazonses.com; spf=fail helo=x; dmarc=pass; dmarc=none header.from=bank.example;",
        "amazonses.com; spf=pass; spf=fail (dmarc=pass); dmarc=none header.from=bank.example;",
    ],
)
def test_what_a_sender_slips_into_a_result_makes_none_better(value: str) -> None:
    found = {one.method: one.result for one in results(value)}
    assert found == {"spf": "fail", "dmarc": "none"}


@pytest.mark.parametrize(
    "value", ["", "amazonses.com", "mx.example.com; dmarc=pass", "; dmarc=pass", ";", "dmarc=pass", "1"]
)
def test_what_another_server_wrote_says_nothing(value: str) -> None:
    assert told(value) == []


def test_results_are_bounded() -> None:
    assert len(told("amazonses.com" + "".join(f"; dkim=pass header.d=d{i}.test" for i in range(1_000)))) == 20


@pytest.mark.parametrize(
    "unit", ['"', "(", '\\"', "a;", "spf=pass;", "header.d=", "dkim=pass header.i=@" + "a" * 99, "\\"]
)
def test_a_very_long_field_takes_no_longer_than_it_is_long(unit: str) -> None:
    results("amazonses.com;" + unit * (200_000 // len(unit)))


@given(st.text('amzonses.com;=spfdkimdmarcpass()"\\ @', max_size=100))
def test_no_field_raises(value: str) -> None:
    results(value)
    results("amazonses.com;" + value)
    assert written_by_ses([("received", value), ("authentication-results", value)]) == {}
