"""A folium map whose data never passes a template: rendered once with a placeholder, the data spliced in as bytes."""

import base64
import hashlib
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import folium
from branca.element import CssLink, JavascriptLink, MacroElement
from folium.template import Template

from maps import assets

PLACEHOLDER = "greenkeep-data-goes-here"
NONCE = re.compile(r"[A-Za-z0-9+/_=-]+", re.ASCII)
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'


class PlotMap(folium.Map):
    """A folium map that needs Leaflet alone and whose names do not change from run to run."""

    def __init__(self, name: str) -> None:
        super().__init__(
            tiles=None,
            prefer_canvas=True,
            zoom_control=False,
            attribution_control=False,
            scroll_wheel_zoom=False,
            box_zoom=False,
            fade_animation=False,
            max_zoom=21,
            zoom_snap=0.05,
        )
        self.default_js = [("leaflet", assets.LEAFLET_JS)]
        self.default_css = [("leaflet_css", assets.LEAFLET_CSS)]
        self._id = name
        self.get_root()._id = name


class PlotLayer(MacroElement):
    """The plots, findings, bars and legend of a map; it is given a place for data, never the data."""

    _template = Template(
        """{% macro html(this, kwargs) %}
        <script type="text/plain" id="{{ this.get_name() }}">{{ this.placeholder }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        Greenkeep.start({{ this._parent.get_name() }}, "{{ this.get_name() }}");
        {% endmacro %}"""
    )

    def __init__(self, name: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "PlotLayer"
        self._id = name
        self.placeholder = PLACEHOLDER


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A rendered map without data: local styles and scripts in order, markup round the placeholder, last script."""

    styles: tuple[str, ...]
    scripts: tuple[str, ...]
    before: str
    after: str
    start: str


@dataclass(frozen=True, slots=True)
class Parts:
    """Pieces to set into a page of our own, under a Content-Security-Policy with this nonce."""

    head: str
    body: str
    script: str


@cache
def skeleton(name: str) -> Skeleton:
    """Render a map with folium once per name; a script or style without a local copy raises."""
    drawn = PlotMap(name)
    PlotLayer(name).add_to(drawn)
    figure: Any = drawn.get_root()
    for child in list(figure._children.values()):
        child.render()
    links = [link for link in figure.header._children.values() if isinstance(link, CssLink | JavascriptLink)]
    styles = [assets.local(link.url) for link in links if isinstance(link, CssLink)]
    scripts = [assets.local(link.url) for link in links if isinstance(link, JavascriptLink)]
    before, after = figure.html.render().split(PLACEHOLDER)
    return Skeleton(
        (*styles, *assets.STYLES), (*scripts, *assets.SCRIPTS), before.strip(), after.strip(), figure.script.render()
    )


@dataclass(frozen=True, slots=True)
class MapPage:
    """A map ready to be written; `payload` is base64 and so cannot end a tag or a string."""

    name: str
    title: str
    caption: str
    language: str
    skip: str
    no_script: str
    too_old: str
    payload: bytes
    image_host: str

    def parts(self, prefix: str, nonce: str) -> Parts:
        """Return the pieces for a served page; `prefix` is where `vendor/` and `static/` of assets are served.

        Needs script-src and style-src with the nonce, style-src and img-src 'self', img-src data: and the basemap's
        host; no other permission.
        """
        if not NONCE.fullmatch(nonce):
            raise ValueError("a nonce is base64")
        bones = skeleton(self.name)
        base = html.escape(prefix.rstrip("/"))
        styles = [f'<link rel="stylesheet" href="{base}/{style}">' for style in bones.styles]
        scripts = [f'<script nonce="{nonce}" src="{base}/{script}"></script>' for script in bones.scripts]
        return Parts(
            "\n".join(styles + scripts),
            self._section(self.payload.decode()),
            f'<script nonce="{nonce}">{bones.start}</script>',
        )

    def file(self) -> bytes:
        """Return one HTML file that asks nobody for anything (but a configured basemap); equal for equal data."""
        bones = skeleton(self.name)
        styles = [assets.content(style) for style in bones.styles]
        scripts = [*(assets.content(script) for script in bones.scripts), bones.start.encode()]
        title = html.escape(self.title).encode()
        caption = f"<p>{html.escape(self.caption)}</p>".encode() if self.caption else b""
        return b"".join(
            [
                f'<!DOCTYPE html>\n<html lang="{html.escape(self.language)}">\n<head>\n'.encode(),
                b'<meta charset="utf-8">\n',
                f'<meta http-equiv="Content-Security-Policy" content="{self._policy(styles, scripts)}">\n'.encode(),
                f"{VIEWPORT}\n<title>".encode() + title + b"</title>\n",
                *(b"<style>" + style + b"</style>\n" for style in styles),
                b'</head>\n<body class="gk-page">\n<header><h1>' + title + b"</h1>" + caption + b"</header>\n",
                self._section(self.payload.decode()).encode(),
                *(b"\n<script>" + script + b"</script>" for script in scripts),
                b"\n</body>\n</html>\n",
            ]
        )

    def _section(self, payload: str) -> str:
        bones = skeleton(self.name)
        end = f"{self.name}-end"
        return (
            f'<section class="gk-map" aria-label="{html.escape(self.title)}" '
            f'data-too-old="{html.escape(self.too_old)}">'
            f'<a class="gk-skip" href="#{end}">{html.escape(self.skip)}</a>'
            f"<noscript><p>{html.escape(self.no_script)}</p></noscript>"
            f'<div class="gk-frame">{bones.before}{payload}{bones.after}</div></section>'
            f'<span id="{end}" tabindex="-1"></span>'
        )

    def _policy(self, styles: Iterable[bytes], scripts: Iterable[bytes]) -> str:
        hosts = f" {html.escape(self.image_host)}" if self.image_host else ""
        return (
            f"default-src 'none'; script-src {_hashes(scripts)}; style-src {_hashes(styles)}; img-src data:{hosts}; "
            "base-uri 'none'; form-action 'none'"
        )


def _hashes(contents: Iterable[bytes]) -> str:
    digests = (base64.b64encode(hashlib.sha256(content).digest()).decode() for content in contents)
    return " ".join(f"'sha256-{digest}'" for digest in digests)
