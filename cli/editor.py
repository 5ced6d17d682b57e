"""The person's own editor, for a text that they write; what helps them to write it stands below a line of scissors."""

import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from cli.files import Usage

SCISSORS = "# ------------------------ >8 ------------------------"
_HELP = """# Above this line is what you send; below it nothing is. The mail that you answer is quoted by itself.
# With nothing above it, nothing is sent."""
_EDITORS = ("VISUAL", "EDITOR")
_DEFAULT = "vi"


def written(text: str, below: str) -> tuple[str, Path]:
    """What the person made of this text, and the file that has it, which is the caller's to remove or to name."""
    if not (_chosen() or sys.stdin.isatty()):
        raise Usage("there is no terminal to write in: say it with --text FILE (- is standard input)")
    place = _file(f"{text}\n\n{SCISSORS}\n{_HELP}\n\n{below}\n")
    command = [*_editor(), str(place)]
    try:
        status = subprocess.run(command, check=False).returncode  # noqa: S603 (the person's own editor)
    except OSError as error:
        raise Usage(
            f"the editor {command[0]!r} can't be started ({error.strerror}): set $EDITOR, or use --text"
        ) from None
    if status:
        raise Usage(f"the editor ended with status {status}, so nothing was sent; what you wrote is in {place}")
    return above(place.read_text(encoding="utf-8", errors="replace")), place


def above(text: str) -> str:
    """What stands above the scissors; all of it where somebody took those away."""
    return text.partition(SCISSORS)[0].strip()


def _file(text: str) -> Path:
    """For this user's eyes only (mkstemp sees to it)."""
    number, name = tempfile.mkstemp(prefix="postroom-reply-", suffix=".txt")
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return Path(name)


def _chosen() -> str:
    return next((os.environ[name] for name in _EDITORS if os.environ.get(name)), "")


def _editor() -> list[str]:
    wanted = _chosen() or _DEFAULT
    try:
        return shlex.split(wanted) or [_DEFAULT]
    except ValueError as error:
        raise Usage(f"$EDITOR can't be read as a command ({error}): {wanted}") from None
