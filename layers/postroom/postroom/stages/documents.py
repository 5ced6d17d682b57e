"""The parsed document as later stages read it."""

import msgspec

from postroom.errors import Poison
from postroom.message import Parsed
from postroom.ports import NotFound, Objects
from postroom.reasons import Reason

_DECODER = msgspec.json.Decoder(Parsed)


def parsed_key(ses_id: str) -> str:
    """Where the parsed document of a mail is."""
    return f"parsed/{ses_id}.json"


def load(objects: Objects, key: str) -> Parsed:
    """The parsed document; Poison where it is gone, or of a form or version that this code doesn't know."""
    try:
        parsed = _DECODER.decode(objects.read(key))
    except NotFound as error:
        raise Poison(Reason.DOCUMENT_UNUSABLE, f"there is no {key}") from error
    except msgspec.DecodeError as error:
        raise Poison(Reason.DOCUMENT_UNUSABLE, f"{key}: {error}") from error
    if parsed.version != Parsed.VERSION:
        raise Poison(Reason.DOCUMENT_UNUSABLE, f"{key} has version {parsed.version}, and this reads {Parsed.VERSION}")
    return parsed


def stored(objects: Objects, key: str) -> Parsed | None:
    """The parsed document, as far as it can still be read: retention, or an erasure, takes it."""
    try:
        return load(objects, key)
    except Poison:
        return None
