"""What SES v2 says of the account, asked once in some minutes: GetAccount and GetSuppressedDestination cost nothing,
and give a whole account one answer a second."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import UNREACHED, code_of
from postroom.clock import Clock
from postroom.ports import Account

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

KEPT = timedelta(minutes=5)


@dataclass(slots=True, kw_only=True)
class SesAccount:
    """`postroom.ports.SendingAccount`. What fails is not asked again for as long as an answer is kept."""

    client: "SESV2Client"
    clock: Clock
    _known: Account = field(default_factory=Account)
    _until: datetime | None = None
    _mute_until: datetime | None = None

    def account(self) -> Account:
        if self._until is None or self.clock() >= self._until:
            self._until = self.clock() + KEPT
            self._known = self._asked() or self._known
        return self._known

    def lists(self, address: str) -> bool:
        if self._mute():
            return False
        try:
            self.client.get_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                self._fall_silent()
            return False
        except UNREACHED:
            self._fall_silent()
            return False
        return True

    def _asked(self) -> Account | None:
        try:
            said = self.client.get_account()
        except (ClientError, *UNREACHED):
            self._fall_silent()
            return None
        quota = said.get("SendQuota", {})
        daily, sent = int(quota.get("Max24HourSend", 0)), int(quota.get("SentLast24Hours", 0))
        return Account(
            sending=said.get("SendingEnabled", True),
            enforcement=said.get("EnforcementStatus", "HEALTHY"),
            daily=max(daily, 0),  # -1 is any number (SES v2 API reference, SendQuota)
            left=max(daily - sent, 0),
        )

    def _mute(self) -> bool:
        return self._mute_until is not None and self.clock() < self._mute_until

    def _fall_silent(self) -> None:
        self._mute_until = self.clock() + KEPT
