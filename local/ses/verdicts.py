"""What SES says of a mail: PASS, unless the mail asks for something else. Pure.

Three ways to ask: the field `X-Local-Verdicts: spam=FAIL; dmarc=GRAY; virus=MISSING` (ours: it is taken out before the
mail is stored), the GTUBE line (spam), the EICAR test file (virus). No SPF, DKIM or DMARC is checked here yet.
"""

import base64
from collections.abc import Mapping
from types import MappingProxyType

CONTROL_FIELD = "X-Local-Verdicts"
CHECKS = ("spam", "virus", "spf", "dkim", "dmarc")
STATUSES = ("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED", "MISSING")
POLICIES = ("none", "quarantine", "reject")

# Both are written in two pieces, so that no scanner takes this file for what it describes.
_GTUBE = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*" + b"GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
_EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_EICAR_BASE64 = base64.b64encode(_EICAR)[:64]  # as the start of an attachment; the first line of base64 is 76 long


def verdicts(raw: bytes, scan_enabled: bool, asked: str | None) -> Mapping[str, str]:
    """The status of every check, and `dmarcPolicy` where DMARC failed. A check whose status is MISSING is left out.

    `asked` is the value of the control field. A rule without scanning has spam and virus DISABLED.
    """
    found = dict.fromkeys(CHECKS, "PASS")
    if not scan_enabled:
        found.update(spam="DISABLED", virus="DISABLED")
    else:
        found.update(_scan(raw))
    wishes = dict(_wishes(asked or ""))
    found.update((check, status) for check, status in wishes.items() if check in CHECKS and status in STATUSES)
    if found["dmarc"] == "FAIL":
        policy = wishes.get("policy", "").lower()
        found["dmarcPolicy"] = policy if policy in POLICIES else "none"
    return MappingProxyType({check: status for check, status in found.items() if status != "MISSING"})


def _scan(raw: bytes) -> dict[str, str]:
    found = {}
    if _GTUBE in raw:
        found["spam"] = "FAIL"
    if has_virus(raw):
        found["virus"] = "FAIL"
    return found


def has_virus(raw: bytes) -> bool:
    """Whether the EICAR test file is in it, as text or at the start of a base64 body."""
    return _EICAR in raw or _EICAR_BASE64 in raw


def misunderstood(asked: str) -> list[str]:
    """What of the control field says nothing, such as `spam=BANANA`: a test with it would test something else."""
    known = {**dict.fromkeys(CHECKS, STATUSES), "policy": tuple(policy.upper() for policy in POLICIES)}
    parts = [part.strip() for part in asked.split(";")[:20] if part.strip()]
    wishes = [(part, _wishes(part)) for part in parts]
    return [part for part, found in wishes if not found or found[0][1] not in known.get(found[0][0], ())]


def _wishes(asked: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in asked.split(";")[:20])
    return [(name.strip().lower(), status.strip().upper()) for name, equals, status in pairs if equals]
