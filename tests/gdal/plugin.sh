#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The plug-in as a guest in GDAL's processes: what it shows, what it maps, what it leaves behind, threads.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
need nm
export PYTHONPATH=$CLV_SOURCE/tests/gdal PYTHONDONTWRITEBYTECODE=1
SO=$CLV_PLUGIN/gdal_CLEARVISION.so

[ "$(nm -D --defined-only "$SO" | awk '{print $3}')" = GDALRegister_CLEARVISION ] || fail "exports: $(nm -D --defined-only "$SO")"
gdalinfo --formats >formats.txt
expect_text formats.txt 'EARTHNET -raster- \(rovs\): EarthNet2021 cubes'
expect_text <(gdalinfo --format EARTHNET) 'Extension: +npz'

# Loading it maps nothing but itself: no libtorch, no BLAS that GDAL does not bring along.
maps() {
    python3 -c "
from osgeo import gdal
gdal.AllRegister()
assert bool(gdal.GetDriverByName('EARTHNET')) == ($1 == 1)
print('\n'.join(sorted({l.split()[-1] for l in open('/proc/self/maps') if '.so' in l})))"
}
GDAL_DRIVER_PATH=/nowhere maps 0 >without.txt || fail "without"
maps 1 >with.txt || fail "with"
done=$((done + 1))
comm -13 without.txt with.txt | grep -v 'gdal_CLEARVISION\.so$' >more.txt
[ -s more.txt ] && fail "the plug-in brings along $(cat more.txt)"
[ "$(comm -13 without.txt with.txt | wc -l)" -eq 1 ] || fail "the plug-in is not mapped"
expect_no_text with.txt 'libtorch|clearvision_net'

# Threads and leaks, in C.
[ -x "$CLV_OPEN_CLOSE" ] || skip "open_close is not built"
python3 - <<'PY'
from cubes import *
x = pictures(steps=6)
r = np.random.RandomState(1)
write(NAME, x.astype('f2'), highresstatic=r.rand(20, 24, 1).astype('f2'), mesostatic=r.rand(8, 9, 1).astype('f4'),
      mesodynamic=r.rand(8, 9, 5, 4).astype('f4'))
np.savez('axes.npz', highresdynamic=np.zeros((2, 2)))
np.savez('other.npz', a=np.zeros(2))
archive('object.npz', ('highresdynamic.npy', header('|O', (8, 8, 5, 2))))
archive('twice.npz', ('highresdynamic.npy', b'x'), ('highresdynamic.npy', b'y'))
archive('bomb.npz', ('highresdynamic.npy', header('<f4', (4096, 4096, 7, 1))))
archive('beside.npz', ('highresdynamic.npy', header('|u1', (2, 2, 5, 1)) + bytes(20)), ('mesostatic.npy', b'rubbish'))
whole = bytearray(open(NAME, 'rb').read())
open('cut.npz', 'wb').write(whole[:500])
i = whole.rindex(b'PK\1\2')
for at in [k for k in range(len(whole)) if whole[k:k + 4] == b'PK\1\2']:
    whole[at + 16] ^= 1
open('crc.npz', 'wb').write(whole)
if gdal.GetDriverByName('netCDF'):
    lon, lat = diagonal(32629, 536640, 4350340, 20.36, -20.16, 16)
    write_minicube('cube.nc', lon, lat, r.randint(0, 8000, (4, 3, 16, 16)).astype('i2'), np.ones((3, 16, 16), 'i2'))
PY
FILES=(29SND*.npz axes.npz other.npz object.npz twice.npz bomb.npz beside.npz cut.npz crc.npz EARTHNET:crc.npz:stack
    EARTHNET:absent.npz:stack 'EARTHNET:"x' EARTHNET:axes.npz:2017-01-01)
MINI=()
[ -e cube.nc ] && MINI=(EARTHNET:cube.nc)
# Views with known masks: no network has to be loaded.
MANY=$(printf '%s;' "${MASKS[@]}")
printf '%s\n' "${SERIES[@]}" >series.txt
VIEW="CLEARVISION:series.txt?mask_mode=replace&mask=${MANY%;}"
STEM=$(basename "${SERIES[1]}" .tif)
FILES+=("$VIEW&date=$STEM" "$VIEW&date=$STEM&product=quality&cache=disk" "$VIEW&date=1999-01-01" CLEARVISION:absent.cvrt.json)
check "eight threads" "$CLV_OPEN_CLOSE" 8 "${FILES[@]}" "${MINI[@]}"
expect_text check.log '[1-9][0-9] opened, [1-9]'
if command -v valgrind >/dev/null; then
    TIME=300 # a child that tries a netCDF file ends without tidying up
    # __memmove_chk lies where __memcpy_chk does, and valgrind takes it for that.
    printf '{\nmemmove_chk\nMemcheck:Overlap\nfun:__memcpy_chk\n}\n' >known.supp
    timeout 300 valgrind --suppressions=known.supp --child-silent-after-fork=yes --leak-check=full --show-leak-kinds=definite,indirect,possible --num-callers=40 \
        --log-file=valgrind.log "$CLV_OPEN_CLOSE" 1 "${FILES[@]}" "${MINI[@]}" >stdout 2>stderr || fail "open_close under valgrind: $(tail -3 valgrind.log)"
    expect_text valgrind.log 'ERROR SUMMARY'
    # What other libraries leave behind, and what valgrind says of them, is theirs.
    expect_no_text valgrind.log 'clv_|CubeDataset|CubeBand|ViewDataset|ViewBand|gdal_CLEARVISION|libclearvision|OpenPart'
else
    echo "valgrind is not installed: leaks not looked for"
fi
finish
