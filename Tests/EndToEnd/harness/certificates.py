"""A made-up authority, and what it issues: certificates and keys in files, as a user has them."""

import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

DAY = datetime.timedelta(days=1)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Pair:
    """A certificate and its key, in two files."""

    def __init__(self, folder: pathlib.Path, name: str, certificate: x509.Certificate, key) -> None:
        self.x509, self.private = certificate, key
        self.certificate, self.key = folder / f"{name}.pem", folder / f"{name}.key"
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))

    @property
    def listed(self) -> str:
        """As an item of `certificates` in a configuration."""
        return f'{{ certificate: "{self.certificate}", key: "{self.key}" }}'


class Authority:
    def __init__(self, folder: pathlib.Path, name: str = "Test Authority") -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.x509 = (
            self._build(name, self.key.public_key(), -DAY, 30 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(
                digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
                data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), critical=False)
            .sign(self.key, hashes.SHA256()))
        self.certificate = folder / f"{name.replace(' ', '-').lower()}.pem"
        self.certificate.write_bytes(self.x509.public_bytes(serialization.Encoding.PEM))

    def _build(self, name: str, public, begins: datetime.timedelta, ends: datetime.timedelta) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder().subject_name(_subject(name)).issuer_name(_subject(self.name)).public_key(public)
            .serial_number(x509.random_serial_number()).not_valid_before(now() + begins).not_valid_after(now() + ends))

    def issue(
        self, *names: str, file: str | None = None, common_name: str | None = None, rsa_bits: int = 0, client: bool = False,
        begins: datetime.timedelta = -DAY, ends: datetime.timedelta = 10 * DAY, responder: str | None = None,
    ) -> Pair:
        key = rsa.generate_private_key(65537, rsa_bits) if rsa_bits else ec.generate_private_key(ec.SECP256R1())
        common_name = common_name or names[0]
        builder = (
            self._build(common_name, key.public_key(), begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
            .add_extension(x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH]), critical=False))
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        if responder:
            builder = builder.add_extension(x509.AuthorityInformationAccess([x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder))]), critical=False)
        certificate = builder.sign(self.key, hashes.SHA256())
        return Pair(self.folder, file or common_name.replace("*", "any"), certificate, key)

    def revoke(self, *pairs: Pair, file: str = "revoked") -> pathlib.Path:
        """A list that takes these back."""
        builder = (
            x509.CertificateRevocationListBuilder().issuer_name(_subject(self.name)).last_update(now() - DAY)
            .next_update(now() + DAY))
        for pair in pairs:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(pair.x509.serial_number).revocation_date(now() - DAY).build())
        path = self.folder / f"{file}.crl"
        path.write_bytes(builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return path
