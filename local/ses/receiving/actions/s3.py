"""Deliver to S3 bucket: the mail is an object under prefix and SES id, encrypted first where the rule has a key.

Source: "Deliver to S3 bucket action" (SES developer guide).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from local.ses.receiving import sealing
from local.ses.receiving.actions.action import Outcome, Playing
from local.ses.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Action:
    bucket: str
    prefix: str = ""
    topic_arn: str | None = None
    kms_key_arn: str | None = None
    role_arn: str | None = None  # kept and described: every bucket here is the account's own

    invalid: ClassVar[str] = "InvalidS3Configuration"

    def reported(self, ses_id: str) -> Mapping[str, Json]:
        key = self.prefix + ses_id
        return {"type": "S3", "bucketName": self.bucket, "objectKeyPrefix": self.prefix, "objectKey": key}

    def play(self, playing: Playing) -> Outcome:
        ses_id = playing.delivery.ses_id
        body, metadata = playing.stored, dict[str, str]()
        if self.kms_key_arn:
            said = sealing.context(playing.place.account, playing.rule, ses_id)
            body, metadata = sealing.sealed(body, playing.cloud.data_key(self.kms_key_arn, said), said)
        playing.cloud.store(self.bucket, self.prefix + ses_id, body, metadata)
        return Outcome(said=f"stored in {self.bucket} as {self.prefix}{ses_id}")

    def try_out(self, playing: Playing) -> None:
        self.play(playing)
