"""Runs one command and ends it, with everything it started, as soon as the pipe on standard input closes.

The pipe closes when the parent asks for it and also when the parent is killed, on every system: so nothing is left
behind, whatever happens to the parent. This runs as a file of its own (`python -I -S guard.py COMMAND...`) and imports
the standard library only.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time

GRACE = 2.0  # seconds between "please" and "now"
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
LOOK = 0.1  # seconds between two looks at the command


def adopt_orphans() -> None:
    """On Linux: what the command leaves behind becomes ours to collect.

    A container's first process may collect nothing, and what nobody has collected looks as if it were still there.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def collect_orphans() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass


def wait_for_end(command: "subprocess.Popen[bytes]") -> None:
    """Until the command has ended by itself or the pipe is closed."""
    while command.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], LOOK)
        if readable and not os.read(sys.stdin.fileno(), 4096):
            return


def tell(group: int, number: int) -> bool:
    """Whether anybody of the group was there to be told."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so of a group of zombies
        return False
    return True


def end(command: "subprocess.Popen[bytes]") -> None:
    """The command and its children: asked first, killed after GRACE."""
    deadline = time.monotonic() + GRACE
    tell(command.pid, signal.SIGTERM)
    while tell(command.pid, 0) and time.monotonic() < deadline:
        # A zombie counts as one of the group until it is collected; the command first, for its exit status.
        if command.poll() is not None:
            collect_orphans()
        time.sleep(0.02)
    tell(command.pid, signal.SIGKILL)
    command.wait()


def main(argv: list[str]) -> int:
    # Ctrl-C is for the parent to understand; it closes the pipe. A handler, since the command would inherit SIG_IGN.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    adopt_orphans()
    command = subprocess.Popen(argv, stdin=subprocess.DEVNULL, process_group=0)  # noqa: S603 (our parent's own command)
    wait_for_end(command)
    end(command)
    return command.returncode if command.returncode >= 0 else 128 - command.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
