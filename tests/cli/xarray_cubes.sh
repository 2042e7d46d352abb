#!/bin/bash
# SPDX-License-Identifier: MIT
# Cubes of xarray: place and rows from coordinates, bands and dates from names, and the same cube back.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$CLV_SOURCE/tests/cli/common.sh"
need_python
python3 -c 'import xarray, netCDF4, pandas' 2>/dev/null || skip "python3-xarray and python3-netcdf4 are not installed"
python3 -c "from osgeo import gdal; import sys; sys.exit(gdal.GetDriverByName('netCDF') is None)" || skip "GDAL has no netCDF driver"
REGRESSION=(-method regression -mask_mode replace)

python3 "$CLV_SOURCE/tests/cli/make_xarray.py" "${SERIES[@]}" -- "${MASKS[@]}" >make.log 2>&1 || fail "making the cubes: $(tail -n 2 make.log)"

# expect_value EXPRESSION TEXT: of the JSON report in stdout, as i.
expect_value() {
    done=$((done + 1))
    value=$(python3 -c "import json; i = json.load(open('stdout')); v = ($1); print(v)" 2>&1)
    [ "$value" = "$2" ] || fail "$1 is $value, not $2"
}

# expect_cube FILE...: where the pixels lie, and when.
expect_cube() {
    expect_ok info "$@" -json
    expect_value "i['dates'][0]['grid']['text'], i['dates'][0]['grid']['transform']" \
        "('100x84, 10 m, EPSG:32633', [431230, 10, 0, 6203470, 0, -10])"
    expect_value "len(i['dates'])" "${#SERIES[@]}"
    expect_value "[d['date'][:10].replace('-', '') for d in i['dates']] == [s.split('_')[1] for s in '${SERIES[*]##*/}'.split()]" True
}

expect_cube north.nc
expect_value "[b['name'] for b in i['dates'][0]['bands']], i['dates'][0]['how']['mask']" "(['B04', 'B03', 'B02', 'B08'], 'band SCL')"
expect_cube stack.nc
expect_value "i['dates'][1]['date'][10:], [(b['role'], b['scale'], b['offset']) for b in i['dates'][0]['bands']][:2]" \
    "('T10:21:00Z', [('red', 0.0001, -0.1), ('green', 0.0001, -0.1)])"
for name in pair both.nc "pair/p_20m.nc pair/p_10m.nc"; do
    # shellcheck disable=SC2086 # two files
    expect_cube $name
    expect_value "sorted(b['name'] for b in i['dates'][0]['bands']), i['dates'][0]['how']['mask'], i['inputs']" \
        "(['B02', 'B03', 'B04', 'B08', 'B11', 'B8A'], 'band SCL', 1)"
done
for name in digits.nc ordinal.nc; do
    expect_cube $name
done

# Gaps that an attribute marks; what the library fills netCDF variables with is nobody's declaration.
gap() {
    expect_ok info "gaps_$1.nc" -json
    expect_value "i['dates'][1]['nodata']['how']" "$2"
}
gap odc '0 in all bands, declared'
gap tuple '-5, declared'
gap text '7, declared; 0 in all bands, of real numbers'
gap beyond '0 in all bands, usual for the type'
gap none '0 in all bands, usual for the type'
for name in odc tuple; do
    expect_ok remove gaps_$name.nc "${REGRESSION[@]}" -haze keep -o got_gaps
    expect_python "gaps_$name.nc: gaps are filled" "
import glob
gaps, files = np.load('gaps.npy'), sorted(glob.glob('got_gaps/gaps_$name*.tif'))
assert len(files) == len(np.load('truth.npz')['ten']), files
assert gaps.sum() > 100 and (read(files[1])[:, gaps] > 0).all(), (read(files[1])[:, gaps] <= 0).sum()"
done

# What cannot be used says what to do.
run info three.zarr
if [ "$STATUS" -ne 0 ]; then # what GDAL reads of version 3 differs between its versions
    for name in three.zarr three.zarr/; do
        expect_error 'three.zarr/?: is of Zarr version 3, of which GDAL .* reads nothing; use a newer GDAL.*zarr_format=2' info $name
    done
fi
expect_error 'does not tell when its [0-9]+ dates were taken; give -date' info undated.nc
given=()
for file in "${SERIES[@]##*/}"; do
    given+=(-date "${file:4:8}")
done
expect_ok info undated.nc "${given[@]}"
expect_error 'holds B8A B11 B03; red, green and blue .* are needed: give it together' info pair/p_20m.nc
expect_ok info uneven.nc
expect_text stderr 'coordinate x are not evenly spaced'

# Coordinates of corners, where nothing says so; those of centres and a stated transform are no matter for a word.
expect_ok info corners.nc
expect_text stderr 'corners.nc: its x and y are whole multiples of the pixel size'
check "one warning of it" test "$(grep -c multiples stderr)" -eq 1
for name in stack.nc north.nc; do
    expect_ok info $name
    expect_no_text stderr multiples
done

# Axes in any order.
expect_ok remove orders/tbyx.nc "${REGRESSION[@]}" -o got_orders/tbyx
for cube in turned.nc turned.zarr orders/tyxb.nc orders/xybt.nc orders/ytxb.nc orders/tbxy.nc; do
    [ -e $cube ] || continue # a GDAL without Zarr
    expect_cube $cube
    folder=got_orders/$(echo $cube | tr ./ __)
    expect_ok remove $cube "${REGRESSION[@]}" -o $folder
    expect_python "$cube gives what time, band, y, x gives" "
import glob, os
def bands(name): # Zarr's variables come in any order
    ds = gdal.Open(name)
    return {ds.GetRasterBand(k + 1).GetDescription(): plane for k, plane in enumerate(read(name))}
files, plain = sorted(glob.glob('$folder/*.tif')), sorted(glob.glob('got_orders/tbyx/*.tif'))
assert len(files) == len(plain) == len(np.load('truth.npz')['ten']), files
for a, b in zip(files, plain):
    assert a[-12:] == b[-12:] and gdal.Open(a).GetGeoTransform() == gdal.Open(b).GetGeoTransform(), a
    x, y = bands(a), bands(b)
    assert sorted(x) == sorted(y) == ['B02', 'B03', 'B04', 'B08'] and all((x[n] == y[n]).all() for n in x), a"
done
expect_error 'another order than time, band, y, x does not come back as a cube; .*transpose' \
    remove orders/tyxb.nc "${REGRESSION[@]}" -of netCDF -o got_orders/as_netcdf

# GeoTIFFs: pixels where they belong, whichever way the rows run, and the same from one file or two.
expect_ok remove north.nc "${REGRESSION[@]}" -masks -o got_north
expect_ok remove pair "${REGRESSION[@]}" -masks -o got_pair
expect_ok remove both.nc "${REGRESSION[@]}" -o got_both
expect_python "observed pixels are those of the cube" "
import glob
truth = np.load('truth.npz')
for folder, stem in (('got_north', 'north'), ('got_pair', 'p_10m')):
    masks = sorted(glob.glob(folder + '/*_mask.tif'))
    files = [f.replace('_mask', '') for f in masks]
    assert len(files) == len(truth['ten']), files
    for t, (f, k) in enumerate(zip(files, masks)):
        assert gdal.Open(f).GetGeoTransform() == (431230, 10, 0, 6203470, 0, -10)
        clear, got = read(k) == 0, read(f)
        assert (got[:4, clear] == truth['ten'][t][:, clear]).all(), f
        if folder == 'got_pair':
            assert got.shape[0] == 6
            coarse = truth['twenty'][t][4:].repeat(2, 1).repeat(2, 2)
            assert (got[4:, clear] == coarse[:, clear]).all(), f
for a, b in zip(sorted(glob.glob('got_pair/p_10m_????????.tif')), sorted(glob.glob('got_both/*.tif'))):
    assert (read(a) == read(b)).all()"
if python3 -c "from osgeo import gdal; import sys; sys.exit(gdal.GetDriverByName('Zarr') is None)"; then
    expect_ok info north.zarr -json
    expect_value "i['dates'][0]['grid']['transform']" "[431230, 10, 0, 6202630, 0, 10]"
    expect_ok remove north.zarr/ "${REGRESSION[@]}" -o got_zarr
    expect_python "Zarr gives what netCDF gives" "
import glob
assert len(glob.glob('got_zarr/*.tif')) == len(np.load('truth.npz')['ten'])
for f in glob.glob('got_zarr/*.tif'):
    assert (read(f)[:4, 10:-10, 10:-10] != 0).all()"
fi

# The same cube.
expect_ok remove north.nc "${REGRESSION[@]}" -masks -of netCDF -o back
check "north.nc comes back" python3 "$CLV_SOURCE/tests/cli/check_xarray.py" north.nc back/north.nc B2,B3,B4,B8 back/north_*_mask.tif
expect_python "the cube holds what the GeoTIFFs hold" "
import glob
import xarray as xr
cube = xr.open_dataset('back/north.nc', mask_and_scale=False)
files = [f.replace('_mask', '') for f in sorted(glob.glob('got_north/*_mask.tif'))]
for t, f in enumerate(files):
    assert (read(f)[2] == cube.B4.values[t, ::-1]).all()"
expect_ok remove pair "${REGRESSION[@]}" -masks -of netCDF -o back
check "p_10m.nc comes back" python3 "$CLV_SOURCE/tests/cli/check_xarray.py" pair/p_10m.nc back/p_10m.nc blue,green,red,nir back/p_10m_*_mask.tif
check "p_20m.nc comes back" python3 "$CLV_SOURCE/tests/cli/check_xarray.py" pair/p_20m.nc back/p_20m.nc nir08,swir16,green back/p_10m_*_mask.tif
# A file as output; one array over band.
expect_ok remove stack.nc "${REGRESSION[@]}" -masks -of netCDF -o one/filled.nc
check "stack.nc comes back" python3 "$CLV_SOURCE/tests/cli/check_xarray.py" stack.nc one/filled.nc stack one/stack_*_mask.tif
cp one/filled.nc first.nc
expect_error 'exists; use -overwrite' remove stack.nc "${REGRESSION[@]}" -of netCDF -o one/filled.nc
expect_same one/filled.nc first.nc
expect_ok remove stack.nc "${REGRESSION[@]}" -of netCDF -overwrite -o one/filled.nc
expect_error 'is also an input' remove north.nc "${REGRESSION[@]}" -of netCDF -overwrite -o north.nc
expect_error 'is also an input' remove pair "${REGRESSION[@]}" -of netCDF -overwrite -o pair
expect_error 'is one file, but 2 cubes' remove pair "${REGRESSION[@]}" -of netCDF -o out/a.nc
expect_error 'a cube comes back whole' remove north.nc "${REGRESSION[@]}" -of netCDF -srcwin 0 0 40 40 -o out
expect_error 'a cube comes back whole' remove north.nc "${REGRESSION[@]}" -of netCDF -stack -o out

# Files that crash libhdf5, where there are some.
for file in "$CLV_SHARED"/cases/netcdf_damaged/*.nc; do
    [ ! -f "$file" ] || expect_error 'is damaged' info "$file"
done

# Files of h5netcdf, as published: read, never changed, and written anew.
real=$(ls -d "$CLV_SHARED/series/belgium_worldcereal" "$CLV_SHARED/data/series/belgium_worldcereal" 2>/dev/null | head -1)
if [ -n "$real" ]; then
    expect_ok info "$real" -json
    expect_value "len(i['dates']), i['dates'][0]['grid']['text'], i['dates'][0]['date'], len(i['dates'][0]['bands']), i['dates'][0]['how']['mask']" \
        "(118, '64x64, 10 m, EPSG:32631', '2017-08-04T10:53:28Z', 10, 'band SCL')"
    expect_ok info "${real%/*}/romania_nrt" -json
    expect_value "len(i['dates']), i['dates'][0]['grid']['text'], i['dates'][0]['how']['mask']" "(140, '100x100, 10 m, EPSG:3035', 'band SCL')"
fi
finish
