"""The browser lets nothing out, and tells what it heard."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from tests.support.browser import Chromium, served

ICON = "<link rel='icon' href='data:,'>"
app = FastAPI()


@app.get("/quiet", response_class=HTMLResponse)
def quiet() -> str:
    """Ask only the own server."""
    return f"{ICON}<script>fetch('/openapi.json').then(answer => {{ document.title = answer.status }})</script>"


@app.get("/loud", response_class=HTMLResponse)
def loud() -> str:
    """Ask two others, by address and by name; open a dialog, fail."""
    return f"{ICON}<img src='http://192.0.2.1/a.png'><script src='https://example.org/b.js'></script>" + (
        "<script>alert('here'); nobody()</script>"
    )


def test_a_page_reaches_its_own_server(chromium: Chromium) -> None:
    with served(app) as url:
        page = chromium.open(f"{url}/quiet", width=390, language="en")
        assert (page.title(), page.evaluate("navigator.language")) == ("200", "en")
    assert (chromium.complaints, chromium.dialogs) == ([], [])


def test_what_leaves_the_machine_is_refused_and_noted(chromium: Chromium) -> None:
    with served(app) as url:
        chromium.open(f"{url}/loud")
    assert sorted(chromium.outside) == ["http://192.0.2.1/a.png", "https://example.org/b.js"]
    assert chromium.dialogs == ["here"]
    assert len([complaint for complaint in chromium.complaints if "ERR_NAME_NOT_RESOLVED" in complaint]) == 2
    assert [complaint for complaint in chromium.complaints if "nobody is not defined" in complaint]
    chromium.outside.clear()
