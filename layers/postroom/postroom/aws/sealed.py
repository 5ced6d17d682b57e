"""Raw mails that SES encrypted before it stored them (the KMS option of its S3 action), opened.

The format is version 2 of the Amazon S3 Encryption Client's: AES-256-GCM over the whole object, its tag at the end, and
the data key, wrapped by KMS, in the object's metadata. Sources: "Deliver to S3 bucket action" (SES developer guide),
"How Amazon SES uses AWS KMS" (KMS developer guide) and the client's specification of content metadata. Why it is read
here and not by that client: docs/decisions/0010-encrypted-objects.md.
"""

import binascii
import json
import re
import tempfile
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from botocore.exceptions import ClientError

from postroom.aws.failures import code_of, translated
from postroom.errors import Poison, Retryable
from postroom.reasons import Reason

if TYPE_CHECKING:
    from types_boto3_kms import KMSClient

_PIECE = 1 << 20
_TAG = 16  # bytes
_IV = 12  # bytes
_KEY = 32  # bytes
_IN_MEMORY = 1 << 20  # bytes of a mail that need no file
# What only the S3 Encryption Client writes: its versions 1, 2 and 3.
_MARKS = frozenset({"x-amz-key", "x-amz-key-v2", "x-amz-3", "x-amz-c", "x-amz-cek-alg"})
_READABLE = {
    "x-amz-cek-alg": ("AES/GCM/NoPadding",),
    "x-amz-wrap-alg": ("kms", "kms+context"),
    "x-amz-tag-len": (str(_TAG * 8),),
}
_NAMED_KEY = re.compile(r"arn:[a-z-]{1,20}:kms:[a-z0-9-]{1,40}:\d{12}:key/[A-Za-z0-9-]{1,100}")
# KMS's words for what a person can mend: the key's policy or the role's, or the state of the key.
_FORBIDDEN = frozenset({"AccessDenied", "AccessDeniedException", "KMSAccessDeniedException"})
_ASLEEP = frozenset({"DisabledException", "KMSInvalidStateException", "KeyUnavailableException"})


def is_sealed(metadata: Mapping[str, str]) -> bool:
    """Whether the object with this metadata is encrypted: every object is asked for itself, so both kinds may mix."""
    return not _MARKS.isdisjoint(name.lower() for name in metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What the metadata says of a sealed object. `context` is KMS's additional authenticated data."""

    wrapped_key: bytes
    iv: bytes
    context: Mapping[str, str]

    @property
    def key_arn(self) -> str:
        """The key that the wrapping names, where it names one: kms does so in its context, kms+context never."""
        named = self.context.get("kms_cmk_id", "")
        return named if _NAMED_KEY.fullmatch(named) else ""


def seal_of(metadata: Mapping[str, str]) -> Seal:
    """The seal that this metadata describes; Poison where it is none that SES writes, or no whole one."""
    said = {name.lower(): value for name, value in metadata.items()}
    if "x-amz-key-v2" not in said:
        raise Poison(Reason.SEAL_UNKNOWN, f"encrypted in another format than SES's: {_shown(', '.join(sorted(said)))}")
    for name, known in _READABLE.items():
        if (value := said.get(name, "")) not in known:
            raise Poison(Reason.SEAL_UNKNOWN, f"{name} is {_shown(value)}: only {' and '.join(known)} can be read")
    seal = Seal(
        wrapped_key=_decoded(said, "x-amz-key-v2"),
        iv=_decoded(said, "x-amz-iv"),
        context=_context(said.get("x-amz-matdesc", "{}")),
    )
    if len(seal.iv) != _IV:
        raise Poison(Reason.SEAL_BROKEN, f"x-amz-iv has {len(seal.iv)} bytes instead of {_IV}")
    return seal


def _decoded(said: Mapping[str, str], name: str) -> bytes:
    try:
        return b64decode(said.get(name, ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Poison(Reason.SEAL_BROKEN, f"{name} is no base64") from error


def _context(text: str) -> Mapping[str, str]:
    try:
        context = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Poison(Reason.SEAL_BROKEN, "x-amz-matdesc is no JSON") from error
    if not isinstance(context, dict) or not all(isinstance(value, str) for value in context.values()):
        raise Poison(Reason.SEAL_BROKEN, "x-amz-matdesc is no object of strings")
    return context


def _shown(text: str) -> str:
    return repr(text[:200])


def data_key(kms: "KMSClient", seal: Seal, what: str) -> bytes:
    """The data key, unwrapped by KMS: the wrapped one says itself under which key, so an older key's mail opens too.

    Poison where KMS will never unwrap it; Retryable where it may, with what to do. `what` names the object.
    """
    try:
        with translated(f"unwrap the data key of {what}"):
            key = kms.decrypt(CiphertextBlob=seal.wrapped_key, EncryptionContext=dict(seal.context))["Plaintext"]
    except ClientError as error:
        raise _refused(error, seal, what) from error
    if len(key) != _KEY:
        raise Poison(Reason.SEAL_UNKNOWN, f"{what} has a data key of {len(key) * 8} bits instead of {_KEY * 8}")
    return key


def _refused(error: ClientError, seal: Seal, what: str) -> Exception:
    told = str(error.response.get("Error", {}).get("Message", ""))
    key = seal.key_arn or next(iter(_NAMED_KEY.findall(told)), "the KMS key of the receipt rule that stored it")
    match code_of(error):
        case code if code in _FORBIDDEN:
            advice = f"{what} is encrypted and may not be read: give this function's role kms:Decrypt on {key}"
            return Retryable(f"{advice} (the parameters KmsKeyArn and FormerKmsKeyArns do), then redrive the queue")
        case code if code in _ASLEEP:
            return Retryable(f"{what} can't be read while its key is switched off ({code}): enable {key}, then redrive")
        case "InvalidCiphertextException" | "IncorrectKeyException":
            return Poison(Reason.SEAL_BROKEN, f"KMS does not know the data key of {what}, or not with this context")
        case "NotFoundException":
            return Poison(Reason.SEAL_KEY_GONE, f"{what} was encrypted under {key}, which KMS does not have (any more)")
    return error


@contextmanager
def opened(pieces: Iterable[bytes], seal: Seal, key: bytes, what: str) -> Iterator[IO[bytes]]:
    """The decrypted object as a file that nobody else can open, gone when the context ends.

    Nothing is given before the tag of the whole object has been verified: Poison(SEAL_BROKEN) if it doesn't hold.
    Memory holds a few MiB, whatever the size of the object; what is over 1 MiB is on the disk of the function.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        _decrypt(pieces, seal, key, what, file)
        yield file


def _decrypt(pieces: Iterable[bytes], seal: Seal, key: bytes, what: str, into: IO[bytes]) -> None:
    # Here and not above: a desk without encryption never loads it (13 MB, some 10 ms of a cold start).
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES
    from cryptography.hazmat.primitives.ciphers.modes import GCM

    decryptor = Cipher(AES(key), GCM(seal.iv)).decryptor()
    held = b""  # the last bytes so far, which may be the tag
    for piece in pieces:
        held += piece
        into.write(decryptor.update(held[:-_TAG]))
        held = held[-_TAG:]
    try:
        if len(held) < _TAG:
            raise Poison(Reason.SEAL_BROKEN, f"{what} has {len(held)} bytes: too short to have a tag")
        into.write(decryptor.finalize_with_tag(held))
    except InvalidTag as error:
        raise Poison(Reason.SEAL_BROKEN, f"{what} is not what was encrypted: its tag does not fit") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedMail:
    """`postroom.ports.RawMail` over a decrypted file."""

    file: IO[bytes]
    size: int

    def read(self, start: int, end: int) -> bytes:
        return b"".join(self.stream(start, end))

    def stream(self, start: int, end: int) -> Iterator[bytes]:
        end = min(end, self.size)
        for position in range(start, end, _PIECE):
            self.file.seek(position)  # every time: somebody else may have read in between
            yield self.file.read(min(_PIECE, end - position))
