"""Identities in API v2: who may send, how it is signed, where bounces go."""

import asyncio
from dataclasses import dataclass, replace

from aiohttp import web

from local.ses.account import Account, Dkim, Identity
from local.ses.account.dkim import EASY, EXTERNAL, HOSTED_ZONE
from local.ses.account.identities import DEFAULT_LENGTH, ON_MX_FAILURE
from local.ses.api.fields import Fields
from local.ses.api.paging import page
from local.ses.api.v2_route import Route, body, present
from local.ses.refused import Refused
from local.ses.values import Json, now

_PATH = "/identities"
_ONE = _PATH + "/{identity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCalls:
    account: Account

    def routes(self) -> list[Route]:
        return [
            ("POST", _PATH, self._create),
            ("GET", _PATH, self._list_by_query),
            ("POST", "/list-identities", self._list),
            ("GET", _ONE, self._get),
            ("DELETE", _ONE, self._delete),
            ("PUT", _ONE + "/dkim", self._put_dkim),
            ("PUT", _ONE + "/dkim/signing", self._put_signing),
            ("PUT", _ONE + "/mail-from", self._put_mail_from),
            ("PUT", _ONE + "/feedback", self._put_feedback),
            ("PUT", _ONE + "/configuration-set", self._put_configuration_set),
            ("GET", _ONE + "/policies", self._policies),
        ]

    async def _create(self, request: web.Request) -> Json:
        asked = await body(request)
        name = asked.required("EmailIdentity").lower()
        attributes = asked.object("DkimSigningAttributes")
        dkim = await asyncio.to_thread(_dkim, attributes) if attributes.data and "@" not in name else None
        made = Identity(
            name=name,
            dkim=dkim,
            configuration_set=self._configuration_set(asked),
            tags=asked.pairs("Tags", "Key"),
        )
        await asyncio.to_thread(self.account.identities.create, made)
        made = self.account.identities.get(name)
        return {
            "IdentityType": _type(made),
            "VerifiedForSendingStatus": made.verified,
            "DkimAttributes": _dkim_json(made),
        }

    def _configuration_set(self, asked: Fields) -> str | None:
        name = asked.text("ConfigurationSetName")
        return self.account.configuration_set(name).name if name else None

    def _found(self, request: web.Request) -> Identity:
        return self.account.identities.get(request.match_info["identity"])

    async def _list(self, request: web.Request) -> Json:
        asked = await body(request)
        return self._listed(asked.text("NextToken"), asked.number("PageSize"))

    async def _list_by_query(self, request: web.Request) -> Json:
        """As older clients ask."""
        return self._listed(request.query.get("NextToken"), None)

    def _listed(self, token: str | None, size: int | None) -> Json:
        shown, following = page(self.account.identities.all(), token, size)
        return present(EmailIdentities=[_summary(one) for one in shown], NextToken=following)

    async def _get(self, request: web.Request) -> Json:
        found = self._found(request)
        return present(
            IdentityType=_type(found),
            FeedbackForwardingStatus=found.notifications.forwarding,
            VerifiedForSendingStatus=found.verified,
            VerificationStatus=found.status,
            DkimAttributes=_dkim_json(found),
            MailFromAttributes=_mail_from_json(found),
            Policies={},
            Tags=[{"Key": key, "Value": value} for key, value in found.tags],
            ConfigurationSetName=found.configuration_set,
        )

    async def _delete(self, request: web.Request) -> Json:
        self.account.identities.delete(self._found(request).name)
        return {}

    async def _put_dkim(self, request: web.Request) -> Json:
        signing = (await body(request)).flag("SigningEnabled")
        self.account.identities.update(replace(self._found(request), signing=signing))
        return {}

    async def _put_signing(self, request: web.Request) -> Json:
        """Changes how a domain is signed: with a new key of SES's, or one that is brought."""
        found, asked = self._found(request), await body(request)
        origin = asked.required("SigningAttributesOrigin")
        if origin not in (EASY, EXTERNAL) or not found.is_domain:
            raise Refused("BadRequestException", f"A domain is signed {EASY} or {EXTERNAL}, not {origin}.")
        attributes = asked.object("SigningAttributes")
        if (origin == EXTERNAL) != attributes.has("DomainSigningPrivateKey"):
            raise Refused("BadRequestException", f"{EXTERNAL} goes with DomainSigningPrivateKey, {EASY} without.")
        dkim = await asyncio.to_thread(_dkim, attributes)
        changed = replace(found, dkim=dkim)
        self.account.identities.update(changed)
        return present(
            DkimStatus=changed.status,
            DkimTokens=list(dkim.tokens) if dkim.origin == EASY else None,
            SigningHostedZone=_hosted_zone(dkim),
        )

    async def _put_mail_from(self, request: web.Request) -> Json:
        asked = await body(request)
        behaviour = asked.text("BehaviorOnMxFailure") or ON_MX_FAILURE[0]
        domain = (asked.text("MailFromDomain") or "").lower() or None
        changed = replace(self._found(request), mail_from_domain=domain, on_mx_failure=behaviour)
        self.account.identities.update(changed)
        return {}

    async def _put_feedback(self, request: web.Request) -> Json:
        found, forwarding = self._found(request), (await body(request)).flag("EmailForwardingEnabled")
        changed = replace(found, notifications=replace(found.notifications, forwarding=forwarding))
        self.account.identities.update(changed)
        return {}

    async def _put_configuration_set(self, request: web.Request) -> Json:
        name = self._configuration_set(await body(request))
        self.account.identities.update(replace(self._found(request), configuration_set=name))
        return {}

    async def _policies(self, request: web.Request) -> Json:
        self._found(request)
        return {"Policies": {}}


def _dkim(attributes: Fields) -> Dkim:
    """Blocks for as long as a new key takes."""
    if attributes.has("DomainSigningPrivateKey"):
        selector, private = attributes.required("DomainSigningSelector"), attributes.required("DomainSigningPrivateKey")
        return Dkim.external(selector, private, now())
    return Dkim.easy(attributes.text("NextSigningKeyLength") or DEFAULT_LENGTH, now())


def _type(identity: Identity) -> str:
    return "DOMAIN" if identity.is_domain else "EMAIL_ADDRESS"


def _summary(identity: Identity) -> dict[str, Json]:
    return {
        "IdentityType": _type(identity),
        "IdentityName": identity.name,
        "SendingEnabled": identity.verified,
        "VerificationStatus": identity.status,
    }


def _mail_from_json(identity: Identity) -> dict[str, Json]:
    if identity.mail_from_domain is None:
        return {"BehaviorOnMxFailure": identity.on_mx_failure}
    return {
        "MailFromDomain": identity.mail_from_domain,
        "MailFromDomainStatus": "SUCCESS" if identity.mail_from_verified else "FAILED",
        "BehaviorOnMxFailure": identity.on_mx_failure,
    }


def _dkim_json(identity: Identity) -> dict[str, Json]:
    dkim = identity.dkim
    if dkim is None:
        return {"SigningEnabled": False, "Status": "NOT_STARTED"}
    length = f"RSA_{dkim.key.bits}_BIT"
    easy = dkim.origin == EASY
    return present(
        SigningEnabled=identity.signing,
        Status=identity.status,
        Tokens=list(dkim.tokens),
        SigningHostedZone=_hosted_zone(dkim),
        SigningAttributesOrigin=dkim.origin,
        NextSigningKeyLength=length if easy else None,
        CurrentSigningKeyLength=length if easy else None,
        LastKeyGenerationTimestamp=dkim.made_at.timestamp() if easy else None,
    )


def _hosted_zone(dkim: Dkim) -> str | None:
    """Where the CNAMEs of Easy DKIM point to: `<token>.<hosted zone>`."""
    return HOSTED_ZONE if dkim.origin == EASY else None
