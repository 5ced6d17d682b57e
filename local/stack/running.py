"""What is known of a stack that is up, and the file in which others find it."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from local.stack.errors import NotRunning

FILE = "stack.json"
HOW = "start one with `make run`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """Ports and names. `outputs` are the template's; `resources` gives the physical id of every logical one
    (the name of a bucket, table or bus, the URL of a queue, the ARN of a topic). `faults_url` is where the functions'
    and SES's calls come by on their way to AWS, and empty where they go straight there."""

    pid: int
    root: str
    state: str
    region: str
    account: str
    stack: str
    aws_url: str
    ses_url: str
    smtp_port: int
    submission_port: int
    faults_url: str
    parameters: Mapping[str, str]
    outputs: Mapping[str, str]
    resources: Mapping[str, str]

    def write(self, folder: Path) -> None:
        """For this user's eyes only, and never half written."""
        partial = folder / f"{FILE}.new"
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file, indent=2)
        partial.replace(folder / FILE)

    @staticmethod
    def read(folder: Path) -> "Running":
        """NotRunning where no stack is up in this state folder."""
        try:
            known = json.loads((folder / FILE).read_text(encoding="utf-8"))
            running = Running(**{field.name: known[field.name] for field in fields(Running)})
        except FileNotFoundError:
            raise NotRunning(f"no stack is running in {folder}: {HOW}") from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NotRunning(f"{folder / FILE} can't be read ({error}): {HOW}") from error
        if not _alive(running.pid):
            raise NotRunning(f"the stack in {folder} has ended without saying so: {HOW}")
        return running

    @staticmethod
    def forget(folder: Path) -> None:
        (folder / FILE).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
