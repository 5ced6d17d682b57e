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
    program = _editor()
    first = f"{text}\n\n{SCISSORS}\n{_HELP}\n\n{below}\n"
    place = _file(first)
    try:
        status = subprocess.run([*program, str(place)], check=False).returncode  # noqa: S603 (the person's own editor)
    except OSError as error:
        place.unlink(missing_ok=True)
        told = f"the editor {program[0]!r} can't be started ({error.strerror})"
        raise Usage(f"{told}: set EDITOR, or use --text FILE") from None
    except KeyboardInterrupt:
        raise Usage(f"nothing was sent{_left(place, first)}") from None
    if status:
        raise Usage(f"the editor ended with status {status}, so nothing was sent{_left(place, first)}")
    return above(_content(place)), place


def _left(place: Path, first: str) -> str:
    """Where what was written is, for a person. A file in which nothing was written is removed."""
    if _content(place).strip() in ("", first.strip()):
        place.unlink(missing_ok=True)
        return ""
    return f"; what you wrote is in {place}"


def _content(place: Path) -> str:
    """What stands in the file; nothing where the editor took it away."""
    try:
        return place.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""


def above(text: str) -> str:
    """What stands above the scissors; all of it where somebody took those away."""
    return text.partition(SCISSORS)[0].strip()


def _file(text: str) -> Path:
    """For this user's eyes only (mkstemp sees to it)."""
    number, name = tempfile.mkstemp(prefix="postroom-reply-", suffix=".txt")
    with os.fdopen(number, "w", encoding="utf-8", errors="replace") as file:
        file.write(text)
    return Path(name)


def _editor() -> list[str]:
    wanted = next((os.environ[name] for name in _EDITORS if os.environ.get(name)), "")
    if not wanted and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage(
            "there is no terminal for an editor: say what to send with --text FILE (- is standard input), or "
            "set EDITOR to a program that needs none"
        )
    wanted = wanted or _DEFAULT
    try:
        return shlex.split(wanted) or [_DEFAULT]
    except ValueError as error:
        raise Usage(f"$EDITOR can't be read as a command ({error}): {wanted}") from None
