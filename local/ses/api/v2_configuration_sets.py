"""Configuration sets and their event destinations in API v2."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from local.ses.account import Account, ConfigurationSet, EventDestination
from local.ses.api import topics
from local.ses.api.fields import Fields
from local.ses.api.paging import page
from local.ses.api.v2_account import suppressed_reasons
from local.ses.api.v2_route import Call, Route, body, present
from local.ses.cloud import Cloud
from local.ses.refused import Refused
from local.ses.values import Json

_PATH = "/configuration-sets"
_ONE = _PATH + "/{name}"
_DESTINATIONS = _ONE + "/event-destinations"
_OTHERS = ("CloudWatchDestination", "KinesisFirehoseDestination", "PinpointDestination")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationSetCalls:
    account: Account
    cloud: Cloud

    def routes(self) -> list[Route]:
        return [
            ("POST", _PATH, self._create),
            ("POST", "/list-configuration-sets", self._list),
            ("GET", _ONE, self._get),
            ("DELETE", _ONE, self._delete),
            *(("PUT", f"{_ONE}/{name}", self._option(put)) for name, put in _OPTIONS.items()),
            ("POST", _DESTINATIONS, self._create_destination),
            ("GET", _DESTINATIONS, self._destinations),
            ("PUT", _DESTINATIONS + "/{destination}", self._update_destination),
            ("DELETE", _DESTINATIONS + "/{destination}", self._delete_destination),
        ]

    async def _create(self, request: web.Request) -> Json:
        asked = await body(request)
        made = ConfigurationSet(name=asked.required("ConfigurationSetName"), tags=asked.pairs("Tags", "Key"))
        for name, put in _AT_CREATION.items():
            if asked.has(name):
                put(made, asked.object(name))
        self.account.add_configuration_set(made)
        return {}

    async def _list(self, request: web.Request) -> Json:
        asked = await body(request)
        names = sorted(self.account.configuration_sets)
        shown, following = page(names, asked.text("NextToken"), asked.number("PageSize"))
        return present(ConfigurationSets=list(shown), NextToken=following)

    def _set(self, request: web.Request) -> ConfigurationSet:
        return self.account.configuration_set(request.match_info["name"])

    async def _get(self, request: web.Request) -> Json:
        return _set_json(self._set(request))

    async def _delete(self, request: web.Request) -> Json:
        del self.account.configuration_sets[self._set(request).name]
        return {}

    def _option(self, put: Callable[[ConfigurationSet, Fields], None]) -> Call:
        async def call(request: web.Request) -> Json:
            put(self._set(request), await body(request))
            return {}

        return call

    async def _create_destination(self, request: web.Request) -> Json:
        found, asked = self._set(request), await body(request)
        destination = _destination(asked.required("EventDestinationName"), asked.object("EventDestination"))
        await topics.add(self.cloud, found, destination)
        return {}

    async def _update_destination(self, request: web.Request) -> Json:
        found, asked = self._set(request), await body(request)
        known = found.destination(request.match_info["destination"])
        await topics.update(self.cloud, found, _destination(known.name, asked.object("EventDestination")))
        return {}

    async def _delete_destination(self, request: web.Request) -> Json:
        self._set(request).remove(request.match_info["destination"])
        return {}

    async def _destinations(self, request: web.Request) -> Json:
        return {"EventDestinations": [_destination_json(one) for one in self._set(request).destinations.values()]}


def _put_sending(found: ConfigurationSet, asked: Fields) -> None:
    found.sending_enabled = asked.flag("SendingEnabled")


def _put_reputation(found: ConfigurationSet, asked: Fields) -> None:
    found.reputation_metrics = asked.flag("ReputationMetricsEnabled")


def _put_suppression(found: ConfigurationSet, asked: Fields) -> None:
    """Without the list, the account's reasons are used again; an empty list suppresses nothing."""
    given = asked.has("SuppressedReasons")
    found.suppressed_reasons = suppressed_reasons(asked.texts("SuppressedReasons")) if given else None


def _put_tracking(found: ConfigurationSet, asked: Fields) -> None:
    found.redirect_domain, found.https_policy = asked.text("CustomRedirectDomain"), asked.text("HttpsPolicy")


def _put_delivery(found: ConfigurationSet, asked: Fields) -> None:
    policy, seconds = asked.text("TlsPolicy") or "OPTIONAL", asked.number("MaxDeliverySeconds")
    if policy not in ("REQUIRE", "OPTIONAL"):
        raise Refused("BadRequestException", f"TlsPolicy is REQUIRE or OPTIONAL, not {policy}.")
    if seconds is not None and not 300 <= seconds <= 50400:
        raise Refused("BadRequestException", f"MaxDeliverySeconds is between 300 and 50400, not {seconds}.")
    found.tls_policy, found.sending_pool, found.max_delivery_seconds = policy, asked.text("SendingPoolName"), seconds


_OPTIONS: dict[str, Callable[[ConfigurationSet, Fields], None]] = {
    "sending": _put_sending,
    "reputation-options": _put_reputation,
    "suppression-options": _put_suppression,
    "tracking-options": _put_tracking,
    "delivery-options": _put_delivery,
}
_AT_CREATION: dict[str, Callable[[ConfigurationSet, Fields], None]] = {
    "SendingOptions": _put_sending,
    "ReputationOptions": _put_reputation,
    "SuppressionOptions": _put_suppression,
    "TrackingOptions": _put_tracking,
    "DeliveryOptions": _put_delivery,
}


def _set_json(found: ConfigurationSet) -> dict[str, Json]:
    reasons = found.suppressed_reasons
    delivery = present(
        TlsPolicy=found.tls_policy,
        SendingPoolName=found.sending_pool,
        MaxDeliverySeconds=found.max_delivery_seconds,
    )
    domain = found.redirect_domain
    tracking = None if domain is None else present(CustomRedirectDomain=domain, HttpsPolicy=found.https_policy)
    return present(
        ConfigurationSetName=found.name,
        DeliveryOptions=delivery,
        ReputationOptions={"ReputationMetricsEnabled": found.reputation_metrics},
        SendingOptions={"SendingEnabled": found.sending_enabled},
        SuppressionOptions={} if reasons is None else {"SuppressedReasons": list(reasons)},
        Tags=[{"Key": key, "Value": value} for key, value in found.tags],
        TrackingOptions=tracking,
    )


def _destination(name: str, asked: Fields) -> EventDestination:
    return EventDestination(
        name=name,
        enabled=asked.flag("Enabled"),
        event_types=asked.texts("MatchingEventTypes"),
        topic_arn=asked.object("SnsDestination").text("TopicArn"),
        bus_arn=asked.object("EventBridgeDestination").text("EventBusArn"),
        others={other: asked.data[other] for other in _OTHERS if asked.has(other)},
    )


def _destination_json(one: EventDestination) -> dict[str, Json]:
    return present(
        Name=one.name,
        Enabled=one.enabled,
        MatchingEventTypes=list(one.event_types),
        SnsDestination=None if one.topic_arn is None else {"TopicArn": one.topic_arn},
        EventBridgeDestination=None if one.bus_arn is None else {"EventBusArn": one.bus_arn},
        **one.others,
    )
