"""Real servers to relay to: one of ours that answers as it is told, and OpenSMTPD that passes mail on to it."""

import contextlib
import os
import random
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

CONTROL_SOCKET = "/var/run/smtpd.sock"  # the one place that OpenSMTPD knows for it


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
    """A port that nobody listens at, below those that the system gives to clients: it is still free when it is used."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    pytest.fail("no port is free between 20000 and 32000")


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
    _wait_for_the_one_before()
    log = folder / "smtpd.log"
    with log.open("wb") as said:
        started = [program, "-d", "-f", str(config)]
        process = subprocess.Popen(started, stdout=said, stderr=said, start_new_session=True)  # noqa: S603 (ours)
        try:
            _wait_for(port, process, log)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def _wait_for_the_one_before() -> None:
    """The next OpenSMTPD wants the control socket; a child in a session of its own holds it a while after the end."""
    for _ in range(200):
        with socket.socket(socket.AF_UNIX) as control:
            if control.connect_ex(CONTROL_SOCKET) != 0:
                return
        time.sleep(0.1)
    pytest.fail(f"an OpenSMTPD that isn't ours listens at {CONTROL_SOCKET}: stop it, then run this again")


def _wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, f"OpenSMTPD ended at once: {log.read_text(errors='replace')}"
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
