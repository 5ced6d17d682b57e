"""S3, SNS and EventBridge as a folder, for when there is nothing else: `python -m local.ses` without --aws-endpoint.

    DIR/s3/<bucket>/<key>             an object; every bucket exists
    DIR/s3-metadata/<bucket>/<key>    its metadata as JSON, where it has any
    DIR/sns/<topic>.jsonl             the messages of a topic, one a line, oldest first; every topic exists
    DIR/events/<bus>.jsonl            the events of a bus, likewise

No name leaves the folder: what isn't plain in a key is percent-encoded, as in a URL. KMS and Lambda aren't played.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from urllib.parse import quote

from local.ses import file
from local.ses.cloud import CloudError, DataKey
from local.ses.values import Json, iso, now

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")  # "Bucket naming rules" (S3 user guide)
_TOPIC = re.compile(r"arn:aws[a-z-]{0,20}:sns:[a-z0-9-]{1,40}:\d{12}:([A-Za-z0-9_-]{1,256}(?:\.fifo)?)\Z")
_BUS = re.compile(r"(?:arn:aws[a-z-]{0,20}:events:[a-z0-9-]{1,40}:\d{12}:event-bus/)?([A-Za-z0-9_.-]{1,200})\Z")
_PLAIN = "+=@,"  # stand as they are in a file's name, beside letters, digits, and _ . - ~
_MAX_NAME = 200  # bytes of one file's name; file systems take 255, and a name is written under a longer one first

_ELSEWHERE = "start with --aws-endpoint URL to have it, for example of an emulator of AWS"


class FolderCloud:
    """Safe to call from many threads. Files are written whole or not at all; lines are whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def data_key(self, key_arn: str, context: Mapping[str, str]) -> DataKey:  # noqa: ARG002 (the protocol's)
        raise CloudError(f"Could not use the KMS key: {key_arn} (a folder has no KMS; {_ELSEWHERE})")

    def store(self, bucket: str, key: str, body: bytes, metadata: Mapping[str, str]) -> None:
        if not _BUCKET.match(bucket):
            raise CloudError(f"Could not write to bucket: {bucket[:100]!r} is no name of a bucket")
        below = Path(bucket, *_file_names(key))
        try:
            if metadata:
                _write(self._folder / "s3-metadata" / below, json.dumps(dict(metadata), indent=1).encode())
            _write(self._folder / "s3" / below, body)
        except OSError as error:
            raise CloudError(f"Could not write to bucket: {bucket} (key {key}: {error})") from error

    def publish(self, topic_arn: str, subject: str, message: str) -> None:
        found = _TOPIC.match(topic_arn)
        if found is None:
            raise CloudError(f"Could not publish to SNS topic: {topic_arn[:300]!r} is no ARN of a topic")
        line: dict[str, Json] = {"TopicArn": topic_arn, "Subject": subject, "Message": message}
        self._append(Path("sns", f"{found.group(1)}.jsonl"), line)

    def put_event(self, bus_arn: str, detail_type: str, resource: str, detail: str) -> None:
        found = _BUS.match(bus_arn)
        if found is None or not found.group(1).strip("."):
            raise CloudError(f"Could not put an event on the bus: {bus_arn[:300]!r} is no bus")
        event: dict[str, Json] = {"source": "aws.ses", "detail-type": detail_type, "resources": [resource]}
        self._append(Path("events", f"{found.group(1)}.jsonl"), {**event, "detail": json.loads(detail)})

    def find_function(self, function_arn: str) -> None:
        raise CloudError(f"Could not invoke Lambda function: {function_arn} (a folder has no Lambda; {_ELSEWHERE})")

    def invoke(self, function_arn: str, event: str) -> str:  # noqa: ARG002 (the protocol's)
        raise CloudError(f"Could not invoke Lambda function: {function_arn} (a folder has no Lambda; {_ELSEWHERE})")

    def hand(self, function_arn: str, event: str) -> None:  # noqa: ARG002 (the protocol's)
        raise CloudError(f"Could not invoke Lambda function: {function_arn} (a folder has no Lambda; {_ELSEWHERE})")

    def _append(self, below: Path, said: Mapping[str, Json]) -> None:
        """One line more, with the moment."""
        line = json.dumps({**said, "Timestamp": iso(now())}) + "\n"
        path = self._folder / below
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, path.open("a", encoding="utf-8") as lines:
                lines.write(line)
        except OSError as error:
            raise CloudError(f"Could not write to {path}: {error}") from error


def _file_names(key: str) -> list[str]:
    """The key's parts as names of files: nothing, `.` and `..` too, becomes a name that stays where it is."""
    names = [_file_name(part) for part in key.split("/")]
    if any(len(name) > _MAX_NAME for name in names) or len(key) > 1024:
        raise CloudError(
            f"Could not write to bucket: a key with a part of over {_MAX_NAME} bytes is no file ({key[:80]!r})"
        )
    return names


def _file_name(part: str) -> str:
    if part.strip(".") == "":
        return "%2E" * len(part) or "%"
    return quote(part, safe=_PLAIN, errors="surrogateescape")


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    file.write(path, content)
