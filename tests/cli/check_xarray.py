# SPDX-License-Identifier: MIT
"""Whether a cube came back as it was, but for its gaps: python3 check_xarray.py IN.nc OUT.nc FILLED,... [MASK.tif...]

Masks, one a date: where they say 0 every filled variable must be what it was; elsewhere something must have changed.
"""
import sys

import numpy as np
import xarray as xr
from osgeo import gdal

gdal.UseExceptions()
KEPT = ["dtype", "scale_factor", "add_offset", "_FillValue", "chunksizes", "zlib", "complevel", "shuffle", "units",
        "calendar", "grid_mapping", "original_shape"]


def main():
    before, after, filled, *masks = sys.argv[1:]
    filled = filled.split(",")
    raw, got = (xr.open_dataset(f, mask_and_scale=False, decode_coords="all") for f in (before, after))
    decoded, again = (xr.open_dataset(f, decode_coords="all") for f in (before, after))
    assert list(raw.variables) == list(got.variables) and dict(raw.sizes) == dict(got.sizes)
    assert raw.attrs == got.attrs
    assert decoded.coords.to_dataset().identical(again.coords.to_dataset())
    for name in raw.variables:
        for key in KEPT:
            x, y = (d[name].encoding.get(key) for d in (decoded, again))
            assert str(x) == str(y), (name, key, x, y)
        assert str(raw[name].attrs) == str(got[name].attrs), name
        if name not in filled:
            assert raw[name].identical(got[name]), name
    observed = np.stack([gdal.Open(f).ReadAsArray() for f in masks]) == 0
    north = raw.y.values[0] < raw.y.values[-1]
    for name in filled:
        x, y = (d[name].transpose("time", ..., "y", "x").values for d in (raw, got))
        if x.ndim == 4:  # the last place is SCL
            assert (x[:, -1] == y[:, -1]).all()
            x, y = x[:, :-1], y[:, :-1]
        seen = observed[:, ::-1] if north else observed
        factor = seen.shape[1] // x.shape[-2]
        blocks = seen.reshape(len(seen), x.shape[-2], factor, x.shape[-1], factor)
        clear, cloudy = blocks.all((2, 4)), ~blocks.any((2, 4))
        if x.ndim == 4:
            clear, cloudy = (np.broadcast_to(k[:, None], x.shape) for k in (clear, cloudy))
        assert cloudy.any() and clear.any()
        assert (x[clear] == y[clear]).all(), name
        assert (x[cloudy] != y[cloudy]).mean() > 0.95, name
        assert y[cloudy].mean() < 0.95 * x[cloudy].mean(), (name, x[cloudy].mean(), y[cloudy].mean())


main()
