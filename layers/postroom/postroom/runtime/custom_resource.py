"""A function behind a custom resource: it answers CloudFormation whatever happens, since unanswered a stack hangs."""

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from postroom.stages import custom_resource
from postroom.stages.custom_resource import Answer, Request

_LOG = logging.getLogger(__name__)


def answered(
    event: Mapping[str, Any], *, own_id: Callable[[Request], str], carry_out: Callable[[Request], Answer]
) -> str:
    """Carries out a request and answers it. `own_id` names the resource where nothing has named it yet.

    The answer goes to the ResponseURL; it is the result as well, for an invocation by hand, which has no such URL.
    """
    request = custom_resource.read(event)
    try:
        answer = carry_out(request)
    except Exception as error:  # unanswered, the stack would hang until its time-out
        _LOG.exception("%s of %s failed", request.type, request.logical_id)
        answer = custom_resource.failed(request, error, own_id(request))
    body = answer.body(request)
    if request.response_url:
        _deliver(request.response_url, body)
    return body.decode()


def _deliver(url: str, body: bytes) -> None:
    """Puts the answer to the presigned URL. It is signed without a content type, and urllib would add one."""
    if urlsplit(url).scheme not in {"https", "http"}:  # urlopen would write to a file: URL as well
        raise ValueError(f"ResponseURL must be an http(s) URL, not {url[:40]!r}")
    put = HttpRequest(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - checked above
    with urlopen(put, timeout=10):  # noqa: S310 - checked above
        pass
