"""The parsed document as later stages read it."""

import msgspec

from postroom.errors import Poison
from postroom.message import Parsed
from postroom.ports import NotFound, Objects
from postroom.reasons import Reason

_DECODER = msgspec.json.Decoder(Parsed)


def load(objects: Objects, key: str) -> Parsed:
    """The parsed document; Poison where it is gone or of a form that this code doesn't know."""
    try:
        return _DECODER.decode(objects.read(key))
    except NotFound as error:
        raise Poison(
            Reason.RAW_MAIL_MISSING, f"no parsed document {key}: run the mail again from its raw object"
        ) from error
    except msgspec.DecodeError as error:
        raise Poison(Reason.UNREADABLE_EVENT, f"{key}: {error}") from error
