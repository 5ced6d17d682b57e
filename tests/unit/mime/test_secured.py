import zlib
from base64 import b64decode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroom.mime import cms, secured
from postroom.mime.cms import Kind
from postroom.mime.scan import scan
from postroom.mime.secured import Secured, unarmoured

MAIL = b"Content-Type: text/plain; charset=utf-8\r\n\r\nHello Caf\xc3\xa9\r\n"

# openssl cms -sign -nodetach -nocerts -binary, by a key made for this test
BY_OPENSSL = b64decode("""
    MIICEgYJKoZIhvcNAQcCoIICAzCCAf8CAQExDTALBglghkgBZQMEAgEwRwYJKoZIhvcNAQcBoDoEOENvbnRlbnQtVHlwZTogdGV4
    dC9wbGFpbjsgY2hhcnNldD11dGYtOA0KDQpIZWxsbyBDYWbDqQ0KMYIBoDCCAZwCAQEwTjA2MRQwEgYDVQQDDAtBbm4gRXhhbXBs
    ZTEeMBwGCSqGSIb3DQEJARYPYW5uQGV4YW1wbGUuY29tAhQuvfrCNoaaoikaFIec7SnYKp9C+zALBglghkgBZQMEAgGggeQwGAYJ
    KoZIhvcNAQkDMQsGCSqGSIb3DQEHATAcBgkqhkiG9w0BCQUxDxcNMjYxMTI0MTE0MzM5WjAvBgkqhkiG9w0BCQQxIgQgzsFQtZbg
    w2uROo3I7LOCA4UG5I+xFE3MqkV/YIW/JdIweQYJKoZIhvcNAQkPMWwwajALBglghkgBZQMEASowCwYJYIZIAWUDBAEWMAsGCWCG
    SAFlAwQBAjAKBggqhkiG9w0DBzAOBggqhkiG9w0DAgICAIAwDQYIKoZIhvcNAwICAUAwBwYFKw4DAgcwDQYIKoZIhvcNAwICASgw
    CgYIKoZIzj0EAwIERzBFAiATih4Fo+Hp7Q///XBevTj7uSoHd33HKEohkDehkLGDBQIhAJPufbRZJBrsaNiPm4BDPzZ5e0YVbztx
    2uhmgKJWMUTG
""")

OIDS = {
    "data": "2a864886f70d010701",
    "signed": "2a864886f70d010702",
    "enveloped": "2a864886f70d010703",
    "auth_enveloped": "2a864886f70d0109100117",
    "compressed": "2a864886f70d0109100109",
    "ts_token": "2a864886f70d0109100104",
}

Wrap = Callable[..., bytes]


def der(tag: int, *content: bytes) -> bytes:
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = -(-len(body).bit_length() // 8)
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def indefinite(tag: int, *content: bytes) -> bytes:
    return bytes([tag, 0x80]) + b"".join(content) + b"\0\0"


def oid(name: str) -> bytes:
    return der(0x06, bytes.fromhex(OIDS[name]))


def info(kind: str, *inside: bytes, wrap: Wrap = der) -> bytes:
    return wrap(0x30, oid(kind), wrap(0xA0, wrap(0x30, der(0x02, b"\1"), der(0x31), *inside)))


def signed(*octets: bytes, wrap: Wrap = der) -> bytes:
    content = [wrap(0xA0, *octets)] if octets else []
    return info("signed", wrap(0x30, oid("data"), *content), der(0x31, b"\x30\0"), wrap=wrap)


def test_the_signed_mail_is_taken_out_of_what_openssl_wrote() -> None:
    assert cms.open(BY_OPENSSL) == cms.Cms(kind=Kind.SIGNED, content=MAIL)


@pytest.mark.parametrize("wrap", [der, indefinite])
def test_a_content_in_one_piece_or_in_many_under_any_length_is_taken_out(wrap: Wrap) -> None:
    pieces = [der(0x04, MAIL[i : i + 7]) for i in range(0, len(MAIL), 7)]
    nested = indefinite(0x24, der(0x24, *pieces[:3]), indefinite(0x24, *pieces[3:]))
    for octets in (der(0x04, MAIL), der(0x24, *pieces), indefinite(0x24, *pieces), nested):
        assert cms.open(signed(octets, wrap=wrap)) == cms.Cms(kind=Kind.SIGNED, content=MAIL)


def test_algorithms_of_any_length_are_passed_over() -> None:
    algorithms = indefinite(0x31, indefinite(0x30, oid("data"), b"\x05\0"), der(0x31, b"x" * 300), b"\x1f\x81\x01\x00")
    structure = der(0x30, der(0x02, b"\3"), algorithms, der(0x30, oid("data"), der(0xA0, der(0x04, MAIL))))
    assert cms.open(der(0x30, oid("signed"), der(0xA0, structure))) == cms.Cms(kind=Kind.SIGNED, content=MAIL)


@pytest.mark.parametrize("kind", ["enveloped", "auth_enveloped"])
def test_what_is_encrypted_is_known_by_its_type_and_stays_closed(kind: str) -> None:
    assert cms.open(info(kind, der(0x04, b"secret"))) == cms.Cms(kind=Kind.ENCRYPTED)


def test_what_is_compressed_is_opened() -> None:
    packed = info("compressed", der(0x30, oid("data"), der(0xA0, der(0x04, zlib.compress(MAIL)))))
    assert cms.open(packed) == cms.Cms(kind=Kind.COMPRESSED, content=MAIL)
    broken = info("compressed", der(0x30, oid("data"), der(0xA0, der(0x04, zlib.compress(MAIL)[:-3]))))
    assert cms.open(broken) == cms.Cms(kind=Kind.COMPRESSED, content=MAIL, whole=False)
    none = info("compressed", der(0x30, oid("data"), der(0xA0, der(0x04, b"no zlib"))))
    assert cms.open(none) == cms.Cms(kind=Kind.COMPRESSED, content=b"", whole=False)


def test_a_compressed_bomb_is_bounded() -> None:
    bomb = zlib.compress(bytes(cms.MOST_INFLATED + 5))
    found = cms.open(info("compressed", der(0x30, oid("data"), der(0xA0, der(0x04, bomb)))))
    assert found
    assert found.content is not None
    assert (len(found.content), found.whole) == (cms.MOST_INFLATED, False)


def test_certificates_and_detached_signatures_have_no_content() -> None:
    assert cms.open(signed()) == cms.Cms(kind=Kind.SIGNED)


def test_other_types_are_told_and_not_opened() -> None:
    assert cms.open(info("ts_token")) == cms.Cms(kind=Kind.OTHER)


def test_a_cut_object_gives_what_is_there() -> None:
    whole = signed(der(0x04, MAIL))
    found = cms.open(whole[: whole.index(b"Hello") + 5])
    assert found == cms.Cms(kind=Kind.SIGNED, content=MAIL[:-8], whole=False)
    pieces = signed(indefinite(0x24, *(der(0x04, MAIL[i : i + 7]) for i in range(0, len(MAIL), 7))), wrap=indefinite)
    found = cms.open(pieces[:-30])
    assert found
    assert found.content
    assert MAIL.startswith(found.content)
    assert not found.whole


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80", b"0123456789", b"\x30\xff" + b"\xff" * 200, b"PK\3\4"])
def test_what_is_no_object_is_none(data: bytes) -> None:
    assert cms.open(data) is None


@given(st.binary(max_size=200), st.integers(0, 530), st.integers(0, 255))
def test_no_bytes_raise(data: bytes, at: int, byte: int) -> None:
    cms.open(b"\x30" + data)
    cms.open(BY_OPENSSL[:at] + bytes([byte]) + BY_OPENSSL[at + 1 :])
    cms.open(BY_OPENSSL[:at])
    cms.open(info("signed", data))


def test_depth_and_number_of_elements_are_bounded() -> None:
    deep = cms.open(info("signed", wrap=indefinite)[:-8] + b"\x30\x80" * 100_000)
    assert deep == cms.Cms(kind=Kind.SIGNED, whole=False)
    deep = cms.open(signed(b"\x24\x80" * 100_000))
    assert deep == cms.Cms(kind=Kind.SIGNED, content=b"", whole=False)
    many = cms.open(signed(indefinite(0x24, b"\x04\x01x" * 1_000_000)))
    assert many
    assert not many.whole
    assert many.content
    assert len(many.content) < cms.MOST_ELEMENTS


# --- The parts -------------------------------------------------------------------------------------------------------


def multipart(head: str, *types: str) -> Secured | None:
    parts = "".join(f"--b\nContent-Type: {one}\n\nx\n" for one in types)
    return secured.of_multipart(scan(f"Content-Type: {head}; boundary=b\n\n{parts}--b--\n".encode()))


@pytest.mark.parametrize(
    ("head", "types", "expected"),
    [
        ('multipart/signed; protocol="application/pkcs7-signature"', ["text/plain", "x/y"], Secured.SMIME_SIGNED),
        ("multipart/signed; protocol=application/X-PKCS7-Signature", ["text/plain", "x/y"], Secured.SMIME_SIGNED),
        ('multipart/signed; protocol="application/pgp-signature"', ["text/plain", "x/y"], Secured.PGP_SIGNED),
        ("multipart/signed", ["text/plain", "application/pgp-signature"], Secured.PGP_SIGNED),
        ("multipart/signed", ["text/plain", "application/x-pkcs7-signature"], Secured.SMIME_SIGNED),
        ("multipart/signed", ["text/plain"], None),
        ("multipart/encrypted; protocol=application/pgp-encrypted", ["x/y", "x/y"], Secured.PGP_ENCRYPTED),
        ("multipart/encrypted", ["application/pgp-encrypted", "application/octet-stream"], Secured.PGP_ENCRYPTED),
        ("multipart/encrypted", ["x/y", "x/y"], None),
        # what Exchange makes of it
        ("multipart/mixed", ["application/pgp-encrypted", "application/octet-stream"], Secured.PGP_ENCRYPTED),
        ("multipart/mixed", ["text/plain", "application/pgp-encrypted", "application/octet-stream"],
         Secured.PGP_ENCRYPTED),
        ("multipart/mixed", ["text/plain", "application/octet-stream"], None),
        ("multipart/alternative", ["text/plain", "text/html"], None),
    ],
)  # fmt: skip
def test_a_multipart_is_signed_or_encrypted_by_its_label_or_by_what_is_in_it(
    head: str, types: list[str], expected: Secured | None
) -> None:
    assert multipart(head, *types) is expected


@pytest.mark.parametrize(
    ("content_type", "is_one"),
    [
        ("application/pkcs7-mime; smime-type=signed-data", True),
        ("application/x-pkcs7-mime", True),
        ("application/octet-stream; name=smime.p7m", True),
        ('application/octet-stream; name="SMIME.P7M"', True),
        ("application/octet-stream; name=a.bin", False),
        ("application/pkcs7-signature; name=smime.p7s", False),
    ],
)
def test_an_smime_object_is_known_by_type_or_name(content_type: str, is_one: bool) -> None:
    assert secured.is_smime(scan(f"Content-Type: {content_type}\n\nx".encode()).head) is is_one


@pytest.mark.parametrize(
    ("label", "opened", "expected"),
    [
        ("; smime-type=signed-data", signed(der(0x04, MAIL)), Secured.SMIME_OPAQUE_SIGNED),
        ("", signed(der(0x04, MAIL)), Secured.SMIME_OPAQUE_SIGNED),
        ("; smime-type=enveloped-data", signed(der(0x04, MAIL)), Secured.SMIME_OPAQUE_SIGNED),  # the label lies
        ("", info("enveloped"), Secured.SMIME_ENCRYPTED),
        ("", info("compressed"), Secured.SMIME_COMPRESSED),
        ("; smime-type=certs-only", signed(), None),
        ("; smime-type=enveloped-data", b"no DER", Secured.SMIME_ENCRYPTED),
        ("; smime-type=AuthEnveloped-Data", b"no DER", Secured.SMIME_ENCRYPTED),
        ("", b"no DER", None),
    ],
)
def test_an_smime_object_is_what_its_bytes_say_before_what_its_label_says(
    label: str, opened: bytes, expected: Secured | None
) -> None:
    entity = scan(f"Content-Type: application/pkcs7-mime{label}\n\nx".encode())
    assert secured.of_smime(entity, cms.open(opened)) is expected


# --- The text --------------------------------------------------------------------------------------------------------

SIGNATURE = "-----BEGIN PGP SIGNATURE-----\nVersion: 2\n\niQEzBAEB\n=abcd\n-----END PGP SIGNATURE-----\n"


def cleartext(text: str, head: str = "Hash: SHA512\n\n") -> str:
    return f"-----BEGIN PGP SIGNED MESSAGE-----\n{head}{text}{SIGNATURE}"


def test_a_cleartext_signature_is_taken_off_and_the_dashes_are_the_senders() -> None:
    found = unarmoured(cleartext("Hello\n\n- - one\n- -- \n- From here\nAnn\n"))
    assert found.text == "Hello\n\n- one\n-- \nFrom here\nAnn\n"
    assert found.secured == (Secured.PGP_INLINE_SIGNED,)


def test_what_stands_around_the_signed_block_stays() -> None:
    found = unarmoured("Above\n" + cleartext("Hello\n") + "____\nA list's footer\n" + cleartext("Again\n"))
    assert found.text == "Above\nHello\n____\nA list's footer\nAgain\n"


@pytest.mark.parametrize("head", ["\n", "Hash: SHA1\n\n", "Hash: SHA1\nHash: MD5\n \n", "Hash: SHA1\n", ""])
def test_headers_of_the_armour_and_a_missing_empty_line_are_understood(head: str) -> None:
    assert unarmoured(cleartext("Note: this is text\n", head)).text == "Note: this is text\n"


def test_dashes_that_are_said_not_to_be_escaped_stay() -> None:
    head = "Hash: SHA1\nNotDashEscaped: You need GnuPG to verify this message\n\n"
    assert unarmoured(cleartext("- one\n", head)).text == "- one\n"


def test_a_signature_that_is_cut_ends_where_its_armour_ends() -> None:
    cut = cleartext("Hello\n").replace("-----END PGP SIGNATURE-----\n", "-- \nA footer of words\n")
    assert unarmoured(cut).text == "Hello\n-- \nA footer of words\n"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nno signature\n",
        "> -----BEGIN PGP SIGNED MESSAGE-----\n> \n> Hi\n> -----BEGIN PGP SIGNATURE-----\n",
        "write -----BEGIN PGP SIGNED MESSAGE----- above it\n" + SIGNATURE,
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxyz\n-----END PGP PUBLIC KEY BLOCK-----\n",
        "-----BEGIN PGP MESSAGE-----\n\nno end",
        "Hello\n",
        "",
    ],
)
def test_other_text_is_not_touched(text: str) -> None:
    assert unarmoured(text) == secured.Unarmoured(text=text)


def test_an_encrypted_block_is_told_and_stays_as_it_is() -> None:
    text = "Hi\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=abcd\n-----END PGP MESSAGE-----\n"
    assert unarmoured(text) == secured.Unarmoured(text=text, secured=(Secured.PGP_INLINE_ENCRYPTED,))


@pytest.mark.parametrize(
    "unit",
    ["-----BEGIN PGP SIGNED MESSAGE-----", "-----BEGIN PGP SIGNED MESSAGE-----\n", "\n-----BEGIN PGP SIGNATURE-----",
     "-----BEGIN PGP SIGNED MESSAGE-----\n-----BEGIN PGP SIGNATURE-----\n", "-----BEGIN PGP MESSAGE-----\n",
     "-----BEGIN PGP SIGNED MESSAGE-----\n" + "Hash: x\n" * 20],
)  # fmt: skip
def test_many_blocks_take_no_longer_than_they_are_long(unit: str) -> None:
    unarmoured(unit * (1_000_000 // len(unit)))


@given(
    st.lists(
        st.sampled_from(
            [
                "-----BEGIN PGP SIGNED MESSAGE-----\n",
                SIGNATURE,
                "Hash: a\n",
                "\n",
                "- x\n",
                "-----",
                "-----BEGIN PGP SIGNATURE-----\n",
                "-----END PGP SIGNATURE-----\n",
                "abc def\n",
            ]
        )
    )
)
def test_no_text_raises_and_none_grows(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert len(unarmoured(text).text) <= len(text)
