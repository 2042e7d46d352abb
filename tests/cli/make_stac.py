#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Saved answers of STAC APIs over the simulated series: make_stac.py DATA OUT BASE [FACTOR]

The dates become one COG a band and a scene classification in OUT/assets, and OUT/STYLE.json describes them as the archives do:
earth_search (v1), c1, planetary, cdse (STAC 1.1) and hls. BASE is put before the links: "" for relative ones, or http://HOST:PORT/.
With FACTOR every pixel becomes FACTOR x FACTOR pixels, so that a raster has many blocks.
"""
import glob
import json
import os
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
data, out, base = sys.argv[1:4]
factor = int(sys.argv[4]) if len(sys.argv) > 4 else 1
NAMES = ("B02", "B03", "B04", "B08")
COMMON = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir"}
EPSG, TRANSFORM = 32632, (600000, 20, 0, 5200020, 0, -20)


def write_cog(path, array, kind, nodata, scale=None, offset=None):
    memory = gdal.GetDriverByName("MEM").Create("", array.shape[1], array.shape[0], 1, kind)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    memory.SetProjection(crs.ExportToWkt())
    memory.SetGeoTransform(TRANSFORM)
    band = memory.GetRasterBand(1)
    if nodata is not None:
        band.SetNoDataValue(nodata)
    if scale is not None:
        band.SetScale(scale)
        band.SetOffset(offset or 0)
    band.WriteArray(array)
    gdal.GetDriverByName("COG").CreateCopy(path, memory, options=["BLOCKSIZE=128", "COMPRESS=DEFLATE"])


def date_of(path):
    day = os.path.basename(path).split("_")[1]
    return day, "%s-%s-%s" % (day[:4], day[4:6], day[6:8])


os.makedirs(out + "/assets", exist_ok=True)
features = {style: [] for style in ("earth_search", "c1", "planetary", "cdse", "hls")}
size = None
for n, path in enumerate(sorted(glob.glob(data + "/sim_*.tif"))):
    day, iso = date_of(path)
    pixels = gdal.Open(path).ReadAsArray().repeat(factor, 1).repeat(factor, 2)
    size = list(pixels.shape[1:])
    mask = gdal.Open("%s/mask/sim_%s_mask.tif" % (data, day)).ReadAsArray().repeat(factor, 0).repeat(factor, 1)
    for k, name in enumerate(NAMES):
        for kind, add in (("", 0), ("_raw", 1000)):
            values = np.where(pixels[k] > 0, pixels[k].astype(np.int32) + add, 0).astype(np.uint16)
            write_cog("%s/assets/%s_%s%s.tif" % (out, day, name, kind), values, gdal.GDT_UInt16, 0)
        write_cog("%s/assets/%s_%s_hls.tif" % (out, day, name), pixels[k].astype(np.int16), gdal.GDT_Int16, -9999, 1e-4)
    write_cog("%s/assets/%s_SCL.tif" % (out, day), np.array([4, 9, 3], np.uint8)[np.minimum(mask, 2)], gdal.GDT_Byte, 0)
    write_cog("%s/assets/%s_Fmask.tif" % (out, day), np.array([64, 66, 72], np.uint8)[np.minimum(mask, 2)], gdal.GDT_Byte, 255)

    def href(kind, name):
        return "%sassets/%s_%s%s.tif" % (base, day, name, kind)

    def item(style, name, properties, assets, version="1.0.0"):
        features[style].append({"type": "Feature", "stac_version": version, "id": name, "geometry": None, "links": [],
                                "properties": dict(properties, datetime=iso + "T10:26:53.%03dZ" % n), "assets": assets})

    proj = {"proj:shape": size, "proj:transform": [20, 0, 600000, 0, -20, 5200020]}
    cog = "image/tiff; application=geotiff; profile=cloud-optimized"

    def earth_search(kind, offset):
        assets = {"thumbnail": {"href": base + "assets/none.jpg", "type": "image/jpeg", "roles": ["thumbnail"]},
                  "granule_metadata": {"href": base + "assets/none.xml", "type": "application/xml", "roles": ["metadata"]},
                  "visual": {"href": base + "assets/none.tif", "type": cog, "roles": ["visual"],
                             "eo:bands": [{"name": "red", "common_name": "red"}, {"name": "green", "common_name": "green"},
                                          {"name": "blue", "common_name": "blue"}]}}
        for band in NAMES:
            word = COMMON[band]
            assets[word + "-jp2"] = {"href": base + "assets/none.jp2", "type": "image/jp2", "eo:bands": [{"common_name": word}]}
            assets[word] = dict(proj, href=href(kind, band), type=cog, roles=["data", "reflectance"],
                                **{"eo:bands": [{"name": word, "common_name": word}],
                                   "raster:bands": [{"nodata": 0, "data_type": "uint16", "scale": 0.0001, "offset": offset}]})
        assets["scl"] = dict(proj, href=href("", "SCL"), type=cog, roles=["data", "reflectance"])
        return assets

    item("earth_search", "S2B_32TPS_%s_0_L2A" % day,
         {"platform": "sentinel-2b", "proj:epsg": EPSG, "s2:processing_baseline": "05.09", "earthsearch:boa_offset_applied": True},
         earth_search("", -0.1))
    item("c1", "S2B_T32TPS_%sT101559_L2A" % day,
         {"platform": "sentinel-2b", "proj:code": "EPSG:%d" % EPSG, "s2:processing_baseline": "05.10"}, earth_search("_raw", -0.1))
    item("planetary", "S2B_MSIL2A_%sT101559_R065_T32TPS_%sT130536" % (day, day),
         {"platform": "Sentinel-2B", "proj:epsg": EPSG, "s2:processing_baseline": "05.09",
          "s2:product_uri": "S2B_MSIL2A_%sT101559_N0509_R065_T32TPS_%sT130536.SAFE" % (day, day)},
         dict({band: dict(proj, href=href("_raw", band), type=cog, roles=["data"], gsd=20.0,
                          **{"eo:bands": [{"name": band, "common_name": COMMON[band]}]}) for band in NAMES},
              SCL=dict(proj, href=href("", "SCL"), type=cog, roles=["data"]),
              tilejson={"href": "https://none.example/tilejson.json", "type": "application/json", "roles": ["tiles"]}))
    item("cdse", "S2B_MSIL2A_%sT101559_N0509_R065_T32TPS_%sT130536" % (day, day),
         {"platform": "sentinel-2b", "proj:code": "EPSG:%d" % EPSG, "processing:version": "05.09"},
         dict({band + "_20m": dict(proj, href=href("_raw", band), type="image/tiff", roles=["data", "reflectance"],
                                   **{"bands": [{"name": band, "eo:common_name": COMMON[band]}], "raster:scale": 0.0001,
                                      "raster:offset": -0.1, "nodata": 0}) for band in NAMES},
              SCL_20m=dict(proj, href=href("", "SCL"), type="image/tiff", roles=["data"]),
              product_metadata={"href": base + "assets/none.xml", "type": "application/xml"}), "1.1.0")
    sensor, nir = ("L30", "B05") if n % 2 else ("S30", "B8A")
    names = {"B02": "B02", "B03": "B03", "B04": "B04", nir: "B08"}
    if sensor == "S30":
        names["B05"] = "B04"  # its red edge must not be paired with the near infrared of L30
    item("hls", "HLS.%s.T32TPS.%s%03dT101559.v2.0" % (sensor, day[:4], n * 10 + 120), {"eo:cloud_cover": 20},
         dict({own: {"href": href("_hls", truth), "type": cog, "roles": ["data"]} for own, truth in names.items()},
              Fmask={"href": href("", "Fmask"), "type": cog, "roles": ["data"]},
              browse={"href": base + "assets/none.jpg", "type": "image/jpeg", "roles": ["thumbnail"]}))

for style, items in features.items():
    with open("%s/%s.json" % (out, style), "w", encoding="utf-8") as file:
        json.dump({"type": "FeatureCollection", "features": items, "numberMatched": len(items), "links": []}, file)
