"""Child processes that can't outlive us: each runs under `guard.py`, which ends it when our pipe to it closes."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.stack.errors import ChildFailed

GUARD = Path(__file__).with_name("guard.py")
LAST_LINES = 12
STOP_LIMIT = 4.0  # seconds: guard.py's grace, and some room
LOOK = 0.02  # seconds between two looks


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run: `log` gets its standard output and error, the environment is the whole of it."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    folder: Path


@dataclass(slots=True, kw_only=True)
class Child:
    """One running program. Made by `start`, ended by `stop`; `ask_to_stop` is the half that doesn't wait."""

    program: Program
    process: "subprocess.Popen[bytes]"

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def wait_ready(self, ready: Callable[[], bool], limit: float) -> None:
        """Returns when `ready()` is true; ChildFailed when the child ended first or `limit` seconds have passed."""
        deadline = time.monotonic() + limit
        while not ready():
            if not self.alive:
                raise ChildFailed(self.obituary())
            if time.monotonic() > deadline:
                raise ChildFailed(f"{self.program.name} was not ready after {limit:.0f} s{self._last_words()}")
            time.sleep(LOOK)

    def ask_to_stop(self) -> None:
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()

    def stop(self) -> None:
        """Ends the program and all it started, within STOP_LIMIT."""
        self.ask_to_stop()
        try:
            self.process.wait(timeout=STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def obituary(self) -> str:
        return f"{self.program.name} ended with exit status {self.process.returncode}{self._last_words()}"

    def _last_words(self) -> str:
        lines = last_lines(self.program.log)
        said = "".join(f"\n  | {line}" for line in lines) or " and logged nothing"
        return f"; the end of {self.program.log}:{said}" if lines else said


def start(program: Program) -> Child:
    """ChildFailed where the program can't be started at all."""
    program.log.parent.mkdir(parents=True, exist_ok=True)
    with program.log.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 (the command is ours)
            [sys.executable, "-I", "-S", str(GUARD), *program.command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=dict(program.environment),
            # Ctrl-C in the terminal reaches us alone: we end the children in order.
            start_new_session=True,
        )
    return Child(program=program, process=process)


def last_lines(log: Path, count: int = LAST_LINES) -> list[str]:
    """The last lines of a log, which may not be there."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 16384))
            return file.read().decode("utf-8", "replace").splitlines()[-count:]
    except OSError:
        return []


@dataclass(slots=True, kw_only=True)
class Family:
    """All children of one stack. Leaving the `with` block ends every one of them, in parallel."""

    children: list[Child] = field(default_factory=list)

    def start(self, program: Program) -> Child:
        child = start(program)
        self.children.append(child)
        return child

    def dead(self) -> Child | None:
        return next((child for child in self.children if not child.alive), None)

    def stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()

    def __enter__(self) -> "Family":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
