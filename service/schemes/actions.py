"""Enter assessment schemes."""

from hashlib import sha256

from sqlmodel import Session, select

from service.access.rules import require
from service.audit_log import actions as audit_log
from service.core.actor import Actor, Role
from service.core.db import insert
from service.core.errors import CodeTaken, Invalid
from service.core.i18n import N_
from service.schemes.checker import check_scheme
from service.schemes.issues import SchemeRefused
from service.schemes.language import read_scheme
from service.schemes.models import SchemeVersion
from service.schemes.supply import unsupplied


class OtherScheme(Invalid):
    """An address holds the scheme that it names."""

    code, message = "other_scheme", N_("The address names {address}, the text {scheme}.")


def enter_scheme(
    session: Session, actor: Actor, text: str, *, at: tuple[str, int] | None = None
) -> tuple[SchemeVersion, bool]:
    """Enter a scheme's file after checking it. The same file again is returned as it stands, with False for not new.

    `at`: the code and version that it is sent as; refused when the text says otherwise.
    """
    require(actor, Role.HOST, Role.MANAGER)
    scheme = read_scheme(text)
    if wrong := [issue for issue in check_scheme(scheme) if not issue.warning] + unsupplied(scheme):
        raise SchemeRefused(wrong)
    if at and at != (scheme.id, scheme.version):
        raise OtherScheme(address="{} v{}".format(*at), scheme=f"{scheme.id} v{scheme.version}")
    digest = sha256(text.encode()).hexdigest()
    query = select(SchemeVersion).where(SchemeVersion.code == scheme.id, SchemeVersion.version == scheme.version)
    if (known := session.exec(query).one_or_none()) and known.sha256 == digest:
        return known, False
    version = SchemeVersion(
        code=scheme.id,
        version=scheme.version,
        valid_from=scheme.valid_from,
        title_zh=scheme.title["zh"],
        title_en=scheme.title["en"],
        text=text,
        sha256=digest,
    )
    insert(session, version, taken=CodeTaken(code=f"{scheme.id} v{scheme.version}"))
    audit_log.record(session, actor, "scheme.enter", version, after=[version])
    return version, True
