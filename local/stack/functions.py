"""The deployed functions: whether their triggers are on, and a first call that starts their workers."""

import contextlib
import json
import threading
import time

from botocore.exceptions import BotoCoreError, ClientError

from local.stack import clients
from local.stack.errors import DeployFailed

LOOK = 0.05
_PAYLOAD = 100_000  # bytes of an answer that are read
NO_RECORDS = b'{"Records": []}'
AT_ONCE = 2  # starting a worker is all processor


def triggers(url: str) -> list[tuple[str, str]]:
    """(function ARN, state) of every event source mapping."""
    pages = clients.lambda_(url).get_paginator("list_event_source_mappings").paginate()
    return [(one["FunctionArn"], one["State"]) for page in pages for one in page["EventSourceMappings"]]


def wait_enabled(url: str, limit: float) -> None:
    """Returns when every trigger is on; DeployFailed when one isn't after `limit` seconds."""
    deadline = time.monotonic() + limit
    while off := [arn for arn, state in triggers(url) if state != "Enabled"]:
        if time.monotonic() > deadline:
            raise DeployFailed(f"these functions are not triggered after {limit:.0f} s: {', '.join(off)}")
        time.sleep(LOOK)


def warm(url: str) -> None:
    """Calls every function that a queue triggers with no records. DeployFailed tells which one can't even do that."""
    arns = list(dict.fromkeys(arn for arn, _ in triggers(url)))
    faults: list[str] = []

    def work() -> None:
        while arns:
            with contextlib.suppress(IndexError):  # the other thread took the last one
                faults.append(_called(url, arns.pop()))

    # Daemons: Ctrl-C must not wait for a function that starts slowly.
    threads = [threading.Thread(target=work, daemon=True) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if told := sorted(filter(None, faults)):
        raise DeployFailed("a function can't start:\n" + "\n".join(f"  {fault}" for fault in told))


def _called(url: str, arn: str) -> str:
    """What went wrong, or nothing."""
    name = arn.rsplit(":", 1)[-1]
    try:
        answer = clients.lambda_(url).invoke(FunctionName=arn, Payload=NO_RECORDS)
    except (ClientError, BotoCoreError) as error:
        return f"{name}: {error}"
    if answer.get("FunctionError"):
        return f"{name.split('-')[1]}: {_said(answer['Payload'].read(_PAYLOAD))}"
    return ""


def _said(payload: bytes) -> str:
    """The message of an error object, or the payload as it is."""
    try:
        return str(json.loads(payload)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return payload.decode("utf-8", "replace")[:2000]
