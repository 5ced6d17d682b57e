"""Receipt rule sets in SES (its first API: the second one can't receive)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.errors import Misconfigured

if TYPE_CHECKING:
    from types_boto3_ses import SESClient

_MOST_PAGES = 10  # 40 rule sets an account (SES quotas), 100 a page
# How an API says that a region lacks an action. The list of regions that receive grows: none is written down here.
_NOT_HERE = frozenset({"InvalidAction", "UnknownOperationException", "OptInRequired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SesRuleSets:
    """`postroom.stages.activate.RuleSets` over SES: Retryable, and Misconfigured where the region can't receive."""

    client: "SESClient"

    def active(self) -> str | None:
        with self._asking("the active receipt rule set"):
            return self.client.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")

    def names(self) -> Iterator[str]:
        token = ""
        for _ in range(_MOST_PAGES):
            with self._asking("the receipt rule sets"):
                page = self.client.list_receipt_rule_sets(NextToken=token)
            yield from (found["Name"] for found in page.get("RuleSets", ()) if "Name" in found)
            token = page.get("NextToken", "")
            if not token:
                return

    def rules(self, name: str) -> tuple[str, ...]:
        try:
            with self._asking(f"receipt rule set {name}"):
                found = self.client.describe_receipt_rule_set(RuleSetName=name)
        except ClientError as error:
            if code_of(error) in {"RuleSetDoesNotExist", "RuleSetDoesNotExistException"}:
                return ()
            raise
        return tuple(rule["Name"] for rule in found.get("Rules", ()))

    def create(self, name: str) -> None:
        try:
            with self._asking(f"receipt rule set {name}"):
                self.client.create_receipt_rule_set(RuleSetName=name)
        except ClientError as error:
            if code_of(error) not in {"AlreadyExists", "AlreadyExistsException"}:
                raise

    def activate(self, name: str | None) -> None:
        with self._asking(f"receipt rule set {name}"):
            if name is None:
                self.client.set_active_receipt_rule_set()
            else:
                self.client.set_active_receipt_rule_set(RuleSetName=name)

    def delete(self, name: str) -> None:
        with self._asking(f"receipt rule set {name}"):
            self.client.delete_receipt_rule_set(RuleSetName=name)

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            with translated(what):
                yield
        except ClientError as error:
            if code_of(error) in _NOT_HERE:
                raise self._cannot_receive() from error
            raise

    def _cannot_receive(self) -> Misconfigured:
        region = self.client.meta.region_name
        return Misconfigured([f"SES receives no mail in {region}: deploy to a region where it does (SES endpoints)"])
