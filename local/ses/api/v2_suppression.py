"""The account's suppression list in API v2."""

from dataclasses import dataclass
from datetime import UTC, datetime

from aiohttp import web

from local.ses.account import REASONS, Account, Suppressed
from local.ses.api.paging import page, size_of
from local.ses.api.v2_route import Route, body, present
from local.ses.refused import Refused
from local.ses.values import Json, now

_PATH = "/suppression/addresses"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionCalls:
    account: Account

    def routes(self) -> list[Route]:
        return [
            ("GET", _PATH, self._list),
            ("PUT", _PATH, self._put),
            ("GET", _PATH + "/{address}", self._get),
            ("DELETE", _PATH + "/{address}", self._delete),
        ]

    async def _list(self, request: web.Request) -> Json:
        query = request.query
        reasons = query.getall("Reason", []) or list(REASONS)
        start, end = _moment(query.get("StartDate")), _moment(query.get("EndDate"))
        entries = [
            one
            for one in self.account.suppression.all()
            if one.reason in reasons and (start is None or one.since >= start) and (end is None or one.since <= end)
        ]
        shown, following = page(entries, query.get("NextToken"), size_of(query.get("PageSize")))
        return present(SuppressedDestinationSummaries=[_json(one) for one in shown], NextToken=following)

    async def _put(self, request: web.Request) -> Json:
        asked = await body(request)
        address, reason = asked.required("EmailAddress"), asked.required("Reason")
        if reason not in REASONS or "@" not in address:
            raise Refused("BadRequestException", "An address, and BOUNCE or COMPLAINT as its reason, are wanted.")
        self.account.suppression.put(Suppressed(address=address, reason=reason, since=now()))
        return {}

    async def _get(self, request: web.Request) -> Json:
        address = request.match_info["address"]
        entry = self.account.suppression.get(address)
        if entry is None:
            raise _not_listed(address)
        return {"SuppressedDestination": _json(entry)}

    async def _delete(self, request: web.Request) -> Json:
        address = request.match_info["address"]
        if not self.account.suppression.delete(address):
            raise _not_listed(address)
        return {}


def _moment(text: str | None) -> datetime | None:
    """A date of the query string: ISO 8601, as clients write timestamps there."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("BadRequestException", "StartDate and EndDate are ISO 8601 timestamps.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _json(entry: Suppressed) -> dict[str, Json]:
    return {"EmailAddress": entry.address, "Reason": entry.reason, "LastUpdateTime": entry.since.timestamp()}


def _not_listed(address: str) -> Refused:
    text = f"Email address {address} does not exist on your suppression list."
    return Refused("NotFoundException", text, 404)
