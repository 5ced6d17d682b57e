"""The calls of SES's first API that keep identities. An address or domain is verified as soon as it is asked for."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from local.ses.account import Account, Identity
from local.ses.account.identities import ON_MX_FAILURE
from local.ses.api import query
from local.ses.api.paging import page, size_of
from local.ses.api.query import Call, Entries, Tree, required
from local.ses.values import Json

_STATUSES = {"SUCCESS": "Success", "PENDING": "Pending", "FAILED": "Failed", "NOT_STARTED": "NotStarted"}
_ON_MX_FAILURE = {"UseDefaultValue": ON_MX_FAILURE[0], "RejectMessage": ON_MX_FAILURE[1]}


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityCalls:
    account: Account

    def calls(self) -> Mapping[str, Call]:
        return {
            "VerifyEmailIdentity": self._verify_address,
            "VerifyEmailAddress": self._verify_address,
            "VerifyDomainIdentity": self._verify_domain,
            "VerifyDomainDkim": self._verify_dkim,
            "ListIdentities": self._list,
            "DeleteIdentity": self._delete,
            "GetIdentityVerificationAttributes": self._attributes("VerificationAttributes", _verification),
            "GetIdentityDkimAttributes": self._attributes("DkimAttributes", _dkim),
            "GetIdentityMailFromDomainAttributes": self._attributes("MailFromDomainAttributes", _mail_from),
            "SetIdentityDkimEnabled": self._enable_dkim,
            "SetIdentityMailFromDomain": self._set_mail_from,
        }

    async def _verify_address(self, call: Tree) -> Json:
        await self._ensured(required(call, "EmailAddress"))
        return {}

    async def _verify_domain(self, call: Tree) -> Json:
        return {"VerificationToken": _token((await self._ensured(required(call, "Domain"))).name)}

    async def _verify_dkim(self, call: Tree) -> Json:
        found = await self._ensured(required(call, "Domain"))
        return {"DkimTokens": list(found.dkim.tokens) if found.dkim is not None else []}

    async def _ensured(self, name: str) -> Identity:
        """The identity of this name; asking again for one that is there is no error in this API."""
        name = name.lower()
        if self.account.identities.find(name) is None:
            await asyncio.to_thread(self.account.identities.create, Identity(name=name))
        return self.account.identities.get(name)

    async def _list(self, call: Tree) -> Json:
        kind = query.text(call, "IdentityType")
        wanted = {"EmailAddress": (False,), "Domain": (True,)}.get(kind or "", (False, True))
        names = [one.name for one in self.account.identities.all() if one.is_domain in wanted]
        shown, following = page(names, query.text(call, "NextToken"), size_of(query.text(call, "MaxItems")))
        return {"Identities": list(shown), "NextToken": following}

    async def _delete(self, call: Tree) -> Json:
        self.account.identities.delete(required(call, "Identity"))
        return {}

    def _attributes(self, name: str, of: Callable[[Identity], Json]) -> Call:
        """A call that tells one thing of each of the identities that are asked for."""

        async def call(tree: Tree) -> Json:
            asked = query.texts(tree, "Identities")
            found = [identity for one in asked[:100] if (identity := self.account.identities.find(one)) is not None]
            told = ((identity.name, of(identity)) for identity in found)
            return {name: Entries((key, value) for key, value in told if value is not None)}

        return call

    async def _enable_dkim(self, call: Tree) -> Json:
        found = self.account.identities.get(required(call, "Identity"))
        self.account.identities.update(replace(found, signing=query.flag(call, "DkimEnabled")))
        return {}

    async def _set_mail_from(self, call: Tree) -> Json:
        found = self.account.identities.get(required(call, "Identity"))
        behaviour = query.text(call, "BehaviorOnMXFailure") or "UseDefaultValue"
        domain = (query.text(call, "MailFromDomain") or "").lower() or None
        on_failure = _ON_MX_FAILURE.get(behaviour, behaviour)
        self.account.identities.update(replace(found, mail_from_domain=domain, on_mx_failure=on_failure))
        return {}


def _verification(identity: Identity) -> Json:
    token = _token(identity.name) if identity.is_domain else None
    return {"VerificationStatus": _STATUSES[identity.status], "VerificationToken": token}


def _dkim(identity: Identity) -> Json:
    if identity.dkim is None:
        return {"DkimEnabled": False, "DkimVerificationStatus": "NotStarted"}
    tokens = list(identity.dkim.tokens)
    return {"DkimEnabled": identity.signing, "DkimVerificationStatus": _STATUSES[identity.status], "DkimTokens": tokens}


def _mail_from(identity: Identity) -> Json:
    if identity.mail_from_domain is None:
        return None
    spoken = {value: name for name, value in _ON_MX_FAILURE.items()}
    return {
        "MailFromDomain": identity.mail_from_domain,
        "MailFromDomainStatus": "Success" if identity.mail_from_verified else "Failed",
        "BehaviorOnMXFailure": spoken[identity.on_mx_failure],
    }


def _token(name: str) -> str:
    """What a domain's owner puts into DNS as `_amazonses.<domain>` TXT: always the same for one name."""
    return b64encode(hashlib.sha256(name.encode()).digest()).decode("ascii")
