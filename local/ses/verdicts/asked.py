"""What a mail asks to be said of it. Pure.

Three ways to ask: the field `X-Local-Verdicts: spam=FAIL; dmarc=GRAY; virus=MISSING` (ours: it is taken out before the
mail is stored), the GTUBE line (spam), the EICAR test file (virus).
"""

import base64

from local.ses import headers
from local.ses.verdicts.findings import CHECKS, POLICIES, STATUSES

CONTROL_FIELD = "X-Local-Verdicts"
MISSING = "MISSING"  # asks for a notification without this verdict

# Both are written in two pieces, so that no scanner takes this file for what it describes.
_GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_EICAR_BASE64 = base64.b64encode(_EICAR)[:64]  # as the start of an attachment; the first line of base64 is 76 long


def field(raw: bytes) -> str | None:
    """The value of the control field; the first, where there are several."""
    fields, _ = headers.split(raw)
    return headers.first(fields, CONTROL_FIELD)


def is_spam(raw: bytes) -> bool:
    """Whether the GTUBE line is in it."""
    return _GTUBE in raw


def has_virus(raw: bytes) -> bool:
    """Whether the EICAR test file is in it, as text or at the start of a base64 body."""
    return _EICAR in raw or _EICAR_BASE64 in raw


def misunderstood(asked: str) -> list[str]:
    """What of the control field says nothing, such as `spam=BANANA`: a test with it would test something else."""
    known = {**dict.fromkeys(CHECKS, (*STATUSES, MISSING)), "policy": tuple(policy.upper() for policy in POLICIES)}
    parts = [part.strip() for part in asked.split(";")[:20] if part.strip()]
    asked_for = [(part, wishes(part)) for part in parts]
    return [part for part, found in asked_for if not found or found[0][1] not in known.get(found[0][0], ())]


def wishes(asked: str) -> list[tuple[str, str]]:
    """The pairs of the control field: a check, or `policy`, and what is wanted of it in capitals."""
    pairs = (part.partition("=") for part in asked.split(";")[:20])
    return [(name.strip().lower(), status.strip().upper()) for name, equals, status in pairs if equals]
