"""Findings people speak of by number: all that are open on 3 September 2013, and three told cases."""

from typing import NamedTuple


class Named(NamedTuple):
    """One finding as told; the times are "MM-DD hh:mm" of 2013, local, and empty when it did not happen yet."""

    number: int
    plot: str
    type: str
    quantity: str
    filed: str
    confirmed: str = ""
    cured: str = ""
    verified: str = ""
    severity: str = "minor"


NAMED = [
    # told cases, closed
    Named(863, "J2-031", "seat_damaged", "1", "08-07 10:20", "08-07 16:10", "08-12 15:30", "08-13 09:40"),
    Named(871, "J2-017", "grass_too_high", "12.3", "08-13 14:21", "08-13 17:10", "08-18 09:40", "08-21 15:05"),
    Named(876, "J3-018", "elaeocarpus_dead", "5", "08-15 09:30", "08-15 16:40", "08-19 11:00", "08-20 10:15", "severe"),
    # overdue
    Named(904, "J2-008", "elaeocarpus_dead", "3", "08-24 15:10", "08-25 16:30", severity="severe"),
    Named(911, "J2-031", "seat_damaged", "1", "08-29 10:15", "08-29 16:50"),
    Named(917, "J2-024", "grass_too_high", "18.4", "08-29 15:05", "08-29 16:55"),
    Named(918, "J2-022", "block_not_pruned", "240", "08-30 09:10", "08-30 16:45"),
    Named(920, "J2-036", "litter", "2", "08-30 11:20", "09-01 10:05"),
    Named(922, "J3-012", "bare_soil", "18", "08-30 14:50", "08-30 16:50"),
    # to be cured, in time
    Named(896, "J3-003", "bald_patch", "35.5", "08-24 09:20", "08-25 15:30"),
    Named(899, "J1-020", "paving_damaged", "1", "08-24 10:30", "08-25 15:45"),
    Named(900, "J3-025", "bald_patch", "62", "08-24 11:05", "08-25 15:50"),
    Named(901, "J2-005", "shrub_dead", "14", "08-24 13:40", "08-25 16:00"),
    Named(903, "J2-026", "bald_patch", "27.5", "08-24 14:30", "08-25 16:20"),
    Named(906, "J3-026", "paving_damaged", "2", "08-26 10:10", "08-26 16:20"),
    Named(910, "J1-008", "paving_damaged", "1", "08-28 14:20", "08-28 16:40"),
    Named(916, "J2-034", "pest_damage", "4", "08-29 14:40", "08-30 16:10", severity="severe"),
    Named(919, "J3-009", "shrub_dead", "9.5", "08-30 10:05", "08-30 16:30"),
    Named(921, "J1-013", "suckers", "7", "08-30 13:35", "08-31 09:20"),
    Named(923, "J2-027", "tree_missing", "6", "08-30 16:10", "09-01 16:40"),
    Named(924, "J2-018", "dead_branches", "5", "08-31 09:05", "08-31 16:10"),
    Named(925, "J3-027", "tree_missing", "6", "08-31 10:00", "08-31 17:00"),
    Named(926, "J1-004", "hedge_gap", "3", "08-31 11:15", "08-31 17:00"),
    Named(927, "J2-019", "bare_soil", "22", "08-31 15:30", "09-01 16:50"),
    Named(928, "J2-015", "irrigation_leak", "1", "09-02 08:40", "09-02 17:00"),
    Named(929, "J3-030", "elaeocarpus_dead", "2", "09-02 09:25", "09-02 16:20"),
    # cure claimed, to be verified
    Named(898, "J3-014", "weeds", "40", "08-24 10:00", "08-25 15:40", "08-29 11:10"),
    Named(905, "J1-009", "dead_branches", "4", "08-26 09:15", "08-26 16:00", "08-30 10:40"),
    Named(907, "J2-012", "green_waste", "3", "08-27 09:10", "08-27 16:30", "08-29 10:15"),
    Named(908, "J3-006", "edge_overgrown", "2", "08-27 13:50", "08-28 09:30", "09-01 15:20"),
    Named(909, "J1-017", "tag_missing", "2", "08-28 09:40", "08-28 16:10", "08-31 10:00"),
    Named(912, "J2-030", "edge_overgrown", "1", "08-29 10:50", "08-29 17:00", "09-02 15:40"),
    Named(913, "J3-020", "grass_too_high", "9.8", "08-29 13:30", "08-31 09:10", "09-02 16:30"),
    Named(914, "J1-021", "weeds", "16", "08-29 13:55", "08-30 09:10", "09-02 14:10"),
    Named(915, "J2-033", "grass_too_high", "6.0", "08-29 14:10", "08-31 09:30", "09-03 07:30"),
    # filed, not yet confirmed
    Named(930, "J2-010", "litter", "1", "09-02 10:40"),
    Named(931, "J1-006", "pest_damage", "3", "09-02 13:30"),
    Named(932, "J3-001", "tree_leaning", "1", "09-02 14:45", severity="severe"),
    Named(933, "J2-021", "grass_too_high", "32", "09-02 15:50"),
    Named(934, "J3-031", "seat_damaged", "2", "09-02 16:25"),
]  # fmt: skip
