"""The envelope and the verdicts of a stored mail, read back from what SES wrote on top of it.

SES puts its own header fields above the sender's (Return-Path, Received, X-SES-*-Verdict, Received-SPF,
Authentication-Results). A sender can write the same names further down, so only the first of each, and only within the
block that SES's own Received field opens, is believed. This is how a mail is sent round again when its notification
was lost; where a field is missing the verdict is MISSING, which is never taken for a PASS.
"""

import re

from postroom.envelope import UNKNOWN_SENDER, Envelope, Received, Verdict, Verdicts
from postroom.ids import SesId

# What SES writes, in any order, before the sender's first field (seen in stored objects; SES documents only the names).
_OURS = frozenset(
    {
        "return-path",
        "received",
        "x-ses-spam-verdict",
        "x-ses-virus-verdict",
        "received-spf",
        "authentication-results",
        "x-ses-receipt",
        "x-ses-dkim-signature",
    }
)
_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)(?:\r?\n|\Z)")
_FOR = re.compile(r"\bfor <?([^\s<>;]{1,320}@[^\s<>;]{1,255})>?;")
_RESULT = re.compile(r"\b(spf|dkim|dmarc)=([a-z]{1,20})")
_WORSE = ("pass", "none", "neutral", "softfail", "temperror", "permerror", "policy", "fail")


def received(head: bytes, ses_id: SesId, bucket: str, key: str, stored_at: str) -> Received:
    """What SES knew of the mail, as far as the first bytes of its object tell. `stored_at` is the object's time."""
    fields = _ses_block(head)
    mail_from = fields.get("return-path", UNKNOWN_SENDER).strip("<> ")
    recipients = _FOR.findall(fields.get("received", ""))  # the last: HELO stands before it, in the sender's words
    return Received(
        ses_id=ses_id,
        bucket=bucket,
        key=key,
        received_at=stored_at,
        envelope=Envelope(mail_from=mail_from or None, rcpt_to=tuple(recipients[-1:])),
        verdicts=_verdicts(fields),
    )


def _ses_block(head: bytes) -> dict[str, str]:
    """The first occurrence of each of SES's fields, up to the first field that isn't one of them."""
    found: dict[str, str] = {}
    position = 0
    while match := _FIELD.match(head, position):
        name = match.group(1).decode("ascii").lower()
        if name not in _OURS or name in found:
            break
        found[name] = " ".join(match.group(2).decode("ascii", "replace").split())
        position = match.end()
    return found if "inbound-smtp." in found.get("received", "") else {}


def _verdicts(fields: dict[str, str]) -> Verdicts:
    # The envelope sender, HELO and DKIM domains in there are the sender's words ("spf=pass@example.com" is an address):
    # where a method is named twice, the worse result counts.
    results: dict[str, str] = {}
    for method, result in _RESULT.findall(fields.get("authentication-results", "")):
        results[method] = max(results.get(method, "pass"), result, key=_badness)
    return Verdicts(
        spam=_verdict(fields.get("x-ses-spam-verdict", "")),
        virus=_verdict(fields.get("x-ses-virus-verdict", "")),
        spf=_result(results.get("spf")),
        dkim=_result(results.get("dkim")),
        dmarc=_result(results.get("dmarc")),
    )


def _badness(result: str) -> int:
    return _WORSE.index(result) if result in _WORSE else 1


def _verdict(text: str) -> Verdict:
    return Verdict(text) if text in Verdict.__members__ else Verdict.MISSING


def _result(result: str | None) -> Verdict:
    """RFC 8601's result words as SES's verdicts: only a plain pass is a PASS."""
    match result:
        case "pass":
            return Verdict.PASS
        case "fail":
            return Verdict.FAIL
        case None:
            return Verdict.MISSING
        case _:
            return Verdict.GRAY
