# SPDX-License-Identifier: MIT
# Cubes for the tests of the plug-in, and comparisons with what numpy reads: `from cubes import *`.
import os
import struct
import threading
import zipfile

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()
NAME = '29SND_2017-06-20_2017-11-16_2105_2233_2873_3001_32_112_44_124.npz'


def pictures(height=20, width=24, channels=7, steps=30, seed=1):
    """highresdynamic as float64, values that float16 holds; step 3 shows nothing."""
    r = np.random.RandomState(seed)
    x = r.rand(height, width, channels, steps).astype(np.float16).astype(np.float64)
    x[..., 3] = np.nan
    x[:2, :3, :4, 5] = np.nan
    x[:, :, -1, :] = r.rand(height, width, steps) < 0.3
    x[4, 4, -1, 3] = np.nan  # an unknown mask is bad
    if channels == 7:
        x[:, :, 4, :] = r.randint(0, 101, (height, width, steps))
        x[:, :, 5, :] = r.randint(0, 12, (height, width, steps))
        x[1, 1, 4:6, :] = np.nan
    return x


def write(path, x, **others):
    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)
    np.savez_compressed(path, highresdynamic=x, **others)


def header(descr, shape, order='False'):
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)
    text += ' ' * (-(len(text) + 11) % 64) + '\n'
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(text)) + text.encode()


def archive(path, *members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, 'w', method) as z:
        for name, data in members:
            z.writestr(name, data)
    return path


def same(a, b, what=''):
    assert a.shape == b.shape, (what, a.shape, b.shape)
    assert np.array_equal(a, b, equal_nan=True), '%s: %d values differ' % (what, (a != b).sum())


def check_cube(path, x, when):
    """Every dataset of the cube against the array. when: names of the steps."""
    ds = gdal.Open(path)
    listed = [name for name, _ in ds.GetSubDatasets()]
    assert ds.RasterCount == 0 and listed[0] == 'EARTHNET:"%s":stack' % path, listed[:2]
    layers = {'': slice(0, 4), 'mask:': slice(-1, None)}
    if x.shape[2] == 7:
        layers.update({'CLD:': slice(4, 5), 'SCL:': slice(5, 6)})
    for prefix, channels in layers.items():
        want = np.moveaxis(x[:, :, channels, :], [3, 2], [0, 1])  # step, channel, row, column
        if prefix == '':
            want = want.astype(np.float32)
        elif prefix == 'mask:':
            want = (want != 0).astype(np.uint8)
        else:
            want = np.where(np.isnan(want), 255 if prefix == 'CLD:' else 0, want).astype(np.uint8)
        for t, day in enumerate(when):
            name = 'EARTHNET:"%s":%s%s' % (path, prefix, day)
            assert name in listed, name
            got = gdal.Open(name).ReadAsArray()
            same(got.reshape(want[t].shape), want[t], name)
        stack = gdal.Open('EARTHNET:"%s":%sstack' % (path, prefix)).ReadAsArray()
        want = want.reshape(-1, *want.shape[2:])
        same(stack.reshape(want.shape), want, prefix + 'stack')


def diagonal(epsg, x0, y0, dx, dy, n):
    """lon and lat of the pixels on the diagonal of a grid in UTM, as minicubes have them."""
    utm, degrees = osr.SpatialReference(), osr.SpatialReference()
    utm.ImportFromEPSG(epsg)
    degrees.ImportFromEPSG(4326)
    degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    turn = osr.CoordinateTransformation(utm, degrees)
    points = [turn.TransformPoint(x0 + (i + .5) * dx, y0 + (i + .5) * dy) for i in range(n)]
    return np.array([p[0] for p in points]), np.array([p[1] for p in points])


def write_minicube(path, lon, lat, bands, scl=None, deep=None, unit='days since 2021-05-10 00:00:00', variables=None):
    """bands: [4, time, lat, lon] as int16, -32767 nothing; scale 1e-4."""
    driver = gdal.GetDriverByName('netCDF')
    ds = driver.CreateMultiDimensional(path)
    root = ds.GetRootGroup()
    days = bands.shape[1]
    dims = [root.CreateDimension(n, None, None, s) for n, s in (('time', days), ('lat', len(lat)), ('lon', len(lon)))]

    def array(name, dims, values, type=gdal.GDT_Float64):
        a = root.CreateMDArray(name, dims, gdal.ExtendedDataType.Create(type))
        return a, values

    keep = []
    a, v = array('time', dims[:1], np.arange(days, dtype=np.float64))
    a.SetUnit(unit)
    keep.append((a, v))
    keep.append(array('lat', dims[1:2], np.asarray(lat)))
    keep.append(array('lon', dims[2:], np.asarray(lon)))
    names = variables or ['s2_B02', 's2_B03', 's2_B04', 's2_B8A']
    layers = list(zip(names, bands, [1e-4] * 4)) + [('s2_SCL', scl, 1), ('s2_dlmask', deep, 1)]
    for name, values, scale in layers:
        if values is None:
            continue
        a, v = array(name, dims, values, gdal.GDT_Int16)
        a.SetNoDataValueDouble(-32767)
        if scale != 1:
            a.SetScale(scale)
            a.SetOffset(0)
        keep.append((a, v))
    for a, v in keep:
        a.Write(np.ascontiguousarray(v))
    del keep, a, root, dims, ds


def in_threads(work, count):
    failures = []

    def run(i):
        try:
            work(i)
        except Exception as e:  # noqa: B902
            failures.append(repr(e))

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures, failures[:3]
