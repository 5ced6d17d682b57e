"""The account itself in API v2: quotas, switches, details; and tags, which nothing here has after it was made."""

from dataclasses import dataclass

from aiohttp import web

from local.ses.account import REASONS, Account
from local.ses.api.v2_route import Route, body, present
from local.ses.refused import Refused
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountCalls:
    account: Account

    def routes(self) -> list[Route]:
        return [
            ("GET", "/account", self._get),
            ("PUT", "/account/sending", self._put_sending),
            ("PUT", "/account/suppression", self._put_suppression),
            ("POST", "/account/details", self._put_details),
            ("GET", "/tags", self._tags),
            ("POST", "/tags", self._nothing),
            ("DELETE", "/tags", self._nothing),
        ]

    async def _get(self, _request: web.Request) -> Json:
        account = self.account
        return present(
            DedicatedIpAutoWarmupEnabled=False,
            EnforcementStatus=account.limits.enforcement,
            ProductionAccessEnabled=not account.sandbox,
            SendQuota=send_quota(account),
            SendingEnabled=account.sending_enabled and account.limits.enforcement != "SHUTDOWN",
            SuppressionAttributes={"SuppressedReasons": list(account.suppressed_reasons)},
            Details=account.details or None,
        )

    async def _put_sending(self, request: web.Request) -> Json:
        self.account.sending_enabled = (await body(request)).flag("SendingEnabled")
        return {}

    async def _put_suppression(self, request: web.Request) -> Json:
        self.account.suppressed_reasons = suppressed_reasons((await body(request)).texts("SuppressedReasons"))
        return {}

    async def _put_details(self, request: web.Request) -> Json:
        """Asks for production access, and gets it at once: AWS has people look at it."""
        asked = await body(request)
        asked.required("MailType"), asked.required("WebsiteURL")
        kept = ("MailType", "WebsiteURL", "ContactLanguage", "UseCaseDescription", "AdditionalContactEmailAddresses")
        self.account.details = {name: asked.data[name] for name in kept if asked.has(name)}
        self.account.details["ReviewDetails"] = {"Status": "GRANTED"}
        if asked.has("ProductionAccessEnabled"):
            self.account.sandbox = not asked.flag("ProductionAccessEnabled")
        return {}

    async def _tags(self, _request: web.Request) -> Json:
        return {"Tags": []}

    async def _nothing(self, _request: web.Request) -> Json:
        return {}


def send_quota(account: Account) -> dict[str, Json]:
    """The same in both APIs (GetSendQuota)."""
    return {
        "Max24HourSend": account.quota.max_24_hour_send,
        "MaxSendRate": account.quota.max_send_rate,
        "SentLast24Hours": float(account.sent),
    }


def suppressed_reasons(names: tuple[str, ...]) -> tuple[str, ...]:
    """None of them, one, or both; raises Refused."""
    if any(name not in REASONS for name in names):
        raise Refused("BadRequestException", f"SuppressedReasons are {' and '.join(REASONS)}.")
    return names
