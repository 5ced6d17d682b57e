"""The calls of SES's first API that send mail, and that tell of what was sent."""

from collections.abc import Mapping
from dataclasses import dataclass

from local.ses.account import Account
from local.ses.api.query import Call, Tree
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingCalls:
    account: Account

    def calls(self) -> Mapping[str, Call]:
        return {"GetSendQuota": self._quota}

    async def _quota(self, _call: Tree) -> Json:
        return {"Max24HourSend": 50000.0, "MaxSendRate": 100.0, "SentLast24Hours": float(self.account.sent)}
