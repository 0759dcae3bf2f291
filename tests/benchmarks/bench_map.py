"""Map of the register.

Seconds from a GeoDataFrame to HTML on disk, and the bytes of that HTML, both without the libraries it links to. The
peer is `folium.GeoJson` over the same columns. Cold: shapes are encoded; warm: their blobs are kept beside the plots.
"""

import json
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path

import folium
import geopandas
import numpy as np
import shapely

from gis.encode import encode
from maps.register import register_map
from maps.themes import category_theme
from tests.benchmarks.row import Row, seconds

SIZES = ((1_000, 5), (10_000, 3))
KINDS = ("lawn", "corner", "median", "square", "strip")


def plots(count: int) -> geopandas.GeoDataFrame:
    """Return star-shaped plots of 50 to 70 vertices and 0.4 to 20 ha on a 300 m grid from 118.85E 31.9N."""
    chance = np.random.default_rng(7)
    side = int(np.ceil(np.sqrt(count)))
    shapes = []
    for number in range(count):
        vertices = int(chance.integers(50, 71))
        angles = np.sort(chance.uniform(0, 2 * np.pi, vertices))
        radius = np.sqrt(np.clip(chance.lognormal(0.6, 0.8), 0.4, 20) * 10_000 / np.pi) / 111_320
        radii = radius * chance.uniform(0.7, 1.1, vertices)
        lon = 118.85 + (number % side) * 0.0032 + chance.uniform(0, 0.0005)
        lat = 31.9 + (number // side) * 0.0027 + chance.uniform(0, 0.0005)
        shapes.append(
            shapely.Polygon(np.column_stack([lon + np.cos(angles) * radii / 0.85, lat + np.sin(angles) * radii]))
        )
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    columns = {
        "id": [str(number) for number in range(count)],
        "code": [f"J{number:06d}" for number in range(count)],
        "name": [f"Plot {number}" for number in range(count)],
        "kind": kinds,
    }
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326")


def draw(frame: geopandas.GeoDataFrame, path: Path, blobs: list[bytes] | None = None) -> None:
    """Write the page that a server of ours would send."""
    kinds = category_theme("kind", "Kind", list(frame["kind"]), {kind: kind for kind in KINDS}, "Other")
    ours = frame.assign(href="", popup=[[("Kind", kind)] for kind in frame["kind"]])
    parts = register_map(ours, themes=[kinds], shapes=blobs).parts("/static", "bm9uY2U=")
    path.write_text(f"<html><head>{parts.head}</head><body>{parts.body}{parts.script}</body></html>", "utf-8")


def draw_plain(frame: geopandas.GeoDataFrame, path: Path) -> None:
    """Write the page that folium writes by itself."""
    drawn = folium.Map([31.9, 118.85], zoom_start=12, tiles=None)
    folium.GeoJson(frame).add_to(drawn)
    drawn.save(str(path))


def main() -> list[Row]:
    """Measure every size."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        ours, plain = Path(name) / "ours.html", Path(name) / "plain.html"
        for count, runs in SIZES:
            frame, size = plots(count), f"{count:,} plots"
            blobs = encode(frame.geometry.to_numpy())
            peer_s = seconds(partial(draw_plain, frame, plain), runs=runs)
            cold_s = seconds(partial(draw, frame, ours), runs=runs)
            warm_s = seconds(partial(draw, frame, ours, blobs), runs=runs)
            is_large = count == SIZES[-1][0]
            rows += [
                Row("draw, cold", size, cold_s, "s", "folium.GeoJson", peer_s, 4 if is_large else None),
                Row("draw, warm", size, warm_s, "s", "folium.GeoJson", peer_s),
                Row(
                    "size of the HTML",
                    size,
                    ours.stat().st_size / 1000,
                    "kB",
                    "folium.GeoJson",
                    plain.stat().st_size / 1000,
                    20 if is_large else None,
                ),
            ]
    return rows


if __name__ == "__main__":
    for row in main():
        print(json.dumps(asdict(row) | {"ratio": row.ratio}))
