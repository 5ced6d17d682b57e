"""What one check found, in SES's words. The forms are those of the fields that SES writes on top of a stored mail:

spf=pass (spfCheck: domain of example.org designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;
 envelope-from=ann@example.org; helo=mx.example.org;
dkim=pass header.i=@example.org;
dmarc=pass header.from=example.org;
"""

import re
from dataclasses import dataclass
from typing import Final

from local.ses.mail import Delivery

_NOT_PLAIN: Final = re.compile(r"[^\w.@+=/-]", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A status of SES's, and the words for Authentication-Results (RFC 8601), without the name of the check.

    There may be no words (SES says nothing of a mail without a signature), or several (one for each signature).
    """

    status: str
    words: tuple[str, ...] = ()


def plain(text: str) -> str:
    """What a stranger wrote, as it may stand in Authentication-Results: nothing that ends a member, or a comment."""
    return _NOT_PLAIN.sub("?", text[:320])


def envelope(delivery: Delivery) -> str:
    """Who sent it: the tail of Received-SPF. The null sender is the postmaster of the HELO (RFC 7208 section 2.4)."""
    helo = plain(delivery.helo) or "unknown"
    sender = plain(delivery.mail_from) or f"postmaster@{helo}"
    return f"client-ip={delivery.client_ip}; envelope-from={sender}; helo={helo}"
