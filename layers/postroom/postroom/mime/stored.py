"""The envelope and the verdicts of a stored mail, read back from what SES wrote on top of it.

Only SES's own block is believed (see `postroom.mime.authentication`). This is how a mail is sent round again when its
notification was lost; where a field is missing the verdict is MISSING, which is never taken for a PASS.
"""

import re
from collections.abc import Iterator

from postroom.envelope import UNKNOWN_SENDER, Envelope, Received, Verdict, Verdicts
from postroom.ids import SesId
from postroom.mime.authentication import WORSE, written_by_ses

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:[ \t]*([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)(?:\r?\n|\Z)")
_FOR = re.compile(r"\bfor <?([^\s<>;]{1,320}@[^\s<>;]{1,255})>?;")
_RESULT = re.compile(r"\b(spf|dkim|dmarc)=([a-z]{1,20})")


def received(head: bytes, ses_id: SesId, bucket: str, key: str, stored_at: str) -> Received:
    """What SES knew of the mail, as far as the first bytes of its object tell. `stored_at` is the object's time."""
    fields = written_by_ses(_fields(head))
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


def _fields(head: bytes) -> Iterator[tuple[str, str]]:
    position = 0
    while match := _FIELD.match(head, position):
        yield match.group(1).decode("ascii").lower(), " ".join(match.group(2).decode("ascii", "replace").split())
        position = match.end()


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
    return WORSE.index(result) if result in WORSE else 1


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
