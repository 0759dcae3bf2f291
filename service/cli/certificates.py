"""An authority of one's own and the server's certificate, for networks that no public authority knows."""

import os
import re
import stat
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from service.core.errors import Conflict, Invalid
from service.core.i18n import N_

AUTHORITY_LIVES, SERVER_LIVES = timedelta(days=3650), timedelta(days=397)  # phones refuse longer ones of servers
RENEW_BEFORE, SKEW = timedelta(days=30), timedelta(days=1)
HERE = ("localhost", "127.0.0.1", "::1")
DNS_NAME = re.compile(
    r"(?=.{1,253}$)(?!\d+(\.\d+)*$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
AUTHORITY, SERVER = "authority", "server"


class AlreadyMade(Conflict):
    """Devices trust what is there; to write over it would lock them out."""

    code, message = "tls_already_made", N_("{folder} holds certificates already; they are left alone.")


class NoCertificate(Invalid):
    """Nothing to serve with."""

    code, message = "no_certificate", N_("{path} is missing. Run: greenkeep tls init NAME…")


class BadName(Invalid):
    """Neither an address nor a name that a certificate can hold."""

    code, message = "bad_host_name", N_("{name} is neither the name of a host nor an address.")


class OpenKey(Invalid):
    """A key that others can read is not one."""

    code, message = "open_key", N_("Other accounts of this machine can read {path}; make it private: chmod 600.")


class Unfit(Invalid):
    """Key and certificate do not belong together, or are none."""

    code, message = "unfit_certificate", N_("{path} cannot be used: it is no certificate or key, or of another pair.")


class RanOut(Invalid):
    """Browsers would refuse it."""

    code, message = "certificate_ran_out", N_("The server's certificate ran out on {day}. Run: greenkeep tls renew")


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey  # an operator's own may be any of them
Pair = tuple[x509.Certificate, Key]


def make(folder: Path, names: Sequence[str], now: datetime) -> x509.Certificate:
    """Make an authority and a server's certificate in a new folder, all at once; return the authority's.

    The authority can sign for these names alone: whoever steals its key gains no other host.
    """
    if folder.exists():
        raise AlreadyMade(folder=folder)
    known = [general_name(name) for name in dict.fromkeys([*names, *HERE])]
    authority = _authority(names[0], known, now)
    aside = folder.with_name(f"{folder.name}.new")
    aside.mkdir(mode=0o700)
    _write(aside, AUTHORITY, authority)
    _write(aside, SERVER, _server(authority, known, now))
    aside.rename(folder)
    return authority[0]


def renew(folder: Path, now: datetime) -> None:
    """Make the server's certificate anew, for the same names and by the same authority: nobody has to trust again."""
    old, _key = read(folder, SERVER)
    known = list(old.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    fresh = _server(read(folder, AUTHORITY), known, now)
    _write(folder, f"{SERVER}.new", fresh)
    for ending in ("key", "crt"):
        (folder / f"{SERVER}.new.{ending}").replace(folder / f"{SERVER}.{ending}")


def read(folder: Path, name: str) -> Pair:
    """Return a certificate with its key; refused when one is missing, open to others, or of another pair."""
    paths = folder / f"{name}.crt", folder / f"{name}.key"
    for path in paths:
        if not path.is_file():
            raise NoCertificate(path=path)
    if paths[1].stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise OpenKey(path=paths[1])
    try:
        certificate = x509.load_pem_x509_certificate(paths[0].read_bytes())
        key = load_pem_private_key(paths[1].read_bytes(), None)
    except (ValueError, TypeError):
        raise Unfit(path=paths[0]) from None
    if not isinstance(key, Key) or _written(key.public_key()) != _written(certificate.public_key()):
        raise Unfit(path=paths[0])
    return certificate, key


def _written(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def refuse_unfit(folder: Path, now: datetime) -> datetime | None:
    """Refuse to serve with a certificate that browsers refuse; return when it runs out, if that is soon."""
    certificate, _key = read(folder, SERVER)
    until = certificate.not_valid_after_utc
    if now >= until:
        raise RanOut(day=until.date())
    return until if now >= until - RENEW_BEFORE else None


def fingerprint(certificate: x509.Certificate) -> str:
    """Return what people compare before they trust: SHA-256 in pairs of digits, as devices show it."""
    return certificate.fingerprint(SHA256()).hex(":").upper()


def general_name(text: str) -> x509.GeneralName:
    """Read an address or the name of a host.

    >>> general_name("Greenkeep.park.example").value, str(general_name("192.0.2.7").value)
    ('greenkeep.park.example', '192.0.2.7')
    """
    try:
        return x509.IPAddress(ip_address(text))
    except ValueError:
        name = text.lower().rstrip(".")
    if not DNS_NAME.fullmatch(name):
        raise BadName(name=text)
    return x509.DNSName(name)


def _authority(name: str, known: Sequence[x509.GeneralName], now: datetime) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(f"Greenkeep authority of {name}"[:64])
    allowed = [
        x509.IPAddress(ip_network(n.value)) if isinstance(n, x509.IPAddress) else x509.DNSName(n.value) for n in known
    ]
    builder = (
        _builder(subject, subject, key.public_key(), now, AUTHORITY_LIVES)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
    )
    return builder.sign(key, SHA256()), key


def _server(authority: Pair, known: Sequence[x509.GeneralName], now: datetime) -> Pair:
    issuer, issuer_key = authority
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(str(known[0].value)[:64])
    lives = min(SERVER_LIVES, issuer.not_valid_after_utc - now)
    builder = (
        _builder(subject, issuer.subject, key.public_key(), now, lives)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(known), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, SHA256()), key


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, lives: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + lives - SKEW)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _subject(name: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Greenkeep"), x509.NameAttribute(NameOID.COMMON_NAME, name)]
    )


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(folder: Path, name: str, pair: Pair) -> None:
    """Write a key that nobody else can read from its first byte on, and its certificate."""
    certificate, key = pair
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for ending, content, mode in (("key", secret, 0o600), ("crt", certificate.public_bytes(Encoding.PEM), 0o644)):
        path = folder / f"{name}.{ending}"
        path.unlink(missing_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
