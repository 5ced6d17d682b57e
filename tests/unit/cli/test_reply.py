"""`postroom reply`, over a desk in memory: what a person types, what goes out, and what they are told."""

import base64
import io
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from cli import conversations, desk, editor, reply, running
from cli.main import main
from postroom.address import State as AddressState
from postroom.breaker import Breaker, Circuit
from postroom.errors import Retryable
from postroom.ids import ConversationId
from postroom.memory.thread_keys import MemoryKeys
from postroom.ports import Account
from tests.contracts.conftest import NOW
from tests.unit.stages.desk import OURS, MemoryDesk, mail

#: What a page of the desk's templates has, and a page that is made of a text has not.
TEMPLATES_OWN = "max-width:560px"


@dataclass
class Stack(MemoryDesk):
    """What `running.find` gives, in memory."""

    desk: Any = OURS
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    outbox: None = None
    smtp: None = None


@dataclass
class Shell:
    """What a person types, and what they see."""

    stack: Stack
    id: ConversationId
    capsys: pytest.CaptureFixture[str]
    status: int = 0

    def __call__(self, *words: str) -> str:
        self.status = main(list(words))
        captured = self.capsys.readouterr()
        return " ".join((captured.out + captured.err).split())

    def reply(self, *words: str) -> str:
        return self("reply", self.id, *words)

    @property
    def sent(self) -> EmailMessage:
        message = message_from_bytes(self.stack.mailer.sent[-1][0], policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def page(self) -> str:
        body = self.sent.get_body(("html",))
        assert body is not None
        return str(body.get_content())

    @property
    def said(self) -> str:
        body = self.sent.get_body(("plain",))
        assert body is not None
        return str(body.get_content()).replace("\r\n", "\n")


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shell:
    stack = Stack()
    monkeypatch.setattr(running, "find", lambda args: stack)
    for module in (desk, reply, conversations):
        monkeypatch.setattr(module, "now", lambda: NOW + timedelta(minutes=5))
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("POSTROOM_AGENT", "eve@staff.example")
    monkeypatch.chdir(tmp_path)
    asked = stack.classified(mail(extra="Cc: bob@example.org\r\n"))
    return Shell(stack=stack, id=asked.conversation, capsys=capsys)


@pytest.fixture
def text(tmp_path: Path) -> str:
    (tmp_path / "text.txt").write_text("It left this morning.\n", encoding="utf-8")
    return str(tmp_path / "text.txt")


def edits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, status: int = 0) -> None:
    """An editor that runs this code over the file: `text` is what stands in it, `made` what it becomes."""
    script = tmp_path / "an editor.py"
    script.write_text(
        "import pathlib, sys\nplace = pathlib.Path(sys.argv[-1])\ntext = made = place.read_text()\n"
        f"{code}\nplace.write_text(made)\nsys.exit({status})\n"
    )
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{sys.executable} '{script}'")


def test_a_text_is_sent_and_the_conversation_shows_it(shell: Shell, text: str) -> None:
    assert shell.reply("--text", text) == f"sent to ann@example.com as sent-1; {shell.id} is pending"
    assert shell.status == 0
    assert shell.said.startswith("It left this morning.\n\nOn ")
    shown = shell("conversation", shell.id)
    assert "reply eve@staff.example: A question to ann@example.com: sent (sent-1) It left this morning." in shown


def test_the_text_may_come_from_a_pipe(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("Grüße".encode())))
    shell.reply("--text", "-")
    assert shell.said.startswith("Grüße\n")


def test_without_a_text_the_editor_opens_with_the_quoted_mail_below_the_scissors(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edits(monkeypatch, tmp_path, "assert '> Hello, where is my order?' in text\nmade = 'Soon.' + text")
    assert shell.reply().startswith("sent to ann@example.com")
    assert shell.said == "Soon.\n\nOn 2026-11-24 at 07:29, Ann wrote:\n> Hello, where is my order?\n"
    assert list(tmp_path.glob("postroom-reply-*")) == []


def test_an_empty_text_sends_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    edits(monkeypatch, tmp_path, "")
    assert shell.reply() == "nothing was written, so nothing was sent"
    assert shell.status == 1
    assert shell.stack.mailer.sent == []


def test_without_an_editor_and_a_terminal_nothing_hangs(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert "say what to send with --text FILE" in shell.reply()
    assert shell.status == 2


def test_an_editor_that_fails_or_is_not_there_sends_nothing(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edits(monkeypatch, tmp_path, "made = 'Soon.' + text", status=3)
    assert "status 3, so nothing was sent; what you wrote is in" in shell.reply()
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    assert "can't be started" in shell.reply()
    monkeypatch.setenv("EDITOR", "vi '")
    assert "can't be read as a command" in shell.reply()
    assert shell.stack.mailer.sent == []


def test_what_was_written_is_kept_where_it_was_not_sent(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edits(monkeypatch, tmp_path, "made = 'A long letter.' + text")
    shell.stack.mailer.failure = Retryable("SES could not be reached")
    told = shell.reply()
    assert f"--text {next(iter(tmp_path.glob('postroom-reply-*')))} sends it" in told
    assert "nothing was sent: SES could not be reached" in told
    [kept] = tmp_path.glob("postroom-reply-*")
    assert str(kept) in told
    assert "A long letter." in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0
    assert shell.reply("--text", str(kept)).startswith("sent")
    assert shell.said.startswith("A long letter.\n\nOn ")  # and nothing of what stood below the scissors


def test_what_was_written_for_a_dry_run_is_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    edits(monkeypatch, tmp_path, "made = 'Soon.' + text")
    told = shell.reply("--dry-run")
    [kept] = tmp_path.glob("postroom-reply-*")
    assert f"what you wrote is kept in {kept}" in told


def test_an_editor_that_fails_leaves_no_file_in_which_nothing_was_written(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    edits(monkeypatch, tmp_path, "", status=1)
    assert shell.reply().endswith("status 1, so nothing was sent")
    monkeypatch.setenv("EDITOR", "/no/such/editor")
    shell.reply()
    assert list(tmp_path.glob("postroom-reply-*")) == []


def test_without_an_editor_and_a_terminal_one_is_told_what_to_use(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    told = shell.reply()
    assert "there is no terminal for an editor" in told
    assert "--text FILE" in told
    assert "set EDITOR" in told
    assert shell.status == 2


def test_a_template_is_a_canned_answer_in_the_conversations_language(shell: Shell) -> None:
    shell.reply("--template", "acknowledgement", "--language", "de")
    assert shell.sent["Content-Language"] == "de"
    assert shell.id in shell.said
    assert "acknowledgement" in shell.reply("--template", "nothing")
    assert shell.status == 2


def test_a_template_that_has_not_the_language_says_which_it_has(shell: Shell) -> None:
    assert "its languages are de, en, es, fr, it, nl, pl, pt" in shell.reply(
        "--template", "acknowledgement", "--language", "ja"
    )
    assert shell.status == 2
    assert "no language tag" in shell.reply("--template", "acknowledgement", "--language", "german!")
    assert shell.stack.mailer.sent == []


def test_the_mail_names_the_language_that_it_is_in(shell: Shell) -> None:
    shell.stack.conversations.change(shell.id, lambda was: replace(was, language="ja"))
    shell.reply("--template", "acknowledgement")
    assert shell.sent["Content-Language"] == "en"
    assert '<html lang="en">' in shell.page
    assert " wrote:" in shell.said


def test_a_template_gets_its_own_values_from_whoever_sends_it(shell: Shell) -> None:
    urls = [word for name in ("good", "fair", "poor") for word in ("--set", f"{name}_url=https://example.org/{name}")]
    assert shell.reply("--template", "satisfaction_survey", "--language", "en", *urls).startswith("sent to")
    assert "https://example.org/poor" in shell.said
    lists = ("--set", "questions=Which order?", "--set", "questions=A photo", "--set", "last_notice=yes")
    assert shell.reply("--template", "follow_up", "--language", "en", *lists).startswith("sent to")
    assert "Which order?" in shell.said
    assert "A photo" in shell.said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "--set good_url=… (where a customer goes who is content)"),
        (("--set", "good_url"), "write --set NAME=VALUE"),
        (("--set", "colour=red"), "no 'colour' to be set: it has fair_url, good_url, poor_url"),
        (("--set", "good_url=a", "--set", "good_url=b"), "given 2 times"),
        (("--set", "good_url=a", "--set", "fair_url=b", "--set", "poor_url=c"), "'good_url' should be a url"),
    ],
)
def test_a_value_that_is_missing_or_unfit_is_named(shell: Shell, words: tuple[str, ...], told: str) -> None:
    assert told in shell.reply("--template", "satisfaction_survey", *words)
    assert shell.status == 2


def test_a_flag_of_a_template_is_yes_or_no(shell: Shell) -> None:
    assert "write yes or no" in shell.reply("--template", "follow_up", "--set", "last_notice=perhaps")


@pytest.mark.parametrize(
    "page",
    ["<script>x()</script>", "<p onclick='x()'>a</p>", "<a href='java\tscript:x()'>a</a>", "<embed src='cid:a'>"],
)
def test_a_page_with_code_in_it_is_refused_with_the_line(shell: Shell, tmp_path: Path, page: str) -> None:
    (tmp_path / "page.html").write_text(f"<p>Hi</p>\n{page}")
    assert "the page has code in it, and mail clients refuse such mails: page.html:2: " in shell.reply(
        "--html", "page.html"
    )
    assert shell.status == 2
    assert shell.stack.mailer.sent == []


def test_what_mail_clients_leave_out_of_a_page_is_told_and_the_page_is_sent(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>Hi</p>\n<form></form><img src='https://example.org/a.png' alt=''>")
    told = shell.reply("--html", "page.html")
    assert "may leave this out: page.html:2: <form> has no place in a mail" in told
    assert "is fetched when the mail is read" in told
    assert "sent to ann@example.com" in told


def test_a_template_may_be_edited_before_it_goes(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    edits(monkeypatch, tmp_path, "made = 'Dear Ann' + text")
    shell.reply("--template", "acknowledgement", "--edit")
    assert shell.said.startswith("Dear Ann")
    assert shell.id in shell.said


def test_a_template_is_sent_with_its_own_page_and_the_quote_in_it(shell: Shell) -> None:
    shell.reply("--template", "acknowledgement", "--language", "de")
    assert '<html lang="de">' in shell.page
    assert "Hello, where" in shell.page
    assert shell.page.index("<blockquote") < shell.page.index("</body>")
    assert shell.page.count("<body") == 1


@pytest.mark.parametrize(("code", "own"), [("", True), ("made = 'Dear <Ann>' + text", False)])
def test_a_templates_page_goes_only_with_the_templates_words(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, own: bool
) -> None:
    edits(monkeypatch, tmp_path, code)
    shell.reply("--template", "acknowledgement", "--edit")
    assert ("Dear &lt;Ann&gt;" in shell.page) is not own
    assert (TEMPLATES_OWN in shell.page) is own


def test_a_page_of_ones_own_stands_beside_a_templates_text(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>It <b>left</b></p>")
    shell.reply("--template", "acknowledgement", "--html", "page.html")
    assert "<p>It <b>left</b></p>" in shell.page
    assert TEMPLATES_OWN not in shell.page
    assert shell.id in shell.said


def test_copies_go_to_who_takes_part(shell: Shell, text: str) -> None:
    shell.reply("--text", text, "--cc")
    assert shell.sent["Cc"] == "bob@example.org"
    told = shell.reply("--text", text, "--cc", "mallory@example.net")
    assert "takes no part" in told
    assert shell.status == 1
    assert "mallory@example.net" in told
    assert "--to ADDRESS" in told
    assert "mallory@example.net" in shell.reply("--text", text, "--cc", "mallory@example.net", "--dry-run")
    assert shell.status == 1
    shell.reply("--text", text, "--to", "mallory@example.net")
    assert shell.stack.mailer.sent[-1][2] == ("mallory@example.net",)


def test_a_dry_run_shows_all_and_changes_nothing(shell: Shell, text: str) -> None:
    shown = shell.reply("--text", text, "--dry-run", "--then", "solved")
    for part in ("Re: A question", "It left this morning.", "> Hello, where", "afterwards solved"):
        assert part in shown
    assert shell.status == 0
    shell.stack.addresses.states["ann@example.com"] = AddressState.HARD
    assert "--anyway" in shell.reply("--text", text, "--dry-run")
    assert shell.status == 1
    assert shell.stack.mailer.sent == []
    assert len(list(shell.stack.conversations.entries(shell.id))) == 1


def test_a_dry_run_shows_the_parts_of_the_mail_and_writes_its_page(shell: Shell, text: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a,b\n")
    shown = shell.reply("--text", text, "--attach", "list.csv", "--dry-run", "--page", "out.html")
    assert "multipart/mixed multipart/alternative text/plain (" in shown
    assert "text/csv list.csv (4 bytes)" in shown
    assert "--page FILE writes it" in shown
    assert "<p>It left this morning.</p>" in (tmp_path / "out.html").read_text()
    assert "use it with --dry-run" in shell.reply("--text", text, "--page", "out.html")
    assert shell.stack.mailer.sent == []


def test_a_file_that_ses_refuses_is_named_with_what_to_do(shell: Shell, text: str, tmp_path: Path) -> None:
    (tmp_path / "run.exe").write_bytes(b"MZ")
    told = shell.reply("--text", text, "--attach", "run.exe", "--anyway")
    assert "SES sends no files of this type, since viruses come in them (run.exe): leave it out" in told
    assert shell.stack.mailer.sent == []


def test_the_conversation_lists_the_files_of_an_answer(shell: Shell, text: str, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a,b\n")
    shell.reply("--text", text, "--attach", "list.csv")
    assert "with list.csv" in shell("conversation", shell.id)


def test_an_answer_that_is_refused_twice_is_shown_once(shell: Shell, text: str) -> None:
    shell.stack.addresses.states["ann@example.com"] = AddressState.HARD
    shell.reply("--text", text)
    later = NOW + timedelta(minutes=9)
    for module in (desk, reply, conversations):
        module.now = lambda: later  # type: ignore[attr-defined]  # the fixture puts it back
    shell.reply("--text", text)
    shown = shell("conversation", shell.id)
    assert shown.count("It left this morning.") == 1
    assert "(2 tries, the last at 2026-11-24 " in shown


def test_a_refusal_is_told_here_and_in_the_conversation(shell: Shell, text: str) -> None:
    shell.stack.addresses.states["ann@example.com"] = AddressState.HARD
    assert "not sent: the address bounced or complained before (ann@example.com): --anyway" in shell.reply(
        "--text", text
    )
    assert shell.status == 1
    assert "NOT SENT: the address bounced" in shell("conversation", shell.id)
    assert shell.reply("--text", text, "--anyway").startswith("sent to")


def test_an_answer_that_ses_may_have_taken_is_said_to_be_uncertain(shell: Shell, text: str) -> None:
    shell.stack.mailer.failure = TimeoutError("no answer")
    assert "it may have been sent" in shell.reply("--text", text)
    assert shell.status == 1
    assert "UNCERTAIN" in shell("conversation", shell.id)
    assert "perhaps twice" in shell.reply("--text", text)


def test_files_go_along_and_a_page_shows_them(shell: Shell, text: str, tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(base64.b64decode("iVBORw0KGgo="))
    (tmp_path / "list.csv").write_text("a,b\n")
    (tmp_path / "page.html").write_text('<p>Hi</p><img src="cid:logo.png">')
    shell.reply("--html", "page.html", "--attach", "logo.png", "list.csv")
    kinds = [part.get_content_type() for part in shell.sent.walk()]
    assert kinds == [
        "multipart/mixed", "multipart/alternative", "text/plain",
        "multipart/related", "text/html", "image/png", "text/csv",
    ]  # fmt: skip
    assert "no file of that name is attached" in shell.reply("--html", "page.html")
    assert "can't be read" in shell.reply("--text", text, "--attach", "gone.pdf")
    assert shell.status == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--text", "gone.txt"), "can't be read"),
        (("--text", "latin.txt"), "not UTF-8"),
        (("--text", "long.txt"), "attach it as a file"),
        (("--text", "latin.txt", "--template", "acknowledgement"), "use one of them"),
        (("--html", "good.txt", "--to", "nobody"), "is no address"),
        (("--html", "good.txt", "--attached", "mail-1"), "write MAIL:N"),
    ],
)
def test_what_cannot_be_meant_says_how_it_is_meant(
    shell: Shell, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    (tmp_path / "latin.txt").write_bytes("Grüße".encode("latin-1"))
    (tmp_path / "long.txt").write_bytes(b"x" * 1_000_001)
    (tmp_path / "good.txt").write_text("good")
    assert told in shell.reply(*words)
    assert shell.status == 2
    assert shell.stack.mailer.sent == []


def test_scripts_get_json(shell: Shell, text: str) -> None:
    main(["reply", shell.id, "--text", text, "--json"])
    form = json.loads(shell.capsys.readouterr().out)
    assert (form["outcome"], form["sent_id"], form["to"]) == ("sent", "sent-1", ["ann@example.com"])
    main(["reply", shell.id, "--text", text, "--json"])
    form = json.loads(shell.capsys.readouterr().out)
    assert (form["outcome"], form["refusals"][0]["reason"]) == ("refused", "answered_before")


@pytest.mark.parametrize(
    ("text", "above"),
    [
        (f"Hello\n\n{editor.SCISSORS}\nquoted", "Hello"),
        (f"\n\n{editor.SCISSORS}\n> quoted", ""),
        ("all of it", "all of it"),
        (f"# a heading\n{editor.SCISSORS}", "# a heading"),
    ],
)
def test_what_stands_above_the_scissors_is_sent(text: str, above: str) -> None:
    assert editor.above(text) == above


def test_nothing_goes_out_where_ses_has_paused_the_account(shell: Shell, text: str) -> None:
    shell.stack.account.known = Account(enforcement="SHUTDOWN")
    assert "SES has paused the account" in shell.reply("--text", text, "--anyway")
    assert shell.status == 1
    assert shell.stack.mailer.sent == []


def test_an_open_breaker_keeps_an_answer_until_a_person_insists(shell: Shell, text: str) -> None:
    opened = Breaker(circuit=Circuit.OPEN, since="2026-11-24T07:00:00.000Z", why="bounces 9 %")
    shell.stack.breakers.replace(Breaker(), opened)
    assert "bounces 9 % (`postroom breaker`)" in shell.reply("--text", text)
    assert shell.stack.mailer.sent == []
    shell.reply("--text", text, "--anyway")
    assert len(shell.stack.mailer.sent) == 1
