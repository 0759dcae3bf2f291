"""The drawn plots, the contracted areas and the money they add up to."""

import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import shapely
import yaml
from shapely.geometry import shape

from data.founding_case import contracts, write
from data.founding_case.plots import plots, plots_of_2012
from gis.measure import area_m2

Rows = list[dict[str, str]]
Table = Callable[[str], Rows]
LOTS = [
    ("C1", "J1", 26, "742000.00", "7.82", "5802440.0000"),
    ("C2", "J2", 38, "1612000.00", "3.55", "5722600.0000"),
    ("C3", "J3", 32, "1376000.00", "3.71", "5104960.0000"),
]
LOTS_OF_2012 = [
    ("B1", "J1", 26, "742000.00", "7.46", "5535320.00"),
    ("B2", "J2", 38, "1593000.00", "3.39", "5400270.00"),
    ("B3", "J3", 31, "1333500.00", "3.52", "4693920.00"),  # one of them for half a year only
]
OTHERWISE_IN_2012 = {
    "J2-007": "grade",
    "J2-031": "grade",
    "J2-018": "zone",
    "J3-012": "zone",
    "J2-033": "geometry",
    "J3-021": "geometry",
}


@pytest.fixture(scope="module")
def register(folder: Path) -> geopandas.GeoDataFrame:
    return geopandas.read_file(folder / "plots.gpkg")


@pytest.mark.parametrize(("contract", "group", "count", "area", "price", "fee"), [*LOTS, *LOTS_OF_2012])
def test_a_contract_adds_up_exactly(
    table: Table, contract: str, group: str, count: int, area: str, price: str, fee: str
) -> None:
    lines = table(f"lines-{contract}.csv")
    absent = {"J3-031"} if contract == "B3" else set()
    codes = [f"{group}-{number:03d}" for number in range(1, count + len(absent) + 1)]
    assert [line["plot"] for line in lines] == [code for code in codes if code not in absent]
    assert sum(Decimal(line["quantity"]) for line in lines) == Decimal(area)
    assert {line["unit_price"] for line in lines} == {price}
    assert sum(Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines) == Decimal(fee)
    assert all(Decimal(line["quantity"]).as_tuple().exponent == -2 for line in lines)


def test_the_park_adds_up_to_the_founding_figures(table: Table) -> None:
    lines = [line for contract, *_ in LOTS for line in table(f"lines-{contract}.csv")]
    assert len(lines) == 96
    assert sum(Decimal(line["quantity"]) for line in lines) == Decimal("3730000.00")
    assert sum(Decimal(line["quantity"]) * Decimal(line["unit_price"]) for line in lines) == Decimal("16630000.00")


def test_group_one_is_mainly_first_grade_and_the_others_second(table: Table) -> None:
    for contract, grade in (("B1", "1"), ("B2", "2"), ("B3", "2"), ("C1", "1"), ("C2", "2"), ("C3", "2")):
        grades = Counter(line["grade"] for line in table(f"lines-{contract}.csv"))
        assert grades.most_common(1)[0][0] == grade
        assert grades[grade] > sum(grades.values()) * 0.6


def test_drawn_and_contracted_areas_are_near_and_never_equal(table: Table, register: geopandas.GeoDataFrame) -> None:
    drawn = dict(zip(register["code"], area_m2(register.geometry.to_numpy()), strict=True))
    lines = [line for contract, *_ in LOTS for line in table(f"lines-{contract}.csv")]
    relative = {line["plot"]: float(line["quantity"]) / drawn[line["plot"]] - 1 for line in lines}
    assert max(map(abs, relative.values())) < 0.005
    assert all(abs(float(line["quantity"]) - drawn[line["plot"]]) > 0.005 for line in lines)
    assert len({round(value, 4) for value in relative.values()}) > 30, "a common factor would be no survey"


def test_the_register_of_2012_differs_in_a_few_plots_and_each_in_one_thing(
    folder: Path, register: geopandas.GeoDataFrame
) -> None:
    before = geopandas.read_file(folder / "plots-2012.geojson").set_index("code")
    after = register.set_index("code")
    assert set(after.index) - set(before.index) == {"J3-031"}, "built in 2012, handed over for 2013"
    assert set(before.index) < set(after.index)
    differing = {}
    for code, was in before.iterrows():
        now = after.loc[code]
        names = [name for name in before.columns if name != "geometry" and was[name] != now[name]]
        if not was.geometry.equals_exact(now.geometry):
            names.append("geometry")
        if names:
            (differing[code],) = names
    assert differing == OTHERWISE_IN_2012
    areas = {plot.code: plot.drawn_m2 for plot in plots()}
    for plot in plots_of_2012():
        if OTHERWISE_IN_2012.get(plot.code) == "geometry":
            assert plot.drawn_m2 < areas[plot.code] * 0.9, "grown since"


def test_the_contracted_areas_of_2012_are_near_the_drawing_of_2012(table: Table) -> None:
    drawn = {plot.code: plot.drawn_m2 for plot in plots_of_2012()}
    lines = [line for contract, *_ in LOTS_OF_2012 for line in table(f"lines-{contract}.csv")]
    assert all(abs(float(line["quantity"]) / drawn[line["plot"]] - 1) < 0.005 for line in lines)
    assert [(line["plot"], line["from"]) for line in lines if line["from"]] == [("J3-030", "2012-07-01")]


def test_the_remaining_difference_is_carried_by_all_plots_alike() -> None:
    for lot in contracts.LOTS:
        own = [plot for plot in plots() if plot.group == lot.group]
        shared = contracts.quantities(lot, plots())
        surveyed = {plot.code: plot.drawn_m2 * (1 + contracts._survey_error(plot.code)) for plot in own}
        factors = [float(shared[code]) / area for code, area in surveyed.items()]
        assert max(factors) - min(factors) < 0.01 / min(surveyed.values())


@pytest.mark.parametrize(("file", "count"), [("plots.gpkg", 96), ("plots-2012.geojson", 95)])
def test_no_two_plots_share_ground_and_all_are_valid(folder: Path, file: str, count: int) -> None:
    register = geopandas.read_file(folder / file)
    outlines = register.geometry.to_numpy()
    assert register.crs == "EPSG:4326"
    assert len(register) == register["code"].nunique() == count
    assert shapely.is_valid(outlines).all()
    first, second = shapely.STRtree(outlines).query(outlines, predicate="intersects")
    pairs = first < second
    shared = shapely.intersection(outlines[first[pairs]], outlines[second[pairs]])
    assert (area_m2(shared) <= 0.01).all()


def test_no_plot_lies_in_the_carriageway_of_a_street_that_is_not_its_own_or_in_water(folder: Path) -> None:
    water = geopandas.read_file(folder / "water.geojson").union_all()
    streets = geopandas.read_file(folder / "streets.geojson")
    assert list(streets["name_zh"])[:1] == ["天元路"]
    for plot in (*plots(), *plots_of_2012()):
        assert not plot.outline.intersects(water), plot.code
        if plot.sketch.kind != "median":
            assert not plot.outline.intersects(streets.union_all()), plot.code


def test_plots_lie_in_the_extent_in_zones_that_exist_and_have_both_names(
    folder: Path, register: geopandas.GeoDataFrame
) -> None:
    authority = yaml.safe_load((folder / "authority.yaml").read_text(encoding="utf-8"))
    west, south, east, north = authority["authority"]["extent"]
    assert (west, south, east, north) == (118.80, 31.88, 118.92, 31.95)
    assert shapely.box(west, south, east, north).contains(shapely.box(*register.total_bounds))
    parents = {zone["code"]: zone.get("parent") for zone in authority["zones"]}
    assert [code for code, parent in parents.items() if parent is None] == ["J1", "J2", "J3"]
    for row in register.itertuples():
        assert parents[row.zone] == row.code[:2]
    assert register["name_zh"].nunique() == register["name_en"].nunique() == 96


def test_plots_have_believable_sizes() -> None:
    sizes = np.array([plot.drawn_m2 for plot in plots()])
    assert sizes.min() > 2_000
    assert sizes.max() < 250_000
    assert abs(sizes.mean() - 38_854) < 40


def test_geojson_and_geopackage_hold_the_same_plots(folder: Path, register: geopandas.GeoDataFrame) -> None:
    document = json.loads((folder / "plots.geojson").read_text(encoding="utf-8"))
    assert len(document["features"]) == 96
    for feature, row in zip(document["features"], register.itertuples(), strict=True):
        assert feature["properties"]["code"] == row.code
        assert shape(feature["geometry"]).equals_exact(row.geometry)


def test_the_indicators_are_the_parks_own_figures(folder: Path) -> None:
    authority: dict[str, Any] = yaml.safe_load((folder / "authority.yaml").read_text(encoding="utf-8"))
    values = {key: (item["value"], item["unit"]) for key, item in authority["indicators"].items()}
    assert values == {
        "green_land": ("18,580,000", "m2"),
        "green_rate": ("44.2", "%"),
        "green_cover": ("46", "%"),
        "green_per_head": ("85.8", "m2"),
    }
    assert [item["code"] for item in authority["organisations"] if item["kind"] == "contractor"] == [
        "HEMU", "QINGLING", "WOYE",
    ]  # fmt: skip


@pytest.mark.parametrize(("series", "year"), [("B", 2012), ("C", 2013)])
def test_contract_files_name_their_firm_scheme_and_lines(folder: Path, series: str, year: int) -> None:
    for number, firm in ((1, "HEMU"), (2, "QINGLING"), (3, "WOYE")):
        contract = f"{series}{number}"
        text = (folder / f"contract-{contract}.yaml").read_text(encoding="utf-8")
        terms = yaml.load(text, Loader=yaml.BaseLoader)  # every value as written
        assert (terms["contract"], terms["contractor"], terms["lines"]) == (contract, firm, f"lines-{contract}.csv")
        assert (terms["from"], terms["until"]) == (f"{year}-01-01", f"{year}-12-31")
        assert (terms["day_count"], terms["rounding"], terms["settled"]) == ("contract_year", "per_contract", "month")
        assert (terms["vat_percent"], terms["scheme"]) == ("6", {"code": "jn-2012", "version": "1"})


def test_writing_again_gives_the_same(folder: Path, tmp_path: Path) -> None:
    write(tmp_path)
    names = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    for name in names:
        if name.suffix != ".gpkg":
            assert (folder / name).read_bytes() == (tmp_path / name).read_bytes(), name
    again = geopandas.read_file(tmp_path / "plots.gpkg")
    assert again.equals(geopandas.read_file(folder / "plots.gpkg"))
