"""What is wrong with data: values that are returned all at once, never raised. Sentences are made by the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue lies: record number (the first data record is 1), column of the file, lon/lat in EPSG:4326."""

    row: int | None = None
    column: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """One problem or one remark; `details` fills the {placeholders} of its sentence and never quotes a whole input."""

    code: str
    place: Place = field(default_factory=Place)
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_remark(self) -> bool:
        """Tell whether the data may be used all the same.

        >>> Issue("z_dropped").is_remark, Issue("ring_not_closed").is_remark
        (True, False)
        """
        return self.code in REMARKS


# code -> English sentence with {placeholders}; the codes are stable, the sentences are translated by the caller.
REMARKS: dict[str, str] = {
    "ballpark_transformation": "{source} was taken as EPSG:4326 without a shift: no transformation between them is "
    "published, they differ by less than {metres} m.",
    "bbox_wrong": "The bounding box in the file does not enclose its geometry; it was not used.",
    "crs_from_file": "The coordinate system {crs} is the one that the file names.",
    "more_dimensions_dropped": "Positions have {count} numbers; only longitude and latitude were kept.",
    "winding_order": "A ring turns the other way round than the standard asks; it was accepted.",
    "z_dropped": "Heights were dropped; plots are flat.",
}
ERRORS: dict[str, str] = {
    "archive_encrypted": "The archive is encrypted.",
    "archive_links": "The archive holds a link, {name}.",
    "archive_many_files": "The archive holds {count} files; {limit} are allowed.",
    "archive_name": "The archive may hold only the files of one Shapefile, without folders; {name} is not one.",
    "archive_overlap": "Two files in the archive lie on top of each other.",
    "archive_parts_missing": "A Shapefile needs .shp, .shx, .dbf and .prj; {missing} is missing.",
    "archive_ratio": "A file in the archive grows more than {limit} times when unpacked.",
    "archive_several": "The archive holds {count} Shapefiles; exactly one is needed.",
    "archive_size": "The archive grows to {megabytes} MB when unpacked; {limit} MB are allowed.",
    "archive_unreadable": "The archive is damaged.",
    "bbox_unusable": "A bounding box must be a list of 4 or 6 numbers.",
    "cell_unusable": "A cell holds a list or an object; texts and numbers are read.",
    "column_missing": "There is no column {column} in the file.",
    "column_twice": "The column {column} stands twice in the header.",
    "coordinates_unusable": "The coordinates do not fit the geometry type {type}.",
    "crs_missing": "The file does not say its coordinate system; name it in the layout.",
    "crs_unknown": "The coordinate system {crs} is not known.",
    "crs_unusable": "The coordinate system {crs} cannot be turned into longitude and latitude here.",
    "document_not_geojson": "The file is not GeoJSON: its type is missing or unknown.",
    "encoding_doubtful": "The file says its text is {encoding}, but it reads as UTF-8; name the encoding "
    "in the layout.",
    "encoding_unknown": "The file does not say the encoding of its text; name it in the layout, for example GBK.",
    "encoding_unusable": "The text of the file is not {encoding}.",
    "feature_unusable": "A feature needs the members type, properties and geometry in the right form.",
    "file_damaged": "The file cannot be read as {format}.",
    "file_empty": "The file holds no record.",
    "file_too_deep": "The file is nested too deeply.",
    "format_mismatch": "The content of the file is not {format}.",
    "format_unknown": "Files of the format {format} cannot be imported.",
    "geometry_empty": "The geometry is empty.",
    "geometry_invalid": "The geometry is not valid: {reason}.",
    "geometry_kind": "A {kind} is not allowed here.",
    "geometry_missing": "There is no geometry.",
    "geometry_unreadable": "The geometry cannot be read.",
    "layers_several": "The file holds {count} layers with geometry; exactly one is needed.",
    "not_finite": "A coordinate is not a finite number.",
    "out_of_extent": "The geometry lies outside the authority's extent.",
    "out_of_range": "A coordinate is outside longitude -180 to 180 or latitude -90 to 90.",
    "overlap": "Plots {left} and {right} share {area_m2:.1f} m2.",
    "overlap_not_measured": "Plots {left} and {right} are too detailed to be compared at once ({left_vertices} x "
    "{right_vertices} vertices).",
    "ring_not_closed": "A ring is not closed: its last point must be its first.",
    "ring_too_short": "A ring needs at least three different points.",
    "row_length": "The row has {count} cells; the header has {expected}.",
    "vertices_many": "The geometry has {count} vertices; {limit} are allowed.",
    "wkt_too_deep": "The geometry text is nested too deeply.",
    "wkt_too_long": "The geometry text has {count} characters; {limit} are allowed.",
    "wkt_unreadable": "The geometry text is not a POLYGON or MULTIPOLYGON.",
}
SENTENCES: dict[str, str] = REMARKS | ERRORS

# What GEOS says about an invalid geometry, the {reason} of `geometry_invalid`; translated like a sentence.
REASONS = (
    "Duplicate Rings",
    "Hole lies outside shell",
    "Holes are nested",
    "Interior is disconnected",
    "Invalid Coordinate",
    "Nested shells",
    "Ring Self-intersection",
    "Self-intersection",
    "Too few points in geometry component",
)
