"""The mails that were sent lately, so that what happens to them later can be told: opens, clicks, bounces by mail."""

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from threading import Lock

from local.ses import headers
from local.ses.mail import Sent

KEPT = 2000  # mails. Their header sections only: 2 MB where they are ordinary


@dataclass(slots=True, kw_only=True)
class Recent:
    """Bounded; safe to use from many threads."""

    keep: int = KEPT
    _sent: OrderedDict[str, Sent] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def put(self, sent: Sent) -> None:
        with self._lock:
            self._sent[sent.sent_id] = light(sent)
            if len(self._sent) > self.keep:
                self._sent.popitem(last=False)

    def get(self, sent_id: str) -> Sent | None:
        with self._lock:
            return self._sent.get(sent_id)


def light(sent: Sent) -> Sent:
    """The same without the body: events tell of the header section only."""
    _, end = headers.split(sent.outgoing.raw)
    return replace(sent, outgoing=replace(sent.outgoing, raw=sent.outgoing.raw[:end]))
