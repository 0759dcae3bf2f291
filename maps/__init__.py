"""GeoDataFrames in, folium maps out: every map works without a network. One module and one line here per map.

Static files are served from two folders: `assets.vendor_folder()` and `assets.static_folder()`.
"""

from maps.register import register_map

PUBLISHED = {"register": register_map}
