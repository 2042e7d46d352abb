# SPDX-License-Identifier: MIT
# Inputs and outputs that cannot work: each gives exactly one error line that says so, status 1, no crash, nothing left behind.
. "$(dirname "$0")/common.sh"
need_python
need gdal_translate gdal_create
TIME=60
rows=0
a=${SERIES[0]}
FILL=("${KNOWN[@]}" -method regression -o out)

# bad WHAT PATTERN ARGUMENTS...
bad() {
    local what=$1 pattern=$2 before=$failed
    shift 2
    rows=$((rows + 1))
    expect_error "$pattern" "$@"
    [ "$failed" -eq "$before" ] || echo "        ($what)"
}
# bad_input WHAT PATTERN FILE: in info, and among good dates in remove.
bad_input() {
    bad "$1: info" "$2" info "$3"
    bad "$1: remove" "$2" remove "${SERIES[@]:1}" "$3" -method regression "${KNOWN[@]:0:2}" "${KNOWN[@]:4}" -mask "${MASKS[0]}" -o out
}

# ---- Files that are no rasters, or broken ones
: >empty_20200101.tif
bad_input 'empty file' 'empty_20200101.tif' empty_20200101.tif
echo 'This is no picture.' >text_20200101.tif
bad_input 'text named .tif' 'text_20200101.tif' text_20200101.tif
mkdir folder_20200101
bad_input 'folder' 'is a folder' folder_20200101
bad_input 'missing file' 'no such file' missing_20200101.tif
bad_input 'missing file with a line end in its name' 'no such file' $'two\nlines_20200101.tif'
ln -s loop_20200101.tif loop_20200101.tif
bad_input 'link to itself' 'loop_20200101.tif' loop_20200101.tif
gdal_translate -q -co TILED=NO -co COMPRESS=DEFLATE "$a" whole.tif
size=$(stat -c %s whole.tif)
for percent in 1 10 50 99; do
    head -c $((size * percent / 100)) whole.tif >cut${percent}_20200101.tif
    bad "cut at $percent %" "cut${percent}_20200101.tif" remove "${SERIES[@]:1}" cut${percent}_20200101.tif \
        -method regression "${KNOWN[@]}" -o out
done
python3 -c "
import sys
b = bytearray(open('whole.tif', 'rb').read())
for i in range(len(b) // 3, len(b) * 2 // 3): b[i] = 0xFF
open('damaged_20200101.tif', 'wb').write(b)"
bad 'damaged pixels' 'damaged_20200101.tif.*' remove "${SERIES[@]:1}" damaged_20200101.tif -method regression "${KNOWN[@]}" -o out

# ---- Shapes and types
make() { # make NAME TYPE WIDTH HEIGHT BANDS
    python3 - "$@" <<'END'
import sys
import numpy as np
from osgeo import gdal, osr
name, kind, w, h, n = sys.argv[1], getattr(gdal, 'GDT_' + sys.argv[2]), *map(int, sys.argv[3:6])
d = gdal.GetDriverByName('GTiff').Create(name, w, h, n, kind, ['COMPRESS=DEFLATE', 'INTERLEAVE=BAND'])
s = osr.SpatialReference()
s.ImportFromEPSG(32632)
d.SetSpatialRef(s)
d.SetGeoTransform((660000, 20, 0, 5160000, 0, -20))
for b, label in zip(range(1, n + 1), ('B02', 'B03', 'B04', 'B08')):
    d.GetRasterBand(b).SetDescription(label)
END
}
make complex_20200101.tif CInt16 64 64 4
bad_input 'complex numbers' 'type|complex' complex_20200101.tif
make point_20200101.tif UInt16 1 1 4
bad 'one pixel' 'too few|pixels' info point_20200101.tif
make line_20200101.tif UInt16 1 100000 4
bad 'a line of pixels' 'too few|pixels' info line_20200101.tif
make row_20200101.tif UInt16 100000 1 4
bad 'a row of pixels' 'too few|pixels' info row_20200101.tif
make nameless_20200101.tif UInt16 64 64 6
python3 -c "
from osgeo import gdal
d = gdal.Open('nameless_20200101.tif', 1)
for b in range(1, 7): d.GetRasterBand(b).SetDescription('')"
bad_input 'bands that nobody can tell' '-b' nameless_20200101.tif
make sixty_20200101.tif UInt16 64 64 2
python3 -c "
from osgeo import gdal
d = gdal.Open('sixty_20200101.tif', 1)
d.GetRasterBand(1).SetDescription('B01')
d.GetRasterBand(2).SetDescription('B09')"
bad_input 'no red, green, blue' '-b|red|band' sixty_20200101.tif
python3 -c "
from osgeo import gdal
d = gdal.GetDriverByName('GTiff').Create('palette_20200101.tif', 64, 64, 1)
t = gdal.ColorTable()
t.SetColorEntry(1, (255, 0, 0))
d.GetRasterBand(1).SetColorTable(t)"
bad_input 'palette' 'colou?r table|band' palette_20200101.tif
make undated.tif UInt16 64 64 4
cp undated.tif undated2.tif
bad 'no dates' '-date' info undated.tif undated2.tif
gdal_create -q -of GTiff -outsize 30000 30000 -bands 3 -ot UInt16 -co SPARSE_OK=TRUE -co BLOCKYSIZE=30000 -co COMPRESS=DEFLATE -a_srs EPSG:32632 \
    -a_ullr 600000 5200000 1200000 4600000 block_20200101.tif 2>/dev/null
bad 'a block of the size of the picture' 'block' info block_20200101.tif
gdal_create -q -of GTiff -outsize 2000000 64 -bands 3 -ot Byte -co SPARSE_OK=TRUE -co TILED=YES -a_srs EPSG:32632 \
    -a_ullr 0 5200000 40000000 5198720 wide_20200101.tif 2>/dev/null
bad 'too wide' 'pixels|side' info wide_20200101.tif

# ---- VRT and archives
cat >gone_20200101.vrt <<END
<VRTDataset rasterXSize="96" rasterYSize="80"><GeoTransform>660000,20,0,5160000,0,-20</GeoTransform>
$(for b in 1 2 3; do echo "<VRTRasterBand dataType=\"UInt16\" band=\"$b\"><SimpleSource><SourceFilename>gone.tif</SourceFilename>
<SourceBand>$b</SourceBand></SimpleSource></VRTRasterBand>"; done)</VRTDataset>
END
bad_input 'VRT whose source is gone' 'gone' gone_20200101.vrt
sed 's/gone.tif/self_20200101.vrt/' gone_20200101.vrt >self_20200101.vrt
bad_input 'VRT of itself' 'self_20200101.vrt' self_20200101.vrt
sed 's#<VRTRasterBand dataType="UInt16" band="1">#<VRTRasterBand dataType="UInt16" band="1" subClass="VRTDerivedRasterBand"><PixelFunctionType>f</PixelFunctionType><PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode><![CDATA[def f(*a, **k): open("pwned","w")]]></PixelFunctionCode>#; s#gone.tif#'"$a"'#' \
    gone_20200101.vrt >python_20200101.vrt
bad 'VRT with a program in it' 'python_20200101.vrt' info python_20200101.vrt
check 'the program did not run' test ! -e pwned
python3 -c "
import zipfile
z = zipfile.ZipFile('nothing_20200101.zip', 'w'); z.writestr('readme.txt', 'no picture')
z = zipfile.ZipFile('up.zip', 'w'); z.writestr('../../escaped_20200101.tif', 'no picture')"
bad_input 'archive without a picture' 'nothing_20200101.zip' nothing_20200101.zip
bad 'no such member' 'no such file|cannot be opened' info /vsizip/nothing_20200101.zip/a_20200101.tif
bad 'path out of the archive' 'escaped' info /vsizip/up.zip/../../escaped_20200101.tif
bad 'remote file that is not there' 'http://127.0.0.1:9/a_20200101.tif: cannot be read from the network' info /vsicurl/http://127.0.0.1:9/a_20200101.tif

# ---- Cubes
python3 - <<'END'
import numpy as np, zipfile, io
def cube(name, array, **more):
    np.savez(name, highresdynamic=array, **more)
cube('objects_20200101.npz', np.array([{'a': 1}], dtype=object))
cube('flat_20200101.npz', np.zeros((128, 128), np.float32))
cube('channels_20200101.npz', np.zeros((16, 16, 2, 3), np.float32))
cube('29SND_2018-01-01_2018-05-30_2105_2233_2105_2233_32_112_32_112.npz', np.zeros((32, 32, 5, 10), np.float32))
np.savez('other_20200101.npz', something=np.zeros(5))
def npz(name, header, data=b''):
    text = header.encode().ljust(117) + b'\n'
    with zipfile.ZipFile(name, 'w') as z:
        z.writestr('highresdynamic.npy', b'\x93NUMPY\x01\x00' + len(text).to_bytes(2, 'little') + text + data)
npz('overflow_20200101.npz', "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 5, 10), }")
npz('short_20200101.npz', "{'descr': '<f4', 'fortran_order': False, 'shape': (128, 128, 5, 10), }", b'\0' * 100)
npz('header_20200101.npz', "{'descr': '<f4', 'shape': (128")
whole = open('29SND_2018-01-01_2018-05-30_2105_2233_2105_2233_32_112_32_112.npz', 'rb').read()
open('cut_20200101.npz', 'wb').write(whole[:len(whole) // 2])
END
for cube in objects flat channels other overflow short header cut; do
    bad_input "cube: $cube" "$cube" ${cube}_20200101.npz
done

# ---- Lists
: >empty.txt
bad 'empty list' 'names no' info empty.txt
echo 'again.txt' >again.txt
bad 'list of itself' 'each other' info again.txt
echo 'missing_20200101.tif' >list.txt
bad 'list with a missing file' 'missing_20200101.tif' info list.txt
head -c 3000 /dev/urandom >noise.txt
bad 'list of noise' 'noise.txt' info noise.txt

# ---- Dates, grids, masks that do not go together
bad 'one date' 'only one date' remove "$a" -mask "${MASKS[0]}" -mask_mode replace -method regression -o out
bad 'impossible date' '2020-02-30' info "$a" -date 2020-02-30
bad 'a date too few' '-date' info "${SERIES[@]}" -date 2020-01-01
python3 -c "
import numpy as np
from osgeo import gdal
d = gdal.GetDriverByName('GTiff').Create('bare_20200101.tif', 40, 40, 4, gdal.GDT_UInt16)
for b in range(1, 5):
    d.GetRasterBand(b).SetDescription('B0%d' % (2, 3, 4, 8)[b - 1])
    d.GetRasterBand(b).WriteArray(np.full((40, 40), 1000))"
bad 'a date without georeference' 'georeference|grid|place' remove "${SERIES[@]:0:4}" bare_20200101.tif -method regression "${KNOWN[@]}" -o out
bad 'masks and inputs differ in number' 'mask' remove "${SERIES[@]}" -mask "${MASKS[0]}" -method regression -o out
bad 'a mask that is no raster' 'text_20200101.tif' remove "${SERIES[@]:0:2}" -mask "${MASKS[0]}" -mask text_20200101.tif -mask_mode replace -method regression -o out
bad 'band beyond the last' '-b: 70000' info "$a" -b 3,2,70000
bad 'reference that is no raster' 'text_20200101.tif' info "$a" -ref text_20200101.tif

# ---- Outputs
mkdir same && cp "${SERIES[@]}" same
bad 'output would replace an input' 'input' remove same/*.tif "${FILL[@]:0:${#FILL[@]}-2}" -o same -overwrite
for file in "${SERIES[@]}"; do
    expect_same "$file" same/"$(basename "$file")"
done
ln -s same alias
bad 'output would replace an input, through a link' 'input' remove same/*.tif "${FILL[@]:0:${#FILL[@]}-2}" -o alias -overwrite
expect_same "$a" same/"$(basename "$a")"
echo text >plain_file
bad 'output folder is a file' 'file' remove "${SERIES[@]}" "${FILL[@]:0:${#FILL[@]}-2}" -o plain_file/sub
bad 'no such driver' 'NoSuch' remove "${SERIES[@]}" "${FILL[@]}" -of NoSuch
bad 'creation option' '-co' remove "${SERIES[@]}" "${FILL[@]}" -co COMPRESS=NONSENSE
bad 'format that cannot hold it' 'AAIGrid' remove "${SERIES[@]}" "${FILL[@]}" -of AAIGrid
bad 'preview in no folder' 'preview|folder|none' remove "${SERIES[@]}" "${FILL[@]}" -preview plain_file/p.png
if [ "$(id -u)" -ne 0 ]; then
    mkdir locked && chmod a-w locked
    bad 'folder without permission' 'locked' remove "${SERIES[@]}" "${FILL[@]:0:${#FILL[@]}-2}" -o locked/out
fi
if [ -e /dev/full ]; then
    rows=$((rows + 1)) done=$((done + 1))
    timeout $TIME "$CLV_PROGRAM" remove "${SERIES[@]}" "${FILL[@]:0:${#FILL[@]}-2}" -stack -o - >/dev/full 2>stderr
    [ $? -eq 1 ] && [ "$(grep -c '^ERROR' stderr)" -eq 1 ] || fail 'full standard output'
fi
# Pipes that nobody writes into, in a folder of pictures, beside a picture and among a product's metadata: nothing waits.
mkdir -p pipes && cp "${SERIES[@]}" pipes
mkfifo pipes/s2_20231111.tif pipes/20231112.jp2 pipes/S2B_T33UVB_20231113.nc
TIME=20 expect_ok info pipes
check 'a pipe in a folder is named' grep -q 's2_20231111.tif: is no file' stderr
mkfifo "pipes/$(basename "$a").aux.xml"
TIME=20 bad 'pipe beside a picture' 'aux.xml: is a pipe' info pipes
mkdir pipes/S2A_MSIL2A_20230401T102601_N0509_R108_T33UUU_20230401T165002.SAFE
mkfifo pipes/S2A_MSIL2A_20230401T102601_N0509_R108_T33UUU_20230401T165002.SAFE/MTD_MSIL2A.xml
TIME=20 bad 'pipe as metadata' 'MTD_MSIL2A|no MTD' info pipes/*.SAFE
# A folder for temporary files that is not there is not made.
for output in '-stack -o out.png -of PNG' '-o out -of GTiff' '-stack -o - -of GTiff'; do
    rows=$((rows + 1)) done=$((done + 1))
    # shellcheck disable=SC2086 # a list of words
    CPL_TMPDIR=$PWD/nowhere timeout $TIME "$CLV_PROGRAM" remove "${SERIES[@]}" "${FILL[@]:0:${#FILL[@]}-2}" $output >/dev/null 2>stderr
    status=$?
    [ $status -eq 1 ] && [ "$(grep -c '^ERROR' stderr)" -eq 1 ] && grep -q nowhere stderr && [ ! -e nowhere ] ||
        fail "CPL_TMPDIR that is not there, $output: status $status, $(ls -d nowhere 2>/dev/null)"
done
# A quota: files may not grow beyond 8 kB.
rows=$((rows + 1)) done=$((done + 1))
rm -rf out
(ulimit -f 8 && timeout $TIME "$CLV_PROGRAM" remove "${SERIES[@]}" "${FILL[@]}" -co COMPRESS=NONE >stdout 2>stderr)
status=$?
if [ $status -ne 1 ] || [ "$(grep -c '^ERROR' stderr)" -ne 1 ] || [ -n "$(ls -A out 2>/dev/null)" ]; then
    fail "file size limit: status $status, left $(ls -A out)"
fi
# Few open files.
rows=$((rows + 1)) done=$((done + 1))
(ulimit -n 8 && timeout $TIME "$CLV_PROGRAM" info "${SERIES[@]}" >stdout 2>stderr)
status=$?
[ $status -le 1 ] || fail "8 open files: status $status"

# Damaged netCDF and HDF5: one line, whatever the library does. Bytes at random places, the same with each run; shortened files.
if "$CLV_PROGRAM" --formats | grep -q netCDF && python3 -c 'import numpy; from osgeo import gdal' 2>/dev/null; then
    python3 - <<'END'
import random
import re
import numpy as np
from osgeo import gdal
root = gdal.GetDriverByName("netCDF").CreateMultiDimensional("sound.nc")
group = root.GetRootGroup()
dims = [group.CreateDimension(n, None, None, s) for n, s in (("t", 5), ("y", 40), ("x", 48))]
noise = np.random.default_rng(8)
for name, dim in (("t", dims[0]), ("y", dims[1]), ("x", dims[2])):
    a = group.CreateMDArray(name, [dim], gdal.ExtendedDataType.Create(gdal.GDT_Float64))
    a.Write(np.arange(dim.GetSize(), dtype=np.float64) * 10)
    if name == "t":
        a.SetUnit("days since 2022-05-01")
for name in ("B02", "B03", "B04", "B08"):
    a = group.CreateMDArray(name, dims, gdal.ExtendedDataType.Create(gdal.GDT_Int16), ["BLOCKSIZE=1,20,24", "COMPRESS=DEFLATE"])
    a.Write(noise.integers(300, 3000, (5, 40, 48)).astype(np.int16))
del a, dims, group, root
data = open("sound.nc", "rb").read()
marks = [m.start() for m in re.finditer(b"TREE|HEAP|OHDR|FRHP|BTHD|BTLF|FSHD|OCHK|FHDB|GCOL", data)]
for i in range(24):
    r, bad = random.Random(i), bytearray(data)
    if i % 6 == 5:
        bad = bad[:r.randrange(len(bad) // 10, len(bad))]
    else:
        for _ in range(r.choice([1, 3, 12])):
            at = r.choice(marks) + r.randrange(500)
            if at < len(bad):
                bad[at] = r.choice([0, 255, r.randrange(256)])
    open("damaged_%02d.%s" % (i, "nc" if i % 3 else "h5"), "wb").write(bad)
END
    expect_ok info sound.nc
    for file in damaged_*; do
        rows=$((rows + 1)) done=$((done + 1))
        timeout -k 5 60 "$CLV_PROGRAM" info "$file" >stdout 2>stderr
        status=$?
        [ $status -eq 0 ] || { [ $status -eq 1 ] && [ "$(grep -cv '^Warning' stderr)" -eq 1 ] && grep -q '^ERROR' stderr; } ||
            fail "$file: status $status"
    done
fi

# Nothing of all this has touched the inputs.
check 'inputs are as they were' test -z "$(find "$CLV_DATA" -newer whole.tif -type f)"
echo "$rows bad inputs"
check 'at least 25 kinds' test "$rows" -ge 25
finish
