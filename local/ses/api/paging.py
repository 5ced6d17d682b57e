"""Lists in pages: NextToken and PageSize. Pure."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from local.ses.refused import Refused
from local.ses.values import whole_number

MAX_PAGE = 1000

Item = TypeVar("Item")


def page(items: Sequence[Item], token: str | None, size: int | None) -> tuple[Sequence[Item], str | None]:
    """The items of this page, and the token of the next one (None: there is none). Raises Refused."""
    start = _offset(token)
    if size is not None and not 0 <= size <= MAX_PAGE:
        raise Refused("InvalidParameterValue", f"PageSize is between 1 and {MAX_PAGE}, not {size}.")
    end = start + (size or MAX_PAGE)
    return items[start:end], _token(end) if end < len(items) else None


def size_of(text: str | None) -> int | None:
    """PageSize from a query string."""
    if text is None:
        return None
    if (size := whole_number(text, 6)) is None:
        raise Refused("InvalidParameterValue", "PageSize is not a number.")
    return size


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"from:{offset}".encode()).decode("ascii")


def _offset(token: str | None) -> int:
    if not token:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(token[:100].encode("ascii")).decode("ascii").partition(":")
        offset = int(number)
    except (ValueError, binascii.Error) as error:
        raise Refused("InvalidNextTokenException", "The specified request includes an invalid NextToken.") from error
    if word != "from" or offset < 0:
        raise Refused("InvalidNextTokenException", "The specified request includes an invalid NextToken.")
    return offset
