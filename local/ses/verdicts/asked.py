"""What a mail asks to be said of it, whatever is found. Pure.

- The field `X-Local-Verdicts: spam=FAIL; dmarc=FAIL; policy=reject; virus=MISSING`.
- The label of a recipient or of the sender, `support+dmarc-fail-reject@`, `ann+spam-gray.spf-fail@`; or all that a
  sender has before the @, `spam-fail@example.org`. A wish is a check, `-`, a status, and for `dmarc-fail` a policy; a
  dot stands between wishes. `missing` leaves a verdict out.
- The GTUBE line (spam) and the EICAR test file (virus), where no scanner looks.

The field wins over the recipients, those over the sender; the first recipient that asks for a check wins.
`X-Local-Client-IP: 192.0.2.1` says from where the mail is meant to come: a developer's machine is always 127.0.0.1.
Both fields are taken out before the mail is stored.
"""

import base64
import ipaddress
from collections.abc import Iterable

from local.ses import headers
from local.ses.mail import Delivery
from local.ses.verdicts.findings import CHECKS, POLICIES, STATUSES

CONTROL_FIELD = "X-Local-Verdicts"
CLIENT_FIELD = "X-Local-Client-IP"
CONTROL_FIELDS = (CONTROL_FIELD, CLIENT_FIELD)
MISSING = "MISSING"  # asks for a notification without this verdict
POLICY = "policy"

_MAX_WISHES = 20
_KNOWN = {
    **dict.fromkeys(CHECKS, (*STATUSES, MISSING)),
    POLICY: tuple(policy.upper() for policy in POLICIES),
}

# Both are written in two pieces, so that no scanner takes this file for what it describes.
_GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_EICAR_BASE64 = base64.b64encode(_EICAR)[:64]  # as the start of an attachment; the first line of base64 is 76 long

Wish = tuple[str, str]  # a check or `policy`, and what is wanted of it, in capitals


def is_spam(raw: bytes) -> bool:
    """Whether the GTUBE line is in it."""
    return _GTUBE in raw


def has_virus(raw: bytes) -> bool:
    """Whether the EICAR test file is in it, as text or at the start of a base64 body."""
    return _EICAR in raw or _EICAR_BASE64 in raw


def client_ip(raw: bytes) -> str | None:
    """The address that the mail says it comes from; None without the field, or where that has no address."""
    try:
        # The zone of an IPv6 address (RFC 4007) may be any text, and this stands in the fields on top of the mail.
        return str(ipaddress.ip_address((_field(raw, CLIENT_FIELD) or "").partition("%")[0]))
    except ValueError:
        return None


def wishes(delivery: Delivery) -> dict[str, str]:
    """What is wanted of each check, and `policy`: one of STATUSES or MISSING, or of POLICIES, in capitals."""
    recipients = [wish for address in reversed(delivery.rcpt_to) for wish in _of_label(_label(address))]
    asked = [*_of_sender(delivery.mail_from), *recipients, *_of_field(_field(delivery.raw, CONTROL_FIELD) or "")]
    return {name: wanted for name, wanted in asked if wanted in _KNOWN.get(name, ())}


def misunderstood(delivery: Delivery) -> str | None:
    """What in the mail says nothing, such as `spam=BANANA`: a test with it would test something else."""
    for part in _parts(_field(delivery.raw, CONTROL_FIELD) or "", ";"):
        if not _understood(_of_field(part)):
            return f"{CONTROL_FIELD}: what is {part[:80]!r}? Write spam=FAIL; dmarc=GRAY"
    for address in (*delivery.rcpt_to, delivery.mail_from):
        for part in _parts(_label(address), "."):
            if part.partition("-")[0] in CHECKS and not _understood(_of_label(part)):
                return f"what is the label {part[:80]!r}? Write +spam-fail, or +dmarc-fail-reject.spf-gray"
    if _field(delivery.raw, CLIENT_FIELD) is not None and client_ip(delivery.raw) is None:
        return f"{CLIENT_FIELD}: that is no IP address. Write 192.0.2.1"
    return None


def _field(raw: bytes, name: str) -> str | None:
    fields, _ = headers.split(raw)
    return headers.first(fields, name)


def _parts(text: str, between: str) -> list[str]:
    return [part.strip() for part in text.split(between)[:_MAX_WISHES] if part.strip()]


def _understood(found: Iterable[Wish]) -> bool:
    pairs = list(found)
    return bool(pairs) and all(wanted in _KNOWN.get(name, ()) for name, wanted in pairs)


def _of_field(text: str) -> list[Wish]:
    pairs = (part.partition("=") for part in _parts(text, ";"))
    return [(name.strip().lower(), wanted.strip().upper()) for name, equals, wanted in pairs if equals]


def _label(address: str) -> str:
    return address.rpartition("@")[0].partition("+")[2].lower()


def _of_label(label: str) -> list[Wish]:
    """`dmarc-fail-reject.spf-gray`: every part that begins with the name of a check."""
    found: list[Wish] = []
    for check, status, *policy in (part.split("-") for part in _parts(label, ".") if "-" in part):
        if check in CHECKS:
            found.append((check, status.upper()))
        if check in CHECKS and policy:
            found.append((POLICY if (check, status) == ("dmarc", "fail") else "", "-".join(policy).upper()))
    return found


def _of_sender(mail_from: str) -> list[Wish]:
    """Before the @ may stand a name like any other: so that is a wish only where all of it is."""
    local = mail_from.rpartition("@")[0].lower()
    parts = _parts(local, ".") if "+" not in local else []
    whole = all(_understood(_of_label(part)) for part in parts)
    return _of_label(local) if parts and whole else _of_label(_label(mail_from))
