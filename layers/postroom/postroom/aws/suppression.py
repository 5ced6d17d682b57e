"""The account's suppression list in SES v2. Each of its calls may be made once a second by a whole account (SES
developer guide, "Service quotas in Amazon SES")."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.clock import iso
from postroom.ports import ListReason, Suppressed

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client


@dataclass(frozen=True, slots=True, kw_only=True)
class SesSuppressionList:
    """`postroom.ports.SuppressionList`."""

    client: "SESV2Client"

    def get(self, address: str) -> Suppressed | None:
        try:
            with translated("ask SES's suppression list"):
                said = self.client.get_suppressed_destination(EmailAddress=address)["SuppressedDestination"]
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return None
        return Suppressed(
            address=said["EmailAddress"], reason=ListReason(said["Reason"]), since=iso(said["LastUpdateTime"])
        )

    def put(self, address: str, reason: ListReason) -> None:
        with translated("put an address on SES's suppression list"):
            self.client.put_suppressed_destination(EmailAddress=address, Reason=reason.value)

    def delete(self, address: str) -> bool:
        try:
            with translated("take an address off SES's suppression list"):
                self.client.delete_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return False
        return True
