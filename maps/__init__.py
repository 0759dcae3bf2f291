"""GeoDataFrames in, folium maps out: every map works without a network. One module per map.

Static files are served from two folders: `assets.vendor_folder()` and `assets.static_folder()`.
"""
