"""No address breaks a page, no field a form; accepted text comes back as sent. Bodies and parameters: the check I2."""

from datetime import date

import pytest

from service.core.ids import new_id
from tests.conftest import World
from tests.service.calls import new_finding
from tests.service.full_world import Target
from tests.service.poison import breaking_forms, breaking_pages

PREFIX = "/api/v1"
TEXTS = (
    "树木枯死 3 株",
    "Zoë’s naïve façade",
    "a\u0301 is not á",
    "𠮷野家 🌳",
    "line\nline\ttab",
    "<script>`${x}`</script>",
    "=1+1",
)


def test_no_page_breaks_over_an_address(full: World, targets: dict[str, Target]) -> None:
    assert list(breaking_pages(full, targets)) == []


def test_no_form_breaks_over_a_field_or_takes_it(full: World, targets: dict[str, Target]) -> None:
    assert list(breaking_forms(full, targets)) == []


@pytest.mark.parametrize("text", TEXTS)
def test_accepted_text_comes_back_as_it_was_sent(world: World, text: str) -> None:
    world.on(date(2013, 3, 2))
    path = f"{PREFIX}/findings/{new_id()}"
    assert world.client("inspector").put(path, json=new_finding("N-1") | {"text": text}).json()["text"] == text
    assert world.client("manager").get(path).json()["text"] == text
