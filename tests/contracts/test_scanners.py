"""What every virus scanner does; clamd is a real one, which knows the test file alone."""

import hashlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from postroom.clamd import Clamd
from postroom.errors import Retryable
from postroom.ids import SesId
from postroom.memory.scanner import MemoryScanner
from postroom.outcome import Stage
from postroom.ports import Scanner, ScanResult
from postroom.reasons import Reason, Treatment
from tests.unit.stages.desk import MemoryDesk

# The EICAR test file, in halves: in one piece it would be found in this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Eicar-Test-Signature"
LONGEST = 3 << 20


@pytest.fixture(scope="module")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path of the socket of a clamd that runs for these tests."""
    program = shutil.which("clamd") or "/usr/sbin/clamd"
    if not Path(program).exists():
        # A laptop may have none; .ci/run installs it, so that there it is never left out.
        assert "CI" not in os.environ, "CI installs clamav-daemon"
        pytest.skip("clamd is not installed here: apt install clamav-daemon")
    folder = tmp_path_factory.mktemp("clamd")
    path = Path("/tmp") / f"postroom-clamd-{os.getpid()}.socket"  # noqa: S108 - a socket's path must be short
    (folder / "test.ndb").write_text(f"{NAME}:0:*:{EICAR.hex()}\n")
    settings = f"DatabaseDirectory {folder}\nLocalSocket {path}\nForeground yes\nStreamMaxLength {LONGEST}\n"
    (folder / "clamd.conf").write_text(settings)
    with (folder / "clamd.log").open("w") as log:
        process = subprocess.Popen([program, "-c", folder / "clamd.conf"], stdout=log, stderr=log)  # noqa: S603 - Debian's own clamd
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


@pytest.fixture(params=["memory", "clamd"])
def scanner(request: pytest.FixtureRequest) -> Scanner:
    if request.param == "memory":
        return MemoryScanner(signatures={NAME: EICAR}, longest=LONGEST)
    return Clamd(address=request.getfixturevalue("clamd"))


def test_a_clean_file_has_nothing(scanner: Scanner) -> None:
    assert scanner.scan([b"Hello ", b"", b"world"]) == ScanResult()
    assert scanner.scan([]) == ScanResult()


def test_the_test_file_is_found_and_named(scanner: Scanner) -> None:
    found = scanner.scan([EICAR[:10], EICAR[10:]]).found
    assert found
    assert found.startswith(NAME)  # ClamAV says of a signature that is not its own that it is unofficial


def test_a_file_over_the_scanners_bound_was_not_looked_at_whole(scanner: Scanner) -> None:
    assert scanner.scan(b"x" * (1 << 20) for _ in range(6)) == ScanResult(whole=False)


@pytest.mark.parametrize("address", ["/nowhere/clamd.socket", "127.0.0.1:1"])
def test_a_clamd_that_is_not_there_is_asked_again_later(address: str) -> None:
    with pytest.raises(Retryable, match="Nothing is released unscanned"):
        Clamd(address=address).scan([b"x"])


def test_an_answer_that_is_none_is_asked_for_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        server.settimeout(10)

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(100)
            connection.sendall(b"UNKNOWN COMMAND\0")
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(Retryable, match="UNKNOWN COMMAND"):
            Clamd(address=address).scan([b"x"])
        thread.join()


def test_a_mail_with_the_test_file_has_it_quarantined(clamd: str) -> None:
    desk = MemoryDesk(scanner=Clamd(address=clamd))
    mail = EmailMessage()
    mail["From"], mail["To"] = "ann@example.com", "support@desk.example"
    mail.set_content("See the files.")
    mail.add_attachment(EICAR, maintype="text", subtype="plain", filename="letter.txt")
    mail.add_attachment(b"hello", maintype="text", subtype="plain", filename="hello.txt")
    desk.attachments(desk.parse(desk.arrived(mail.as_bytes())))
    (held,) = desk.ledger.rows_by_id[SesId("mail-1")].records[Stage.ATTACHMENTS].held
    assert (held.reason, held.treatment) == (Reason.VIRUS_CLAMD, Treatment.QUARANTINE)
    assert held.detail.startswith(f"letter.txt: {NAME}")
    assert f"quarantine/{hashlib.sha256(EICAR).hexdigest()}" in desk.objects.bodies
    assert f"attachments/{hashlib.sha256(b'hello').hexdigest()}" in desk.objects.bodies
