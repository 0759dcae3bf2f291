"""A zipped Shapefile from outside: its directory is judged before anything is unpacked, names are our own."""

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.issue import Issue

NEEDED = (".shp", ".shx", ".dbf")
ALLOWED = frozenset({*NEEDED, ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml"})
STEM = "plots"
LOCAL_HEADER = 30  # bytes before the name, at least


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How many files, how many bytes in all and how many times a file may grow when unpacked."""

    files: int = 50
    size: int = 200_000_000
    ratio: int = 100


def unpack(path: Path, folder: Path, limits: ArchiveLimits, needs_crs: bool) -> list[Issue]:
    """Write the Shapefile of an archive into an empty folder as plots.shp, plots.dbf …; nothing is written on an issue.

    `needs_crs`: the .prj must be there, because no coordinate system was named.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            issues = judge(archive.infolist(), limits, needs_crs) or _overlap(archive)
            if not issues:
                for member in archive.infolist():
                    (folder / (STEM + _suffix(member.filename))).write_bytes(archive.read(member))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        return [Issue("archive_unreadable")]
    return issues


def judge(members: list[zipfile.ZipInfo], limits: ArchiveLimits, needs_crs: bool) -> list[Issue]:
    """Return why an archive's directory is refused; sizes in it are enforced again while reading, by zipfile itself."""
    if len(members) > limits.files:
        return [Issue("archive_many_files", details={"count": len(members), "limit": limits.files})]
    issues: list[Issue] = []
    for member in members:
        name = member.filename
        shown = {"name": PurePosixPath(name).name[:80]}
        if stat.S_ISLNK(member.external_attr >> 16):
            issues.append(Issue("archive_links", details=shown))
        elif member.is_dir() or "/" in name or "\\" in name or _suffix(name) not in ALLOWED:
            issues.append(Issue("archive_name", details=shown))
        if member.flag_bits & 0x1:
            issues.append(Issue("archive_encrypted"))
        if member.file_size > limits.ratio * max(member.compress_size, 1):
            issues.append(Issue("archive_ratio", details={"limit": limits.ratio}))
    total = sum(member.file_size for member in members)
    if total > limits.size:
        details = {"megabytes": total // 1_000_000, "limit": limits.size // 1_000_000}
        issues.append(Issue("archive_size", details=details))
    return issues or _parts(members, needs_crs)


def _parts(members: list[zipfile.ZipInfo], needs_crs: bool) -> list[Issue]:
    suffixes = [_suffix(member.filename) for member in members]
    stems = {member.filename[: -len(_suffix(member.filename))] for member in members}
    if len(stems) > 1 or len(suffixes) != len(set(suffixes)):
        return [Issue("archive_several", details={"count": max(len(stems), suffixes.count(".shp"))})]
    needed = [*NEEDED, ".prj"] if needs_crs else [*NEEDED]
    missing = [suffix for suffix in needed if suffix not in suffixes]
    return [Issue("archive_parts_missing", details={"missing": ", ".join(missing)})] if missing else []


def _overlap(archive: zipfile.ZipFile) -> list[Issue]:
    """Refuse members that share their bytes: few of them may grow to a lot, each within its ratio."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    ends = [*(member.header_offset for member in members[1:]), archive.start_dir]
    for member, end in zip(members, ends, strict=True):
        if member.header_offset + LOCAL_HEADER + len(member.orig_filename) + member.compress_size > end:
            return [Issue("archive_overlap")]
    return []


def _suffix(name: str) -> str:
    """Return the suffix in small letters, with the double one of metadata.

    >>> _suffix("区县界_area.SHP"), _suffix("a.shp.xml"), _suffix("noext")
    ('.shp', '.shp.xml', '')
    """
    lowered = name.lower()
    return ".shp.xml" if lowered.endswith(".shp.xml") else PurePosixPath(lowered).suffix
