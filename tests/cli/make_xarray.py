# SPDX-License-Identifier: MIT
"""Cubes as xarray users save them, out of the simulated series: python3 make_xarray.py SIM.tif... -- MASK.tif...

Every file has its truth in DN [dates, bands, y, x], rows running south, in truth.npz.
"""
import json
import os
import sys

import numpy as np
import pandas as pd
import xarray as xr
from osgeo import gdal, osr

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_products as m  # noqa: E402

H, W = 84, 100
LEFT, TOP, EPSG = 431230, 6203470, 32633
NAMES = ["B02", "B03", "B04", "B08"]


def axis(pixel, n, first, sign=1, shift=0.5):
    return first + sign * pixel * (np.arange(n) + shift)


def wkt():
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(EPSG)
    return crs.ExportToWkt()


def zarr_3(path, arrays):
    """Zarr's version 3 without a codec, which few libraries write yet. arrays: {name: (axes, values, attributes)}"""
    def describe(folder, **what):
        os.makedirs(folder)
        with open(folder + "/zarr.json", "w", encoding="utf-8") as file:
            json.dump(dict(zarr_format=3, **what), file)

    describe(path, node_type="group", attributes={})
    for name, (axes, values, attributes) in arrays.items():
        values = np.asarray(values)
        describe("%s/%s" % (path, name), node_type="array", shape=values.shape, data_type=str(values.dtype),
                 chunk_grid={"name": "regular", "configuration": {"chunk_shape": values.shape}},
                 chunk_key_encoding={"name": "default", "configuration": {"separator": "/"}}, fill_value=0,
                 codecs=[{"name": "bytes", "configuration": {"endian": "little"}}], attributes=attributes, dimension_names=axes)
        chunk = "%s/%s/c%s" % (path, name, "/0" * values.ndim)
        os.makedirs(os.path.dirname(chunk), exist_ok=True)
        values.tofile(chunk)


def main():
    cut = sys.argv.index("--")
    sims, masks = sys.argv[1:cut], sys.argv[cut + 1:]
    pics = [m.pictures(s) for s in sims]
    bands = NAMES + ["B8A", "B11"]
    dn = np.stack([[np.round(p[b][20:20 + H, 20:20 + W]) for b in bands] for p in pics]).astype(np.int32)
    scl = np.stack([m.classes(k, pics[0]["B02"].shape)[10:10 + H // 2, 10:10 + W // 2] for k in masks])
    days = pd.to_datetime([m.date_of(s) for s in sims])
    ten, fine = dn[:, :4], scl.repeat(2, 1).repeat(2, 2)
    twenty = np.round(dn.reshape(len(days), 6, H // 2, 2, W // 2, 2).mean((3, 5))).astype(np.uint16)
    x, y = axis(10, W, LEFT), axis(10, H, TOP, -1)
    x20, y20 = axis(20, W // 2, LEFT), axis(20, H // 2, TOP, -1)
    np.savez("truth.npz", ten=ten, twenty=twenty, scl=scl)

    # Rows that run north, plain coordinates, the CRS in a variable that nothing points to; packed and chunked.
    up = {n: (("time", "y", "x"), ten[:, i, ::-1].astype(np.uint16)) for i, n in enumerate(["B2", "B3", "B4", "B8"])}
    up["SCL"] = (("time", "y", "x"), fine[:, ::-1])
    up["ndvi"] = (("time", "y", "x"), np.full(fine.shape, 0.5, np.float32))
    up["sun_zenith"] = ("time", np.linspace(30, 40, len(days)))
    plain = xr.Dataset(up, {"time": days, "y": y[::-1], "x": x}, {"title": "made for a test"})
    plain["spatial_ref"] = xr.DataArray(np.int32(0), attrs={"spatial_ref": wkt()})
    packed = {n: {"zlib": True, "chunksizes": (2, 30, 64), "_FillValue": 0} for n in ("B2", "B3", "B4", "B8")}
    plain.to_netcdf("north.nc", encoding=packed)
    gdal.MultiDimTranslate("north.zarr", "north.nc", format="Zarr")

    # One array over band, stackstac's way: corners as coordinates, an affine transform as text, `epsg` as a coordinate.
    five = np.concatenate([ten + 1000, fine[:, None]], 1)
    four = xr.DataArray(five.astype(np.int16), dims=("time", "band", "y", "x"), name="stack",
                        coords={"time": days + pd.Timedelta(hours=10, minutes=21), "band": ["blue", "green", "red", "nir", "SCL"],
                                "y": axis(10, H, TOP, -1, 0), "x": axis(10, W, LEFT, 1, 0), "epsg": EPSG})
    four.attrs = {"transform": "| 10.00, 0.00, %d.00|\n| 0.00,-10.00, %d.00|\n| 0.00, 0.00, 1.00|" % (LEFT, TOP),
                  "scale_factor": 1e-4, "add_offset": -0.1}
    four.to_dataset().to_netcdf("stack.nc")

    four.attrs = {k: v for k, v in four.attrs.items() if k != "transform"}
    four.to_dataset().to_netcdf("corners.nc")

    # 10 m and 20 m: in two files, and in one, with the CRS as an attribute; times as texts.
    def named(values, names, across):
        return {n: (("time",) + across, values[:, i].astype(np.uint16)) for i, n in enumerate(names)}

    here = {"crs": "EPSG:%d" % EPSG}
    a = xr.Dataset(named(ten, ["blue", "green", "red", "nir"], ("y", "x")), {"time": days, "y": y, "x": x}, here)
    b = xr.Dataset(named(twenty[:, 4:], ["nir08", "swir16"], ("y", "x")), {"time": days, "y": y20, "x": x20}, here)
    b["green"] = (("time", "y", "x"), twenty[:, 1])
    b["SCL"] = (("time", "y", "x"), scl)
    b["view_zenith"] = ("time", np.zeros(len(days)))
    os.makedirs("pair")
    a.to_netcdf("pair/p_10m.nc")
    b.to_netcdf("pair/p_20m.nc", encoding={"swir16": {"zlib": True, "chunksizes": (3, 20, 50)}})
    both = xr.merge([a, b.drop_vars(["green", "view_zenith"]).rename(y="y_20m", x="x_20m")]).assign_attrs(here)
    both.assign_coords(time=days.strftime("%Y-%m-%dT%H:%M:%S").astype(object)).to_netcdf("both.nc")

    # Gaps as odc-stac, stackstac and rioxarray mark them: in an attribute, without _FillValue. Scattered, so that nothing but
    # the attribute tells; NaN as xarray's own fill value of floats beside it.
    gaps = np.random.default_rng(3).random((H, W)) < 0.03

    def gapped(name, value, dtype, attributes):
        values = ten.astype(dtype)
        values[1][:, gaps] = value
        coords = {"time": days, "y": y, "x": x}
        cube = xr.Dataset({n: (("time", "y", "x"), values[:, i], attributes) for i, n in enumerate(NAMES)}, coords, here)
        cube.to_netcdf(name)

    np.save("gaps.npy", gaps)
    gapped("gaps_odc.nc", 0, np.uint16, {"nodata": 0})
    gapped("gaps_tuple.nc", -5, np.int16, {"nodatavals": np.array([-5.0])})
    gapped("gaps_text.nc", 7, np.float32, {"nodata": "7"})
    gapped("gaps_beyond.nc", 0, np.uint16, {"nodata": -9999})
    gapped("gaps_none.nc", 0, np.uint16, {})

    a.drop_vars("time").to_netcdf("undated.nc")
    a.assign_coords(time=days.strftime("%Y%m%d").astype(int)).to_netcdf("digits.nc")
    a.assign_coords(time=days.strftime("%Y%j").astype(np.int32)).to_netcdf("ordinal.nc")
    three = {n: (["time", "y", "x"], ten[:, i].astype(np.uint16), {}) for i, n in enumerate(NAMES)}
    three.update(time=(["time"], days.strftime("%Y%m%d").astype(np.int32).values, {}), y=(["y"], y, {}), x=(["x"], x, {}))
    zarr_3("three.zarr", three)
    a.transpose("y", "x", "time").to_netcdf("turned.nc")
    gdal.MultiDimTranslate("turned.zarr", "turned.nc", format="Zarr")
    # One array over band, its axes in other orders.
    bands = xr.DataArray(ten.astype(np.uint16), dims=("time", "band", "y", "x"), name="refl",
                         coords={"time": days, "band": NAMES, "y": y, "x": x}, attrs=here)
    os.makedirs("orders")
    for order in ("tbyx", "tyxb", "xybt", "ytxb", "tbxy"):
        axes = [{"t": "time", "b": "band"}.get(c, c) for c in order]
        packed = {"refl": {"zlib": True, "chunksizes": (2, 40, 50, 3)}} if order == "tyxb" else {}
        bands.transpose(*axes).to_netcdf("orders/%s.nc" % order, encoding=packed)
    a.assign_coords(x=np.sort(x + 40 * np.random.default_rng(5).random(W))).to_netcdf("uneven.nc")


main()
