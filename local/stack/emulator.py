"""MiniStack, and one thing that it rightly takes from nobody else: events from `aws.ses`. Run by .venvs/stack's Python.

EventBridge refuses a source that begins with `aws.`, unless AWS itself sends it. On this machine SES is `local.ses`,
and it comes to MiniStack as any client does. An event with another `aws.` source is refused as before.
"""

from collections.abc import Mapping
from typing import Any

from ministack.app import main
from ministack.services import eventbridge

_put_events = eventbridge._put_events


def _put_events_of_ses(data: Mapping[str, Any]) -> Any:
    sources = {entry.get("Source") for entry in data.get("Entries", [])}
    return _put_events(data, allow_aws_source=sources == {"aws.ses"})


if __name__ == "__main__":
    eventbridge._put_events = _put_events_of_ses
    main()
