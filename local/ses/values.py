"""JSON values, moments as SES writes them, the ids that SES gives, and what a stranger wrote, made harmless."""

import base64
import json
import math
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | float | bool | None"

MAX_MESSAGE_BYTES = 40 * 1024 * 1024  # "Service quotas in Amazon SES": 40 MB, receiving to S3 and SES API v2 alike

_MAX_SAID = 400  # characters of what is said on one line: a reply has 512 bytes in all (RFC 5321 section 4.5.3.1.5)

# The head of an outbound id names the region that made it. Other regions have heads that AWS doesn't document.
_REGION_HEADS = {"us-east-1": "0100", "us-west-2": "0101", "eu-west-1": "0102"}


def now() -> datetime:
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """`2016-01-27T14:59:38.237Z`: the form of every timestamp in SES's notifications."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def whole_number(text: str, digits: int) -> int | None:
    """The number that a stranger wrote with at most so many digits, or None where it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def read_json(text: str | bytes) -> Json:
    """Raises ValueError where it is no JSON (RFC 8259), or is nested deeper than Python reads."""
    try:
        found: Json = json.loads(text, parse_constant=_finite, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error
    return found


def _finite(text: str) -> float:
    """Python reads `NaN`, and 1e999 as infinity, and would write both back as what no other reader takes."""
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:20]} is no number of JSON's")
    return number


def ascii_line(text: str) -> str:
    """The text on one line of printable ASCII, as it may stand in an SMTP reply."""
    return "".join(char if char.isascii() and char.isprintable() else "?" for char in text[:_MAX_SAID])


def readable(text: str) -> str:
    """The text without lone surrogates: SMTP arguments keep bytes that aren't UTF-8 in them, JSON can't."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def one_line(text: str, length: int = 998) -> str:
    """What a stranger wrote, as it may stand inside a field of ours: no line ends, and not endless."""
    return "".join(char if char.isprintable() or "\udc80" <= char <= "\udcff" else "?" for char in text[:length])


def received_id() -> str:
    """The id of a received mail: 40 lower-case letters (a-v) and digits. It is also the tail of its object key."""
    return base64.b32hexencode(secrets.token_bytes(25)).decode("ascii").lower()


class SentIds:
    """Ids of sent mail. They grow: in the order of their names is in the order of their sending."""

    def __init__(self, region: str) -> None:
        self._head = _REGION_HEADS.get(region, "0100")
        self._last_ms = 0

    def next(self, moment: datetime) -> str:
        self._last_ms = max(int(moment.timestamp() * 1000), self._last_ms + 1)
        return f"{self._head}{self._last_ms:012x}-{uuid.uuid4()}-000000"


def feedback_id(moment: datetime) -> str:
    """The id of a bounce or complaint; it has the form of a sent id."""
    return f"0100{int(moment.timestamp() * 1000):012x}-{uuid.uuid4()}-000000"


def message_id_domain(region: str) -> str:
    """What stands after the @ in the Message-ID that SES writes."""
    return "email.amazonses.com" if region == "us-east-1" else f"{region}.amazonses.com"
