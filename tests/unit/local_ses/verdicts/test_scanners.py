"""clamd and rspamd: a real clamd with one signature, and servers that say what they may say."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local.ses.verdicts import clamd, rspamd
from local.ses.verdicts.check import Checks
from local.ses.verdicts.clamd import Clamd
from local.ses.verdicts.rspamd import Rspamd
from tests.unit.local_ses.verdicts.mails import MAIL, delivery

# In halves, so that no scanner takes this file for what it describes.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.fixture(scope="module")
def running_clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of the socket of a clamd that knows EICAR alone."""
    program = shutil.which("clamd") or "/usr/sbin/clamd"
    if not Path(program).exists():
        assert "CI" not in os.environ, "CI installs clamav-daemon"
        pytest.skip("clamd is not installed here: apt install clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    path = Path("/tmp") / f"local-ses-clamd-{os.getpid()}.socket"  # noqa: S108 (a socket's path must be short)
    (folder / "test.ndb").write_text(f"Test-Signature:0:*:{EICAR.hex()}\n")
    settings = f"DatabaseDirectory {folder}\nLocalSocket {path}\nForeground yes\nStreamMaxLength 1M\n"
    (folder / "clamd.conf").write_text(settings)
    with (folder / "clamd.log").open("w") as log:
        process = subprocess.Popen([program, "-c", folder / "clamd.conf"], stdout=log, stderr=log)  # noqa: S603 (Debian's own)
        try:
            _await(path, process, folder / "clamd.log")
            yield str(path)
        finally:
            process.terminate()
            process.wait(30)
            path.unlink(missing_ok=True)


def _await(path: Path, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        with socket.socket(socket.AF_UNIX) as asking:
            if not asking.connect_ex(str(path)):
                return
        time.sleep(0.1)
    raise AssertionError(f"clamd did not come up: {log.read_text()}")


def test_clamd_finds_a_virus_and_passes_what_is_none(running_clamd: str) -> None:
    assert Clamd(running_clamd)(delivery(MAIL)) == "PASS"
    assert Clamd(running_clamd)(delivery(MAIL + EICAR + b"\r\n")) == "FAIL"
    assert Clamd(running_clamd)(delivery(b"")) == "PASS"


def test_a_mail_that_is_too_long_for_clamd_is_a_failed_check(running_clamd: str) -> None:
    assert Clamd(running_clamd)(delivery(MAIL + b"x" * (4 << 20))) == "PROCESSING_FAILED"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("stream: OK", "PASS"),
        ("stream: Win.Test.EICAR_HDB-1 FOUND", "FAIL"),
        ("stream: Heuristics.Encrypted.Zip FOUND", "GRAY"),
        ("INSTREAM size limit exceeded. ERROR", "PROCESSING_FAILED"),
        ("UNKNOWN COMMAND", "PROCESSING_FAILED"),
        ("", "PROCESSING_FAILED"),
    ],
)
def test_every_answer_of_clamd_has_a_status(answer: str, status: str) -> None:
    assert clamd.status(answer) == status


@pytest.mark.parametrize("address", ["/nowhere/clamd.socket", "127.0.0.1:1"])
def test_a_clamd_that_is_not_there_is_a_failed_check(address: str) -> None:
    assert Checks(virus=Clamd(address)).check(delivery(), scan_enabled=True).statuses["virus"] == "PROCESSING_FAILED"


def test_scanners_that_say_nothing_are_failed_checks() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        checks = Checks(virus=Clamd(f"127.0.0.1:{port}", 0.1), spam=Rspamd(f"http://127.0.0.1:{port}", 0.1))
        found = checks.check(delivery(), scan_enabled=True).statuses
    assert (found["virus"], found["spam"]) == ("PROCESSING_FAILED", "PROCESSING_FAILED")


class _Rspamd(BaseHTTPRequestHandler):
    """Says what the mail wants said; keeps what it was asked."""

    heard: dict[str, str]

    def do_POST(self) -> None:
        mail = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).heard = dict(self.headers.items())
        self.send_response(200 if self.path == "/checkv2" else 404)
        self.end_headers()
        self.wfile.write(mail.partition(b"\r\n\r\n")[2])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def rspamd_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Rspamd)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        *((f'{{"action": "{action}", "score": 1.5}}', status) for action, status in rspamd.STATUSES.items()),
        ('{"action": "sing"}', "PROCESSING_FAILED"),
        ('{"action": ["reject"]}', "PROCESSING_FAILED"),
        ('{"error": "cannot parse"}', "PROCESSING_FAILED"),
        ("[]", "PROCESSING_FAILED"),
        ("not JSON", "PROCESSING_FAILED"),
    ],
)
def test_every_answer_of_rspamd_has_a_status(rspamd_url: str, answer: str, status: str) -> None:
    assert Rspamd(rspamd_url)(delivery(b"Subject: x\r\n\r\n" + answer.encode())) == status


def test_rspamd_is_told_the_envelope_as_far_as_it_can_be(rspamd_url: str) -> None:
    Rspamd(rspamd_url)(delivery(helo="mx.example.org\r\nEvil: yes", mail_from="ann@example.org"))
    assert (_Rspamd.heard["IP"], _Rspamd.heard["From"]) == ("192.0.2.1", "ann@example.org")
    assert not {"Helo", "Evil"} & set(_Rspamd.heard)
