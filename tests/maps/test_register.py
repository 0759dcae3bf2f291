"""What a map file holds, without a browser: equal bytes, no foreign address, no template, refused nonsense."""

import base64
import json
import re
import zlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas
import pytest
import shapely

from maps import assets
from maps.context import Context, read_context
from maps.labels import Labels
from maps.page import skeleton
from maps.register import Basemap, register_map
from maps.themes import Theme, category_theme, ramp_theme, round_limits
from tests.maps.plots import PAYLOADS, context, findings, register

STATES = ["filed", "to_cure", "to_verify"]


def themes() -> list[Theme]:
    names = {"a": "青岭绿化", "b": "沃野园艺"}
    return [
        category_theme("contractor", "承包单位", ["a", "b", None], names, "其他"),
        ramp_theme("score", "得分", "分", [79.5, 90, None], "cool", [80, 85, 90, 95], "合同门槛"),
    ]


def unpacked(page: bytes) -> bytes:
    found = re.search(rb'<script type="text/plain"[^>]*>([^<]+)</script>', page)
    assert found
    return zlib.decompress(base64.b64decode(found[1]))


def words(page: bytes) -> Any:
    """Return the JSON that a page carries."""
    raw = unpacked(page)
    return json.loads(raw[4 : 4 + int.from_bytes(raw[:4], "big")])


def test_equal_data_give_equal_bytes() -> None:
    first, second = (
        register_map(
            register(), themes=themes(), findings=findings(STATES), overdue=["id1"], title="图", context=context()
        ).file()
        for _ in range(2)
    )
    assert first == second


def test_a_file_names_no_other_host_and_no_user_text_outside_its_data() -> None:
    own = context(PAYLOADS, PAYLOADS[-1])
    page = register_map(register(PAYLOADS), findings=findings(STATES, PAYLOADS[1]), context=own).file()
    markup = re.sub(rb"<(script|style)[^>]*>.*?</\1>|'sha256-[^']*'", b"", page, flags=re.DOTALL)
    assert re.findall(rb"https?:|//", markup) == []
    assert b"hacked" not in page
    assert b"1337" not in page
    assert unpacked(page).count(PAYLOADS[-1].encode()) == 4
    parts = register_map(register(), context=own).parts("/static", "bm9uY2U=")
    assert "hacked" not in parts.head + parts.body + parts.script


def test_folium_draws_the_map_and_names_do_not_change() -> None:
    bones = skeleton("register")
    assert bones.scripts[0] == "vendor/leaflet/leaflet.js"
    assert "L.map(" in bones.start
    assert "Greenkeep.start(map_register" in bones.start


def test_an_unknown_address_of_folium_raises() -> None:
    with pytest.raises(assets.UnknownAsset, match="elsewhere"):
        assets.local("//elsewhere.invalid/x.js")


def test_parts_carry_the_nonce_and_nothing_inline() -> None:
    parts = register_map(register(), themes=themes()).parts("/static/v1/maps", "bm9uY2U=")
    assert parts.head.count("<script") == parts.head.count('<script nonce="bm9uY2U="')
    assert 'src="/static/v1/maps/vendor/leaflet/leaflet.js"' in parts.head
    assert parts.script.startswith('<script nonce="bm9uY2U=">')
    assert not re.search(r"\sstyle=|\son\w+=", parts.head + parts.body)
    with pytest.raises(ValueError, match="nonce"):
        register_map(register()).parts("/static", '"><script>')


def test_every_static_file_that_a_map_names_is_there() -> None:
    bones = skeleton("register")
    for name in (*bones.styles, *bones.scripts):
        assert assets.content(name)
    assert b"url(images" not in assets.content("vendor/leaflet/leaflet.css")


@pytest.mark.parametrize("href", ["javascript:alert(1)", "//elsewhere.invalid", "data:text/html,x", "/\\elsewhere"])
def test_a_link_stays_at_home(href: str) -> None:
    plots = register()
    plots["href"] = href
    with pytest.raises(ValueError, match="own origin"):
        register_map(plots)


def test_nonsense_is_refused() -> None:
    plots = register()
    with pytest.raises(ValueError, match="classes for 3 plots"):
        register_map(plots, themes=[category_theme("x", "X", ["a"], {"a": "A"}, "other")])
    with pytest.raises(ValueError, match="no shape is known"):
        register_map(plots, findings=findings(["lost"]))
    plots["popup"] = [[("a", "b")] * 8] * 3
    with pytest.raises(ValueError, match="at most 7"):
        register_map(plots)


def test_no_data_is_a_class_of_its_own() -> None:
    contractor, score = themes()
    assert (contractor.missing, contractor.index) == (1, (0, 1, None))
    assert [(item.label, item.count) for item in score.classes] == [
        ("< 80", 1),
        ("≥ 80 < 85", 0),
        ("≥ 85 < 90", 0),
        ("≥ 90 < 95", 1),
        ("≥ 95", 0),
    ]


def test_a_seventh_category_joins_the_others() -> None:
    names = {str(number): f"Zone {number}" for number in range(9)}
    theme = category_theme("zone", "Zone", [str(number) for number in range(9)], names, "Other")
    assert [item.label for item in theme.classes][-2:] == ["Zone 5", "Other"]
    assert theme.classes[-1].count == 3
    assert theme.index == (0, 1, 2, 3, 4, 5, 6, 6, 6)


def test_no_class_of_round_limits_is_empty() -> None:
    values = [Decimal(n * n) / 7 for n in range(1, 60)] + [Decimal(3)] * 40
    theme = ramp_theme("x", "X", "", values, "warm", round_limits(values), "quantiles")
    assert len(theme.classes) > 2
    assert all(item.count for item in theme.classes)


def test_zero_can_be_a_class_of_its_own() -> None:
    theme = ramp_theme("x", "X", "", [0, 0, 3, 40, None], "warm", [10], "round", none="nothing")
    assert [(item.label, item.count) for item in theme.classes] == [("nothing", 2), ("< 10", 1), ("≥ 10", 1)]
    assert theme.index == (0, 0, 1, 2, None)


def test_a_category_keeps_its_colour_when_others_are_not_shown() -> None:
    places = {"a": 0, "b": 1, "c": 2}
    every = category_theme("x", "X", ["a", "b", "c"], {"a": "A", "b": "B", "c": "C"}, "Other", places=places)
    some = category_theme("x", "X", ["c"], {"c": "C"}, "Other", places=places)
    assert some.classes[0].colours == every.classes[2].colours
    ninth = category_theme("x", "X", ["i"], {"i": "Ninth"}, "Other", places={"i": 8})
    assert [item.label for item in ninth.classes] == ["Ninth"]


def test_every_label_is_translated() -> None:
    words = Labels().through(lambda text: f"<{text}>")
    assert words.no_basemap == "<Basemap: none>"
    assert set(words.states) == set(Labels().states)


def test_a_basemaps_host_is_allowed_images_and_nothing_else() -> None:
    basemap = Basemap("http://127.0.0.1:9/{z}/{x}/{y}.png", "天地图 Tianditu")
    page = register_map(register(), basemap=basemap).file()
    assert b"img-src data: http://127.0.0.1:9;" in page
    assert page.count(b"default-src 'none'") == 1


def test_a_missing_vendor_folder_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "files", lambda package: tmp_path)
    with pytest.raises(assets.MissingAssets, match="hatch_build"):
        assets.vendor_folder()


def test_streets_and_water_are_steps_in_a_hundred_thousandth_of_a_degree() -> None:
    own = words(register_map(register(), context=context(("江南路", "科宁路")), language="en").file())["context"]
    assert own["streets"] == {
        "name": ["江南路", "科宁路"],
        "rank": [2, 2],
        "width_m": [20.0, 20.0],
        "lines": [[[11_884_800, 3_191_940, 2_600, 0]], [[11_884_800, 3_191_880, 2_600, 0]]],
    }
    assert own["water"]["name"] == ["秦淮河"]
    assert own["water"]["rings"][0][0][2:4] == [0, 200]


def test_a_street_without_class_width_and_name_is_a_narrow_line() -> None:
    lines = geopandas.GeoSeries([shapely.MultiLineString([[(0, 0), (0, 1)], [(0, 2), (0, 3)]])], crs="EPSG:4326")
    own = words(register_map(register(), context=Context(lines.to_frame("geometry"))).file())["context"]
    assert own["water"] is None
    assert (own["streets"]["name"], own["streets"]["rank"], own["streets"]["width_m"]) == ([""], [3], [15.0])
    assert len(own["streets"]["lines"][0]) == 2


def test_context_of_another_datum_or_shape_is_refused() -> None:
    own = context()
    assert own.streets is not None
    with pytest.raises(ValueError, match="EPSG:4326"):
        register_map(register(), context=Context(streets=own.streets.to_crs("EPSG:4549")))
    with pytest.raises(ValueError, match="LineString"):
        register_map(register(), context=Context(water=own.streets))


def test_context_is_read_from_geojson(tmp_path: Path) -> None:
    streets, water = tmp_path / "streets.geojson", tmp_path / "water.geojson"
    own = context(PAYLOADS)
    assert own.streets is not None
    streets.write_text(own.streets.to_json(), "utf-8")
    water.write_text('{"type": "FeatureCollection", "features": []}', "utf-8")
    read = words(register_map(register(), context=read_context(streets, water), language="zh").file())["context"]
    assert read["streets"]["name"] == list(PAYLOADS)
    assert read["water"] == {"name": [], "rings": []}
    assert read_context() is None
    streets.write_text('["no features"]', "utf-8")
    with pytest.raises(ValueError, match=r"streets\.geojson is not"):
        read_context(streets)


def test_late_tasks_are_counted_by_plot() -> None:
    assert words(register_map(register(), overdue=["id2", "id1", "gone"]).file())["overdue"] == [[1, 1], [2, 1]]
    assert words(register_map(register(), overdue={"id2": 3, "id0": 0}).file())["overdue"] == [[2, 3]]
