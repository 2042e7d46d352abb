# SPDX-License-Identifier: MIT
# What -of and -co cannot hold is an error, and the old result stays; what they can arrives whole, under its names.
. "$(dirname "$0")/common.sh"
need_python
FILL=(remove "${SERIES[@]}" "${KNOWN[@]}" -method gaussian -srcwin 0 0 80 64 -q)

# files FOLDER: names and contents of all files, hidden ones too.
files() { find "$1" -type f -exec sha256sum {} + | sort -k 2; }

# keeps WHAT ERROR ARGUMENTS...: the run fails with the error and leaves the folder out as it was.
keeps() {
    local what=$1 pattern=$2
    shift 2
    done=$((done + 1))
    files out >before
    run "$@"
    files out >after
    [ "$STATUS" -eq 1 ] || fail "$what: status $STATUS instead of 1"
    [ "$(grep -c '^ERROR' stderr)" -eq 1 ] && grep '^ERROR' stderr | grep -qiE -- "$pattern" || fail "$what: the error does not say $pattern"
    cmp -s before after || fail "$what: the old result has changed: $(diff before after | head -4)"
}

expect_ok "${FILL[@]}" -o out/ -masks
for options in "-co COMPRESS=WEBP -co WEBP_LOSSLESS=YES" "-co COMPRESS=WEBP" "-co COMPRESS=JPEG" "-of COG -co COMPRESS=WEBP" \
    "-co COMPRESS=WEBP -t_srs EPSG:4326" "-co COMPRESS=CCITTFAX4"; do
    # shellcheck disable=SC2086 # several words
    keeps "$options" "cannot hold|CCITT" "${FILL[@]}" -o out/ -masks -overwrite $options
done
for bits in 9 11; do
    keeps "NBITS=$bits" "values end at $(((1 << bits) - 1))|cannot hold" "${FILL[@]}" -o out/ -overwrite -co NBITS=$bits
done
first=$(basename "${SERIES[0]}" .tif)
keeps "a stack" "cannot hold" "${FILL[@]}" -stack -o out/"$first".tif -overwrite -co COMPRESS=WEBP
rm -rf out

expect_ok "${FILL[@]}" -o out/ -of VRT -masks
keeps "parts" "cannot hold" "${FILL[@]}" -o out/ -of VRT -masks -overwrite -co COMPRESS=WEBP
expect_ok "${FILL[@]}" -o out/ -of VRT -masks -overwrite -co COMPRESS=LZW
check "something hidden is left" test -z "$(find out -name '.*')"
expect_python "the parts that replaced others" "
assert read('out/$first.vrt').max() > 300
assert gdal.Open(gdal.Open('out/$first.vrt').GetFileList()[1]).GetMetadataItem('COMPRESSION', 'IMAGE_STRUCTURE') == 'LZW'"
rm -rf out

# What changes values within a bound, and what keeps them.
expect_ok "${FILL[@]}" -o whole/
for options in "-co NBITS=14" "-co COMPRESS=LERC" "-co COMPRESS=LZMA -co INTERLEAVE=PIXEL" "-of COG -co COMPRESS=LZW"; do
    rm -rf out
    # shellcheck disable=SC2086
    expect_ok "${FILL[@]}" -o out/ $options
    expect_python "$options" "assert (read('out/$first.tif') == read('whole/$first.tif')).all()"
done
rm -rf out
expect_ok "${FILL[@]}" -o out/ -co COMPRESS=LERC -co MAX_Z_ERROR=7
expect_python "MAX_Z_ERROR" "
e = np.abs(read('out/$first.tif').astype(int) - read('whole/$first.tif')).max()
assert 0 < e <= 7, e"
rm -rf out

# Datasets of several files, folders and lists; replacing them.
for format in ENVI MRF PDS4 ILWIS RST Zarr; do
    python3 -c "
from osgeo import gdal
import sys
sys.exit(gdal.GetDriverByName('$format') is None)" || continue
    rm -rf out
    [ $format = RST ] && continue # one band
    expect_ok "${FILL[@]}" -o out/ -of $format
    files out | sed 's/.*  //' >names
    expect_ok "${FILL[@]}" -o out/ -of $format -overwrite
    files out | sed 's/.*  //' >again
    check "$format: other files after the second run" cmp names again
    check "$format: hidden files" test -z "$(find out -name '.*tmp*')"
    keeps "$format: exists" "exists; use -overwrite" "${FILL[@]}" -o out/ -of $format
done
if [ -s names ] && [ -d out/"$first".zarr ]; then
    keeps "a folder as an output" "folder" "${FILL[@]}" -o out/ -of GTiff -stack -o out/"$first".zarr
fi
rm -rf out

# MRF's pixels lie in a file named after the compression.
expect_ok "${FILL[@]}" -o out/ -of MRF
expect_ok "${FILL[@]}" -o out/ -of MRF -co COMPRESS=LERC -overwrite
check "pixels of the replaced MRF" test ! -e out/"$first".ppg
expect_python "MRF" "assert (read('out/$first.mrf') == read('whole/$first.tif')).all()"
rm -rf out

# World files, also of resampled rasters, and rasters on a tiling scheme.
expect_ok "${FILL[@]}" -o out/ -co TFW=YES
check "world files" test "$(find out -name '[!.]*.tfw' | wc -l)" -eq "${#SERIES[@]}"
expect_ok "${FILL[@]}" -o out/ -co TFW=YES -t_srs EPSG:4326 -overwrite
check "world files of resampled rasters" test "$(find out -name '[!.]*.tfw' | wc -l)" -eq "${#SERIES[@]}"
expect_ok "${FILL[@]}" -o out/ -overwrite
check "world files of replaced rasters" test -z "$(find out -name '*.tfw')"
rm -rf out
expect_ok "${FILL[@]}" -o out/ -of COG -co TILING_SCHEME=GoogleMapsCompatible -masks
expect_python "a COG on a tiling scheme" "
d = gdal.Open('out/$first.tif')
assert d.GetSpatialRef().GetAuthorityCode(None) == '3857' and d.ReadAsArray().max() > 300
m = read('out/${first}_mask.tif'); assert set(np.unique(m if m.ndim == 2 else m[0])) <= {0, 1, 2, 255}"
check "hidden files" test -z "$(find . -name '.*tmp*')"

# A folder that is replaced as a whole must not hold an input.
if gdalinfo --formats | grep -q 'Zarr.*rw'; then
    gdal_translate -q -of Zarr "${SERIES[0]}" store.zarr
    cp "${SERIES[0]}" store.zarr/
    files store.zarr >before
    run detect store.zarr/*.tif -scl none "${KNOWN[@]:0:4}" -of Zarr -o store.zarr -overwrite -q
    [ "$STATUS" -eq 1 ] && grep -q '^ERROR.*holds an input' stderr || fail "an input in a folder that is replaced"
    files store.zarr | cmp -s before - || fail "a folder that holds an input has changed"
    # Nor a file of somebody's, which would go with it.
    rm store.zarr/*.tif
    array=$(dirname "$(find store.zarr -name .zarray | head -1)")
    for own in "mkdir -p store.zarr/notes && echo mine >store.zarr/notes/a.txt" "ln -s .. $array/up"; do
        eval "$own"
        expect_error 'no part of a Zarr .(notes/a.txt|.*/?up).; move it' detect "${SERIES[0]}" "${KNOWN[@]:0:4}" -of Zarr -o store.zarr -overwrite -q
        rm -rf store.zarr/notes "$array/up"
    done
    expect_ok detect "${SERIES[0]}" "${KNOWN[@]:0:4}" -of Zarr -o store.zarr -overwrite -q
fi
# What is several files does not go through a pipe.
expect_error 'several files' detect "${SERIES[0]}" "${KNOWN[@]:0:4}" -of ENVI -o - -q
# Rounding to fewer bits ends at no limit.
python3 - "${SERIES[@]}" <<'PY'
import sys
import numpy as np
from osgeo import gdal
for k, name in enumerate(sys.argv[1:]):
    s = gdal.Open(name)
    a = np.minimum(s.ReadAsArray().astype(np.float32) / 10000, 0.9)
    a[:, 30, 30] = 1.0003
    o = gdal.GetDriverByName('GTiff').Create('real_2023%02d01.tif' % (k + 1), s.RasterXSize, s.RasterYSize, s.RasterCount, gdal.GDT_Float32)
    o.SetProjection(s.GetProjection()), o.SetGeoTransform(s.GetGeoTransform())
    for b in range(s.RasterCount):
        o.GetRasterBand(b + 1).WriteArray(a[b])
        o.GetRasterBand(b + 1).SetDescription(s.GetRasterBand(b + 1).GetDescription())
PY
expect_ok remove real_*.tif "${KNOWN[@]}" -method gaussian -q -o half -co NBITS=16

finish
