"""A few small drawn pictures in place of photos, with the claims a phone writes into them: time, place, owner."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from PIL import Image, ImageDraw
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

SIZE = (800, 600)
HORIZON = 230
Colour = tuple[int, int, int]
SKY, GRASS, DARK_GRASS, SOIL = (188, 214, 232), (112, 158, 74), (70, 116, 46), (151, 112, 74)
BARK, STONE, WOOD, RED_LEAF, WATER = (104, 78, 56), (176, 174, 168), (150, 98, 52), (150, 52, 50), (120, 170, 205)
Scene = Callable[[ImageDraw.ImageDraw, random.Random], None]


def draw_pictures(folder: Path, findings: Sequence[dict[str, str]]) -> None:
    """Write one JPEG per finding that names a photo, and an "after" one where the cure was verified."""
    folder.mkdir(parents=True, exist_ok=True)
    for row in findings:
        if row["photo"]:
            target = folder / row["photo"]
            _save(target, _picture(row["type"], row["ref"]), row, row["filed_at"])
            if row["verified_at"]:
                after = target.with_stem(f"{target.stem}-after")
                _save(after, _picture("cured", row["ref"]), row, row["cured_at"])


def _picture(scene: str, seed: str) -> Image.Image:
    dice = random.Random(f"picture {seed} {scene}")
    image = Image.new("RGB", SIZE, SKY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, HORIZON, *SIZE), fill=GRASS)
    _blades(pen, dice, 1500, 8)
    SCENES.get(scene, _lawn)(pen, dice)
    return image


def _blades(pen: ImageDraw.ImageDraw, dice: random.Random, count: int, height: int) -> None:
    for _ in range(count):
        x, y = dice.randrange(SIZE[0]), dice.randrange(HORIZON, SIZE[1])
        tone = dice.choice((GRASS, DARK_GRASS, (132, 178, 90)))
        pen.line((x, y, x + dice.randrange(-4, 5), y - height - dice.randrange(height)), fill=tone, width=2)


def _lawn(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for x in range(0, SIZE[0], 90):
        pen.polygon(((x, HORIZON), (x + 30, HORIZON), (x - 60, SIZE[1]), (x - 150, SIZE[1])), fill=(124, 170, 84))
    _tree(pen, (120, 330), (86, 140, 60))


def _high_grass(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    _blades(pen, dice, 2500, 42)
    pen.rectangle((560, 300, 586, 560), fill=(240, 222, 90))
    for mark in range(0, 260, 26):
        pen.line((560, 300 + mark, 574, 300 + mark), fill=(30, 30, 30), width=2)


def _bare_soil(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for _ in range(14):
        x, y = dice.randrange(180, 620), dice.randrange(320, 520)
        pen.ellipse((x - 90, y - 34, x + 90, y + 34), fill=tuple(c + dice.randrange(-8, 9) for c in SOIL))


def _dead_trees(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    _tree(pen, (160, 420), (86, 140, 60))
    _tree(pen, (660, 400), (96, 150, 66))
    pen.rectangle((392, 150, 412, 520), fill=BARK)
    for _ in range(22):
        y = dice.randrange(110, 330)
        pen.line(
            (402, y, 402 + dice.choice((-1, 1)) * dice.randrange(40, 130), y - dice.randrange(20, 80)),
            fill=BARK,
            width=4,
        )


def _tree(pen: ImageDraw.ImageDraw, foot: tuple[int, int], crown: Colour) -> None:
    x, y = foot
    pen.rectangle((x - 8, y - 140, x + 8, y), fill=BARK)
    for dx, dy, r in ((-40, -170, 60), (40, -170, 60), (0, -220, 66), (0, -150, 60)):
        pen.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=crown)


def _seat(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    pen.rectangle((0, 440, *SIZE), fill=STONE)
    for x in (230, 560):
        pen.rectangle((x, 400, x + 26, 500), fill=(90, 90, 92))
    for i, y in enumerate((300, 330, 370, 392)):
        if i == 1:
            pen.polygon(((190, y), (390, y + 4), (380, y + 20), (190, y + 18)), fill=WOOD)
            pen.polygon(((430, y + 34), (640, y + 90), (634, y + 106), (424, y + 50)), fill=WOOD)
        else:
            pen.rectangle((190, y, 640, y + 18), fill=WOOD)


def _block(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    pen.rectangle((0, 500, *SIZE), fill=STONE)
    for _ in range(900):
        x, y = dice.randrange(SIZE[0]), dice.randrange(300, 500)
        pen.ellipse((x - 9, y - 7, x + 9, y + 7), fill=tuple(c + dice.randrange(-20, 21) for c in RED_LEAF))
    for _ in range(26):
        x = dice.randrange(SIZE[0])
        pen.line((x, 310, x + dice.randrange(-20, 21), 310 - dice.randrange(30, 90)), fill=RED_LEAF, width=5)


def _litter(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    for _ in range(18):
        x, y = dice.randrange(120, 680), dice.randrange(320, 560)
        tone = dice.choice(((245, 245, 245), (220, 60, 60), (60, 110, 200)))
        pen.polygon(((x, y), (x + 34, y - 10), (x + 40, y + 16), (x + 8, y + 22)), fill=tone)


def _missing(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    pen.rectangle((0, 420, *SIZE), fill=STONE)
    pen.rectangle((340, 440, 480, 540), fill=SOIL)
    _tree(pen, (140, 470), (86, 140, 60))
    _tree(pen, (690, 470), (86, 140, 60))


def _leak(pen: ImageDraw.ImageDraw, dice: random.Random) -> None:
    pen.ellipse((210, 430, 600, 540), fill=WATER)
    for _ in range(60):
        pen.line((400, 440, 400 + dice.randrange(-160, 161), 440 - dice.randrange(60, 220)), fill=WATER, width=3)


SCENES: dict[str, Scene] = {
    "grass_too_high": _high_grass,
    "bare_soil": _bare_soil,
    "elaeocarpus_dead": _dead_trees,
    "seat_damaged": _seat,
    "block_not_pruned": _block,
    "litter": _litter,
    "tree_missing": _missing,
    "irrigation_leak": _leak,
}


def _save(path: Path, image: Image.Image, row: dict[str, str], at: str) -> None:
    exif = Image.Exif()
    taken = datetime.fromisoformat(at)
    exif[Base.Make], exif[Base.Model], exif[Base.Software] = "Greenkeep", "drawn picture", "Greenkeep demo"
    exif[Base.Artist] = row["filed_by"]
    exif[Base.DateTime] = f"{taken:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(IFD.Exif).update(
        {Base.DateTimeOriginal: f"{taken:%Y:%m:%d %H:%M:%S}", Base.OffsetTimeOriginal: "+08:00"}
    )
    exif.get_ifd(IFD.GPSInfo).update(
        {
            GPS.GPSLatitudeRef: "N",
            GPS.GPSLatitude: _degrees(row["lat"]),
            GPS.GPSLongitudeRef: "E",
            GPS.GPSLongitude: _degrees(row["lon"]),
        }
    )
    image.save(path, "JPEG", quality=82, exif=exif)


def _degrees(text: str) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Degrees, minutes and seconds as EXIF keeps them, to a thousandth of a second."""
    thousandths = round(float(text) * 3_600_000)
    degrees, rest = divmod(thousandths, 3_600_000)
    minutes, seconds = divmod(rest, 60_000)
    return IFDRational(degrees), IFDRational(minutes), IFDRational(seconds, 1000)
