"""SES API v2: what `boto3.client("sesv2")` calls. JSON over REST; each noun has its file.

Errors are JSON with SES's names: BadRequestException, NotFoundException (404), AlreadyExistsException,
TooManyRequestsException (429), MessageRejected, SendingPausedException ... (`errors.py`).
"""

from dataclasses import dataclass

from aiohttp import web

from local.ses.api.v2_account import AccountCalls
from local.ses.api.v2_configuration_sets import ConfigurationSetCalls
from local.ses.api.v2_identities import IdentityCalls
from local.ses.api.v2_route import spoken
from local.ses.api.v2_sending import SendingCalls
from local.ses.api.v2_suppression import SuppressionCalls
from local.ses.api.v2_templates import TemplateCalls
from local.ses.cloud import Cloud
from local.ses.refused import Refused
from local.ses.sending.send import Sender
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiV2:
    sender: Sender
    cloud: Cloud

    def routes(self) -> list[web.RouteDef]:
        account = self.sender.account
        routes = [
            *SendingCalls(sender=self.sender).routes(),
            *TemplateCalls(account=account).routes(),
            *ConfigurationSetCalls(account=account, cloud=self.cloud).routes(),
            *SuppressionCalls(account=account).routes(),
            *IdentityCalls(account=account).routes(),
            *AccountCalls(account=account).routes(),
            ("*", "/{call:.*}", _not_played),  # the last: whatever none of them takes
        ]
        return [web.route(method, "/v2/email" + path, spoken(call)) for method, path, call in routes]


async def _not_played(request: web.Request) -> Json:
    """The name is AWS's for an operation that a service lacks; no page that we know tells which status SES gives it."""
    raise Refused("UnknownOperationException", f"{request.method} {request.path[:200]} is not played here.", 404)
