"""Geometry in, geometry out: reading plot files, checking, measuring, encoding. No web, no database, no sentences."""

import os

# GDAL reads these when it starts. Of its formats only GeoPackage, GeoJSON and Shapefile stay: a VRT or an http address
# inside an uploaded file would otherwise read the server's own files. `gis.files` asserts that nothing new came.
SKIPPED_DRIVERS = (
    "ADBC AIVector AVCBin AVCE00 AmigoCloud CSV CSW Carto DGN DXF EDIGEO EEDA ESRIJSON Elasticsearch FlatGeobuf GDALG "
    "GML GPSBabel GPX GTFS GeoJSONSeq GeoRSS HTTP Idrisi JML JSONFG KML LIBKML LVBAG MBTiles MEM MVT MapML "
    "MiraMonVector NGW OAPIF ODS OGCAPI OGR_GMT OGR_PDS OGR_VRT OSM OpenFileGDB PCIDSK PDF PDS4 PGDUMP PLSCENES "
    "PMTiles S57 SQLite SXF Selafin TopoJSON VDV VFK VICAR WAsP WFS XLSX"
)
os.environ["OGR_SKIP"] = ",".join([*SKIPPED_DRIVERS.split(), "MapInfo File"])
os.environ["CPL_VSIL_CURL_ALLOWED_FILENAME"] = "/none"
os.environ["GDAL_VRT_ENABLE_PYTHON"] = "NO"
