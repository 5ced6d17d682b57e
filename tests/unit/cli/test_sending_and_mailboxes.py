"""A stored mail on its way to SMTP: its envelope sender, and where it stands in a user's files."""

import io
import socketserver
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import mailbox, mbox
from cli.mailbox import Sample
from cli.sending import Refused, deliver, envelope_sender
from local.demo import samples


@pytest.mark.parametrize(
    ("head", "sender"),
    [
        (b"Return-Path: <a@b.example>\r\nFrom: c@d.example", "a@b.example"),
        (b"Return-Path: <>\r\nFrom: c@d.example", ""),
        (b"Return-Path: <MAILER-DAEMON>\r\nFrom: c@d.example", ""),
        (b"From: C <c@d.example>", "c@d.example"),
        (b"From: \xff\xfe", "unknown@sender.example"),
        (b"From: a b@c.example d", "unknown@sender.example"),
        (b"Subject: none", "unknown@sender.example"),
    ],
)
def test_the_envelope_sender_of_a_stored_mail(head: bytes, sender: str) -> None:
    assert envelope_sender(head + b"\r\n\r\nReturn-Path: <not@this.example>\r\n") == sender


def test_a_folder_gives_its_mails_and_passes_over_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "b.eml").write_bytes(b"From: a@b.example\nSubject: b\n\nhi\n")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a").write_bytes(b"Received: from x\n\nhi\n")
    (tmp_path / "box").write_bytes(
        b"From a@b.example Tue Nov 24 08:00:00 2026\nSubject: 1\n\none\n\nFrom x\nSubject: 2\n\ntwo\n"
    )
    (tmp_path / "notes.json").write_bytes(b'{"a": 1}\n')
    (tmp_path / "README.md").write_bytes(b"# Title\n\nFrom: nobody\n")
    (tmp_path / ".hidden").write_bytes(b"Subject: no\n\n")
    found = mailbox.found(tmp_path)
    read = [each for each in mailbox.samples(found.files) if isinstance(each, Sample)]
    assert [sample.name for sample in read] == ["b.eml", "box#1", "box#2", "a"]
    assert [path.name for path in found.passed_over] == ["README.md", "notes.json"]


def test_a_file_that_is_named_is_always_a_mail(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"anything")
    assert list(mailbox.mails(path)) == [(str(path), b"anything")]


def test_only_a_line_after_which_a_header_begins_parts_the_mails_of_an_mbox() -> None:
    box = b"From x\nSubject: 1\n\nFrom now on\n\nFrom here it is text\n\nFrom y\nSubject: 2\n\ntwo\nFrom z\nA: b\n"
    assert list(mbox.messages(io.BytesIO(box))) == [
        b"Subject: 1\n\nFrom now on\n\nFrom here it is text\n",
        b"Subject: 2\n\ntwo\nFrom z\nA: b\n",
    ]


def test_an_eml_is_one_message_and_a_single_mail_has_no_number(tmp_path: Path) -> None:
    two = b"From x\nSubject: 1\n\none\n\nFrom y\nSubject: 2\n\ntwo\n"
    (tmp_path / "a.eml").write_bytes(two)
    (tmp_path / "one.mbox").write_bytes(b"From x\nSubject: 1\n\none\n")
    assert list(mailbox.mails(tmp_path / "a.eml", "a.eml")) == [("a.eml", two)]
    assert list(mailbox.mails(tmp_path / "one.mbox", "one")) == [("one", b"Subject: 1\n\none\n")]


@given(st.binary(max_size=300))
def test_whatever_the_file_no_byte_of_it_is_lost_but_what_parts_the_mails(content: bytes) -> None:
    found = list(mbox.messages(io.BytesIO(content)))
    assert found
    assert all(each in content for each in found)


def test_the_demos_second_wave_answers_what_the_first_was_answered_with() -> None:
    sent = {name: f"0100-{name}" for name in samples.FIRST}
    for sample in samples.wave(samples.SECOND, sent):
        assert b"{{" not in sample.raw
        assert b"@email.amazonses.com" in sample.raw


def test_the_demos_mails_are_complete_and_one_is_big() -> None:
    first = {sample.name: sample for sample in samples.wave(samples.FIRST, {})}
    assert len(first["big"].raw) > 12_000_000
    assert {path.stem for path in samples.MAILS.glob("*.eml")} == {*samples.FIRST, *samples.SECOND}


class _Polite(socketserver.StreamRequestHandler):
    """A mail server that takes whatever comes."""

    def handle(self) -> None:
        self.wfile.write(b"220 mx.example\r\n")
        while line := self.rfile.readline():
            self.wfile.write(b"221 bye\r\n" if line.lower().startswith(b"quit") else b"250 mx.example\r\n")


@pytest.mark.parametrize(("mail_from", "rcpt_to"), [("bjö@sender.example", "a@desk.example"), ("", "a@dösk.example")])
def test_an_envelope_beyond_ascii_is_refused_with_a_sentence(mail_from: str, rcpt_to: str) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Polite) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        with pytest.raises(Refused, match="letters beyond ASCII"):
            deliver(("127.0.0.1", server.server_address[1]), b"Subject: x\n\nx\n", mail_from, rcpt_to)
        server.shutdown()
