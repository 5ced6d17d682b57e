"""Why a service refused a call, in a sentence for a person, with the service's own word for it.

The service's own message is left out where we know better, since it may name an address, and our sentences are logged.
"""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, is_passing

_DENIED = "these credentials may not do it: whoever runs the account can allow it"
_EXPIRED = (
    "the credentials have expired, or are none of this account: log in again (`aws sso login`, or new access keys), "
    "and look at AWS_PROFILE"
)
_BUSY = "it takes no more at this moment: try again in a minute"

#: The service's word for an error -> what it means to whoever reads it. An open list.
_SAID: Mapping[str, str] = {
    **dict.fromkeys(
        ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "403"), _DENIED
    ),
    **dict.fromkeys(
        (
            "ExpiredToken",
            "ExpiredTokenException",
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidAccessKeyId",
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
        ),
        _EXPIRED,
    ),
    **dict.fromkeys(
        ("LimitExceeded", "LimitExceededException"),
        "a limit of the account is reached, such as SES's daily quota: wait, or ask for more",
    ),
    "SendingPausedException": "sending is paused for the account or the configuration set: see its page in SES",
    "AccountSuspendedException": "SES has ended the account's permission to send: the AWS Health Dashboard says why",
    "MailFromDomainNotVerifiedException": "the MAIL FROM domain is not verified: mend its records, or take it away",
    "NotFoundException": "something that it needs is not there, such as the configuration set: deploy the stack again",
    "ResourceNotFoundException": "what it asks for is not there: is that the stack of this name, and this region?",
    "NoSuchBucket": "the stack's bucket is not there: is that the stack of this name, and this region?",
    "ValidationError": "it doesn't know such a thing: is the name right, and the region?",
}


def why(error: ClientError) -> str:
    """Why a service refused a call, with its own word."""
    code = code_of(error)
    known = _SAID.get(code) or (_BUSY if is_passing(error) else "")
    return f"{known} ({code})" if known else f"it refuses ({code})"
