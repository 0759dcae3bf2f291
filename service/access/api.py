"""HTTP face of access: whose database this is, the parties, who is asking, and tokens.

A token is issued to a person at a browser or by the host, never by way of another token.
"""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from sqlmodel import Session

from service.access import actions, queries, sign_in_actions
from service.access.models import Organisation, User
from service.access.rules import Answer, require, standing
from service.access.schemas import (
    AnswerIn,
    AuthorityOut,
    GrantOut,
    Me,
    OrganisationIn,
    OrganisationOut,
    RoleGiven,
    RoleIn,
    SessionOut,
    TokenOut,
    UserIn,
    UserOut,
)
from service.core.actor import Kind, Role
from service.core.db import today
from service.core.errors import found
from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    Code,
    IfMatch,
    Limit,
    Names,
    Page,
    ReadSession,
    WriteSession,
    api_router,
)
from service.core.paging import page_of, part_of, uncursor

router = api_router("access")
NewCode = Annotated[str, Path(pattern="^[a-z][a-z0-9._-]*$", max_length=40, description="The code it shall have.")]
OfUser = Annotated[Code | None, Query(alias="user", description="An account's code.")]
KEEPERS = (Role.ADMIN, Role.AUDITOR)  # read who has which account


@router.get("/authority")
def read_authority(session: ReadSession) -> AuthorityOut:
    """Return whose database this is."""
    authority, organisation = found(queries.the_authority(session))
    return AuthorityOut(
        code=organisation.code,
        name=Names(zh=organisation.name_zh, en=organisation.name_en),
        time_zone=authority.time_zone,
        locale=authority.locale,
        currency=authority.currency,
        amendment_ceiling_percent=authority.amendment_ceiling_percent,
        extent=(authority.west, authority.south, authority.east, authority.north),
        indicators=authority.indicators,
        today=today(session),
        demo=authority.demo_at is not None,
    )


@router.get("/organisations")
def list_organisations(
    session: ReadSession,
    kind: Annotated[Kind | None, Query(description="Only those of a kind, such as contractor.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[OrganisationOut]:
    """Return the parties that you see, by code."""
    rows, mark = part_of(queries.organisations(session, kind=kind), after, limit, lambda row: row.code)
    return Page(items=[OrganisationOut.of(row) for row in rows], next=mark)


@router.get("/organisations/{code}")
def read_organisation(session: ReadSession, code: Code) -> OrganisationOut:
    """Return a party."""
    rows = {row.code: row for row in queries.organisations(session)}
    return OrganisationOut.of(found(rows.get(code)))


@router.put("/organisations/{code}", status_code=201, responses=AGAIN)
def add_organisation(
    session: WriteSession, actor: ActorDep, code: NewCode, body: OrganisationIn, answer: Response
) -> OrganisationOut:
    """Enter a party: 201. The same again: 200."""
    organisation, is_new = actions.keep_organisation(
        session, actor, code=code, kind=body.kind, name_zh=body.name.zh, name_en=body.name.en
    )
    answer.status_code = 201 if is_new else 200
    return OrganisationOut.of(organisation)


@router.get("/users")
def list_users(
    session: ReadSession,
    actor: ActorDep,
    role: Annotated[Role | None, Query(description="Only those with a role.")] = None,
    organisation: Annotated[Code | None, Query(description="An organisation's code.")] = None,
    active: Annotated[bool | None, Query(description="Only those that may sign in, or only the others.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[UserOut]:
    """Return the accounts, by code."""
    require(actor, *KEEPERS)
    every = queries.accounts(
        session,
        role=role,
        organisation=organisation or "",
        active=active,
        after=uncursor(after),
        limit=limit + 1,
    )
    rows, mark = page_of(every, limit, lambda row: row[0].code)
    return Page(items=[UserOut.of(*row) for row in rows], next=mark)


@router.get("/users/{code}")
def read_user(session: ReadSession, actor: ActorDep, code: Code, answer: Response) -> UserOut:
    """Return an account. The ETag names what it is, for If-Match."""
    require(actor, *KEEPERS)
    return _account(session, code, answer)


@router.put("/users/{code}", status_code=201, responses=AGAIN)
def add_user(session: WriteSession, actor: ActorDep, code: NewCode, body: UserIn, answer: Response) -> UserOut:
    """Open an account with a role that one person gives: 201. The same again: 200.

    It has no way in yet: the operator issues its first sign-in link.
    """
    require(actor, Role.ADMIN)
    organisation = queries.organisation_by_code(session, body.organisation)
    _, is_new = actions.keep_user(
        session,
        actor,
        code=code,
        name=body.name,
        role=body.role,
        organisation=organisation,
        language=body.language,
    )
    answer.status_code = 201 if is_new else 200
    return _account(session, code, answer)


@router.post("/users/{code}/role")
def give_role(
    session: WriteSession, actor: ActorDep, code: Code, seen: IfMatch, body: RoleIn, answer: Response
) -> RoleGiven:
    """Give an account another role; a weighty one is proposed, and another administrator answers."""
    require(actor, Role.ADMIN)
    grant = actions.give_role(session, actor, _user(session, code), body.role, seen=seen)
    proposal = GrantOut.of(queries.grant_by_id(session, grant.id)) if grant else None
    return RoleGiven(user=_account(session, code, answer), proposal=proposal)


@router.post("/users/{code}/closure")
def close_account(session: WriteSession, actor: ActorDep, code: Code, seen: IfMatch, answer: Response) -> UserOut:
    """Close an account and end its sessions and tokens at once. What it did stays; only the operator opens it again."""
    require(actor, Role.ADMIN)
    actions.close_account(session, actor, _user(session, code), seen=seen)
    return _account(session, code, answer)


@router.get("/role-grants")
def list_role_grants(
    session: ReadSession,
    actor: ActorDep,
    user: OfUser = None,
    answer: Annotated[Answer | None, Query(description="Only those with this answer.")] = None,
    waiting: Annotated[bool | None, Query(description="Only those without an answer, or only the others.")] = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[GrantOut]:
    """Return the roles that were proposed, in that order."""
    require(actor, *KEEPERS)
    every = queries.grants(session, _user(session, user).id if user else None)[::-1]
    asked = [
        row
        for row in every
        if waiting in (None, row.answer is None)
        and (answer is None or (row.answer is not None and row.answer.answer is answer))
    ]
    rows, mark = part_of(asked, after, limit, lambda row: str(row.grant.id))
    return Page(items=[GrantOut.of(row) for row in rows], next=mark)


@router.post("/role-grants/{grant_id}/answer")
def answer_role_grant(session: WriteSession, actor: ActorDep, grant_id: UUID, body: AnswerIn) -> GrantOut:
    """Confirm a proposed role as another administrator than the one who proposed it, or decline it. Once."""
    actions.answer_grant(session, actor, grant_id, body.answer)
    return GrantOut.of(queries.grant_by_id(session, grant_id))


@router.get("/me")
def read_me(session: ReadSession, actor: ActorDep) -> Me:
    """Return who you are here."""
    user = queries.user_of(session, actor)
    organisation = found(session.get(Organisation, user.organisation_id))
    return Me(
        code=user.code,
        name=user.name,
        role=user.role,
        language=user.language,
        organisation=OrganisationOut.of(organisation),
    )


@router.get("/sessions")
def list_sessions(session: ReadSession, user: OfUser = None, after: After = "", limit: Limit = 100) -> Page[SessionOut]:
    """Return your browser sessions that run, the oldest first; the administrator sees everybody's."""
    every = queries.sessions(session, _user(session, user) if user else None)
    rows, mark = part_of(every, after, limit, lambda row: str(row[0].id))
    return Page(items=[SessionOut.of(*row) for row in rows], next=mark)


@router.post("/sessions/{session_id}/revocation")
def revoke_session(session: WriteSession, actor: ActorDep, session_id: UUID) -> SessionOut:
    """End a browser session at once; a second time changes nothing."""
    begun = sign_in_actions.end_session(session, actor, session_id)
    return SessionOut.of(begun, found(session.get(User, begun.user_id)))


@router.get("/tokens")
def list_tokens(session: ReadSession, user: OfUser = None, after: After = "", limit: Limit = 100) -> Page[TokenOut]:
    """Return your tokens, in the order in which they were issued; the administrator sees everybody's."""
    every = queries.tokens(session, _user(session, user) if user else None)
    rows, mark = part_of(every, after, limit, lambda row: str(row[0].id))
    return Page(items=[TokenOut.of(*row) for row in rows], next=mark)


@router.post("/tokens/{token_id}/revocation")
def revoke_token(session: WriteSession, actor: ActorDep, token_id: UUID) -> TokenOut:
    """End a token at once; a second time changes nothing."""
    token = sign_in_actions.revoke_token(session, actor, token_id)
    return TokenOut.of(token, found(session.get(User, token.user_id)))


def _user(session: Session, code: str) -> User:
    rows = queries.accounts(session, code=code)
    return found(rows[0] if rows else None)[0]


def _account(session: Session, code: str, answer: Response) -> UserOut:
    rows = queries.accounts(session, code=code)
    user, organisation = found(rows[0] if rows else None)
    answer.headers["ETag"] = f'"{standing(user.role, user.active)}"'
    return UserOut.of(user, organisation)
