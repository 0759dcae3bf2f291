"""What each role is shown, in both languages, and what nobody is."""

import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session

from service.core.actor import PEOPLE, Actor, Role
from service.core.i18n import catalogue
from service.findings.queries import finding_by_id
from service.plots.actions import enter_plots
from service.plots.facts import PlotFacts
from service.plots.queries import plot_as_of, zone_by_code
from service.standards.models import Operation
from service.standards.queries import operations
from service.web.menu import MENUS, home
from tests.conftest import World
from tests.park import YEAR
from tests.service.full_world import ACTORS, Target
from tests.service.web.visitor import link_for, read, signed_in

EVERYWHERE: tuple[str, ...] = ("/map", "/plots", "/plots/N-1", "/findings", "/tasks", "/contracts", "/contracts/C1")
EVERYWHERE += ("/authority", "/schemes/park/v1", "/map?theme=score&month=2013-01", "/plots/N-1?as_of=2013-01-10")
MONEY_ROLES = {"manager", "auditor", "contractor"}
HOSTILE = ("<img src=x onerror=alert(1)>", "${alert(1)}", "</script><script>alert(1)</script>", "`'\"&amp;{{7*7}}")


def code_of(world: World, target: Target) -> str:
    assert target.finding
    return world.read("manager", finding_by_id, target.finding).finding.code


@pytest.mark.parametrize("role", [role.value for role in PEOPLE])
def test_each_role_finds_its_pages(full: World, targets: dict[str, Target], role: str) -> None:
    browser = signed_in(full, ACTORS[role])
    assert browser.get("/").headers["location"] == home(Role(role))
    for entry in MENUS[Role(role)]:
        assert browser.get(entry.path).status_code == 200, entry.path
    for path in EVERYWHERE:
        assert browser.get(path).status_code == 200, path
    finding, statement = f"/findings/{code_of(full, targets['own'])}", f"/statements/{targets['own'].statement}"
    assert browser.get(finding).status_code == (404 if role == "admin" else 200)
    assert browser.get(statement).status_code == (200 if role in MONEY_ROLES else 404)
    assert browser.get("/changes").status_code == (200 if role in ("auditor", "admin") else 404)
    files = role in ("inspector", "supervisor", "manager")
    assert browser.get("/findings/new").status_code == (200 if files else 403)
    assert browser.get("/plots/nowhere").status_code == browser.get("/findings/F-2013-9999").status_code == 404


def test_a_contractor_sees_nothing_of_another(full: World, targets: dict[str, Target]) -> None:
    other = targets["other contractor"]
    browser = signed_in(full, "green-1")
    for path in ("/plots/S-1", "/contracts/C2", f"/statements/{other.statement}", f"/photos/{other.photo}"):
        assert browser.get(path).status_code == 404, path
    assert browser.get(f"/findings/{code_of(full, other)}").status_code == 404
    for path in ("/map", "/plots", "/findings?state=all", "/tasks", "/contracts", "/authority", "/statements"):
        assert "S-1" not in browser.get(path).text, path


def test_every_page_obeys_its_policy(full: World, targets: dict[str, Target]) -> None:
    browser = signed_in(full, "manager")
    paths = (*EVERYWHERE, "/findings/new", f"/statements/{targets['own'].statement}", "/nowhere")
    for path in paths:
        answer = browser.get(path)
        policy = answer.headers["content-security-policy"]
        [nonce] = set(re.findall(r"'nonce-([^']+)'", policy))
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        tags = re.findall(r"<script\b[^>]*>", answer.text)
        assert tags or path == "/nowhere"
        data = 'type="text/plain"'  # the map's packed data: no browser runs it
        assert [tag for tag in tags if f'nonce="{nonce}"' not in tag and data not in tag] == [], path
        assert read(answer.text).handlers == [], path
        assert not re.findall(r"(?:src|href)=[\"'](?:https?:)?//", answer.text), path
    assert browser.get("/map").headers["content-security-policy"] != policy


def test_chinese_pages_leave_no_english(full: World, targets: dict[str, Target]) -> None:
    chinese = {str(m.id): str(m.string) for m in catalogue("zh") if m.id}
    # a single letter may also be the code of a zone
    english = {word for word, zh in chinese.items() if word != zh and "{" not in word and len(word) > 1}
    for who, more in (
        ("manager", ("/findings/new",)),
        ("auditor", ("/changes", f"/statements/{targets['own'].statement}")),
    ):
        browser = signed_in(full, who, lang="zh")
        for path in (*EVERYWHERE, f"/findings/{code_of(full, targets['own'])}", "/statements", "/nowhere", *more):
            answer = browser.get(path)
            assert '<html lang="zh"' in answer.text
            left = set(read(answer.text).texts) & english - {"Greenkeep"} - {
                person.name for person in full.actors.values()
            }
            assert left == set(), path


def test_hostile_names_are_shown_as_text(world: World) -> None:
    world.on(date(2013, 2, 4))
    world.act("host", _rename)
    browser = signed_in(world, "manager")
    for n, name in enumerate(HOSTILE):
        page = read(browser.get(f"/plots/H-{n}").text)
        assert any(name in text for text in page.texts), (name, page.texts)
        assert page.images == [] and page.handlers == []  # noqa: PT018
    for path in ("/plots", "/map", "/findings/new"):
        page = read(browser.get(path).text)
        assert page.images == [] and page.handlers == [], path  # noqa: PT018
    for path in ("/plots", "/findings/new"):
        texts = read(browser.get(path).text).texts
        assert [name for name in HOSTILE if not any(name in text for text in texts)] == [], path
    assert "7*7" in browser.get("/map").text, "the map shows it, and computes nothing"


def _rename(session: Session, actor: Actor) -> None:
    """Enter plots that bear what an attacker would name them."""
    zone, like = zone_by_code(session, "N1"), plot_as_of(session, "N-1", as_of=YEAR.valid_from).version
    facts = [
        PlotFacts(
            code=f"H-{n}",
            zone_id=zone.id,
            name_zh=name,
            name_en=name,
            kind=name,
            grade=None,
            declared_area_m2=None,
            measured_area_m2=1.0,
            area_method=name,
            crs_pipeline="none",
            shape=like.shape,
        )
        for n, name in enumerate(HOSTILE)
    ]
    enter_plots(session, actor, facts, valid_from=YEAR.valid_from, source=zone)


def test_a_look_at_a_link_uses_nothing_up(world: World) -> None:
    path = link_for(world, "manager")
    browser = signed_in(world, "viewer")
    browser.cookies.clear()
    assert browser.get(path).status_code == 200
    asked = browser.get(path).text
    assert world.actors["manager"].name in asked
    assert "<button" in asked
    answer = browser.post(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/map")
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("greenkeep="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    browser.cookies.clear()
    assert browser.post(path).status_code == 401
    assert browser.get(path).status_code == 401
    assert "<button" not in browser.get(path).text


def test_nobody_learns_anything_without_signing_in(full: World, targets: dict[str, Target]) -> None:
    browser = signed_in(full, "manager")
    name = "Test Park" if "Test Park" in browser.get("/authority").text else "park"
    browser.cookies.clear()
    paths = ("/", *EVERYWHERE, "/changes", "/statements", "/findings/new", f"/photos/{targets['own'].photo}")
    for path in paths:
        answer = browser.get(path)
        assert answer.status_code == 401, path
        assert name not in re.sub(r'href="/sign-in[^"]*"', "", answer.text)  # which holds what was asked for
        assert "<nav" not in answer.text


def test_signing_out_ends_the_session(world: World) -> None:
    browser = signed_in(world, "manager")
    cookies = dict(browser.cookies)
    assert browser.post("/sign-out").status_code == 303
    browser.cookies.update(cookies)
    assert browser.get("/map").status_code == 401


def test_another_sites_form_is_refused(world: World) -> None:
    browser = signed_in(world, "manager")
    answer = browser.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert browser.get("/map").status_code == 200


def test_static_files_may_be_kept_for_a_year(world: World) -> None:
    browser = signed_in(world, "manager")
    addresses = re.findall(r"(?:src|href)=\"(/static/[^\"]+)\"", browser.get("/map").text)
    assert len(addresses) > 5
    for address in set(addresses):
        answer = browser.get(urlsplit(address).path)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"]


def test_the_language_stays_chosen(world: World) -> None:
    browser = signed_in(world, "manager", lang="en")
    assert "地块" in browser.get("/plots?lang=zh").text
    assert "地块" in browser.get("/plots").text


def test_the_start_page_keeps_the_language_that_is_asked_for(world: World) -> None:
    browser = signed_in(world, "manager", lang="zh")
    assert browser.get("/?lang=en").headers["location"] == "/map?lang=en"
    assert browser.get("/?lang=//elsewhere").headers["location"] == "/map"


def test_the_colours_stay_chosen(world: World) -> None:
    browser = signed_in(world, "manager")
    assert 'data-bs-theme="dark"' in browser.get("/plots?colours=dark").text
    assert 'data-bs-theme="dark"' in browser.get("/map?theme=grade").text
    assert "data-bs-theme" not in browser.get("/plots?colours=system").text


@pytest.mark.parametrize(
    "path",
    [
        "/map?zone=zzz",
        "/map?theme=zzz",
        "/plots?zone=zzz",
        "/tasks?zone=zzz",
        "/tasks?state=zzz",
        "/tasks?plot=zzz",
        "/tasks?operation=zzz",
        "/findings?zone=zzz",
        "/findings?state=zzz",
        "/findings?plot=zzz",
        "/findings?contract=zzz",
        "/findings?type=zzz",
    ],
)
def test_a_filter_that_names_nothing_is_refused_with_its_reason(world: World, path: str) -> None:
    answer = signed_in(world, "manager", lang="zh").get(path)
    assert answer.status_code == 422
    [sentence] = [text for text in read(answer.text).texts if "zzz" in text]
    assert not re.search(r"[A-Za-z]", sentence.replace("zzz", ""))


def test_a_contractor_learns_of_no_other_contract_by_a_filter(full: World, targets: dict[str, Target]) -> None:
    browser = signed_in(full, "green-1")
    assert browser.get("/findings?contract=C1").status_code == 200
    assert browser.get("/findings?contract=C2").status_code == browser.get("/findings?plot=S-1").status_code == 422


def test_a_plots_deduction_leads_to_its_statement(full: World, targets: dict[str, Target]) -> None:
    assert 'href="/statements/C1-2013-01">−' in signed_in(full, "manager").get("/plots/N-1").text


def test_a_second_page_leads_back_to_the_first_rows(full: World, targets: dict[str, Target]) -> None:
    browser = signed_in(full, "manager")
    assert "First rows" not in browser.get("/plots").text
    assert '<a class="button" href="/plots?zone=N">First rows' in browser.get("/plots?zone=N&after=Ti0x").text


def test_plots_on_a_past_day_are_looked_at_and_not_acted_on(full: World, targets: dict[str, Target]) -> None:
    browser = signed_in(full, "manager")
    assert "/findings/new?plot=N-1" in browser.get("/plots/N-1").text
    past = browser.get("/plots/N-1?as_of=2013-01-10").text
    assert "/findings/new?plot=N-1" not in past
    assert code_of(full, targets["own"]) not in past  # it was filed on 20 January
    assert browser.get("/plots/N-1?as_of=yesterday").status_code == 422


def test_unknown_codes_of_work_do_not_appear(full: World, targets: dict[str, Target]) -> None:
    known: dict[str, Operation] = dict(full.read("manager", operations))
    browser = signed_in(full, "manager")
    assert known["mowing"].name_en in browser.get("/tasks").text
    assert "N-1" in browser.get("/tasks?state=overdue&zone=N").text
    assert "N-1" not in read(browser.get("/tasks?state=overdue&zone=S").text).texts
