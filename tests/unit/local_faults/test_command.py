"""`python -m local.faults`, started as a process."""

import json
import signal
import socket
import subprocess
import sys
from urllib.request import urlopen

import pytest

COMMAND = [sys.executable, "-m", "local.faults"]
UPSTREAM = ["--upstream", "http://127.0.0.1:9"]  # discard: nothing is there


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_when_told(number: signal.Signals) -> None:
    with subprocess.Popen([*COMMAND, *UPSTREAM, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 (ours)
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        with urlopen(f"http://127.0.0.1:{ready['http']}/_faults") as response:
            assert json.loads(response.read()) == {"faults": []}
        process.send_signal(number)
        assert process.wait(10) == 0


def test_a_port_that_is_taken_is_named_with_status_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(  # noqa: S603 (ours)
            [*COMMAND, *UPSTREAM, "--port", port], capture_output=True, text=True, timeout=20, check=False
        )
    assert done.returncode == 2
    assert f"port {port}" in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--upstream", "127.0.0.1:4566"],
        ["--upstream", "http://127.0.0.1"],
        ["--upstream", "http://127.0.0.1:99999999"],
        ["--upstream", "http://127.0.0.1:1/path"],
        [*UPSTREAM, "--port", "x"],
        [*UPSTREAM, "--port", "70000"],
    ],
)
def test_options_that_make_no_sense_end_with_status_2(options: list[str]) -> None:
    done = subprocess.run([*COMMAND, *options], capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 (ours)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
