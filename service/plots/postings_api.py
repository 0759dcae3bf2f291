"""HTTP face of postings: which zones inspectors and supervisors see."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import Query, Response
from pydantic import UUID7, BaseModel
from sqlmodel import Session

from service.access.models import User
from service.access.queries import accounts, user_by_code
from service.access.rules import require
from service.core.actor import Role
from service.core.errors import found
from service.core.http import (
    AGAIN,
    ActorDep,
    After,
    Body,
    Code,
    KnownAt,
    Limit,
    Moment,
    Page,
    ReadSession,
    WriteSession,
    api_router,
)
from service.core.paging import id_of, page_of
from service.plots import actions, queries
from service.plots.models import Zone, ZonePosting
from service.plots.queries import Posted
from service.plots.schemas import ZoneCode

router = api_router("plots")


class PostingIn(Body):
    """Whom to post to which zone, with all below it."""

    user: Code
    zone: Code


class PostingOut(BaseModel):
    """An inspector's or supervisor's zone, with all below it, from one instant until another; null while it runs."""

    id: UUID
    user: str
    zone: str
    posted_at: Moment
    ended_at: Moment | None

    @classmethod
    def of(cls, row: Posted) -> Self:
        """Name the account and the zone."""
        same = row.posting.model_dump(include={"id", "posted_at", "ended_at"})
        return cls(user=row.user.code, zone=row.zone.code, **same)


@router.get("/postings")
def list_postings(
    session: ReadSession,
    user: Annotated[Code | None, Query(description="An account's code.")] = None,
    zone: ZoneCode = None,
    known_at: KnownAt = None,
    after: After = "",
    limit: Limit = 100,
) -> Page[PostingOut]:
    """Return the postings that run, or ran at an instant: your own; whoever sees every account sees everybody's."""
    holder = found(next(iter(accounts(session, code=user)), None))[0] if user else None
    every = queries.postings(
        session,
        user=holder.id if holder else None,
        zone=zone or "",
        known_at=known_at,
        after=id_of(after),
        limit=limit + 1,
    )
    rows, mark = page_of(every, limit, lambda row: str(row.posting.id))
    return Page(items=[PostingOut.of(row) for row in rows], next=mark)


@router.put("/postings/{posting_id}", status_code=201, responses=AGAIN)
def post_to_zone(
    session: WriteSession, actor: ActorDep, posting_id: UUID7, body: PostingIn, answer: Response
) -> PostingOut:
    """Post an inspector or supervisor to a zone, from now on: 201. The same again: 200, even if it was ended since."""
    require(actor, Role.ADMIN)
    user, zone = user_by_code(session, body.user), queries.zone_by_code(session, body.zone)
    posting, is_new = actions.post_to_zone(session, actor, posting_id, user, zone)
    answer.status_code = 201 if is_new else 200
    return _posting(session, posting)


@router.post("/postings/{posting_id}/end")
def end_posting(session: WriteSession, actor: ActorDep, posting_id: UUID) -> PostingOut:
    """End a posting at once; a second time changes nothing."""
    require(actor, Role.ADMIN)
    return _posting(session, actions.end_posting(session, actor, posting_id))


def _posting(session: Session, posting: ZonePosting) -> PostingOut:
    user, zone = session.get_one(User, posting.user_id), session.get_one(Zone, posting.zone_id)
    return PostingOut.of(Posted(posting, user, zone))
