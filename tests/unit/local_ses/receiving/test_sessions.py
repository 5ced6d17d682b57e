"""Sessions as senders have them, kind and unkind: TLS, pipelining, IP filters, limits."""

import asyncio
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ses import tls
from local.ses.journal import Journal
from local.ses.mail import Outgoing, Place
from local.ses.receiving import smtp
from local.ses.receiving.filters import FilterBook, ReceiptFilter, network
from local.ses.receiving.limits import Limits
from local.ses.receiving.receive import Receiver
from local.ses.receiving.replies import enhanced
from local.ses.receiving.rules import RuleBook
from local.ses.verdicts.check import Asked
from tests.unit.local_ses.conftest import Running
from tests.unit.local_ses.memory_cloud import MemoryCloud
from tests.unit.local_ses.receiving import desk

SES = "inbound-smtp.us-east-1.amazonaws.com"


def _trusting(ses: Running) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(ses.state / "tls" / "inbound-smtp.pem"))


@pytest.mark.parametrize("name", [SES, "localhost", "127.0.0.1"])
def test_a_client_that_verifies_may_trust_the_certificate(ses: Running, name: str) -> None:
    with (
        socket.create_connection(("127.0.0.1", ses.smtp), timeout=10) as connection,
        connection.makefile("rb") as lines,
    ):
        lines.readline()
        connection.sendall(b"STARTTLS\r\n")
        assert lines.readline().startswith(b"220 ")
        with _trusting(ses).wrap_socket(connection, server_hostname=name) as secured:
            assert secured.version() in ("TLSv1.2", "TLSv1.3")


def test_the_key_of_the_certificate_is_on_no_disk(ses: Running) -> None:
    assert b"PRIVATE" not in (ses.state / "tls" / "inbound-smtp.pem").read_bytes()


def test_a_mail_over_tls_is_known_by_it_and_stored_as_ses_does(ses: Running) -> None:
    desk.rule(ses, desk.store())
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.starttls()
        client.ehlo("mail.example.org")
        assert not client.has_extn("starttls")
        client.sendmail("ann@example.org", "help@example.com", desk.MAIL)
    (about,) = desk.received(ses)
    assert str(about["tls"]).startswith(("TLSv1.3 TLS_", "TLSv1.2 ECDHE"))
    (raw,) = desk.stored(ses)
    lines = raw.split(b"\r\n")
    assert lines[1:5] == [
        b"Received: from mail.example.org (mail.example.org [127.0.0.1])",
        f" by {SES} with SMTP id {about['id']}".encode(),
        b" for help@example.com;",
        lines[4],
    ]
    assert lines[4].endswith(b" +0000 (UTC)")


def test_a_client_that_does_not_trust_the_certificate_goes_and_others_come(
    ses: Running, caplog: pytest.LogCaptureFixture
) -> None:
    desk.rule(ses, desk.store())
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client, pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=ssl.create_default_context())
    desk.send(ses)
    assert len(desk.stored(ses)) == 1
    assert not caplog.records


def test_what_was_said_before_tls_is_forgotten(ses: Running) -> None:
    desk.rule(ses, desk.store())
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo("plain.example.org")
        client.mail("ann@example.org")
        client.starttls()
        assert client.docmd("RCPT", "TO:<help@example.com>")[0] == 503
        client.ehlo()
        assert client.docmd("STARTTLS")[0] == 503
        assert client.docmd("AUTH", "PLAIN AGEAYg==")[0] == 502


def test_commands_slipped_in_behind_starttls_are_not_done(ses: Running) -> None:
    """CVE-2011-0411: what comes in plain with STARTTLS must not be taken for what comes after it."""
    desk.rule(ses, desk.store())
    with socket.create_connection(("127.0.0.1", ses.smtp), timeout=10) as connection:
        connection.recv(1000)
        connection.sendall(b"STARTTLS\r\nEHLO injected\r\nMAIL FROM:<evil@example.org>\r\n")
        assert connection.recv(1000).startswith(b"220 ")
        with _trusting(ses).wrap_socket(connection, server_hostname="localhost") as secured:
            secured.sendall(b"RCPT TO:<help@example.com>\r\n")
            assert secured.recv(1000).startswith(b"503 ")


def test_a_rule_that_wants_tls_refuses_a_plain_client(ses: Running) -> None:
    desk.rules(
        ses,
        {"Name": "strict", "Recipients": ["help@example.com"], "TlsPolicy": "Require", "Actions": [desk.store()]},
        {"Name": "lax", "Recipients": ["sales@example.com"], "Actions": [desk.store()]},
    )
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        client.mail("ann@example.org")
        code, text = client.rcpt("help@example.com")
        assert (code, text[:6]) == (530, b"5.7.0 ")
        assert client.rcpt("sales@example.com")[0] == 250
        client.starttls()
        client.ehlo()
        client.sendmail("ann@example.org", "help@example.com", desk.MAIL)
    assert len(desk.stored(ses)) == 1


def test_a_whole_conversation_in_one_packet_is_answered_in_order(ses: Running) -> None:
    desk.rule(ses, desk.store())
    commands = [
        b"EHLO x",
        b"MAIL FROM:<a@example.org>",
        b"RCPT TO:<help@example.com>",
        b"RCPT TO:<x@other.test>",
        b"DATA",
    ]
    with (
        socket.create_connection(("127.0.0.1", ses.smtp), timeout=10) as connection,
        connection.makefile("rb") as lines,
    ):
        connection.sendall(b"\r\n".join([*commands, desk.MAIL + b".", b"RSET", b"QUIT", b""]))
        answers = [line for line in lines if line[3:4] == b" "]
    assert [line[:3] for line in answers] == [b"220", b"250", b"250", b"250", b"550", b"354", b"250", b"250", b"221"]
    assert desk.stored(ses)[0].endswith(b"\r\n" + desk.MAIL)


def test_what_is_offered_is_what_is_done(ses: Running) -> None:
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        offered = {"size": "41943040", "8bitmime": "", "smtputf8": "", "pipelining": "", "starttls": ""}
        assert client.esmtp_features == {**offered, "enhancedstatuscodes": ""}
        assert client.docmd("MAIL", "TO:<a@example.org>")[1][:6] == b"5.5.4 "
        assert client.docmd("BDAT", "1")[1][:6] == b"5.5.2 "
        assert client.docmd("MAIL", f"FROM:<a@example.org> SIZE={41943041}")[1][:6] == b"5.3.4 "
        assert client.docmd("NOOP") == (250, b"2.0.0 OK")
        assert client.docmd("HELO", "x") == (250, SES.encode())


@given(st.text(max_size=100))
def test_a_reply_with_a_status_keeps_it(text: str) -> None:
    assert enhanced(enhanced(text)) == enhanced(text)


def _filter(name: str, policy: str, cidr: str) -> ReceiptFilter:
    return ReceiptFilter(name=name, policy=policy, cidr=cidr, network=network(cidr))


@pytest.mark.parametrize(
    ("filters", "blocked"),
    [
        ([], False),
        ([("Allow", "192.0.2.0/24")], False),
        ([("Block", "192.0.2.7")], True),
        ([("Block", "192.0.2.1/24")], True),
        ([("Block", "198.51.100.0/24")], False),
        ([("Block", "0.0.0.0/0"), ("Allow", "192.0.2.7/32")], False),
        ([("Allow", "0.0.0.0/0"), ("Block", "192.0.2.0/24")], True),
        ([("Allow", "192.0.2.0/24"), ("Block", "192.0.2.0/24")], True),
        ([("Block", "2001:db8::/32")], False),
    ],
)
@pytest.mark.parametrize("client", ["192.0.2.7", "::ffff:192.0.2.7"])
def test_the_narrowest_filter_decides(filters: list[tuple[str, str]], blocked: bool, client: str) -> None:
    book = FilterBook()
    for number, (policy, cidr) in enumerate(filters):
        book.create(_filter(f"f{number}", policy, cidr))
    assert book.blocks(client) is blocked


def test_a_blocked_address_delivers_nothing_until_it_is_allowed(ses: Running) -> None:
    desk.rule(ses, desk.store())
    ses.v1.create_receipt_filter(Filter={"Name": "all", "IpFilter": {"Policy": "Block", "Cidr": "0.0.0.0/0"}})
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        desk.send(ses)
    assert refused.value.recipients["help@example.com"][0] == 550
    assert refused.value.recipients["help@example.com"][1].startswith(b"5.7.1 ")
    ses.v1.create_receipt_filter(Filter={"Name": "us", "IpFilter": {"Policy": "Allow", "Cidr": "127.0.0.1"}})
    desk.send(ses)
    ses.v1.delete_receipt_filter(FilterName="us")
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        desk.send(ses)


class _Nobody:
    def bounce(self, mail: Outgoing) -> str:
        raise AssertionError(mail)


@asynccontextmanager
async def _listening(folder: Path, limits: Limits) -> AsyncIterator[int]:
    place = Place(region="us-east-1", account="000000000000")
    receiver = Receiver(
        cloud=MemoryCloud(),
        rules=RuleBook(),
        place=place,
        checker=Asked(),
        journal=Journal(folder, 5),
        bouncer=_Nobody(),
    )
    context = tls.server_context("inbound-smtp.us-east-1.amazonaws.com")
    with ThreadPoolExecutor(max_workers=1) as workers:
        server = await smtp.listen(receiver, "127.0.0.1", 0, context=context, workers=workers, limits=limits)
        async with server:
            yield server.sockets[0].getsockname()[1]


async def _said(port: int, *commands: bytes) -> list[bytes]:
    """All answers until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"".join(command + b"\r\n" for command in commands))
    answers = (await asyncio.wait_for(reader.read(), 10)).splitlines()
    writer.close()
    return answers


def test_whoever_says_nothing_is_told_and_sent_away(tmp_path: Path) -> None:
    async def play() -> list[bytes]:
        async with _listening(tmp_path, Limits(idle_seconds=0.05)) as port:
            return await _said(port)

    assert asyncio.run(play())[-1].startswith(b"421 4.4.2 ")


@pytest.mark.parametrize(
    ("limits", "commands"),
    [
        (Limits(errors=3), [b"EHLO x", *[b"RCPT TO:<a@b.test>"] * 5]),
        (Limits(commands={"*": 3}), [*[b"NOOP"] * 5]),
    ],
)
def test_whoever_asks_too_much_is_told_and_sent_away(tmp_path: Path, limits: Limits, commands: list[bytes]) -> None:
    async def play() -> list[bytes]:
        async with _listening(tmp_path, limits) as port:
            return await _said(port, *commands)

    answers = asyncio.run(play())
    assert answers[-1].startswith(b"421 4.7.0 ")
    assert sum(answer.startswith(b"421") for answer in answers) == 1


def test_unknown_commands_end_a_session(tmp_path: Path) -> None:
    async def play() -> list[bytes]:
        async with _listening(tmp_path, Limits()) as port:
            return await _said(port, *[b"GET / HTTP/1.1"] * 20)

    assert asyncio.run(play())[-1].startswith(b"502 5.5.1 ")


def test_one_connection_too_many_is_told_to_come_later_and_there_is_room_again(tmp_path: Path) -> None:
    async def play() -> tuple[bytes, bytes]:
        async with _listening(tmp_path, Limits(connections=1)) as port:
            first_reader, first = await asyncio.open_connection("127.0.0.1", port)
            await first_reader.readline()
            (refused,) = await _said(port)
            first.write(b"QUIT\r\n")
            await first_reader.read()
            return refused, (await _said(port, b"QUIT"))[0]

    refused, welcomed = asyncio.run(play())
    assert refused.startswith(b"421 4.7.0 ")
    assert welcomed.startswith(b"220 ")


def test_the_hundred_and_first_recipient_is_for_the_next_mail(ses: Running) -> None:
    desk.rule(ses, desk.store())
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        client.mail("ann@example.org")
        codes = [client.rcpt(f"r{number}@example.com")[0] for number in range(101)]
        assert codes == [250] * 100 + [452]
        assert client.data(desk.MAIL)[0] == 250


def test_a_mail_whose_rules_went_away_meanwhile_is_not_accepted(ses: Running) -> None:
    desk.rule(ses, desk.store())
    with smtplib.SMTP("127.0.0.1", ses.smtp) as client:
        client.ehlo()
        client.mail("ann@example.org")
        client.rcpt("help@example.com")
        ses.v1.set_active_receipt_rule_set()
        assert client.data(desk.MAIL)[0] == 451
        client.mail("ann@example.org")
        assert client.rcpt("help@example.com")[0] == 550
    assert desk.stored(ses) == []
