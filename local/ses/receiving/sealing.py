"""What the KMS option of the S3 action does: the mail is encrypted here, before S3 has it. Pure, but for chance.

Sources: "Deliver to S3 bucket action" (SES developer guide), "How Amazon SES uses AWS KMS" (KMS developer guide), and
the Amazon S3 Encryption Client's version 2 of content metadata.
"""

import json
import os
from base64 import b64encode
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from local.ses.cloud import DataKey

_TAG_BITS = 128


def context(account: str, rule: str, ses_id: str) -> dict[str, str]:
    """The encryption context that SES gives to KMS, and writes on the object."""
    return {"aws:ses:source-account": account, "aws:ses:rule-name": rule, "aws:ses:message-id": ses_id}


def sealed(body: bytes, key: DataKey, said: Mapping[str, str], wrap: str = "kms") -> tuple[bytes, dict[str, str]]:
    """The object's bytes, with the tag at their end, and its metadata. `said` is the context of the wrapped key."""
    iv = os.urandom(12)
    metadata = {
        "x-amz-key-v2": b64encode(key.wrapped).decode(),
        "x-amz-iv": b64encode(iv).decode(),
        "x-amz-cek-alg": "AES/GCM/NoPadding",
        "x-amz-wrap-alg": wrap,
        "x-amz-tag-len": str(_TAG_BITS),
        "x-amz-matdesc": json.dumps(dict(said)),
        "x-amz-unencrypted-content-length": str(len(body)),
    }
    return AESGCM(key.plain).encrypt(iv, body, None), metadata
