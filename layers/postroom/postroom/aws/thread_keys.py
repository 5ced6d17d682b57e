"""The keys of thread tokens, from Secrets Manager: its current version signs, the one before it is still believed.

A rotation is one call (`aws secretsmanager put-secret-value`): Secrets Manager itself moves AWSCURRENT to AWSPREVIOUS.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.clock import Clock
from postroom.errors import Misconfigured
from postroom.keys import Keys

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient

KEPT = timedelta(minutes=15)  # how long a running function may sign with the key before


@dataclass(slots=True, kw_only=True)
class SecretKeys:
    """`postroom.ports.ThreadKeys`. Asks once in KEPT; Retryable where Secrets Manager can't be asked."""

    client: "SecretsManagerClient"
    secret: str
    clock: Clock
    _held: tuple[datetime, Keys] | None = field(default=None)

    def keys(self) -> Keys:
        moment = self.clock()
        if self._held is None or moment - self._held[0] > KEPT:
            self._held = (moment, self._read())
        return self._held[1]

    def _read(self) -> Keys:
        current = self._version("AWSCURRENT")
        if current is None:
            raise Misconfigured([f"the secret {self.secret} has no value: put a random text of 64 characters there"])
        try:
            return Keys(current=current, previous=self._version("AWSPREVIOUS"))
        except ValueError as error:
            raise Misconfigured([f"the secret {self.secret}: {error}"]) from error

    def _version(self, stage: str) -> bytes | None:
        try:
            with translated("read the key of thread tokens"):
                got = self.client.get_secret_value(SecretId=self.secret, VersionStage=stage)
        except ClientError as error:
            if code_of(error) != "ResourceNotFoundException":
                raise
            return None
        return got.get("SecretString", "").encode() or None  # bytes that somebody put there are no text
