"""postroom local: what it tells the running stack, and what it tells a person."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.local import MAX_DUPLICATES, MAX_LATE, callers
from cli.main import main
from local.faults.book import Book
from local.faults.control import answer
from local.ses.feedback import disorder
from local.stack.running import Running


@dataclass
class Stack:
    """A state file, and behind it the control API of the proxy and the events of SES."""

    state: Path
    book: Book = field(default_factory=Book)
    events: dict[str, Any] = field(default_factory=lambda: {"duplicates": 0, "shuffled": False, "late_seconds": 0.0})

    def run(self, *words: str) -> int:
        return main(["local", *words, "--state", str(self.state)])

    def up(self, port: int, faults: bool = True) -> Running:
        url = f"http://127.0.0.1:{port}"
        names = {"ParseFunction": "f", "ReplyFunction": "g", "ParseQueue": "q"}
        return Running(
            pid=os.getpid(), root="r", state=str(self.state), region="us-east-1", account="000000000000", stack="s",
            aws_url=url, ses_url=url, faults_url=url if faults else "", smtp_port=1, submission_port=2, parameters={},
            outputs={}, resources=names,
        )  # fmt: skip

    def handler(self) -> type[BaseHTTPRequestHandler]:
        stack = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.path == "/_local/events":
                    stack.events = json.loads(body) if body else stack.events
                    status, told = 200, json.dumps(stack.events)
                else:
                    said = answer(stack.book, self.command, self.path, self.headers["Content-Type"] or "", body)
                    status, told = said.status, "" if said.body is None else json.dumps(said.body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told.encode())

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 (the server's names)

            def log_message(self, format: str, *args: object) -> None: ...

        return Handler


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(state=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), stack.handler()) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        stack.up(server.server_port).write(tmp_path)
        yield stack
        server.shutdown()
        thread.join()


def test_a_fault_is_added_with_all_that_was_said_of_it(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--times", "3", "--skip", "2", "--probability", "0.5", "--seed", "7"]
    assert stack.run("fault", "add", "parse", "s3:GetObject", "slow:250", *words) == 0
    [fault] = stack.book.faults
    assert (fault.caller, fault.operation, fault.milliseconds, fault.times) == ("parse", "GetObject", 250, 3)
    assert (fault.skip, fault.probability, fault.seed) == (2, 0.5, 7)
    told = capsys.readouterr().out
    assert "fault 1: parse s3:GetObject slow:250, 3 times after 2 calls with probability 0.5" in told


def test_the_list_is_a_table_or_json(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.run("fault", "list") == 0
    assert "every call goes through" in capsys.readouterr().out
    stack.run("fault", "add", "*", "dynamodb", "throttle")
    stack.run("fault", "list", "--json")
    assert json.loads(capsys.readouterr().out.partition("\n")[2])[0]["hits"] == 0
    assert stack.run("fault", "list") == 0
    assert "throttle  always" in capsys.readouterr().out


def test_one_fault_is_cleared_or_all(stack: Stack) -> None:
    for _ in range(3):
        stack.run("fault", "add", "ses", "sns:Publish", "error500")
    assert stack.run("fault", "clear", "2") == 0
    assert stack.run("fault", "clear", "2") == 1
    assert [fault.id for fault in stack.book.faults] == [1, 3]
    assert stack.run("fault", "clear") == 0
    assert not stack.book.faults


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("pares", "s3:GetObject", "throttle"), "nobody is called 'pares': WHO is one of cli, parse, reply, ses, or *"),
        (("parse", "s3:GetObjekt", "throttle"), "did you mean s3:GetObject?"),
        (("parse", "s3:GetObject", "explode"), "how is one of throttle, timeout"),
        (("parse", "s3:GetObject", "throttle", "--times", "0"), "times is a whole number from 1 up"),
        (("parse", "s3:GetObject", "throttle", "--probability", "2"), "above 0 and up to 1"),
    ],
)
def test_what_makes_no_sense_ends_with_status_2_and_what_would(
    stack: Stack, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert stack.run("fault", "add", *words) == 2
    assert said in capsys.readouterr().err.replace("\n", " ")


def test_events_of_ses_are_told_how_to_come_and_shown(stack: Stack, capsys: pytest.CaptureFixture[str]) -> None:
    assert stack.run("events", "--duplicates", "1", "--shuffle", "--late", "2") == 0
    assert stack.events == {"duplicates": 1, "shuffled": True, "late_seconds": 2.0}
    told = capsys.readouterr().out
    assert stack.run("events") == 0
    assert capsys.readouterr().out == told
    assert "2 times" in told
    assert stack.run("events", "--normal", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"duplicates": 0, "shuffled": False, "late_seconds": 0.0}


def test_a_stack_that_is_not_there_or_has_no_proxy_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack = Stack(state=tmp_path)
    assert stack.run("fault", "list") == 2
    assert "make run" in capsys.readouterr().err
    stack.up(9, faults=False).write(tmp_path)
    assert stack.run("fault", "list") == 2
    assert "started without faults" in capsys.readouterr().err
    stack.up(9).write(tmp_path)
    assert stack.run("fault", "list") == 2
    assert "does not answer" in capsys.readouterr().err


def test_everybody_who_calls_aws_has_a_name(tmp_path: Path) -> None:
    assert callers(Stack(state=tmp_path).up(9)) == ["cli", "parse", "reply", "ses"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--duplicates", "-1"], "from 0 to 10 times more, not '-1'"),
        (["--duplicates", "11"], "from 0 to 10 times more"),
        (["--late", "nan"], "from 0 to 600 seconds, not 'nan'"),
        (["--late", "1e99"], "from 0 to 600 seconds"),
        (["--late", "soon"], "from 0 to 600 seconds"),
    ],
)
def test_a_disorder_that_makes_no_sense_is_told_with_what_would(
    stack: Stack, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as left:
        stack.run("events", *words)
    assert left.value.code == 2
    assert said in capsys.readouterr().err


def test_the_bounds_of_a_disorder_are_those_of_the_local_ses() -> None:
    assert (MAX_DUPLICATES, MAX_LATE) == (disorder.MAX_DUPLICATES, disorder.MAX_LATE_SECONDS)
