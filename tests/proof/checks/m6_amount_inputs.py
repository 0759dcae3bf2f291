"""M6: what is not plainly a number of units is refused at every door, and no float comes near money."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal, DecimalException

from service.core.ids import new_id
from service.core.readers import number
from service.migrations import upgrade
from tests.conftest import World, park
from tests.proof.check import Check, Outcome, Trial
from tests.support.sources import floats_in, name_of
from tests.test_architecture import MONEY_ROOMS

GOOD = ("1", "12", '"12"', '"12.5"', '"12.50"', '"0.01"', '"999999999999.99"')
BAD = (
    *("1.5", "1.50", "0.1", "1e3", "1E3", "1e-2", "1e400", "12.345678", "-1", "0", "-0", "-0.0"),  # JSON's own numbers
    *("true", "false", "null", "[]", "[1]", "{}", "NaN", "Infinity", "-Infinity", "10000000000000000000"),
    *('"1e3"', '"1E3"', '"1_000"', '"1_0"', '"1,000"', '"1,5"', '" 12"', '"12 "', '"+12"', '"12."', '".5"', '"0x1"'),
    *('"1/2"', '""'),
    *('"-0"', '"-1"', '"NaN"', '"Infinity"', '"1.005"', '"10000000000000000000"', '"true"', '"\\u0000"'),
    *('"１２"', '"١٢"', '"१२"', '"十二"', '"½"', '"¹"', '"−1"', '"12\\u00a0"', '"12￥"'),
)
# files and forms hold text alone; in a file, a line of 0 takes a plot out
PLAIN_AS_TEXT = {"over HTTP": (), "in a file": ("1.5", "1.50", "0.1", "0"), "in the form": ("1.5", "1.50", "0.1")}


def run(trial: Trial) -> Outcome:
    """Send every spelling over HTTP and in a file; as a control, read them as Decimal alone would, beside a float."""
    text = 'RATE = float("0.1") * 0.5\n' if trial.control else ""
    floats = [place for path in MONEY_ROOMS for place in floats_in(name_of(path), path.read_text("utf-8") + text)]
    url = f"sqlite:///{trial.folder}/greenkeep.db"
    upgrade(url)
    with park(url, trial.folder) as world:
        world.on(date(2013, 8, 5))
        doors: dict[str, Callable[[str], bool]] = {
            "over HTTP": (lambda raw: decimal_alone(json.loads(raw))) if trial.control else _over_http(world),
            "in a file": (lambda raw: decimal_alone(_cell(raw))) if trial.control else _in_a_file,
            "in the form": (lambda raw: decimal_alone(_cell(raw))) if trial.control else _in_the_form(world),
        }
        bad = {door: [raw for raw in BAD if raw not in plain] for door, plain in PLAIN_AS_TEXT.items()}
        let_in = [f"{raw} {door}" for door, accepts in doors.items() for raw in bad[door] if accepts(raw)]
        kept_out = [f"{raw} {door}" for door, accepts in doors.items() for raw in GOOD if not accepts(raw)]
    wrong = floats + let_in + kept_out
    figure = f"{len(BAD)} spellings at {len(doors)} doors, {len(let_in)} let in, {len(kept_out)} plain ones kept out, "
    figure += f"{len(MONEY_ROOMS)} files with {len(floats)} floats"
    return Outcome(not wrong, figure + "".join(f"; {each}" for each in wrong[:3]))


def _over_http(world: World) -> Callable[[str], bool]:
    client = world.client("inspector")

    def accepts(raw: str) -> bool:
        facts = {"plot": "N-1", "type": "litter", "severity": "minor", "found_on": "2013-08-05", "quantity": "@"}
        body = json.dumps(facts).replace('"@"', raw)
        sent = {"Content-Type": "application/json"}
        answer = client.put(f"/api/v1/findings/{new_id()}", content=body.encode(), headers=sent)
        assert answer.status_code in (201, 422), f"{raw}: {answer.status_code}"
        return answer.status_code == 201

    return accepts


def _in_the_form(world: World) -> Callable[[str], bool]:
    client = world.client("inspector")

    def accepts(raw: str) -> bool:
        facts = {"plot": "N-1", "type": "litter", "severity": "minor", "found_on": "2013-08-05"}
        form = facts | {"client_id": str(new_id()), "quantity": _cell(raw)}
        answer = client.post("/findings/new", data=form, follow_redirects=False)
        assert answer.status_code in (303, 422), f"{raw}: {answer.status_code}"
        return answer.status_code == 303

    return accepts


def _in_a_file(raw: str) -> bool:
    try:
        number(2)(_cell(raw))
    except ValueError:
        return False
    return True


def _cell(raw: str) -> str:
    return str(json.loads(raw)) if raw.startswith('"') else raw


def decimal_alone(value: object) -> bool:
    """Tell whether the standard library's Decimal would take it."""
    try:
        return Decimal(str(value)) is not None
    except DecimalException:
        return False


CHECK = Check(
    name="M6",
    claim="Quantities and prices are whole or plain decimal numbers: every other spelling is refused, with 422, at "
    "its row or at its field; no file that computes money has a float",
    target="0 let in, 0 floats",
    control="Decimal reads them alone, and each file has a float",
    run=run,
)
