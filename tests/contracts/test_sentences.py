"""What AWS says of a call that failed, as a sentence for whoever reads it."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from postroom.aws.sentences import sentence


def refused(code: str, status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": "ann@example.com"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendEmail")  # type: ignore[arg-type]  # an answer has more than these


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("LimitExceededException", 400, "a limit of the account is reached"),
        ("AccessDeniedException", 403, "ask for the permission"),
        ("ExpiredTokenException", 403, "sign in again"),
        ("ThrottlingException", 400, "try again in a minute"),
        ("InternalFailure", 500, "try again in a minute"),
        ("NobodyKnows", 400, "it refuses"),
    ],
)
def test_an_error_of_a_service_is_a_sentence_with_its_word_and_without_its_message(
    code: str, status: int, told: str
) -> None:
    text = sentence(refused(code, status))
    assert told in text
    assert code in text
    assert "SendEmail" in text
    assert "An error occurred" not in text
    assert "ann@" not in text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (NoCredentialsError(), "aws sso login"),
        (EndpointConnectionError(endpoint_url="http://x"), "is it running"),
        (ReadTimeoutError(endpoint_url="http://x"), "try again"),
    ],
)
def test_what_does_not_reach_a_service_says_what_to_look_at(error: Exception, told: str) -> None:
    assert told in sentence(error)  # type: ignore[arg-type]  # all of them are BotoCoreErrors
