"""Colours and shapes of maps: palettes and states with their light and their dark form."""

from typing import Literal

Palette = Literal["warm", "cool", "diverging"]
Pair = tuple[str, str]
"""A colour on light ground, and the one of the same meaning on dark ground."""

CATEGORIES: tuple[Pair, ...] = (
    ("#4242BF", "#96A7EA"),
    ("#C58203", "#CFA348"),
    ("#62133F", "#F15B8F"),
    ("#239382", "#7BFCE4"),
    ("#4A4B0E", "#F7EA3C"),
    ("#9C83F2", "#9B45C7"),
)
OTHER: Pair = ("#8A9790", "#7E8C85")
NOTHING: Pair = ("#EFF1EB", "#393F3A")
RAMPS: dict[Palette, tuple[Pair, ...]] = {
    "warm": (
        ("#FAF1CB", "#512320"),
        ("#F8C970", "#873B28"),
        ("#F18D27", "#C46016"),
        ("#CB4E1A", "#ED9E2F"),
        ("#7D2322", "#FDE7A2"),
    ),
    "cool": (
        ("#DEF6F7", "#223251"),
        ("#98DAEA", "#2A5885"),
        ("#55AEDE", "#3389BA"),
        ("#3076B9", "#6ABFD9"),
        ("#223F75", "#CAF0F5"),
    ),
    "diverging": (
        ("#903A03", "#F7AC4D"),
        ("#D6810C", "#BB672C"),
        ("#EFF1EB", "#393F3A"),
        ("#5399D1", "#5182C1"),
        ("#234993", "#8DCCF9"),
    ),
}

GREY, AMBER, BLUE = ("#4D5C57", "#C3CEC8"), ("#C27C00", "#F2B33D"), ("#2F5FD0", "#6E93FF")
GREEN, RED = ("#1D8A63", "#2FB586"), ("#A8160C", "#EF5C4C")
# state of a finding -> colours and shape, in the fixed order of legends and cluster rings.
STATES: dict[str, tuple[Pair, str]] = {
    "filed": (GREY, "ring"),
    "to_cure": (AMBER, "triangle"),
    "to_verify": (BLUE, "diamond"),
    "sent_back": (RED, "octagon"),
    "verified": (GREEN, "check"),
    "withdrawn": (GREY, "back"),
}
