# SPDX-License-Identifier: MIT
"""Makes folders as archives deliver them out of a simulated series (B02 B03 B04 B08, 20 m) and its masks:

    python3 make_layouts.py LAYOUT OUT SIM.tif MASK.tif [SIM.tif MASK.tif ...]

Layouts: force (two tiles side by side), theia (SRE and FRE, MASKS), l3a (Theia's syntheses), dea (nbar and nbart), bdc, sits,
sen2like, strips (Earth Search: each date in two halves), safe_strips (two SAFE-like folders of one day), whole (rasters of
all bands with SCL beside them). Pixels are those of the series wherever the right files are read; the wrong variants hold
other values.
"""
import os
import re
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
TYPES = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "int16": gdal.GDT_Int16}


def save(path, bands, dtype="int16", nodata=None, names=None, pixel=20, x=500000, y=5000000, epsg=32632):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    bands = [np.asarray(b) for b in (bands if isinstance(bands, list) else [bands])]
    height, width = bands[0].shape
    ds = gdal.GetDriverByName("GTiff").Create(path, width, height, len(bands), TYPES[dtype])
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    ds.SetProjection(crs.ExportToWkt())
    ds.SetGeoTransform((x, pixel, 0, y, 0, -pixel))
    for i, b in enumerate(bands):
        band = ds.GetRasterBand(i + 1)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        if names:
            band.SetDescription(names[i])
        band.WriteArray(b.astype(dtype))


def read(sim, mask):
    day = re.search(r"(\d{8})", os.path.basename(sim)).group(1)
    blue, green, red, nir = gdal.Open(sim).ReadAsArray().astype(np.int32)
    bands = {"B02": blue, "B03": green, "B04": red, "B08": nir, "B05": (red + nir) // 2, "B8A": nir + 7, "B11": nir // 2}
    return day, bands, gdal.Open(mask).ReadAsArray()


def scl(mask):
    return np.array([5, 8, 3])[mask]


def force(out, day, bands, mask):
    names = ["BLUE", "GREEN", "RED", "REDEDGE1", "BROADNIR", "NIR", "SWIR1"]
    stack = [bands[b] for b in ("B02", "B03", "B04", "B05", "B08", "B8A", "B11")]
    middle = mask.shape[1] // 2
    for column, part in ((12, slice(0, middle)), (13, slice(middle, None))):
        stem = "%s/X%04d_Y0034/%s_LEVEL2_SEN2B_" % (out, column, day)
        place = {"x": 4000000 + 20 * (part.start or 0), "y": 3000000, "epsg": 3035}
        save(stem + "BOA.tif", [b[:, part] for b in stack], nodata=-9999, names=names, **place)
        save(stem + "QAI.tif", np.array([0, 4, 8])[mask][:, part], nodata=1, **place)
        for layer in ("DST", "HOT", "AOD", "VZN", "WVP"):
            save(stem + layer + ".tif", 0 * mask[:, part], nodata=-9999, **place)


def theia(out, day, bands, mask):
    name = "SENTINEL2A_%s-105901-123_L2A_T32TPS_C_V3-1" % day
    stem = "%s/%s/%s_" % (out, name, name)
    for b, a in bands.items():
        fine = b in ("B02", "B03", "B04", "B08")
        a = a if fine else a[::2, ::2]
        for variant, change in (("SRE", 400), ("FRE", 0)):
            save(stem + variant + "_" + b.replace("B0", "B") + ".tif", a + change, nodata=-10000, pixel=10 if fine else 20)
    save(stem + "ATB_R1.tif", [0 * mask, 0 * mask], "uint8", pixel=10)
    for r, step in ((1, 1), (2, 2)):
        part = mask[::step, ::step]
        masks = "%s/%s/MASKS/%s_" % (out, name, name)
        save(masks + "CLM_R%d.tif" % r, np.array([0, 2, 32])[part], "uint8", pixel=10 * r)
        save(masks + "MG2_R%d.tif" % r, np.array([0, 3, 8])[part], "uint8", pixel=10 * r)
        for layer in ("EDG", "SAT", "DFP", "IAO"):
            save(masks + "%s_R%d.tif" % (layer, r), 0 * part, "uint8", pixel=10 * r)


def l3a(out, day, bands, mask):
    name = "SENTINEL2X_%s-000000-000_L3A_T32TPS_C_V1-2" % day
    stem = "%s/%s/%s_" % (out, name, name)
    for b in ("B02", "B03", "B04", "B08"):
        save(stem + "FRC_" + b.replace("B0", "B") + ".tif", bands[b], nodata=-10000, pixel=10)
    for layer in ("DTS", "FLG", "WGT"):
        save("%s/%s/MASKS/%s_%s_R1.tif" % (out, name, name, layer), 0 * mask, pixel=10)


def dea(out, day, bands, mask):
    day = "%s-%s-%s" % (day[:4], day[4:6], day[6:])
    folder = "%s/ga_s2bm_ard_3-2-1_56HLH_%s_final/ga_s2bm_" % (out, day)
    for b, a in bands.items():
        code = b[1:].lower()
        code = "0" + code if code == "8a" else code
        for variant, change in (("nbar", 300), ("nbart", 0)):
            save("%s%s_3-2-1_56HLH_%s_final_band%s.tif" % (folder, variant, day, code), a + change, nodata=-999, epsg=32756)
    for layer, a in (("fmask", np.array([1, 2, 3])[mask]), ("nbart-contiguity", 0 * mask + 1), ("s2cloudless-prob", 0 * mask),
                     ("combined-terrain-shadow", 0 * mask), ("satellite-view", 0 * mask)):
        save("%soa_3-2-1_56HLH_%s_final_%s.tif" % (folder, day, layer), a, "uint8", nodata=0, epsg=32756)


def dea_landsat(out, day, bands, mask):
    """Landsat 9 and 7 in turn, with their own numbers."""
    nine = int(day) % 2
    pairs = {"B02": 2, "B03": 3, "B04": 4, "B8A": 5, "B11": 6} if nine else {"B02": 1, "B03": 2, "B04": 3, "B8A": 4, "B11": 5}
    sensor, day = "ls9c" if nine else "ls7e", "%s-%s-%s" % (day[:4], day[4:6], day[6:])
    folder = "%s/ga_%s_ard_3-2-1_091080_%s_final/ga_%s_" % (out, sensor, day, sensor)
    for band, number in pairs.items():
        for variant, change in (("nbar", 300), ("nbart", 0)):
            save("%s%s_3-2-1_091080_%s_final_band%02d.tif" % (folder, variant, day, number), bands[band] + change, nodata=-999,
                 epsg=32756)
    save("%snbart_3-2-1_091080_%s_final_band08.tif" % (folder, day), bands["B04"], nodata=-999, epsg=32756)
    for layer, a in (("fmask", np.array([1, 2, 3])[mask]), ("nbart-contiguity", 0 * mask + 1)):
        save("%soa_3-2-1_091080_%s_final_%s.tif" % (folder, day, layer), a, "uint8", nodata=0, epsg=32756)


def bdc(out, day, bands, mask):
    stem = "%s/S2-16D_V2_012014_%s_" % (out, day)
    for b, a in bands.items():
        save(stem + b + ".tif", a, nodata=-9999)
    save(stem + "SCL.tif", scl(mask), "uint8", nodata=0)
    for layer in ("NDVI", "EVI", "CLEAROB", "TOTALOB", "PROVENANCE", "SLOPEANGLE"):
        save(stem + layer + ".tif", 0 * mask + 1, nodata=-9999)


def sits(out, day, bands, mask):
    day = "%s-%s-%s" % (day[:4], day[4:6], day[6:])
    for b, a in bands.items():
        save("%s/SENTINEL-2_MSI_23MMU_%s_%s.tif" % (out, b, day), a, nodata=-9999)
    save("%s/SENTINEL-2_MSI_23MMU_CLOUD_%s.tif" % (out, day), scl(mask), "uint8", nodata=0)
    save("%s/SENTINEL-2_MSI_23MMU_NDVI_%s.tif" % (out, day), 0 * mask, nodata=-9999)


def sen2like(out, day, bands, mask):
    product = "%s/S2B_MSIL2F_%sT101559_N9999_R022_T32TPS_%sT101559.SAFE" % (out, day, day)
    stem = "%s/GRANULE/L2F_T32TPS_A012345_%sT101559_S2B_R022/%%s/L2F_T32TPS_%sT101559_S2B_R022_" % (product, day, day)
    for b, a in bands.items():
        save(stem % "IMG_DATA" + b + "_10m.TIF", a, "uint16", nodata=0, pixel=10)
    save(stem % "IMG_DATA/NATIVE" + "B11_20m.TIF", bands["B11"][::2, ::2], "uint16", nodata=0, pixel=20)
    save(stem % "IMG_DATA/NATIVE" + "B12_20m.TIF", bands["B11"][::2, ::2], "uint16", nodata=0, pixel=20)
    save(stem % "QI_DATA" + "MSK.TIF", 0 * mask + 1, "uint8", pixel=10)
    save(stem % "QI_DATA" + "SCL_20m.TIF", scl(mask)[::2, ::2], "uint8", pixel=20)


def halves(mask):
    """Two slanted halves that share a few columns."""
    rows, columns = np.mgrid[:mask.shape[0], :mask.shape[1]]
    edge = mask.shape[1] // 2 + rows // 5 - 8
    return columns < edge, columns >= edge - 3


def strips(out, day, bands, mask):
    for number, seen in enumerate(halves(mask)):
        folder = "%s/S2A_32TPS_%s_%d_L2A/" % (out, day, number)
        for b in ("B02", "B03", "B04", "B08"):
            save(folder + b + ".tif", np.where(seen, bands[b], 0), "uint16", nodata=0)
        save(folder + "SCL.tif", np.where(seen, scl(mask), 0), "uint8", nodata=0)


def rasters(out, day, bands, mask):
    """The halves as rasters of all bands, as GeoTIFF and as JPEG 2000."""
    for number, seen in enumerate(halves(mask)):
        stem = "%s/S2A_32TPS_%s_%d_L2A" % (out, day, number)
        names = ["B02", "B03", "B04", "B08"]
        save(stem + ".tif", [np.where(seen, bands[b], 0) for b in names], "uint16", nodata=0, names=names)
        packed = gdal.GetDriverByName("JP2OpenJPEG")
        if packed:
            packed.CreateCopy(stem + ".jp2", gdal.Open(stem + ".tif"), options=["REVERSIBLE=YES", "QUALITY=100"])


def planetary(out, day, bands, mask):
    for seen, processed in zip(halves(mask), ("162101", "170502")):
        folder = "%s/S2A_MSIL2A_%sT101559_R022_T32TPS_%sT%s/" % (out, day, day, processed)
        for b in ("B02", "B03", "B04", "B08"):
            save(folder + "T32TPS_%sT101559_%s_10m.tif" % (day, b), np.where(seen, bands[b], 0), "uint16", nodata=0)
        save(folder + "T32TPS_%sT101559_SCL_20m.tif" % day, np.where(seen, scl(mask), 0), "uint8", nodata=0)


def whole(out, day, bands, mask):
    stem = "%s/S2A_32TPS_%s_L2A" % (out, day)
    save(stem + ".tif", [bands[b] for b in ("B02", "B03", "B04", "B08")], "uint16", nodata=0, names=["B02", "B03", "B04", "B08"])
    save(stem + "_SCL.tif", scl(mask), "uint8", nodata=0)


if __name__ == "__main__":
    layout, out, files = globals()[sys.argv[1]], sys.argv[2], sys.argv[3:]
    for sim, mask in zip(files[::2], files[1::2]):
        layout(out, *read(sim, mask))
