"""SES API v2, as much of it as sends mail and hears of it: what `boto3.client("sesv2")` calls.

Errors are JSON with SES's names: BadRequestException, NotFoundException (404), AlreadyExistsException,
MessageRejected. Templates are refused for now.
"""

import base64
import binascii
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from local.ses import headers
from local.ses.account import EVENT_TYPES, ConfigurationSet, EventDestination, Suppressed
from local.ses.api.fields import Fields
from local.ses.cloud import CloudError
from local.ses.feedback.events import SUBJECT, VALIDATION
from local.ses.mail import Outgoing
from local.ses.refused import Refused
from local.ses.sending import outgoing
from local.ses.sending.outgoing import Simple
from local.ses.sending.send import Sender
from local.ses.values import Json, now

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_REASONS = ("BOUNCE", "COMPLAINT")

Call = Callable[[web.Request], Awaitable[Json]]
Handler = Callable[[web.Request], Awaitable[web.Response]]


async def _body(request: web.Request) -> Fields:
    try:
        return Fields.of(json.loads(await request.read()))
    except ValueError as error:
        raise Refused("BadRequestException", "The request is not JSON.") from error


def _spoken(call: Call) -> Handler:
    """The call with its result, or the refusal, as SES writes it."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(await call(request))
        except Refused as error:
            spoken = {"x-amzn-ErrorType": error.code}
            return web.json_response({"message": str(error)}, status=error.status, headers=spoken)

    return handle


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiV2:
    sender: Sender

    def routes(self) -> list[web.RouteDef]:
        sets, addresses = "/v2/email/configuration-sets", "/v2/email/suppression/addresses"
        calls: list[tuple[str, str, Call]] = [
            ("POST", "/v2/email/outbound-emails", self._send),
            ("GET", "/v2/email/account", self._account),
            ("GET", addresses, self._suppressed),
            ("PUT", addresses, self._suppress),
            ("GET", addresses + "/{address}", self._is_suppressed),
            ("DELETE", addresses + "/{address}", self._release),
            ("POST", sets, self._create_set),
            ("POST", "/v2/email/list-configuration-sets", self._list_sets),
            ("GET", sets + "/{name}", self._get_set),
            ("DELETE", sets + "/{name}", self._delete_set),
            ("POST", sets + "/{name}/event-destinations", self._create_destination),
            ("GET", sets + "/{name}/event-destinations", self._destinations),
            ("POST", "/v2/email/identities", self._create_identity),
            ("GET", "/v2/email/identities/{identity}", self._identity),
        ]
        return [web.route(method, path, _spoken(call)) for method, path, call in calls]

    async def _send(self, request: web.Request) -> Json:
        return {"MessageId": await self.sender.send(_outgoing(await _body(request)))}

    async def _account(self, _request: web.Request) -> Json:
        sent = float(self.sender.account.sent)
        return {
            "DedicatedIpAutoWarmupEnabled": False,
            "EnforcementStatus": "HEALTHY",
            "ProductionAccessEnabled": True,
            "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 100.0, "SentLast24Hours": sent},
            "SendingEnabled": True,
            "SuppressionAttributes": {"SuppressedReasons": list(_REASONS)},
        }

    async def _suppressed(self, request: web.Request) -> Json:
        wanted = request.query.getall("Reason", []) or list(_REASONS)
        entries = [one for one in self.sender.account.suppression.all() if one.reason in wanted]
        return {"SuppressedDestinationSummaries": [_suppressed_json(one) for one in entries]}

    async def _suppress(self, request: web.Request) -> Json:
        body = await _body(request)
        address, reason = body.required("EmailAddress"), body.required("Reason")
        if reason not in _REASONS or "@" not in address:
            raise Refused("BadRequestException", "An address, and BOUNCE or COMPLAINT as its reason, are wanted.")
        self.sender.account.suppression.put(Suppressed(address=address, reason=reason, since=now()))
        return {}

    async def _is_suppressed(self, request: web.Request) -> Json:
        address = request.match_info["address"]
        entry = self.sender.account.suppression.get(address)
        if entry is None:
            raise _not_listed(address)
        return {"SuppressedDestination": _suppressed_json(entry)}

    async def _release(self, request: web.Request) -> Json:
        address = request.match_info["address"]
        if not self.sender.account.suppression.delete(address):
            raise _not_listed(address)
        return {}

    async def _create_set(self, request: web.Request) -> Json:
        body = await _body(request)
        name, sets = body.required("ConfigurationSetName"), self.sender.account.configuration_sets
        if not _NAME.match(name):
            raise Refused("BadRequestException", f"Not a name for a configuration set: {name}")
        if name in sets:
            raise Refused("AlreadyExistsException", f"Configuration set <{name}> already exists.")
        options = body.object("SuppressionOptions")
        reasons = options.texts("SuppressedReasons") if options.has("SuppressedReasons") else None
        sets[name] = ConfigurationSet(name=name, suppressed_reasons=reasons)
        return {}

    async def _list_sets(self, _request: web.Request) -> Json:
        return {"ConfigurationSets": list(self.sender.account.configuration_sets)}

    def _set(self, request: web.Request) -> ConfigurationSet:
        name = request.match_info["name"]
        found = self.sender.account.configuration_sets.get(name)
        if found is None:
            raise Refused("NotFoundException", f"Configuration set <{name}> does not exist.", 404)
        return found

    async def _get_set(self, request: web.Request) -> Json:
        found = self._set(request)
        reasons = found.suppressed_reasons
        options: Json = {} if reasons is None else {"SuppressedReasons": list(reasons)}
        sending = {"SendingEnabled": True}
        return {"ConfigurationSetName": found.name, "SendingOptions": sending, "SuppressionOptions": options}

    async def _delete_set(self, request: web.Request) -> Json:
        del self.sender.account.configuration_sets[self._set(request).name]
        return {}

    async def _create_destination(self, request: web.Request) -> Json:
        found, body = self._set(request), await _body(request)
        destination = _destination(body.required("EventDestinationName"), body.object("EventDestination"))
        if destination.name in found.destinations:
            raise Refused("AlreadyExistsException", f"Event destination <{destination.name}> already exists.")
        if destination.topic_arn is not None:
            await self._validate(destination.topic_arn)
        found.destinations[destination.name] = destination
        return {}

    async def _validate(self, topic_arn: str) -> None:
        """SES tries a topic out with a message that is not JSON."""
        try:
            await self.sender.publish(topic_arn, SUBJECT, VALIDATION)
        except CloudError as error:
            raise Refused("BadRequestException", f"Could not publish to the topic: {error}") from error

    async def _destinations(self, request: web.Request) -> Json:
        return {"EventDestinations": [_destination_json(one) for one in self._set(request).destinations.values()]}

    async def _create_identity(self, request: web.Request) -> Json:
        identity = (await _body(request)).required("EmailIdentity").lower()
        if identity in self.sender.account.identities:
            raise Refused("AlreadyExistsException", f"Email identity {identity} already exists.")
        self.sender.account.identities.add(identity)
        return {"IdentityType": _identity_type(identity), "VerifiedForSendingStatus": True}

    async def _identity(self, request: web.Request) -> Json:
        identity = request.match_info["identity"].lower()
        if identity not in self.sender.account.identities:
            raise Refused("NotFoundException", f"Email identity <{identity}> does not exist.", 404)
        return {
            "IdentityType": _identity_type(identity),
            "FeedbackForwardingStatus": True,
            "VerifiedForSendingStatus": True,
            "VerificationStatus": "SUCCESS",
        }


def _outgoing(body: Fields) -> Outgoing:
    """The mail that a SendEmail request asks for."""
    content, destination = body.object("Content"), body.object("Destination")
    if content.has("Template"):
        raise Refused("BadRequestException", "Templates are not played here yet: send Raw or Simple content.")
    if content.has("Raw"):
        raw = _raw(content.object("Raw").required("Data"))
    elif content.has("Simple"):
        raw = outgoing.composed(_simple(body, content.object("Simple")))
    else:
        raise Refused("BadRequestException", "Content has neither Raw, Simple nor Template.")
    fields, _ = headers.split(raw)
    listed = [one for name in ("ToAddresses", "CcAddresses", "BccAddresses") for one in destination.texts(name)]
    # Without a Destination, the recipients of a raw message are those of its own fields.
    to = [headers.address(one) for one in listed] or headers.addresses(fields, ["To", "Cc", "Bcc"])
    sources = [body.text("FromEmailAddress")] if body.has("FromEmailAddress") else headers.addresses(fields, ["From"])
    return Outgoing(
        source=headers.address(sources[0]) if sources and sources[0] else "",
        destination=tuple(dict.fromkeys(to)),
        raw=raw,
        tags=tuple((one.required("Name"), one.required("Value")) for one in body.objects("EmailTags"))
        or outgoing.tags_of(headers.first(fields, outgoing.TAGS_FIELD) or ""),
        configuration_set=body.text("ConfigurationSetName")
        or headers.first(fields, outgoing.CONFIGURATION_SET_FIELD)
        or None,
    )


def _raw(data: str) -> bytes:
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise Refused("BadRequestException", "Raw.Data is not base64.") from error


def _simple(body: Fields, content: Fields) -> Simple:
    destination, parts = body.object("Destination"), content.object("Body")
    text, html = parts.object("Text").text("Data"), parts.object("Html").text("Data")
    if text is None and html is None:
        raise Refused("BadRequestException", "Body has neither Text nor Html.")
    return Simple(
        source=body.required("FromEmailAddress"),
        to=destination.texts("ToAddresses"),
        cc=destination.texts("CcAddresses"),
        reply_to=body.texts("ReplyToAddresses"),
        subject=content.object("Subject").text("Data") or "",
        text=text,
        html=html,
        fields=tuple((one.required("Name"), one.required("Value")) for one in content.objects("Headers")),
    )


def _destination(name: str, body: Fields) -> EventDestination:
    types = body.texts("MatchingEventTypes")
    if not types or any(one not in EVENT_TYPES for one in types):
        raise Refused("BadRequestException", f"MatchingEventTypes is not a list of {', '.join(EVENT_TYPES)}.")
    topic = body.object("SnsDestination").text("TopicArn")
    bus = body.object("EventBridgeDestination").text("EventBusArn")
    return EventDestination(name=name, enabled=body.flag("Enabled"), event_types=types, topic_arn=topic, bus_arn=bus)


def _destination_json(one: EventDestination) -> dict[str, Json]:
    sns: dict[str, Json] = {"SnsDestination": {"TopicArn": one.topic_arn}} if one.topic_arn is not None else {}
    bus: dict[str, Json] = {"EventBridgeDestination": {"EventBusArn": one.bus_arn}} if one.bus_arn is not None else {}
    return {"Name": one.name, "Enabled": one.enabled, "MatchingEventTypes": list(one.event_types), **sns, **bus}


def _suppressed_json(entry: Suppressed) -> dict[str, Json]:
    return {"EmailAddress": entry.address, "Reason": entry.reason, "LastUpdateTime": entry.since.timestamp()}


def _not_listed(address: str) -> Refused:
    return Refused("NotFoundException", f"Email address {address} does not exist on your suppression list.", 404)


def _identity_type(identity: str) -> str:
    return "EMAIL_ADDRESS" if "@" in identity else "DOMAIN"
