"""The account's suppression list in SES v2. Each of its calls may be made once a second by a whole account (SES
developer guide, "Service quotas in Amazon SES")."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.clock import from_iso, iso
from postroom.errors import Poison
from postroom.ports import ListReason, NotFound, Suppressed, SuppressedPage
from postroom.reasons import Reason

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import (
        ListSuppressedDestinationsRequestTypeDef,
        SuppressedDestinationSummaryTypeDef,
        SuppressedDestinationTypeDef,
    )

_PAGE = 100  # addresses: each costs a write of ours


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
        return _suppressed(said)

    def put(self, address: str, reason: ListReason) -> None:
        try:
            with translated("put an address on SES's suppression list"):
                self.client.put_suppressed_destination(EmailAddress=address, Reason=reason.value)
        except ClientError as error:
            if code_of(error) != "BadRequestException":
                raise
            raise Poison(Reason.ADDRESS_NOT_SENDABLE, "SES lists no such address") from error

    def delete(self, address: str) -> bool:
        try:
            with translated("take an address off SES's suppression list"):
                self.client.delete_suppressed_destination(EmailAddress=address)
        except ClientError as error:
            if code_of(error) != "NotFoundException":
                raise
            return False
        return True

    def page(self, since: str = "", token: str = "") -> SuppressedPage:
        asked: ListSuppressedDestinationsRequestTypeDef = {"PageSize": _PAGE}
        if since:
            asked["StartDate"] = from_iso(since)
        if token:
            asked["NextToken"] = token
        try:
            with translated("read SES's suppression list"):
                said = self.client.list_suppressed_destinations(**asked)
        except ClientError as error:
            if code_of(error) != "InvalidNextTokenException":
                raise
            raise NotFound("SES knows that place of its list no more") from error
        listed = said.get("SuppressedDestinationSummaries", ())
        return SuppressedPage(listed=tuple(map(_suppressed, listed)), token=said.get("NextToken", ""))


def _suppressed(said: "SuppressedDestinationTypeDef | SuppressedDestinationSummaryTypeDef") -> Suppressed:
    # Whatever reasons SES may come to have: but for a person's wish, the address is simply listed.
    reason = ListReason.COMPLAINT if said["Reason"] == ListReason.COMPLAINT else ListReason.BOUNCE
    return Suppressed(address=said["EmailAddress"], reason=reason, since=iso(said["LastUpdateTime"]))
