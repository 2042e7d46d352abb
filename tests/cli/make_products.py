# SPDX-License-Identifier: MIT
"""Makes small Sentinel-2 products out of a simulated series, in the layouts that archives ship:

    python3 make_products.py safe OUT LEVEL BASELINE SIM.tif [MASK.tif] [key=value ...]
    python3 make_products.py hls|planetary|earthsearch|cdse|bdc OUT SIM.tif [MASK.tif] [key=value ...]

A .SAFE folder has ESA's names, folders and metadata elements, JPEG 2000 without loss, every band at its resolutions, SCL and
cloud probability (Level 2A); only its tile is smaller than 110 km. Prints the path of what was made. Keys: tile=32TQR,
half=west|east and processed=HHMMSS of SAFE, name=... (HLS: sensor=S30|L30).
"""
import os
import sys

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
BANDS = ["B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12"]
PIXEL = dict(zip(BANDS, [60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20]))
LEFT, TOP, EPSG = 699960, 5000040, 32632  # tile 32TQR


def pictures(sim):
    """B02 B03 B04 B08 of the series at 10 m, sides a multiple of 60 m, uint16 reflectance * 10000."""
    data = gdal.Open(sim).ReadAsArray().astype(np.float64)
    data = data.repeat(2, axis=1).repeat(2, axis=2)
    height, width = (n - n % 6 for n in data.shape[1:])
    blue, green, red, nir = data[:, :height, :width]
    edge = 0.6 * red + 0.4 * nir
    return {"B01": 0.9 * blue, "B02": blue, "B03": green, "B04": red, "B05": edge, "B06": 0.3 * red + 0.7 * nir,
            "B07": 0.1 * red + 0.9 * nir, "B08": nir, "B8A": 1.02 * nir, "B09": 0.5 * nir, "B10": 0.02 * nir + 1,
            "B11": 0.6 * nir + 0.3 * red, "B12": 0.3 * nir + 0.4 * red}


def coarse(picture, factor):
    h, w = picture.shape
    return picture.reshape(h // factor, factor, w // factor, factor).mean(axis=(1, 3))


def classes(mask, shape):
    """Sen2Cor's classes at 20 m from 0 clear, 1 cloud, 2 shadow."""
    if not mask:
        return np.full((shape[0] // 2, shape[1] // 2), 4, np.uint8)
    flags = gdal.Open(mask).ReadAsArray()[:shape[0] // 2, :shape[1] // 2]
    return np.array([4, 9, 3], np.uint8)[flags]


def save(path, array, pixel, driver, epsg=EPSG, items=None, nodata=None, scale=None, place=True):
    """array [h, w] or [bands, h, w]"""
    array = array if array.ndim == 3 else array[None]
    kind = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "int16": gdal.GDT_Int16}[array.dtype.name]
    memory = gdal.GetDriverByName("MEM").Create("", array.shape[2], array.shape[1], array.shape[0], kind)
    if place:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        memory.SetProjection(crs.ExportToWkt())
        memory.SetGeoTransform((LEFT, pixel, 0, TOP, 0, -pixel))
    for i, plane in enumerate(array):
        band = memory.GetRasterBand(i + 1)
        band.WriteArray(plane)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        if scale is not None:
            band.SetScale(scale)
    for key, value in (items or {}).items():
        memory.SetMetadataItem(key, value)
    options = {"JP2OpenJPEG": ["QUALITY=100", "REVERSIBLE=YES", "GMLJP2=YES", "GeoJP2=YES", "RESOLUTIONS=3"],
               "GTiff": ["COMPRESS=DEFLATE", "TILED=YES"]}[driver]
    os.makedirs(os.path.dirname(path), exist_ok=True)
    gdal.GetDriverByName(driver).CreateCopy(path, memory, options=options)


def number(picture, offset):
    """Reflectance * 10000 as the product stores it: 0 stays "no data"."""
    return np.where(picture > 0, np.clip(np.round(picture) - offset, 1, 32767), 0).astype(np.uint16)


def date_of(sim):
    name = os.path.basename(sim)
    return next(token for token in name.split("_") if len(token) == 8 and token.isdigit())


def product_xml(level, baseline, uri, start, images, offset):
    l2 = level == "2A"
    listed = "\n".join("            <IMAGE_FILE>%s</IMAGE_FILE>" % i for i in images)
    offsets = ""
    if offset:
        element = "BOA_ADD_OFFSET" if l2 else "RADIO_ADD_OFFSET"
        group = "BOA_ADD_OFFSET_VALUES_LIST" if l2 else "Radiometric_Offset_List"
        offsets = "      <%s>\n%s\n      </%s>\n" % (group, "\n".join(
            '        <%s band_id="%d">%d</%s>' % (element, i, offset, element) for i in range(13)), group)
    quantification = ("""      <QUANTIFICATION_VALUES_LIST>
        <BOA_QUANTIFICATION_VALUE unit="none">10000</BOA_QUANTIFICATION_VALUE>
        <AOT_QUANTIFICATION_VALUE unit="none">1000.0</AOT_QUANTIFICATION_VALUE>
        <WVP_QUANTIFICATION_VALUE unit="cm">1000.0</WVP_QUANTIFICATION_VALUE>
      </QUANTIFICATION_VALUES_LIST>
""" if l2 else '      <QUANTIFICATION_VALUE unit="none">10000</QUANTIFICATION_VALUE>\n')
    spectral = "\n".join(
        '        <Spectral_Information bandId="%d" physicalBand="%s"><RESOLUTION>%d</RESOLUTION><Wavelength>'
        '<MIN unit="nm">%d</MIN><MAX unit="nm">%d</MAX><CENTRAL unit="nm">%d</CENTRAL></Wavelength></Spectral_Information>'
        % (i, "B8A" if b == "B8A" else "B%d" % int(b[1:]), PIXEL[b], c - 10, c + 10, c)
        for i, (b, c) in enumerate(zip(BANDS, [443, 493, 560, 665, 704, 741, 783, 833, 865, 945, 1374, 1614, 2202])))
    return """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-%(level)s_User_Product xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-%(level)s.xsd">
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>%(start)s.024Z</PRODUCT_START_TIME>
      <PRODUCT_STOP_TIME>%(start)s.024Z</PRODUCT_STOP_TIME>
      <PRODUCT_URI>%(uri)s</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-%(level)s</PROCESSING_LEVEL>
      <PRODUCT_TYPE>S2MSI%(level)s</PRODUCT_TYPE>
      <PROCESSING_BASELINE>%(baseline)s</PROCESSING_BASELINE>
      <GENERATION_TIME>%(start)s.000000Z</GENERATION_TIME>
      <Datatake datatakeIdentifier="GS2A_X_037123_N%(baseline)s">
        <SPACECRAFT_NAME>Sentinel-2A</SPACECRAFT_NAME>
        <DATATAKE_SENSING_START>%(start)s.024Z</DATATAKE_SENSING_START>
        <SENSING_ORBIT_NUMBER>22</SENSING_ORBIT_NUMBER>
      </Datatake>
      <Query_Options completeSingleTile="true">
        <PRODUCT_FORMAT>SAFE_COMPACT</PRODUCT_FORMAT>
      </Query_Options>
      <Product_Organisation>
        <Granule_List>
          <Granule datastripIdentifier="S2A_OPER_MSI_L%(level)s_DS" granuleIdentifier="S2A_OPER_MSI_L%(level)s_TL" imageFormat="JPEG2000">
%(listed)s
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>
    <Product_Image_Characteristics>
      <Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0</SPECIAL_VALUE_INDEX></Special_Values>
      <Special_Values><SPECIAL_VALUE_TEXT>SATURATED</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>65535</SPECIAL_VALUE_INDEX></Special_Values>
%(quantification)s%(offsets)s      <Spectral_Information_List>
%(spectral)s
      </Spectral_Information_List>
    </Product_Image_Characteristics>
  </n1:General_Info>
</n1:Level-%(level)s_User_Product>
""" % dict(level=level, baseline=baseline, uri=uri, start=start, listed=listed, offsets=offsets,
           quantification=quantification, spectral=spectral)


def tile_xml(level, start, shape, epsg):
    sizes = "\n".join('      <Size resolution="%d"><NROWS>%d</NROWS><NCOLS>%d</NCOLS></Size>'
                      % (r, shape[0] * 10 // r, shape[1] * 10 // r) for r in (10, 20, 60))
    places = "\n".join('      <Geoposition resolution="%d"><ULX>%d</ULX><ULY>%d</ULY><XDIM>%d</XDIM><YDIM>-%d</YDIM></Geoposition>'
                       % (r, LEFT, TOP, r, r) for r in (10, 20, 60))
    return """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-%(level)s_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-%(level)s_Tile_Metadata.xsd">
  <n1:General_Info>
    <TILE_ID metadataLevel="Brief">S2A_OPER_MSI_L%(level)s_TL</TILE_ID>
    <SENSING_TIME metadataLevel="Standard">%(start)s.024Z</SENSING_TIME>
  </n1:General_Info>
  <n1:Geometric_Info>
    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_NAME>WGS84 / UTM zone %(zone)dN</HORIZONTAL_CS_NAME>
      <HORIZONTAL_CS_CODE>EPSG:%(epsg)d</HORIZONTAL_CS_CODE>
%(sizes)s
%(places)s
    </Tile_Geocoding>
  </n1:Geometric_Info>
</n1:Level-%(level)s_Tile_ID>
""" % dict(level=level, start=start, epsg=epsg, zone=epsg % 100, sizes=sizes, places=places)


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def make_safe(out, level, baseline, sim, mask, keys):
    tile, epsg = keys.get("tile", "32TQR"), int(keys.get("epsg", EPSG))
    day = date_of(sim)
    moment = day + "T101559"
    start = "%s-%s-%sT10:15:59" % (day[:4], day[4:6], day[6:])
    offset = -1000 if float(baseline) >= 4 else 0
    uri = "S2A_MSIL%s_%s_N%s_R022_T%s_%sT%s.SAFE" % (level, moment, baseline.replace(".", ""), tile, day,
                                                    keys.get("processed", "162101"))
    root = os.path.join(out, uri)
    granule = "GRANULE/L%s_T%s_A037123_%sT102103" % (level, tile, day)
    images, bands = [], pictures(sim)
    shape = bands["B02"].shape
    half = {"west": slice(shape[1] // 120 * 60, None), "east": slice(0, shape[1] // 120 * 60)}.get(keys.get("half"))

    for band in bands.values():
        band[:, half or slice(0, 0)] = 0 # "no data" beyond a data strip's end

    def add(folder, what, array, pixel):
        suffix = "_%dm" % pixel if level == "2A" else ""
        name = "%s/IMG_DATA/%sT%s_%s_%s%s" % (granule, folder, tile, moment, what, suffix)
        save(os.path.join(root, name + ".jp2"), array, pixel, "JP2OpenJPEG", epsg)
        images.append(name)

    def add_band(folder, band, pixel):
        add(folder, band, number(coarse(bands[band], pixel // 10), offset), pixel)

    def true_colour(pixel):
        planes = np.stack([coarse(bands[b], pixel // 10) for b in ("B04", "B03", "B02")])
        return np.clip(planes / 3558 * 255, 1, 255).astype(np.uint8)

    if level == "2A":
        scl = classes(mask, shape)
        if half:
            scl[:, slice(half.start and half.start // 2, half.stop and half.stop // 2)] = 0
        for pixel in (10, 20, 60):
            folder = "R%dm/" % pixel
            h, w = shape[0] * 10 // pixel, shape[1] * 10 // pixel
            add(folder, "AOT", np.full((h, w), 120, np.uint16), pixel)
            for band in BANDS:
                if band == "B10" or PIXEL[band] > pixel or (band == "B08" and pixel > 10) or (band == "B01" and pixel < 60):
                    continue
                add_band(folder, band, pixel)
            if pixel > 10:
                add(folder, "SCL", scl if pixel == 20 else scl[1::3, 1::3], pixel)
            add(folder, "TCI", true_colour(pixel), pixel)
            add(folder, "WVP", np.full((h, w), 1500, np.uint16), pixel)
        save(os.path.join(root, granule, "QI_DATA/MSK_CLDPRB_20m.jp2"), np.where(scl == 9, 90, 2).astype(np.uint8), 20,
             "JP2OpenJPEG", epsg)
    else:
        for band in BANDS:
            add_band("", band, PIXEL[band])
        add("", "TCI", true_colour(10), 10)
    write(os.path.join(root, "MTD_MSIL%s.xml" % level), product_xml(level, baseline, uri, start, images, offset))
    write(os.path.join(root, granule, "MTD_TL.xml"), tile_xml(level, start, shape, epsg))
    write(os.path.join(root, "manifest.safe"), "<?xml version='1.0'?><xfdu/>\n")
    write(os.path.join(root, "INSPIRE.xml"), "<?xml version='1.0'?><metadata/>\n")
    write(os.path.join(root, "DATASTRIP/DS_2APS_%s/MTD_DS.xml" % moment), "<?xml version='1.0'?><datastrip/>\n")
    return root


def make_hls(out, sim, mask, keys):
    """Harmonized Landsat Sentinel: 30 m, Int16, -9999, one band a file, Fmask's bits."""
    import datetime
    sensor, tile = keys.get("sensor", "S30"), keys.get("tile", "T32TQR")
    day = date_of(sim)
    date = datetime.date(int(day[:4]), int(day[4:6]), int(day[6:]))
    key = "HLS.%s.%s.%sT101559.v2.0" % (sensor, tile, date.strftime("%Y%j"))
    items = {"SENSING_TIME": "%sT10:15:59.024Z; %sT10:16:03.0Z" % (date, date), "HORIZONTAL_CS_NAME": "UTM, WGS84"}
    bands = pictures(sim)
    if sensor == "L30":
        names = {"B02": "B02", "B03": "B03", "B04": "B04", "B05": "B8A", "B06": "B11", "B07": "B12"}
    else:
        names = {b: b for b in BANDS}
    for name, band in names.items():
        picture = coarse(bands[band], 3)
        values = np.where(picture > 0, np.round(picture), -9999).astype(np.int16)
        save(os.path.join(out, "%s.%s.tif" % (key, name)), values, 30, "GTiff", items=items, nodata=-9999, scale=0.0001)
    scl = classes(mask, bands["B02"].shape).repeat(2, axis=0).repeat(2, axis=1)[1::3, 1::3]
    fmask = np.where(scl == 9, 2 | 64, np.where(scl == 3, 8 | 64, 64)).astype(np.uint8)
    save(os.path.join(out, key + ".Fmask.tif"), fmask, 30, "GTiff", nodata=255)
    return os.path.join(out, key)


def make_files(out, sim, mask, keys, layout):
    """One file a band."""
    import json
    tile, day = keys.get("tile", "32TQR"), date_of(sim)
    bands = pictures(sim)
    scl = classes(mask, bands["B02"].shape)
    offset = int(keys.get("offset", 0))
    moment = day + "T101559"
    driver = "GTiff"
    if layout == "planetary":
        name = "T%s_%s_%%s_%%dm.tif" % (tile, moment)
    elif layout == "cdse":
        driver = "JP2OpenJPEG"
    elif layout == "bdc":
        name = "S2-16D_V2_007004_%s_%%s.tif" % day
    else:
        out = os.path.join(out, "S2A_%s_%s_0_L2A" % (tile, day))
        name = "%s.tif"
    words = dict(zip(BANDS, ["coastal", "blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "nir09",
                             "cirrus", "swir16", "swir22"]))
    for band in BANDS:
        if band == "B10":
            continue
        pixel = 10 if layout == "bdc" else PIXEL[band]
        shown = words[band] if keys.get("words") else band
        if layout == "planetary":
            file = name % (band, pixel)
        elif layout == "cdse":
            file = "R%dm/T%s_%s_%s_%dm.jp2" % (pixel, tile, moment, band, pixel)
        else:
            file = name % shown
        values = number(coarse(bands[band], pixel // 10), offset)
        if layout == "bdc":
            save(os.path.join(out, file), np.where(values > 0, values.astype(np.int32), -9999).astype(np.int16), pixel, driver,
                 nodata=-9999)
        else:
            save(os.path.join(out, file), values, pixel, driver, nodata=0 if driver == "GTiff" else None)
    if layout != "bdc":
        file = {"planetary": "T%s_%s_SCL_20m.tif" % (tile, moment), "cdse": "R20m/T%s_%s_SCL_20m.jp2" % (tile, moment)}.get(
            layout, ("scl" if keys.get("words") else "SCL") + ".tif")
        save(os.path.join(out, file), scl, 20, driver)
        tci = np.full((3,) + bands["B02"].shape, 90, np.uint8)
        save(os.path.join(out, {"planetary": "T%s_%s_TCI_10m.tif" % (tile, moment),
                                "cdse": "R10m/T%s_%s_TCI_10m.jp2" % (tile, moment)}.get(layout, "TCI.tif")), tci, 10, driver)
    if layout == "earthsearch":
        properties = {"datetime": "%s-%s-%sT10:16:31.246000Z" % (day[:4], day[4:6], day[6:]), "proj:epsg": EPSG,
                      "s2:processing_baseline": keys.get("baseline", "05.09"), "s2:product_uri": "S2A_MSIL2A_X.SAFE"}
        if "applied" in keys:
            properties["earthsearch:boa_offset_applied"] = keys["applied"] == "yes"
        write(os.path.join(out, os.path.basename(out) + ".json"),
              json.dumps({"type": "Feature", "stac_version": "1.0.0", "properties": properties, "assets": {
                  words[b]: {"href": "./" + (name % (words[b] if keys.get("words") else b)),
                             "raster:bands": [{"nodata": 0, "scale": 0.0001, "offset": -0.1}]} for b in BANDS}}))
    return out


def make_openeo(path, sims, masks):
    """openEO's netCDF: a variable a band over (t, y, x)."""
    import datetime
    pics = [pictures(s) for s in sims]
    h, w = pics[0]["B02"].shape
    store = gdal.GetDriverByName("netCDF").CreateMultiDimensional(path)
    group = store.GetRootGroup()
    t = group.CreateDimension("t", None, None, len(sims))
    y, x = group.CreateDimension("y", "HORIZONTAL_Y", None, h), group.CreateDimension("x", "HORIZONTAL_X", None, w)
    real, text = gdal.ExtendedDataType.Create(gdal.GDT_Float64), gdal.ExtendedDataType.CreateString()
    times = group.CreateMDArray("t", [t], real)
    first = datetime.datetime(1990, 1, 1)
    times.Write(np.array([(datetime.datetime.strptime(date_of(s), "%Y%m%d") - first).days for s in sims], float))
    times.CreateAttribute("units", [], text).Write("days since 1990-01-01")
    times.CreateAttribute("standard_name", [], text).Write("time")
    group.CreateMDArray("y", [y], real).Write(TOP - 5 - 10.0 * np.arange(h))
    group.CreateMDArray("x", [x], real).Write(LEFT + 5 + 10.0 * np.arange(w))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    for band in ("B02", "B03", "B04", "B08", "SCL"):
        variable = group.CreateMDArray(band, [t, y, x], gdal.ExtendedDataType.Create(gdal.GDT_Int16))
        variable.SetSpatialRef(crs)
        planes = [classes(m, (h, w)).repeat(2, 0).repeat(2, 1) if band == "SCL" else np.round(p[band])
                  for p, m in zip(pics, masks)]
        variable.Write(np.stack(planes).astype(np.int16))
    return path


def main():
    layout, out, *rest = sys.argv[1:]
    keys = dict(a.split("=", 1) for a in rest if "=" in a)
    rest = [a for a in rest if "=" not in a]
    if layout == "safe":
        level, baseline, sim, *mask = rest
        print(make_safe(out, level, baseline, sim, mask[0] if mask else None, keys))
    elif layout == "hls":
        print(make_hls(out, rest[0], rest[1] if len(rest) > 1 else None, keys))
    else:
        print(make_files(out, rest[0], rest[1] if len(rest) > 1 else None, keys, layout))


if __name__ == "__main__":
    main()
