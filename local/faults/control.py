"""`/_faults` on the proxy's own port: GET lists, POST adds one, DELETE clears all, DELETE /_faults/ID one."""

import json
import re
from dataclasses import dataclass

from local.faults.book import Book, Full
from local.faults.wish import BadWish, read, shown

PATH = "/_faults"  # no bucket is named so: a bucket's name has no underscore
MAX_BODY = 65_536  # bytes
_ONE = re.compile(r"/_faults/([0-9]{1,9})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: object = None


def is_control(path: str) -> bool:
    return path == PATH or path.startswith(f"{PATH}/")


def answer(book: Book, method: str, path: str, content_type: str, body: bytes) -> Answer:
    """What is asked is done; the answer's body is JSON, and an error in it a sentence."""
    match method, path:
        case "GET", "/_faults":
            return Answer(status=200, body={"faults": [shown(fault) for fault in book.faults]})
        case "POST", "/_faults":
            return _added(book, content_type, body)
        case "DELETE", "/_faults":
            book.clear()
            return Answer(status=204)
        case "DELETE", _ if one := _ONE.fullmatch(path):
            found = book.remove(int(one.group(1)))
            return Answer(status=204) if found else _error(404, f"there is no fault {one.group(1)}")
    return _error(405, "GET and POST /_faults, DELETE /_faults and DELETE /_faults/ID are all there is")


def _added(book: Book, content_type: str, body: bytes) -> Answer:
    # A page in a browser can't send this type to another origin without asking first, and is never let.
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return _error(415, "a fault comes with Content-Type: application/json")
    try:
        return Answer(status=201, body=shown(book.add(read(json.loads(body)))))
    except (ValueError, RecursionError):
        return _error(400, "the body is not JSON")
    except BadWish as error:
        return _error(400, str(error))
    except Full as error:
        return _error(409, str(error))


def _error(status: int, text: str) -> Answer:
    return Answer(status=status, body={"error": text})
