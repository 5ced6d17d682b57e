"""The names of refusals in each API: what stands behind both refuses in the finer names of API v1.

Source: the errors of both APIs' models. What isn't listed keeps its name.
"""

from collections.abc import Mapping

from local.ses.refused import Refused

_BAD, _MISSING, _THERE = ("BadRequestException", 400), ("NotFoundException", 404), ("AlreadyExistsException", 400)

_IN_V2: Mapping[str, tuple[str, int]] = {
    "AccountSendingPausedException": ("SendingPausedException", 400),
    "AlreadyExists": _THERE,
    "ConfigurationSetAlreadyExists": _THERE,
    "ConfigurationSetDoesNotExist": _MISSING,
    "ConfigurationSetSendingPausedException": ("SendingPausedException", 400),
    "EventDestinationAlreadyExists": _THERE,
    "EventDestinationDoesNotExist": _MISSING,
    "IdentityDoesNotExist": _MISSING,
    "InternalFailure": ("InternalServiceErrorException", 500),
    "InvalidConfigurationSet": _BAD,
    "InvalidParameterValue": _BAD,
    "InvalidRenderingParameter": _BAD,
    "InvalidSNSDestination": _BAD,
    "InvalidTemplate": _BAD,
    "LimitExceeded": ("LimitExceededException", 400),
    "MissingRenderingAttribute": _BAD,
    "TemplateDoesNotExist": _MISSING,
    "Throttling": ("TooManyRequestsException", 429),
    "ValidationError": _BAD,
}
_IN_V1: Mapping[str, str] = {
    "AccountSuspendedException": "MessageRejected",
    "BadRequestException": "InvalidParameterValue",
    "IdentityDoesNotExist": "InvalidParameterValue",
}


def in_v2(error: Refused) -> tuple[str, int]:
    """The name and HTTP status of the error in API v2."""
    return _IN_V2.get(error.code, (error.code, error.status))


def in_v1(error: Refused) -> tuple[str, int]:
    """The name and HTTP status of the error in API v1, which answers 400 to all that the sender did wrong."""
    return _IN_V1.get(error.code, error.code), 400 if error.status < 500 else error.status
