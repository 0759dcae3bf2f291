"""Clean pictures of findings. The original leaves the house by no page."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from service.core.http import ReadSession
from service.evidence.rules import NotReady
from service.findings.queries import photo

router = APIRouter()


@router.get("/photos/{photo_id}")
def picture(request: Request, session: ReadSession, photo_id: UUID) -> Response:
    """Return the picture made anew, to whoever sees its finding; browsers of this person may keep it for an hour."""
    _, rendition = photo(session, photo_id)
    if rendition.sha256 is None:
        raise NotReady
    content = request.app.state.store.get(rendition.sha256)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})
