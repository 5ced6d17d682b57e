"""botocore's errors as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)

from postroom.errors import Retryable

_THROTTLED = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "SlowDown",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)

#: No connection, none in time, or one that broke off.
UNREACHED = (ConnectionError, HTTPClientError, IncompleteReadError, ResponseStreamingError)

_LOST = frozenset(
    f"{name}{ending}" for name in ("ConditionalCheckFailed", "TransactionConflict") for ending in ("", "Exception")
)


def code_of(error: ClientError) -> str:
    """The service's own name for the error, such as `NoSuchKey`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def is_passing(error: ClientError) -> bool:
    """Whether the same call may succeed later: a throttle, or a fault of the service (5xx)."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= 500 or not _THROTTLED.isdisjoint(_codes(error))


def is_lost_race(error: ClientError) -> bool:
    """Whether a condition of ours was not met, or a transaction of somebody else had the item: look again."""
    return not _LOST.isdisjoint(_codes(error))


def is_conflict(error: ClientError) -> bool:
    """Whether somebody else's transaction had the item, and no condition of ours was at fault."""
    codes = _codes(error)
    return any("TransactionConflict" in code for code in codes) and "ConditionalCheckFailed" not in codes


def _codes(error: ClientError) -> list[str]:
    """The error's name, and what a cancelled transaction says of each item (DynamoDB API reference,
    TransactWriteItems, "CancellationReasons")."""
    reasons = (str(reason.get("Code")) for reason in error.response.get("CancellationReasons", ()))
    return [code_of(error), *(code for code in reasons if code != "None")]


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Turns throttles, service faults and broken connections into Retryable; `what` says what was tried.

    Everything else is raised as it is: a parameter that botocore refuses is a fault of ours, and unforeseen.
    """
    try:
        yield
    except ClientError as error:
        if is_passing(error):
            raise Retryable(f"{what}: {', '.join(_codes(error))}") from error
        raise
    except UNREACHED as error:
        raise Retryable(f"{what}: {type(error).__name__}") from error
