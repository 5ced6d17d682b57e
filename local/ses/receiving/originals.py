"""What is kept of received mails so that they can still be bounced: bounded in number and in time."""

from collections import OrderedDict
from datetime import timedelta
from threading import Lock

from local.ses.receiving.dsn import Original
from local.ses.values import now

KEPT = 1000
MAX_AGE = timedelta(hours=24)  # "an email up to 24 hours after you receive it" (API_SendBounce)


class Originals:
    """Safe to call from many threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Original] = OrderedDict()
        self._lock = Lock()

    def keep(self, original: Original) -> None:
        with self._lock:
            self._kept[original.ses_id] = original
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def get(self, ses_id: str) -> Original | None:
        """The mail, or None where it never came, is too old, or came before too many others."""
        with self._lock:
            found = self._kept.get(ses_id)
        return found if found is not None and now() - found.received_at <= MAX_AGE else None
