"""activate: the receipt rule set in which the desk's rule stands is the active one."""

import logging
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from postroom.aws import clients
from postroom.aws.rule_sets import SesRuleSets
from postroom.stages import activate

_LOG = logging.getLogger(__name__)


def handle(event: dict[str, Any], context: object) -> str:
    """Carries out a request of CloudFormation's custom resource, and answers it whatever happens.

    The answer goes to the ResponseURL; it is the result as well, for an invocation by hand, which has no such URL.
    """
    request = activate.read(event)
    try:
        answer = activate.carry_out(request, SesRuleSets(client=clients.ses()))
    except Exception as error:  # unanswered, the stack would hang until its time-out
        _LOG.exception("%s of the active receipt rule set failed", request.type)
        answer = activate.failed(request, error)
    body = answer.body(request)
    if request.response_url:
        _deliver(request.response_url, body)
    return body.decode()


def _deliver(url: str, body: bytes) -> None:
    """Puts the answer to the presigned URL. It is signed without a content type, and urllib would add one."""
    if urlsplit(url).scheme not in {"https", "http"}:  # urlopen would write to a file: URL as well
        raise ValueError(f"ResponseURL must be an http(s) URL, not {url[:40]!r}")
    put = Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - checked above
    with urlopen(put, timeout=10):  # noqa: S310 - checked above
        pass
