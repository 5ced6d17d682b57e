"""The DNS that a developer writes."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses.verdicts.zone import DnsFault, ZoneError, ZoneFile, parse
from tests.unit.local_ses.verdicts.mails import zone


def test_several_domains_stand_in_one_file() -> None:
    found = zone(
        'example.org. TXT "v=spf1 -all"  ; with a dot or without',
        "mx.example.org A 192.0.2.1",
        "mx.example.org AAAA 2001:db8::1",
        "example.net. 300 IN MX 10 mx.example.org.",
        "1.2.0.192.in-addr.arpa. PTR mx.example.org.",
        "$ORIGIN example.com.",
        "www CNAME mx.example.org.",
    )
    assert found.texts("EXAMPLE.org.") == [b"v=spf1 -all"]
    assert found.find("mx.example.org", "A") == ["192.0.2.1"]
    assert found.find("mx.example.org", "AAAA") == ["2001:db8::1"]
    assert found.find("example.net", "MX") == [(10, "mx.example.org")]
    assert found.find("1.2.0.192.in-addr.arpa", "PTR") == ["mx.example.org"]
    assert found.find("www.example.com", "A") == ["192.0.2.1"]


@pytest.mark.parametrize("length", [0, 1, 255, 256, 5000])
def test_a_long_text_is_split_by_itself_and_read_in_one_piece(length: int) -> None:
    assert zone(f'k.example.org. TXT "{"x" * length}"').texts("k.example.org") == [b"x" * length]


def test_a_key_in_parentheses_as_tools_write_it_is_read() -> None:
    found = zone("k.example.org. IN TXT (", '  "v=DKIM1; "', '  "p=AAAA" )  ; a key', "example.org. A 192.0.2.1")
    assert found.texts("k.example.org") == [b"v=DKIM1; p=AAAA"]


@given(name=st.text(max_size=300), kind=st.sampled_from(["A", "AAAA", "MX", "PTR", "TXT", "CNAME", "SPF"]))
def test_a_name_that_is_not_there_has_no_records_whatever_it_is(name: str, kind: str) -> None:
    assert zone("example.org. A 192.0.2.1").find(f"not-there.{name}.test", kind) == []


@pytest.mark.parametrize("fault", ["timeout.invalid.", "servfail.invalid."])
def test_a_name_can_be_one_that_is_not_answered(fault: str) -> None:
    found = zone(f"slow.example.org. CNAME {fault}", "alias.example.org. CNAME slow.example.org.")
    for name in ("slow.example.org", "alias.example.org"):
        with pytest.raises(DnsFault):
            found.texts(name)


def test_aliases_in_a_circle_end() -> None:
    with pytest.raises(DnsFault, match="10 aliases"):
        zone("a.test. CNAME b.test.", "b.test. CNAME a.test.").find("a.test", "A")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["example.org. A 192.0.2.1", "example.org. FOO x"], "line 2: unknown rdatatype 'FOO'"),
        (["x.test. A 192.0.2", "y.test. A 192.0.2.1"], "line 1: "),
        (["", "x.test. TXT", "y.test. A 192.0.2.1"], "line 2: "),
        (['x.test. TXT "never ends', "y.test. A 192.0.2.1"], "line 1: "),
        (["x.test. A 192.0.2.1", "x.test. CNAME y.test.", "z.test. A 192.0.2.1"], "line 2: "),
        (["x.test. A 192.0.2.1", "$INCLUDE /etc/passwd"], r"line 2: \$INCLUDE is not read"),
    ],
)
def test_an_error_names_the_line(lines: list[str], said: str) -> None:
    with pytest.raises(ZoneError, match=f"^dns.zone, {said}"):
        parse("\n".join(lines), "dns.zone")


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "dns.zone"
    path.write_text("a.test. A 192.0.2.1\n")
    file = ZoneFile(path)
    assert file.zone().find("a.test", "A") == ["192.0.2.1"]
    path.write_text("a.test. A 192.0.2.22\n")
    assert file.zone().find("a.test", "A") == ["192.0.2.22"]


@pytest.mark.parametrize("broken", ["a.test. A 192.0\n", None])
def test_a_change_that_breaks_the_file_leaves_the_zone_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str | None
) -> None:
    path = tmp_path / "dns.zone"
    path.write_text("a.test. A 192.0.2.1\n")
    file = ZoneFile(path)
    if broken is None:
        path.unlink()
    else:
        path.write_text(broken)
    with caplog.at_level(logging.WARNING):
        assert file.zone().find("a.test", "A") == ["192.0.2.1"]
    assert "dns.zone" in caplog.text


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (5 << 20)])
def test_a_file_that_is_no_zone_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "dns.zone"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ZoneError, match=r"dns\.zone"):
        ZoneFile(path)
