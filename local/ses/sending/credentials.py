"""The name and password of the SMTP interface. The password is made of an IAM secret, one for each Region. Pure.

Source: "Obtaining Amazon SES SMTP credentials by converting existing AWS credentials" (signature version 4).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field

_DATE, _SERVICE, _TERMINAL, _MESSAGE, _VERSION = "11111111", "ses", "aws4_request", "SendRawEmail", b"\x04"


def smtp_password(secret_access_key: str, region: str) -> str:
    """The SMTP password of an IAM secret: a chain of HMACs, as in a signature of version 4, after a version byte."""
    signature = f"AWS4{secret_access_key}".encode()
    for message in (_DATE, region, _SERVICE, _TERMINAL, _MESSAGE):
        signature = hmac.new(signature, message.encode(), hashlib.sha256).digest()
    return base64.b64encode(_VERSION + signature).decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Who may send by SMTP: the access key's id and its secret. Here they are the emulators' own, test and test.

    The secret itself is taken, too, so that nobody has to derive a password to try something out; AWS refuses it.
    """

    access_key_id: str = "test"
    secret_access_key: str = field(default="test", repr=False)

    def admit(self, login: bytes, password: bytes, region: str) -> bool:
        wanted = (smtp_password(self.secret_access_key, region).encode(), self.secret_access_key.encode())
        known = hmac.compare_digest(login, self.access_key_id.encode())
        return any(hmac.compare_digest(password, one) for one in wanted) and known
