"""What AWS refused, or why it could not be asked, as a sentence for the person at the terminal."""

from collections.abc import Mapping

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

from postroom.aws.sentences import why

_LOG_IN = "log in again (`aws sso login`, or new access keys), and look at AWS_PROFILE"
_UNREACHED = "is the local stack still up (`make run`), or with --stack the network?"
_ERRORS: Mapping[type[BotoCoreError], str] = {
    NoRegionError: "no AWS region is set: set AWS_REGION, or choose a profile that has one (AWS_PROFILE)",
    NoCredentialsError: f"there are no credentials for AWS: {_LOG_IN}",
    PartialCredentialsError: f"the credentials for AWS are not complete: {_LOG_IN}",
    CredentialRetrievalError: f"the credentials for AWS could not be fetched: {_LOG_IN}",
    SSOError: f"the session of AWS's single sign-on is over: {_LOG_IN}",
    ProfileNotFound: "there is no such AWS profile: look at AWS_PROFILE, and `aws configure list-profiles`",
    ConnectionError: f"the stack can't be reached: {_UNREACHED}",
    HTTPClientError: f"the stack does not answer: {_UNREACHED}",
}


def sentence(error: BotoCoreError | ClientError) -> str:
    """What happened, and what to do about it."""
    if isinstance(error, ClientError):
        return f"AWS refused {error.operation_name}: {why(error)}"
    known = next((text for kind, text in _ERRORS.items() if isinstance(error, kind)), "")
    return known or f"the stack could not be asked: {error}"
