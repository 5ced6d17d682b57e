"""What AWS says of a call that failed, as a sentence for whoever reads it."""

import pytest
from botocore.exceptions import ClientError

from postroom.aws.sentences import why


def refused(code: str, status: int = 400) -> ClientError:
    response = {"Error": {"Code": code, "Message": "ann@example.com"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "SendEmail")  # type: ignore[arg-type]  # an answer has more than these


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("LimitExceededException", 400, "a limit of the account is reached"),
        ("AccessDeniedException", 403, "whoever runs the account"),
        ("ExpiredTokenException", 403, "log in again"),
        ("ThrottlingException", 400, "try again in a minute"),
        ("InternalFailure", 500, "try again in a minute"),
        ("NobodyKnows", 400, "it refuses"),
    ],
)
def test_an_error_of_a_service_is_a_sentence_with_its_word_and_without_its_message(
    code: str, status: int, told: str
) -> None:
    text = why(refused(code, status))
    assert told in text
    assert code in text
    assert "An error occurred" not in text
    assert "ann@" not in text
