"""Raw mails that SES encrypted: opened like any other, or told by name why not. KMS is moto's."""

import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st
from types_boto3_kms import KMSClient
from types_boto3_s3 import S3Client

from local.ses.cloud import DataKey
from local.ses.receiving import sealing
from postroom.aws import sealed
from postroom.aws.raw_mails import S3RawMails
from postroom.errors import Poison, Retryable
from postroom.reasons import Reason

MIB = 1 << 20
CONTEXT = sealing.context("111122223333", "desk-inbound", "mail-1")
MAIL = b"From: ann@example.com\r\nSubject: sealed\r\n\r\nHello\r\n"


@dataclass
class Desk:
    """A bucket and a key. `asked` has the name of every request that reading made."""

    s3: S3Client
    kms: KMSClient
    key_arn: str
    asked: list[str] = field(default_factory=list)

    def seal(self, body: bytes, said: Mapping[str, str] = CONTEXT, wrap: str = "kms") -> tuple[bytes, dict[str, str]]:
        made = self.kms.generate_data_key(KeyId=self.key_arn, KeySpec="AES_256", EncryptionContext=dict(said))
        return sealing.sealed(body, DataKey(plain=made["Plaintext"], wrapped=made["CiphertextBlob"]), said, wrap)

    def store(self, body: bytes, metadata: Mapping[str, str]) -> None:
        self.s3.put_object(Bucket="mail", Key="raw/mail-1", Body=body, Metadata=dict(metadata))

    def receive(self, body: bytes, wrap: str = "kms") -> None:
        self.store(*self.seal(body, wrap=wrap))

    @property
    def mails(self) -> S3RawMails:
        return S3RawMails(client=self.s3, bucket="mail", kms=lambda: self.kms)

    def read(self) -> bytes:
        with self.mails.open("raw/mail-1") as mail:
            return mail.read(0, mail.size)

    def poison(self) -> Reason:
        with pytest.raises(Poison) as caught:
            self.read()
        return caught.value.reason


@pytest.fixture
def desk(aws: None) -> Desk:
    s3, kms = boto3.client("s3"), boto3.client("kms")
    s3.create_bucket(Bucket="mail")
    made = Desk(s3=s3, kms=kms, key_arn=kms.create_key()["KeyMetadata"]["Arn"])
    for client in (s3, kms):
        client.meta.events.register("before-call", lambda model, **_: made.asked.append(model.name))
    return made


# What is read


@pytest.mark.parametrize("wrap", ["kms", "kms+context"])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, MIB - 17, MIB - 16, MIB - 15, MIB, MIB + 1, 3 * MIB + 5])
def test_a_sealed_mail_of_any_size_is_read_like_a_plain_one(desk: Desk, size: int, wrap: str) -> None:
    body = (bytes(range(251)) * (size // 251 + 1))[:size]
    desk.receive(body, wrap)
    with desk.mails.open("raw/mail-1") as mail:
        assert mail.size == size
        assert mail.read(0, size) == body
        assert mail.read(size - 5 if size > 5 else 0, 9 * MIB) == body[-5:]
        assert mail.read(7, 3) == b""
        one, other = mail.stream(0, size), mail.stream(MIB // 2, size)
        assert next(one, b"") == body[:MIB]  # two readers at once don't disturb each other
        assert b"".join(other) == body[MIB // 2 :]
        assert b"".join(one) == body[MIB:]


def test_a_small_mail_costs_one_request_and_a_sealed_one_the_key_besides(desk: Desk) -> None:
    desk.store(MAIL, {})
    desk.asked.clear()
    assert desk.read() == MAIL
    assert desk.asked == ["GetObject"]
    desk.receive(MAIL)
    desk.asked.clear()
    assert desk.read() == MAIL
    assert desk.asked == ["GetObject", "Decrypt"]


def test_a_large_sealed_mail_is_fetched_once_however_often_it_is_read(desk: Desk) -> None:
    desk.receive(bytes(4 * MIB))
    desk.asked.clear()
    with desk.mails.open("raw/mail-1") as mail:
        for start in range(0, 4 * MIB, MIB):
            assert mail.read(start, start + 10) == bytes(10)
    assert desk.asked == ["GetObject", "Decrypt", "GetObject"]


@pytest.mark.parametrize("is_sealed", [True, False])
def test_a_mail_that_ses_stores_again_while_it_is_read_is_read_again_and_not_called_broken(
    desk: Desk, is_sealed: bool
) -> None:
    def store() -> None:
        desk.store(*(desk.seal(bytes(3 * MIB)) if is_sealed else (os.urandom(3 * MIB), {})))

    times = iter((store,))
    store()
    desk.s3.meta.events.register("after-call.s3.GetObject", lambda **_: next(times, lambda: None)())
    with pytest.raises(Retryable, match="written anew"):
        desk.read()


def test_mails_under_an_older_key_and_under_none_are_read_beside_each_other(desk: Desk) -> None:
    old = desk.seal(MAIL)
    desk.key_arn = desk.kms.create_key()["KeyMetadata"]["Arn"]
    for body, metadata in (old, desk.seal(MAIL), (MAIL, {})):
        desk.store(body, metadata)
        assert desk.read() == MAIL


def test_a_key_that_the_context_names_is_part_of_the_context(desk: Desk) -> None:
    desk.store(*desk.seal(MAIL, {**CONTEXT, "kms_cmk_id": desk.key_arn}))
    assert desk.read() == MAIL


def test_the_length_that_the_metadata_says_is_not_believed(desk: Desk) -> None:
    """Nothing vouches for it: the tag says whether the mail is whole."""
    body, metadata = desk.seal(MAIL)
    desk.store(body, {**metadata, "x-amz-unencrypted-content-length": "3"})
    assert desk.read() == MAIL


def test_memory_does_not_grow_with_a_sealed_mail(desk: Desk) -> None:
    key = DataKey(plain=bytes(32), wrapped=b"wrapped")
    body, metadata = sealing.sealed(bytes(40 * MIB), key, CONTEXT)
    seal = sealed.seal_of(metadata)
    pieces = (body[start : start + MIB] for start in range(0, len(body), MIB))
    tracemalloc.start()
    try:
        with sealed.opened(pieces, seal, key.plain, "a mail") as file:
            mail = sealed.OpenedMail(file=file, size=40 * MIB)
            assert sum(map(len, mail.stream(0, mail.size))) == 40 * MIB
        assert tracemalloc.get_traced_memory()[1] < 10 * MIB
    finally:
        tracemalloc.stop()


def test_nothing_is_left_on_the_disk(desk: Desk, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    desk.receive(bytes(3 * MIB))
    with desk.mails.open("raw/mail-1"):
        assert list(tmp_path.iterdir()) == []  # it has no name even while it is read
    body, metadata = desk.seal(bytes(3 * MIB))
    desk.store(body[:-1] + b"?", metadata)
    assert desk.poison() is Reason.SEAL_BROKEN
    assert list(tmp_path.iterdir()) == []


def test_a_desk_without_encryption_never_loads_it() -> None:
    code = "import postroom.runtime.wiring, sys; sys.exit('cryptography' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 (ours)


def test_an_object_that_awss_own_client_wrote_is_read() -> None:
    """Written once by amazon-s3-encryption-client-python 4.0.0 (which reads ours, too); the key is what KMS gave it."""
    body = bytes.fromhex(
        "a010051191142efaa6030eee4c8db333bc42c9b1e67ab1ebe5917ed9ceea63326d26349b90387d6ef8f00ec791477e5d3dc625403b91e8eb"
        "93dbb169d6195df962"
    )
    context = {**CONTEXT, "aws:x-amz-cek-alg": "AES/GCM/NoPadding"}
    seal = sealed.seal_of(
        {
            "x-amz-key-v2": "AAAA",
            "x-amz-wrap-alg": "kms+context",
            "x-amz-matdesc": json.dumps(context),
            "x-amz-iv": "aLL6Bx7LpJ7IgnnL",
            "x-amz-cek-alg": "AES/GCM/NoPadding",
            "x-amz-tag-len": "128",
        }
    )
    key = bytes.fromhex("3cb98724e9ebd3c7ff9f25983bfc87584173148a83d6840e1c83258e1d8cdf4a")
    assert seal.context == context
    with sealed.opened([body], seal, key, "a mail") as file:
        file.seek(0)
        assert file.read() == MAIL


# What can never be read


def test_a_changed_byte_breaks_the_seal_wherever_it_is(desk: Desk) -> None:
    body, metadata = desk.seal(MAIL)
    for place in range(len(body)):
        desk.store(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :], metadata)
        assert desk.poison() is Reason.SEAL_BROKEN


@pytest.mark.parametrize("size", [100, 2 * MIB])
@pytest.mark.parametrize("lost", [1, 16, 90])
def test_a_cut_object_is_poison(desk: Desk, size: int, lost: int) -> None:
    body, metadata = desk.seal(bytes(size))
    desk.store(body[:-lost], metadata)
    assert desk.poison() is Reason.SEAL_BROKEN


def test_an_object_too_short_for_a_tag_is_poison(desk: Desk) -> None:
    body, metadata = desk.seal(MAIL)
    desk.store(body[:15], metadata)
    assert desk.poison() is Reason.SEAL_BROKEN


def test_the_seal_of_another_mail_does_not_open_this_one(desk: Desk) -> None:
    body, _ = desk.seal(MAIL)
    _, other = desk.seal(MAIL)
    desk.store(body, other)
    assert desk.poison() is Reason.SEAL_BROKEN


def test_another_context_than_the_key_was_wrapped_with_is_poison(desk: Desk) -> None:
    body, metadata = desk.seal(MAIL)
    desk.store(body, {**metadata, "x-amz-matdesc": json.dumps({**CONTEXT, "aws:ses:message-id": "mail-2"})})
    assert desk.poison() is Reason.SEAL_BROKEN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-cek-alg", "AES/CBC/PKCS5Padding"),
        ("x-amz-wrap-alg", "RSA-OAEP-SHA1"),
        ("x-amz-wrap-alg", ""),
        ("x-amz-tag-len", "96"),
    ],
)
def test_what_ses_never_writes_is_unknown(desk: Desk, name: str, value: str) -> None:
    body, metadata = desk.seal(MAIL)
    desk.store(body, {**metadata, name: value})
    assert desk.poison() is Reason.SEAL_UNKNOWN


@pytest.mark.parametrize("mark", ["x-amz-key", "x-amz-3", "x-amz-c"])
def test_the_formats_of_other_clients_are_unknown_and_no_plain_mail(desk: Desk, mark: str) -> None:
    desk.store(b"ciphertext", {mark: "x"})
    assert desk.poison() is Reason.SEAL_UNKNOWN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-iv", "no base64!"),
        ("x-amz-iv", "AAAA"),
        ("x-amz-key-v2", "é".encode().decode("latin-1")),
        ("x-amz-matdesc", "{"),
        ("x-amz-matdesc", "[" * 100_000),
        ("x-amz-matdesc", '["a"]'),
        ("x-amz-matdesc", '{"a": 1}'),
    ],
)
def test_metadata_that_is_not_whole_breaks_the_seal(name: str, value: str) -> None:
    _, metadata = sealing.sealed(MAIL, DataKey(plain=bytes(32), wrapped=b"w"), CONTEXT)
    with pytest.raises(Poison) as caught:
        sealed.seal_of({**metadata, name: value})
    assert caught.value.reason is Reason.SEAL_BROKEN


@given(st.dictionaries(st.sampled_from(["x-amz-key-v2", "x-amz-iv", "x-amz-matdesc"]), st.text(max_size=50)))
def test_whatever_the_metadata_says_it_is_a_seal_or_poison(changes: dict[str, str]) -> None:
    _, metadata = sealing.sealed(MAIL, DataKey(plain=bytes(32), wrapped=b"w"), CONTEXT)
    try:
        seal = sealed.seal_of({**metadata, **changes})
    except Poison:
        return
    assert len(seal.iv) == 12


def test_a_data_key_of_another_length_is_unknown(desk: Desk) -> None:
    made = desk.kms.generate_data_key(KeyId=desk.key_arn, KeySpec="AES_128", EncryptionContext=CONTEXT)
    _, metadata = sealing.sealed(MAIL, DataKey(plain=bytes(32), wrapped=made["CiphertextBlob"]), CONTEXT)
    desk.store(AESGCM(made["Plaintext"]).encrypt(bytes(12), MAIL, None), metadata)
    assert desk.poison() is Reason.SEAL_UNKNOWN


# What KMS refuses


def _refused(code: str, status: int = 400, said: Mapping[str, str] = CONTEXT, message: str = "") -> Exception:
    kms = boto3.client("kms", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    _, metadata = sealing.sealed(MAIL, DataKey(plain=bytes(32), wrapped=b"w"), said)
    with Stubber(kms) as stub:
        stub.add_client_error("decrypt", service_error_code=code, service_message=message, http_status_code=status)
        with pytest.raises((Poison, Retryable, ClientError)) as caught:
            sealed.data_key(kms, sealed.seal_of(metadata), "s3://mail/raw/mail-1")
    return caught.value


@pytest.mark.parametrize(
    ("code", "status"),
    [("ThrottlingException", 400), ("KMSInternalException", 500), ("DependencyTimeoutException", 503)],
)
def test_a_kms_that_is_busy_or_down_is_asked_again(code: str, status: int) -> None:
    assert isinstance(_refused(code, status), Retryable)


ARN = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    ("said", "message"),
    [({**CONTEXT, "kms_cmk_id": ARN}, ""), (CONTEXT, f"not authorized to perform: kms:Decrypt on resource: {ARN}")],
)
def test_a_missing_permission_says_what_to_give_for_which_key(said: Mapping[str, str], message: str) -> None:
    error = _refused("AccessDeniedException", said=said, message=message)
    assert isinstance(error, Retryable)
    assert f"kms:Decrypt on {ARN}" in str(error)


def test_a_missing_permission_says_what_to_give_where_no_key_is_named() -> None:
    said = {**CONTEXT, "kms_cmk_id": "arn:aws:kms:evil\nline"}
    assert "kms:Decrypt on the KMS key of the receipt rule" in str(_refused("AccessDeniedException", said=said))


@pytest.mark.parametrize("code", ["DisabledException", "KMSInvalidStateException"])
def test_a_key_that_is_switched_off_may_be_switched_on_again(code: str) -> None:
    error = _refused(code)
    assert isinstance(error, Retryable)
    assert "enable" in str(error)


def test_a_key_that_is_gone_is_gone() -> None:
    error = _refused("NotFoundException")
    assert isinstance(error, Poison)
    assert error.reason is Reason.SEAL_KEY_GONE


def test_what_kms_says_otherwise_is_unforeseen() -> None:
    assert isinstance(_refused("ValidationException"), ClientError)
