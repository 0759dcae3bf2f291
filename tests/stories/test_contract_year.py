"""A contract's year over HTTP: work is found wanting, two people settle months, what comes late is corrected."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from service.core.ids import new_id
from service.evidence.store import Store
from service.jobs.worker import work_off
from tests.conftest import World

API = "/api/v1"


class Year:
    """The people of the park at their desks and on the ground, each through the API."""

    def __init__(self, world: World) -> None:
        self.world = world

    def get(self, who: str, path: str, **asked: Any) -> Any:
        """Read as somebody."""
        answer = self.world.client(who).get(f"{API}{path}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def status(self, who: str, path: str) -> int:
        """Return only whether somebody may read."""
        return self.world.client(who).get(f"{API}{path}").status_code

    def file(self, who: str, plot: str, places: int, found_on: date) -> str:
        """File litter at some places of a plot; the same request again files nothing."""
        finding_id = new_id()
        body = {"plot": plot, "type": "litter", "severity": "minor", "quantity": str(places), "found_on": str(found_on)}
        first, again = (self.world.client(who).put(f"{API}/findings/{finding_id}", json=body) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 200), first.text
        return str(finding_id)

    def step(self, who: str, finding: str, act: str) -> int:
        """Take a step as somebody who has just looked."""
        etag = self.world.client("manager").get(f"{API}/findings/{finding}").headers["etag"]
        path, headers = f"{API}/findings/{finding}/steps", {"If-Match": etag}
        return self.world.client(who).post(path, json={"act": act}, headers=headers).status_code

    def prepare(self, who: str, contract: str, period: str) -> dict[str, Any]:
        """Prepare a statement."""
        answer = self.world.client(who).put(f"{API}/contracts/{contract}/statements/{period}")
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def decide(self, who: str, statement: str, decision: str = "approved") -> int:
        """Decide on a statement."""
        path, body = f"{API}/statements/{statement}/decision", {"decision": decision, "reason": "seen"}
        return self.world.client(who).post(path, json=body).status_code


@pytest.fixture
def year(world: World) -> Year:
    return Year(world)


def picture() -> bytes:
    """A photo with what a phone writes into it."""
    out = BytesIO()
    image = Image.new("RGB", (64, 48), (60, 120, 40))
    exif = image.getexif()
    exif[271], exif[272] = "Phone", "SECRET-CAMERA"
    image.save(out, "JPEG", exif=exif, comment=b"SECRET-COMMENT")
    return out.getvalue()


def test_a_contract_year(year: Year, world: World) -> None:
    # May. The inspector of zone N finds litter at three places of N-1, and photographs it.
    world.on(date(2013, 5, 10))
    litter = year.file("inspector", "N-1", 3, date(2013, 5, 10))
    photo = picture()
    digest = sha256(photo).hexdigest()
    headers = {"Content-Type": "image/jpeg"}
    sent = world.client("inspector").put(f"{API}/findings/{litter}/photos/{digest}", content=photo, headers=headers)
    assert sent.status_code == 201, sent.text

    # The contractor hears of it when the supervisor has confirmed it; whoever filed it cannot confirm it.
    assert year.status("green-1", f"/findings/{litter}") == 404
    assert year.step("inspector", litter, "confirm") == 403
    assert year.step("supervisor", litter, "confirm") == 201
    told = year.get("green-1", f"/findings/{litter}")
    assert (told["state"], told["plot"], told["contract"]) == ("confirmed", "N-1", "C1")
    assert date.fromisoformat(told["due_on"]) > date(2013, 5, 10)
    assert year.status("river-1", f"/findings/{litter}") == 404

    # What everybody sees of the photo is a clean picture; the bytes that came are kept.
    store = Store(world.app.state.settings.store)
    assert work_off(world.database, store) == 1
    shown = year.get("green-1", f"/findings/{litter}")["photos"][0]["id"]
    clean = world.client("green-1").get(f"{API}/photos/{shown}")
    assert clean.headers["content-type"] == "image/jpeg"
    assert b"SECRET" not in clean.content
    assert store.get(digest) == photo

    # The contractor cleans up and says so; the inspector looks again.
    assert year.step("green-1", litter, "report_cured") == 201
    assert year.step("green-1", litter, "verify") == 403
    assert year.step("inspector", litter, "verify") == 201

    # January to April were quiet; each month is prepared by one manager and approved by the other.
    world.on(date(2013, 6, 3))
    monthly = {}
    for month in ("2013-01", "2013-02", "2013-03", "2013-04"):
        statement = year.prepare("manager", "C1", month)
        assert [line["kind"] for line in statement["lines"]] == ["earned", "deducted"]
        monthly[month] = statement["lines"][0]["amount"]["amount_minor"]
        assert year.decide("manager", statement["code"]) == 403  # not by the same person
        assert year.decide("auditor", statement["code"]) == 403
        assert year.decide("manager-2", statement["code"]) == 201
        assert year.decide("manager-2", statement["code"]) == 409  # once

    # May: three places at 1 point each, 10.00 a point.
    may = year.prepare("manager", "C1", "2013-05")
    fee, deduction = may["lines"]
    assert (may["score"], deduction["amount"]["amount_minor"]) == ("97", -3000)
    assert may["payable"]["amount_minor"] == fee["amount"]["amount_minor"] - 3000
    why = year.get("green-1", f"/statements/{may['code']}/lines/2/explanation")
    assert why["result"] == "30.00"
    code = year.get("manager", f"/findings/{litter}")["code"]
    assert code in str(why)  # from the amount one can walk to the finding
    assert year.decide("manager-2", may["code"], "sent_back") == 201
    again = year.prepare("manager", "C1", "2013-05")
    assert again["code"] == f"{may['code']}-r2"
    assert year.decide("manager-2", again["code"]) == 201

    # A closed month never changes. Litter of May that is confirmed in June costs in June, as a correction of May.
    late = year.file("inspector", "N-2", 2, date(2013, 5, 30))
    assert year.step("supervisor", late, "confirm") == 201
    refused = world.client("manager").put(f"{API}/contracts/C1/statements/2013-05")
    assert (refused.status_code, refused.json()["code"]) == (409, "period_closed")
    assert year.get("auditor", f"/statements/{again['code']}") == year.get("manager", f"/statements/{again['code']}")
    running = world.client("manager").put(f"{API}/contracts/C1/statements/2013-06")
    assert (running.status_code, running.json()["code"]) == (409, "period_running")
    world.on(date(2013, 7, 2))
    june = year.prepare("manager", "C1", "2013-06")
    correction = june["lines"][2]
    assert (correction["kind"], correction["from"], correction["amount"]["amount_minor"]) == (
        "correction",
        "2013-05-01",
        -2000,
    )
    reason = year.get("auditor", f"/statements/{june['code']}/lines/3/explanation")
    assert reason["changed"]["findings"] == [year.get("manager", f"/findings/{late}")["code"]]
    assert year.decide("manager-2", june["code"]) == 201

    # In July that finding is withdrawn: the correction is given back, to the fen.
    assert year.step("supervisor", late, "withdraw") == 201
    world.on(date(2013, 8, 2))
    july = year.prepare("manager", "C1", "2013-07")
    assert [line["amount"]["amount_minor"] for line in july["lines"]][2:] == [2000]
    assert year.decide("manager-2", july["code"]) == 201

    # The rest of the year. Twelve months add up to the year's price, to the fen.
    world.on(date(2014, 1, 3))
    for number in range(8, 13):
        assert year.decide("manager-2", year.prepare("manager", "C1", f"2013-{number:02}")["code"]) == 201
    approved = [s for s in year.get("auditor", "/statements", contract="C1")["items"] if s["state"] == "approved"]
    assert len(approved) == 12
    details = [year.get("auditor", f"/statements/{s['code']}") for s in approved]
    earned = sum(x["amount"]["amount_minor"] for s in details for x in s["lines"] if x["kind"] == "earned")
    lines = year.get("auditor", "/contracts/C1", as_of="2013-12-31")["lines"]
    yearly = sum(Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines)
    assert earned == int(yearly * 100 + Decimal("0.5"))
    assert sum(s["payable"]["amount_minor"] for s in details) == earned - 3000

    # The other contractor has seen nothing of all this; the auditor has seen everything, in order.
    assert year.get("river-1", "/statements")["items"] == []
    assert year.status("river-1", f"/statements/{june['code']}") == 404
    assert year.status("viewer", f"/statements/{june['code']}") == 404
    verbs = [event["verb"] for event in year.get("auditor", "/audit-events", limit=1000)["items"]]
    wanted = {"finding.file", "finding.confirm", "finding.withdraw", "statement.prepare", "statement.approved"}
    assert wanted | {"statement.sent_back"} <= set(verbs)
    assert verbs.count("statement.approved") == 12
