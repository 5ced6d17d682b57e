"""postroom templates: what is shown, what is told of, and what SES has in the end (the local one, over HTTP)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from types_boto3_sesv2 import SESV2Client

from cli import read_files, running
from cli.main import main
from cli.templates import command, page
from local.ses.assembly import Settings
from postroom.aws.ses_templates import SesTemplates
from postroom.errors import PostroomError
from postroom.replies.templates import Rendered
from postroom.replies.templates.changes import changes
from postroom.replies.templates.ses import SesTemplate
from tests.unit.local_ses.conftest import serving
from tests.unit.local_ses.memory_cloud import MemoryCloud
from tests.unit.replies.templates.made import write

HEAD = '<!doctype html>\n<html lang="en">\n<head><meta name="color-scheme" content="light dark"></head>\n'


@dataclass
class Stack:
    ses: SESV2Client
    name: str = "desk"


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Stack]:
    with serving(Settings(state=tmp_path / "ses", keep=5), MemoryCloud()) as up:
        stack = Stack(ses=up.v2)
        monkeypatch.setattr(running, "find", lambda args: stack)
        yield stack


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Templates of a desk with two of its own."""
    place = tmp_path / "templates"
    for name in ("one", "two"):
        write(place / name / "en", text="Hello {{from_name}}", body=HEAD + "<p>{{subject}}</p>")
    monkeypatch.setattr(command, "TEMPLATES", place)
    return place


def told(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def names(stack: Stack) -> set[str]:
    return {each["TemplateName"] for each in stack.ses.list_email_templates()["TemplatesMetadata"]}


def test_the_list_tells_templates_and_variables(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "list"]) == 0
    shown = told(capsys)
    assert "acknowledgement machine en de es fr it nl pl pt - A mail has arrived" in shown
    assert "more_details person en de es fr it nl pl pt - A person needs" in shown
    assert "questions list may be left out" in shown


def test_lint_tells_each_fault_with_its_file_as_found_from_here(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["templates", "lint", str(folder)]) == 0
    (folder / "one" / "en" / "body.html").write_text(HEAD + "<script>")
    assert main(["templates", "lint", str(folder)]) == 1
    assert f"{folder}/one/en/body.html:4: <script> has no place in a mail" in told(capsys)


def test_a_warning_is_told_and_fails_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder / "one" / "de", text="Hallo {{from_name}}", body=HEAD.replace('"en"', '"de"') + "<p>{{subject}}</p>")
    assert main(["templates", "lint", str(folder)]) == 0
    assert f"warning: {folder}/two:1: other templates speak de too" in told(capsys)


def test_a_preview_is_filled_with_examples_or_with_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "preview", "follow_up", "--language", "de-AT"]) == 0
    assert "* The number of your order" in told(capsys)
    data = tmp_path / "data.json"
    data.write_text(json.dumps({"questions": ["Farbe?"], "subject": "Der Hut"}))
    assert main(["templates", "preview", "follow_up", "--language", "de-AT", "--data", str(data)]) == 0
    shown = told(capsys)
    assert "subject Re: Der Hut" in shown
    assert "* Farbe?" in shown


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["nothing"], "there is no template 'nothing': there are acknowledgement,"),
        (["follow_up", "--data", "{}missing"], "can't be read as JSON"),
        (["follow_up", "--data", "[]"], "should be a JSON object"),
        (["follow_up", "--data", '{"topic": 1}'], "unknown variable 'topic'; known are desk_address,"),
        (["follow_up", "--data", '{"questions": "one"}'], "the variable 'questions' should be a list"),
    ],
)
def test_a_preview_that_can_not_be_says_why(
    arguments: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--data" in arguments:
        (tmp_path / "data.json").write_text(arguments[-1])
        arguments = [*arguments[:-1], str(tmp_path / "data.json")]
    assert main(["templates", "preview", *arguments]) in (1, 2)
    assert why in told(capsys)


def test_the_page_shows_light_and_dark_narrow_and_wide_and_fetches_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pages" / "one.html"
    assert main(["templates", "preview", "satisfaction_survey", "--page", str(file)]) == 0
    assert file.as_uri() in told(capsys)
    shown = file.read_text(encoding="utf-8")
    assert re.findall(r'title="(.+?)"', shown) == [
        "light, narrow (360 px)",
        "light, wide (900 px)",
        "dark, narrow (360 px)",
        "dark, wide (900 px)",
    ]
    assert shown.count('sandbox=""') == 4
    assert not re.search(r"""(src|href)=["']https?:""", shown)


def test_what_the_page_shows_can_not_leave_its_frame() -> None:
    rendered = Rendered(subject="</p><script>", text="</pre><script>", html='</head>"><script>', language="en")
    shown = page.of("one", rendered)
    assert "<script>" not in shown


def test_a_push_creates_updates_and_deletes_what_is_ours_alone(
    stack: Stack, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("other", "desk-two__one__en", "desk_one"):
        stack.ses.create_email_template(TemplateName=name, TemplateContent={"Subject": "s", "Text": "t"})
    assert main(["templates", "push", "--yes"]) == 0
    assert names(stack) == {"other", "desk-two__one__en", "desk_one", "desk__one__en", "desk__two__en"}
    shown = told(capsys)
    assert shown.count("desk__one__en") == 1
    assert shown.endswith("create desk__one__en create desk__two__en made 2 of 2 changes")

    write(folder / "one" / "en", text="Hi {{from_name}}", body=HEAD + "<p>{{subject}}</p>")
    for file in (folder / "two" / "en").iterdir():
        file.unlink()
    (folder / "two" / "en").rmdir()
    (folder / "two").rmdir()
    assert main(["templates", "diff"]) == 0
    shown = told(capsys)
    assert "update desk__one__en" in shown
    assert "-Hello {{from_name}} +Hi {{from_name}}" in shown
    assert "delete desk__two__en" in shown
    assert "desk__two__en" in names(stack)

    assert main(["templates", "push", "--yes"]) == 0
    assert names(stack) == {"other", "desk-two__one__en", "desk_one", "desk__one__en"}
    assert main(["templates", "push", "--yes"]) == 0
    assert "SES has these templates already" in told(capsys)


def test_nothing_is_pushed_without_a_yes(
    stack: Stack, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["templates", "push"]) == 2
    assert "say --yes" in told(capsys)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    assert main(["templates", "push"]) == 0
    assert names(stack) == set()
    told(capsys)
    monkeypatch.setattr("builtins.input", lambda prompt: "y")
    assert main(["templates", "push"]) == 0
    assert told(capsys) == "create desk__one__en create desk__two__en made 2 of 2 changes"
    assert names(stack) == {"desk__one__en", "desk__two__en"}


def test_nothing_with_a_fault_is_pushed(stack: Stack, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "one" / "en" / "body.txt").write_text("{{topic}}")
    assert main(["templates", "push", "--yes"]) == 1
    assert "one/en/body.txt:1: unknown variable 'topic'" in told(capsys)
    assert names(stack) == set()


def test_more_templates_than_a_page_holds_are_all_seen(stack: Stack) -> None:
    account = SesTemplates(client=stack.ses, prefix="desk__")
    many = [SesTemplate(name=f"desk__t{n:03}__en", subject="s", text="t", html="h") for n in range(120)]
    for each in many:
        account.create(each)
    assert list(account.all()) == many
    assert changes(many, list(account.all())) == []


def test_a_name_that_is_not_ours_or_too_long_is_refused(stack: Stack) -> None:
    account = SesTemplates(client=stack.ses, prefix="desk__")
    with pytest.raises(PostroomError, match="should begin with 'desk__'"):
        account.delete("other")
    with pytest.raises(PostroomError, match="at most 64 characters"):
        account.create(SesTemplate(name="desk__" + "x" * 60, subject="s", text="t", html="h"))


def test_check_looks_at_the_templates_too(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check"]) == 0
    assert "functions/reply/templates are right" in told(capsys)
    (folder / "one" / "en" / "body.html").write_text(HEAD + "<form>")
    monkeypatch.setattr(read_files, "TEMPLATES", folder)
    assert main(["check"]) == 1
    assert "one/en/body.html:4: <form> has no place in a mail" in told(capsys)
