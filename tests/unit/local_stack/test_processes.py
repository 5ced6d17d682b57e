"""Children end with us, whatever happens to us; real processes throughout."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack.errors import ChildFailed
from local.stack.processes import Family, Program, last_lines, start

ROOT = Path(__file__).resolve().parents[3]

# Starts a grandchild, says both pids, and stays. STUBBORN ignores the polite request.
PARENT = """
import os, signal, subprocess, sys, time
{stubborn}
child = subprocess.Popen([sys.executable, "-c", {grandchild!r}])
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


def program(tmp_path: Path, code: str) -> Program:
    return Program(
        name="the sleeper",
        command=[sys.executable, "-c", code],
        environment=dict(os.environ),
        log=tmp_path / "logs" / "sleeper.log",
        folder=tmp_path,
    )


def family_of_two(tmp_path: Path, stubborn: bool = False) -> Program:
    lines = STUBBORN if stubborn else ""
    grandchild = f"import signal, time\n{lines}\ntime.sleep(60)"
    return program(tmp_path, PARENT.format(stubborn=lines, grandchild=grandchild))


def exists(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody collects has ended."""
    command = ["ps", "-o", "stat=", "-p", str(pid)]
    status = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (our own command)
    return bool(status.stdout.strip()) and not status.stdout.strip().startswith("Z")


def until(condition: Callable[[], bool]) -> None:
    """Returns when it is true; the test's own time limit ends a wait in vain."""
    while not condition():
        time.sleep(0.02)


def pids(log: Path) -> list[int]:
    until(lambda: len(last_lines(log)) > 0 and len(last_lines(log)[0].split()) == 2)
    return [int(word) for word in last_lines(log)[0].split()]


@pytest.mark.parametrize("stubborn", [False, True])
def test_a_child_ends_with_all_that_it_started(tmp_path: Path, stubborn: bool) -> None:
    child = start(family_of_two(tmp_path, stubborn))
    both = pids(child.program.log)
    child.stop()
    assert not child.alive
    assert not any(exists(pid) for pid in both)


def test_a_child_that_dies_takes_what_it_started_with_it(tmp_path: Path) -> None:
    child = start(family_of_two(tmp_path))
    one, other = pids(child.program.log)
    os.kill(one, signal.SIGKILL)
    until(lambda: not child.alive)
    assert not exists(other)
    child.stop()


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from local.stack.processes import Program, start
start(Program(name="x", command=[sys.executable, "-c", {family_of_two(tmp_path).command[2]!r}],
              environment=dict(os.environ), log=Path({str(tmp_path / "log")!r}), folder=Path({str(tmp_path)!r})))
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as parent:  # noqa: S603 (our own code)
        both = pids(tmp_path / "log")
        parent.kill()
    until(lambda: not any(exists(pid) for pid in both))


def test_a_child_that_ends_before_it_is_ready_is_told_with_its_last_lines(tmp_path: Path) -> None:
    child = start(program(tmp_path, "print('no disk left'); raise SystemExit(3)"))
    with pytest.raises(ChildFailed) as caught:
        child.wait_ready(lambda: False, 30)
    assert "the sleeper ended with exit status 3" in str(caught.value)
    assert "| no disk left" in str(caught.value)
    child.stop()


def test_a_child_that_is_never_ready_is_told_with_the_limit(tmp_path: Path) -> None:
    child = start(program(tmp_path, "import time; time.sleep(60)"))
    with pytest.raises(ChildFailed, match="the sleeper was not ready after 0 s and logged nothing"):
        child.wait_ready(lambda: False, 0)
    child.stop()


def test_a_family_ends_together_and_names_its_dead(tmp_path: Path) -> None:
    with Family() as family:
        stays = family.start(family_of_two(tmp_path))
        goes = family.start(program(tmp_path, "raise SystemExit(1)"))
        until(lambda: family.dead() is goes)
        assert stays.alive
    assert not stays.alive


def test_ctrl_c_in_the_terminal_does_not_reach_a_child(tmp_path: Path) -> None:
    child = start(family_of_two(tmp_path))
    one, other = pids(child.program.log)
    # A terminal signals the whole foreground group: ours, to which neither the guard nor its command belongs.
    assert len({os.getpgid(0), os.getpgid(child.process.pid), os.getpgid(one)}) == 3
    assert os.getpgid(one) == os.getpgid(other)
    child.stop()


def test_the_end_of_a_long_log_is_short(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"line {n}\n" for n in range(10_000)))
    assert last_lines(tmp_path / "log", 2) == ["line 9998", "line 9999"]
    assert last_lines(tmp_path / "none") == []
