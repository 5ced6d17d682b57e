"""TLS for the SMTP ports: a certificate of its own for every start, as senders expect of a mail server: self-signed."""

import ssl
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.ses.values import now

_VALID = timedelta(days=365)


def server_context(name: str, published: Path | None = None) -> ssl.SSLContext:
    """A server's context with a fresh key. Its certificate is for `name`, which is SES's, and for localhost; it is also
    written to `published`, for clients that verify."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key, (name, "localhost")).public_bytes(serialization.Encoding.PEM)
    if published is not None:
        published.parent.mkdir(parents=True, exist_ok=True)
        published.write_bytes(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with TemporaryDirectory(prefix="ses-tls-") as folder:  # ssl reads keys from files only; this folder is the user's
        chain = Path(folder) / "chain.pem"
        chain.write_bytes(certificate + _pem(key))
        context.load_cert_chain(chain)
    return context


def _certificate(key: ec.EllipticCurvePrivateKey, dns: tuple[str, ...]) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, dns[0])])
    others = [x509.DNSName(one) for one in dns]
    own = x509.IPAddress(ip_address("127.0.0.1"))
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    # An hour back: clocks differ, in containers too.
    builder = builder.not_valid_before(now() - timedelta(hours=1)).not_valid_after(now() + _VALID)
    builder = builder.add_extension(x509.SubjectAlternativeName([*others, own]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.sign(key, hashes.SHA256())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
