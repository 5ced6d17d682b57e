"""Real servers to relay to: one of ours that answers as it is told, and OpenSMTPD that passes mail on to it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Sink:
    """Answers RCPT by the recipient's name, and DATA with `at_data`; keeps what it took."""

    refused: dict[str, str] = field(default_factory=dict)  # recipient: reply; "" is any
    at_data: str = "250 2.0.0 Ok: queued as 4XyZ"
    times: int = 1_000_000  # refusals before it takes everything
    taken: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = self.refused.get(address, self.refused.get(""))
        if reply is not None and self.times > 0:
            self.times -= 1
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        self.taken.append(envelope)
        return self.at_data


@contextmanager
def listening(sink: Sink) -> Iterator[Sink]:
    sink.port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def opensmtpd(folder: Path, port: int, *, refusing: int, front_door: int) -> Iterator[None]:
    """OpenSMTPD on the port that is given: it relays to `refusing`, and notifications of its own to `front_door`."""
    program = shutil.which("smtpd", path="/usr/sbin:/usr/local/sbin")
    if program is None or os.geteuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail("OpenSMTPD (/usr/sbin/smtpd) and root are wanted here: apt-get install opensmtpd")
        pytest.skip("OpenSMTPD isn't here, or this isn't root: its real notifications are tried elsewhere")
    config = folder / "smtpd.conf"
    config.write_text(
        f"listen on 127.0.0.1 port {port} hostname mx.example.test\n"
        f'action "home" relay host smtp://127.0.0.1:{front_door}\n'
        f'action "out" relay host smtp://127.0.0.1:{refusing}\n'
        'match from any for domain { "bounces.ses.test", "example.com" } action "home"\n'
        'match from any for any action "out"\n'
    )
    said = (folder / "smtpd.log").open("wb")
    started = [program, "-d", "-f", str(config)]
    process = subprocess.Popen(started, stdout=said, stderr=said, start_new_session=True)  # noqa: S603 (ours)
    try:
        _wait_for(port, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)
        _wait_for_the_others(process.pid)
        said.close()


def _wait_for_the_others(group: int) -> None:
    """Its processes end one by one, and the next OpenSMTPD wants the control socket that one of them holds."""
    with contextlib.suppress(ProcessLookupError):
        for _ in range(100):
            os.killpg(group, 0)
            time.sleep(0.1)
        os.killpg(group, signal.SIGKILL)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(100):
        assert process.poll() is None, "OpenSMTPD ended at once: another one runs, or it doesn't like its configuration"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
                if client.recv(3) == b"220":
                    return
        except OSError:
            pass
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    pytest.fail("OpenSMTPD doesn't answer")
