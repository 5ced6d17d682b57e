"""A stand-in for Amazon Bedrock's runtime on 127.0.0.1: it plays recorded answers, and remembers what it was asked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

ANSWERS = Path(__file__).parents[1] / "fixtures" / "bedrock"
SILENT = "silent"  # takes the question and gives no answer
#: Bodies that no Bedrock gives, as a proxy in between may, or an attacker.
GARBAGE = {
    "html": b"<html>Bad gateway</html>",
    "empty": b"",
    "list": b"[1, 2]",
    "number": b'{"output": 3, "stopReason": []}',
    "other-shape": b'{"output": {"message": {"content": {"toolUse": "x"}}}, "stopReason": "tool_use"}',
    "deep": b'{"output": ' + b"[" * 200_000,
}


def recorded(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((ANSWERS / f"{name}.json").read_text(encoding="utf-8"))
    return found


@dataclass(kw_only=True)
class StandIn:
    """What it gives to the next question, and the questions: their paths, as sent, and bodies."""

    url: str
    gives: str = "opinion"
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)


@contextmanager
def stand_in() -> Iterator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            playing.asked.append((unquote(self.path), json.loads(body)))
            if playing.gives == SILENT:
                playing.over.wait(10)
                return
            if playing.gives in GARBAGE:
                self._answer(200, GARBAGE[playing.gives], None)
                return
            answer = recorded(playing.gives)
            self._answer(answer["status"], json.dumps(answer["body"]).encode(), answer.get("error"))

        def _answer(self, status: int, body: bytes, error: str | None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if error:
                self.send_header("x-amzn-errortype", error)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is logged."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        playing = StandIn(url=f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield playing
        finally:
            playing.over.set()
            server.shutdown()
            thread.join()
