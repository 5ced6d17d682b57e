"""Sending through SES v2 with the configuration set, so that every mail's fate comes back as an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from postroom.aws.failures import UNREACHED, code_of
from postroom.aws.sentences import why
from postroom.errors import Poison, Retryable, Throttled, Unanswered
from postroom.ids import SentId
from postroom.reasons import Reason

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client

# SES has looked at the mail and will say the same again (SES v2 API reference, SendEmail, errors).
_REFUSED = frozenset({"MessageRejected", "BadRequestException"})
_THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SesMailer:
    """`postroom.ports.Mailer`. A time-out or a 5xx after the request went out is Unanswered."""

    client: "SESV2Client"
    configuration_set: str

    def send(self, raw: bytes, mail_from: str, rcpt_to: Sequence[str], tags: Sequence[tuple[str, str]]) -> SentId:
        try:
            answer = self.client.send_email(
                FromEmailAddress=mail_from,
                Destination={"ToAddresses": list(rcpt_to)},
                Content={"Raw": {"Data": raw}},
                ConfigurationSetName=self.configuration_set,
                EmailTags=[{"Name": name, "Value": value} for name, value in tags],
            )
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            raise Retryable("SES could not be reached: does the network work?") from error
        except UNREACHED as error:
            raise Unanswered(f"the connection broke off before SES answered ({type(error).__name__})") from error
        except ClientError as error:
            raise _translated(error) from error
        return SentId(answer["MessageId"])


def _translated(error: ClientError) -> Exception:
    code = code_of(error)
    if code in _REFUSED:
        return Poison(Reason.SEND_REFUSED, f"it says: {error.response['Error'].get('Message', '')} ({code})")
    if code in _THROTTLED:
        return Throttled(f"SES did not send: {why(error)}")
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500) < 500:
        # It took nothing, for a reason that passes (a throttle) or that an operator mends (a permission, an identity).
        return Retryable(f"SES did not send: {why(error)}")
    return Unanswered(f"SES has a fault of its own ({code})")  # the mail may have gone out
