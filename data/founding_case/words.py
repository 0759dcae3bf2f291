"""What an inspector writes beside each type of finding, and where and when each type is met."""

NOTES = {
    "grass_too_high": "草高超过 8 cm，未按期修剪",
    "bare_soil": "黄土裸露，未及时补种",
    "bald_patch": "草坪斑秃，需翻耕补播",
    "weeds": "杂草高于草坪，未拔除",
    "lawn_dry": "草叶卷曲发黄，缺水",
    "elaeocarpus_dead": "杜英整株枯死，树干有日灼",
    "tree_dead": "枯死乔木未清除",
    "tree_missing": "行道树缺株，树穴空置",
    "tree_leaning": "树木倾斜，支撑松脱",
    "dead_branches": "枯枝未剪，有坠落危险",
    "suckers": "根部萌蘖未除",
    "trunk_unwrapped": "树干未缠裹，朝西面暴晒",
    "tag_missing": "补植树木未挂牌",
    "block_not_pruned": "色块本周未修剪，线条不齐",
    "shrub_dead": "灌木成片枯死",
    "hedge_gap": "绿篱断档",
    "edge_overgrown": "切边不齐，草侵入色块",
    "pest_damage": "叶片虫蛀，可见活虫",
    "climbing_weeds": "藤蔓缠绕灌木",
    "watering_missed": "按计划应浇水，现场土干",
    "fertiliser_short": "施肥量少于计划，监理在场核对",
    "litter": "垃圾未清",
    "green_waste": "修剪下的枝叶未清运",
    "water_litter": "水面有漂浮物",
    "seat_damaged": "坐凳木条断裂",
    "paving_damaged": "铺装破损翘起",
    "irrigation_leak": "喷灌接头漏水",
    "sign_damaged": "标识牌倾倒",
    "post_absent": "定岗人员不在岗",
    "no_safety_gear": "作业人员未穿反光背心",
}

# How often each type is met in a season.
WINTER = {"litter": 4, "dead_branches": 4, "green_waste": 2, "paving_damaged": 2, "seat_damaged": 2, "tag_missing": 1,
          "no_safety_gear": 1, "sign_damaged": 1, "hedge_gap": 2}  # fmt: skip
SPRING = {"weeds": 4, "tree_missing": 3, "shrub_dead": 2, "fertiliser_short": 2, "edge_overgrown": 3, "hedge_gap": 2,
          "suckers": 3, "bare_soil": 3, "litter": 3, "tag_missing": 2, "tree_dead": 2, "no_safety_gear": 1}  # fmt: skip
SUMMER = {"grass_too_high": 5, "elaeocarpus_dead": 4, "watering_missed": 4, "block_not_pruned": 4, "pest_damage": 3,
          "bare_soil": 2, "weeds": 3, "lawn_dry": 3, "trunk_unwrapped": 2, "climbing_weeds": 2, "post_absent": 2,
          "seat_damaged": 2, "water_litter": 2, "litter": 3, "irrigation_leak": 2, "tree_leaning": 2}  # fmt: skip
AUTUMN = {"grass_too_high": 2, "weeds": 3, "dead_branches": 3, "shrub_dead": 2, "bald_patch": 2, "edge_overgrown": 3,
          "green_waste": 3, "litter": 4, "tree_missing": 2, "paving_damaged": 2, "seat_damaged": 2, "post_absent": 1,
          "block_not_pruned": 2, "fertiliser_short": 1}  # fmt: skip
SEASONS = {1: WINTER, 2: WINTER, 3: SPRING, 4: SPRING, 5: SPRING, 6: SUMMER, 7: SUMMER, 8: SUMMER, 9: SUMMER,
           10: AUTUMN, 11: AUTUMN, 12: WINTER}  # fmt: skip

# Types met in some kinds of plots only.
VISITED = {"park", "square", "garden", "corner", "lawn"}
KINDS_OF = {
    "seat_damaged": VISITED,
    "paving_damaged": VISITED,
    "sign_damaged": VISITED,
    "post_absent": {"park", "square"},
    "water_litter": {"park"},
    "elaeocarpus_dead": {"strip"},
    "trunk_unwrapped": {"strip", "grove"},
    "tree_missing": {"strip"},
    "block_not_pruned": {"median", "square", "garden", "corner", "flower_bed"},
}
