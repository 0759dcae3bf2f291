"""Map of the register.

Files: seconds from a GeoDataFrame to HTML on disk, the bytes of that HTML, both without the libraries it links to, and
seconds until Chromium has drawn it. Cold: shapes are encoded; warm: their blobs are kept beside the plots. Peers are
`folium.GeoJson` plain, and at the largest size with the style and the tooltip that `gdf.explore` builds it with (which
itself asks for two more libraries). Tiles: the same plots in a register behind a real server, asked with a sign-in.
"""

import json
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import folium
import geopandas
import httpx2
import numpy as np
from playwright.sync_api import Browser

from gis.encode import encode
from maps.assets import vendor_folder
from maps.page import MapPage
from maps.register import Tiled, register_map
from maps.themes import Theme, category_theme, counted_theme
from tests.benchmarks.chromium import BY_TILES, OURS, chromium, drawn_s, visitor
from tests.benchmarks.row import Row, seconds
from tests.benchmarks.sample import KINDS, plots, register_served
from tests.gis.test_tiles import tile_at

SIZES = ((1_000, 5), (10_000, 3), (100_000, 1))
LARGEST = SIZES[-1][0]
NAMES = {kind: kind for kind in KINDS}
SPRING = datetime(2013, 3, 1, 4, tzinfo=UTC)
TILES, ZOOMS = 60, (12, 13, 14, 15)


def draw(frame: geopandas.GeoDataFrame, path: Path, blobs: list[bytes] | None = None) -> None:
    """Write the page that a server of ours would send."""
    path.write_text(_page(_drawn(frame, blobs)), "utf-8")


def _drawn(frame: geopandas.GeoDataFrame, blobs: list[bytes] | None = None) -> MapPage:
    kinds = category_theme("kind", "Kind", list(frame["kind"]), NAMES, "Other")
    ours = frame.assign(href="", popup=[[("Kind", kind)] for kind in frame["kind"]])
    return register_map(ours, themes=[kinds], shapes=blobs)


def _page(drawn: MapPage) -> str:
    parts = drawn.parts("/static", "bm9uY2U=")
    return f"<html><head>{parts.head}</head><body>{parts.body}{parts.script}</body></html>"


def draw_plain(count: int, path: Path, runs: int) -> float:
    """Write the page that folium writes, as `gdf.explore` asks for it at the largest size; return the seconds."""
    frame = plots(count)
    return seconds(partial(_write_plain, frame, path), runs=runs)


def _write_plain(frame: geopandas.GeoDataFrame, path: Path) -> None:
    drawn = folium.Map([31.9, 118.85], zoom_start=12, tiles=None, prefer_canvas=True)
    drawn._id = "peer"
    drawn.default_js = [("leaflet", (vendor_folder() / "leaflet" / "leaflet.js").as_uri())]
    drawn.default_css = [("leaflet_css", (vendor_folder() / "leaflet" / "leaflet.css").as_uri())]
    colours = dict(zip(KINDS, ("#1b9e77", "#d95f02", "#7570b3", "#e7298a", "#66a61e"), strict=True))

    def style(feature: dict[str, dict[str, str]]) -> dict[str, object]:
        return {"fillColor": colours[feature["properties"]["kind"]], "color": "#333", "weight": 1, "fillOpacity": 0.5}

    if len(frame) == LARGEST:
        tip = folium.GeoJsonTooltip(["id", "code", "name", "kind"])
        folium.GeoJson(frame, style_function=style, tooltip=tip).add_to(drawn)
    else:
        folium.GeoJson(frame).add_to(drawn)
    west, south, east, north = frame.total_bounds
    drawn.fit_bounds([[south, west], [north, east]])
    drawn.save(str(path))


def files(browser: Browser, folder: Path, count: int, runs: int) -> tuple[list[Row], float]:
    """Measure the maps that are one file; return also how long the peer took to be drawn."""
    frame, size, is_largest = plots(count), f"{count:,} plots", count == LARGEST
    peer = "folium.GeoJson, styled as gdf.explore does" if is_largest else "folium.GeoJson"
    ours, plain, whole = folder / "ours.html", folder / "plain.html", folder / "whole.html"
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as child:  # its memory goes when it ends
        peer_s = child.submit(draw_plain, count, plain, runs).result()
    blobs = encode(frame.geometry.to_numpy())
    cold_s = seconds(partial(draw, frame, ours), runs=runs)
    warm_s = seconds(partial(draw, frame, ours, blobs), runs=runs)
    whole.write_bytes(_drawn(frame, blobs).file())
    page = visitor(browser)
    ours_drawn_s = drawn_s(page, whole.as_uri(), OURS)
    page.close()
    page = visitor(browser)
    there = f"window.map_peer && Object.keys(map_peer._layers).length > {count}"
    peer_drawn_s = drawn_s(page, plain.as_uri(), there)
    page.close()
    sizes = ours.stat().st_size / 1000, plain.stat().st_size / 1000
    return [
        Row("draw, cold", size, cold_s, "s", peer, peer_s, 4 if count >= 10_000 else None),
        Row("draw, warm", size, warm_s, "s", peer, peer_s, 25 if is_largest else None),
        Row("size of the HTML", size, sizes[0], "kB", peer, sizes[1], 20 if count >= 10_000 else None),
        Row("drawn in Chromium", size, ours_drawn_s, "s", peer, peer_drawn_s, 25 if is_largest else None),
    ], peer_drawn_s


def tiled(frame: geopandas.GeoDataFrame) -> MapPage:
    """Return a map of the same plots that asks for tiles."""
    kinds: Theme = counted_theme("kind", "Kind", Counter(frame["kind"]), NAMES, "Other")
    west, south, east, north = frame.total_bounds.tolist()
    source = Tiled("/tiles/{z}/{x}/{y}", "/plots/{code}", "name_en", (west, south, east, north), len(frame))
    return register_map(source, themes=[kinds])


def tiles(browser: Browser, folder: Path, count: int, peer_drawn_s: float) -> list[Row]:
    """Measure the map that asks for tiles, against the goals for it, and against the peer's file."""
    frame, size = plots(count), f"{count:,} plots"
    goal = "the goal itself"
    alone = len(_page(tiled(frame))) / 1000
    alone_s = seconds(lambda: _page(tiled(frame)))
    with register_served(folder / "served", frame, lambda: SPRING) as served:
        headers = {"Authorization": f"Bearer {served.token}"}
        with httpx2.Client(headers=headers, timeout=600) as client:
            page_s = seconds(partial(client.get, f"{served.url}/map"), runs=3)
            page_kb = len(client.get(f"{served.url}/map").content) / 1000
            taken_ms = [_latency_ms(client, served.url, tile) for tile in _some(frame)]
        page = visitor(browser)
        page.goto(served.link)
        page.click("button")
        page.wait_for_load_state("load")
        page.goto("about:blank")
        whole_s = drawn_s(page, f"{served.url}/map", BY_TILES)
        page.close()
    median, slow = np.percentile(taken_ms, [50, 95])
    zooms = f"{size}, zooms {ZOOMS[0]} to {ZOOMS[-1]}"
    peer = "folium.GeoJson, styled as gdf.explore does, as a file"
    return [
        Row("tile map by itself, size", size, alone, "kB", goal, 10, 1),
        Row("tile map by itself", size, alone_s * 1000, "ms", goal, 50, 1),
        Row("page with the tile map, size", size, page_kb, "kB"),
        Row("page with the tile map, over HTTP", size, page_s, "s"),
        Row("tile map, drawn in Chromium with all its tiles", size, whole_s, "s", peer, peer_drawn_s, 25),
        Row("a tile over HTTP, median", zooms, float(median), "ms"),
        Row("a tile over HTTP, 95th of 100", zooms, float(slow), "ms"),
    ]


def _some(frame: geopandas.GeoDataFrame) -> list[str]:
    chance = np.random.default_rng(7)
    west, south, east, north = frame.total_bounds
    places = chance.uniform((west, south), (east, north), (TILES, 2))
    found = [tile_at(place, ZOOMS[n % len(ZOOMS)]) for n, place in enumerate(places)]
    return [f"{tile.z}/{tile.x}/{tile.y}" for tile in found]


def _latency_ms(client: httpx2.Client, url: str, tile: str) -> float:
    started = time.perf_counter()
    client.get(f"{url}/api/v1/plots/tiles/{tile}").raise_for_status()
    return (time.perf_counter() - started) * 1000


def main() -> list[Row]:
    """Measure every size."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name, chromium() as browser:
        for count, runs in SIZES:
            measured, peer_drawn_s = files(browser, Path(name), count, runs)
            rows += measured
        rows += tiles(browser, Path(name), LARGEST, peer_drawn_s)
    return rows


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
