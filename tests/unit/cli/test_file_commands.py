"""postroom parse, classify, feedback: on files, with no stack."""

import json
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from cli.main import main

MAIL = (
    b"From: Ann <ann@example.com>\r\nTo: support@desk.example\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <m1@example.com>\r\nDate: Tue, 24 Nov 2026 08:12:31 +0100\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\nWhere is my order?\r\n"
)
EVENT = Path(__file__).parents[3] / "events" / "ses" / "bounce.json"


@pytest.fixture
def mail(tmp_path: Path) -> str:
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    return str(path)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_parse_gives_every_key_of_its_form(mail: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "--jsonl", mail]) == 0
    (form,) = lines(capsys)
    assert set(form) == {
        *(
            "file",
            "message_id",
            "in_reply_to",
            "references",
            "date",
            "subject",
            "from",
            "sender",
            "reply_to",
            "to",
            "cc",
        ),
        *("bcc", "text", "html", "reply", "forwarded", "attachments", "secured", "defects"),
    }
    assert form["file"] == mail
    assert (form["subject"], form["message_id"]) == ("Grüße", "m1@example.com")
    assert form["from"] == [{"name": "Ann", "address": "ann@example.com"}]
    assert form["date"] == "2026-11-24T08:12:31+01:00"
    assert form["reply"] == {"visible": "Where is my order?", "quoted": None, "signature": None}


def test_classify_tells_of_an_absence_when_it_ends_and_who_stands_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = tmp_path / "away.eml"
    away.write_text(
        "From: bo@firm.example\nTo: support@desk.example\nSubject: Automatic reply: cups\n"
        "Auto-Submitted: auto-replied\n"
        "Date: Tue, 24 Nov 2026 10:00:00 +0100\n\n"
        "I am out of the office and will be back on 7 December. Please contact ann@firm.example.\n"
    )
    assert main(["classify", "--jsonl", str(away)]) == 0
    (form,) = lines(capsys)
    assert form["kind"] == "out_of_office"
    assert form["absence"] == {"back_on": "2026-12-07", "stand_in": "ann@firm.example"}
    assert main(["classify", str(away)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "kind out of office, " in told
    assert "back on 2026-12-07 stand-in ann@firm.example" in told


def test_classify_gives_every_key_of_its_form(mail: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["classify", "--jsonl", mail]) == 0
    (form,) = lines(capsys)
    assert set(form) == {"file", "kind", "reasons", "language", "category", "priority", "confidence"}
    assert form["kind"] == "person"
    assert 0.0 <= form["confidence"] <= 1.0


def test_trim_gives_the_three_parts_of_text_and_of_html(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, page = tmp_path / "a.txt", tmp_path / "a.html"
    text.write_bytes(
        b"Yes, please.\r\n\r\n-- \r\nAnn\r\n\r\nOn Tue, 24 Nov 2026, Bob <b@example.com> wrote:\r\n> Shall we?\r\n"
    )
    page.write_bytes(b'<p>Yes, please.</p><div class="gmail_quote"><p>Shall we?</p></div>')
    assert main(["trim", "--jsonl", str(text)]) == 0
    assert main(["trim", "--html", "--jsonl", str(page)]) == 0
    first, second = lines(capsys)
    assert set(first) == set(second) == {"file", "visible", "quoted", "signature"}
    assert (first["visible"], second["visible"]) == ("Yes, please.", "Yes, please.")
    assert "Shall we?" in first["quoted"]
    assert "Ann" in first["signature"]


def test_forwarded_tells_what_is_and_what_is_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    is_one, is_none = tmp_path / "a.txt", tmp_path / "b.txt"
    is_one.write_bytes(
        b"Yours, please.\n\n---------- Forwarded message ---------\nFrom: Dora <dora@example.org>\n"
        b"Date: Mon, 23 Nov 2026 at 18:02\nSubject: Broken lamp\nTo: <carla@example.com>\n\nIt is broken.\n"
    )
    is_none.write_bytes(b"Just a mail.\n")
    assert main(["forwarded", "--jsonl", str(is_one), str(is_none)]) == 0
    first, second = lines(capsys)
    assert (first["forwarded"], first["note"]) == (True, "Yours, please.")
    assert set(first["original"]) == set(second["original"]) == {"from", "to", "cc", "subject", "date", "body"}
    assert first["original"]["from"] == {"name": "Dora", "address": "dora@example.org"}
    assert first["original"]["body"] == "It is broken."
    assert (second["forwarded"], second["original"]["from"]) == (False, None)


def test_feedback_reads_a_mail_and_an_event(mail: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feedback", "--jsonl", mail, str(EVENT)]) == 0
    ordinary, bounce = lines(capsys)
    assert (ordinary["kind"], ordinary["reports"]) == ("none", [])
    assert bounce["kind"] == "bounce"
    assert set(bounce["reports"][0]) == {
        *("recipient", "action", "status", "smtp_code", "reason", "permanence", "feedback_type", "diagnostic"),
        "original_message_id",
    }


def test_a_file_that_cant_be_read_is_told_and_the_rest_goes_on(
    mail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "none.eml")
    assert main(["parse", "--jsonl", missing, mail, str(tmp_path)]) == 1
    first, second, third = lines(capsys)
    assert set(first) == set(third) == {"file", "error"}
    assert "check the path" in first["error"]
    assert second["subject"] == "Grüße"


def test_answers_come_in_the_order_of_the_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = []
    for number in range(5):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(b"Subject: %d\r\n\r\nx" % number)
        paths.append(str(path))
    listed = tmp_path / "list.txt"
    listed.write_text("\n".join(paths[2:]) + "\n")
    assert main(["parse", "--jsonl", *paths[:2], "--files-from", str(listed)]) == 0
    assert [form["subject"] for form in lines(capsys)] == list("01234")


def test_without_jsonl_a_person_reads_it_and_no_control_character_reaches_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "evil.eml"
    path.write_bytes(b"Subject: \x1b]0;owned\x07hello\r\n\r\n\x1b[2Jbody\r\n")
    assert main(["parse", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "hello" in shown
    assert "body" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_json_moves_no_cursor_either(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evil.eml"
    path.write_bytes("Subject: a\x9b2Jb\x7f\r\n\r\n\x1b[2J".encode())
    main(["parse", "--jsonl", str(path)])
    written = capsys.readouterr().out
    assert not {"\x1b", "\x7f", "\x9b"} & set(written)
    assert json.loads(written)["subject"].startswith("a\x9b2Jb")


def test_no_file_at_all_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse"]) == 2
    assert "name a FILE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", ["parse", "trim", "forwarded", "classify", "feedback", "send", "inbox", "show", "why", "outbox", "env"]
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([command, "--help"])
    assert caught.value.code == 0
    assert "usage: postroom" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["inbox"], ["show", "x"], ["why", "x"], ["outbox"], ["send", "x"], ["env"]])
def test_without_a_stack_it_says_how_to_start_one(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--state", str(tmp_path)]) == 2
    assert "make run" in " ".join(capsys.readouterr().err.split())


@pytest.fixture
def with_program(tmp_path: Path) -> str:
    message = EmailMessage()
    message["From"], message["To"] = "ann@example.com", "support@desk.example"
    message.set_content("See the files.")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="a.pdf")
    message.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="setup.exe")
    path = tmp_path / "program.eml"
    path.write_bytes(message.as_bytes())
    return str(path)


def test_policy_says_what_becomes_of_each_attachment_and_why(
    with_program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "--jsonl", with_program]) == 0
    (form,) = lines(capsys)
    found = [(a["safe_filename"], a["treatment"], a["reason"]) for a in form["attachments"]]
    assert found == [("a.pdf", "allow", "nothing_against"), ("setup.exe", "quarantine", "executable")]
    assert main(["policy", with_program]) == 0
    assert "quarantine, executable: it is a program or a script (setup.exe)" in capsys.readouterr().out


def test_policy_takes_another_file_and_names_its_faults(
    with_program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "policy.yaml"
    other.write_text("signs: {executable: refuse}")
    assert main(["policy", "--jsonl", "--policy", str(other), with_program]) == 0
    assert lines(capsys)[0]["attachments"][1]["treatment"] == "refuse"
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("signs: {executables: refuse}")
    assert main(["policy", "--policy", str(faulty), with_program]) == 1
    assert "Did you mean executable" in " ".join(capsys.readouterr().err.split())


def test_classify_answers_every_mail_of_an_mbox_and_of_a_folder(
    mail: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box, folder, empty = tmp_path / "all.mbox", tmp_path / "folder", tmp_path / "empty"
    folder.mkdir()
    empty.mkdir()
    box.write_bytes(b"".join(b"From x\n" + MAIL + b"\n" for _ in range(3)))
    (folder / "a").write_bytes(MAIL)
    (folder / "notes.txt").write_text("no mail")
    assert main(["classify", "--jsonl", mail, str(box), str(folder), str(empty)]) == 1
    captured = capsys.readouterr()
    found = [json.loads(line) for line in captured.out.splitlines()]
    boxed = [f"{box}#{number}" for number in (1, 2, 3)]
    assert [each["file"] for each in found] == [mail, *boxed, str(folder / "a"), str(empty)]
    assert [each.get("kind") for each in found] == ["person"] * 5 + [None]
    assert "no mail is in this folder" in found[-1]["error"]
    assert "1 file passed over, since no mail begins so" in " ".join(captured.err.split())
