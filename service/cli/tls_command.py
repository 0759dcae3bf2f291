"""greenkeep tls."""

from argparse import ArgumentParser, Namespace

from cryptography import x509

from service.cli import running
from service.cli.certificates import AUTHORITY, fingerprint, make, read, renew
from service.core.dates import system_clock
from service.core.i18n import N_, translate

STEPS = (
    N_(
        "The authority's certificate is {path}. Hand it to each device that shall trust this server, and compare there:"
    ),
    "SHA-256 {fingerprint}",
    N_("Windows: open the file, Install Certificate, Local Machine, store Trusted Root Certification Authorities."),
    N_(
        "Android: Settings, Security, Encryption & credentials, Install a certificate, CA certificate; choose the file."
    ),
    N_(
        "iPhone and iPad: open the file, then Settings, General, VPN & Device Management, install the profile; "
        "then General, About, Certificate Trust Settings, and switch it on."
    ),
    N_("Debian: copy it to /usr/local/share/ca-certificates/greenkeep.crt and run update-ca-certificates as root."),
    N_("Firefox keeps its own list: Settings, Certificates, Authorities, Import, for web sites."),
    N_("Keep {key} offline: it is needed only to renew the server's certificate, every year."),
    N_("Then: greenkeep serve --tls --host ADDRESS"),
)


def add_arguments(parser: ArgumentParser) -> None:
    """Name the arguments."""
    verbs = parser.add_subparsers(dest="verb", required=True)
    init = verbs.add_parser("init", help="make an authority of one's own and the server's certificate")
    init.add_argument("names", nargs="+", metavar="NAME", help="a host's name or address as browsers will open it")
    init.set_defaults(run=run_init)
    verbs.add_parser("renew", help="make the server's certificate anew; nobody has to trust again").set_defaults(
        run=run_renew
    )
    verbs.add_parser("trust", help="say how devices come to trust the authority").set_defaults(run=run_trust)


def run_init(arguments: Namespace) -> int:
    """Make both, and explain what to do on the devices."""
    settings = running.settings()
    running.make_private(settings.folder)
    _explain(make(settings.certificates, arguments.names, system_clock()))
    return 0


def run_renew(_arguments: Namespace) -> int:
    """Make the server's certificate anew."""
    renew(running.settings().certificates, system_clock())
    return 0


def run_trust(_arguments: Namespace) -> int:
    """Explain again."""
    _explain(read(running.settings().certificates, AUTHORITY)[0])
    return 0


def _explain(authority: x509.Certificate) -> None:
    folder = running.settings().certificates
    facts = {"path": folder / "authority.crt", "key": folder / "authority.key", "fingerprint": fingerprint(authority)}
    for step in STEPS:
        print(translate(step, running.language(), facts))
