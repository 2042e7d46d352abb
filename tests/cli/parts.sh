# SPDX-License-Identifier: MIT
# -of VRT: parts equal to the whole, a killed run that goes on, parts of another run.
. "$(dirname "$0")/common.sh"
need_python
expect_ok simulate -size 420 700 -dates 5 -o big -q
BIG=(big/sim_*.tif)
name=$(basename "${BIG[0]}" .tif)
OPTIONS=(-method gaussian -quality -masks -mask_mode replace)
for f in big/mask/*.tif; do OPTIONS+=(-mask "$f"); done
PARTS=("${OPTIONS[@]}" -of VRT --config CLEARVISION_PART_ROWS 150)

# like VRTS FULL: pixels, place, and what the raster tells are those of the GeoTIFFs.
like() {
    expect_python "$1 is like $2" "
import glob, os
files = sorted(glob.glob('$1/*.vrt'))
assert len(files) == 15, files
for f in files:
    a, b = gdal.Open(f), gdal.Open('$2/' + os.path.basename(f)[:-4] + '.tif')
    assert (a.ReadAsArray() == b.ReadAsArray()).all(), f
    assert a.GetGeoTransform() == b.GetGeoTransform() and a.GetMetadata() == b.GetMetadata(), f
    assert a.GetSpatialRef().IsSame(b.GetSpatialRef()) and a.RasterCount == b.RasterCount, f
    for k in range(1, a.RasterCount + 1):
        x, y = a.GetRasterBand(k), b.GetRasterBand(k)
        for get in ('GetDescription', 'GetNoDataValue', 'GetColorInterpretation', 'GetMetadata', 'GetScale', 'GetCategoryNames', 'DataType'):
            u, v = getattr(x, get), getattr(y, get)
            u, v = [(g() if callable(g) else g) for g in (u, v)]
            assert u == v or (get == 'GetScale' and {u, v} == {None, 1.0}), (f, k, get, u, v)  # VRT says 1 where GeoTIFF says nothing"
}

expect_ok remove "${BIG[@]}" "${OPTIONS[@]}" -o whole -json
cp stdout whole.json
expect_ok remove "${BIG[@]}" "${PARTS[@]}" -o parts -json
cp stdout parts.json
like parts whole
expect_text parts/"$name".vrt 'relativeToVRT="1">'"$name"'_tiles/0005/'
check "five parts" test "$(ls -d parts/*_tiles/0* | wc -l)" -eq 5
expect_python "the report is that of the whole" "
a, b = json.load(open('parts.json')), json.load(open('whole.json'))
assert a['method'] == b['method'] and len(a['dates']) == 5
for x, y in zip(a['dates'], b['dates']):
    assert x['output'].endswith('.vrt') and gdal.Open(x['output']) and gdal.Open(x['mask']) and gdal.Open(x['quality'])
    for key in ('cloud', 'shadow', 'missing', 'filled', 'never_observed'):
        assert abs(x[key] - y[key]) < 3e-4, (key, x[key], y[key])"
mkdir elsewhere
mv parts elsewhere/moved
like elsewhere/moved whole

# Killed without warning in the middle, then continued.
"$CLV_PROGRAM" remove "${BIG[@]}" "${PARTS[@]}" -o killed -q >/dev/null 2>&1 &
pid=$!
for _ in $(seq 2400); do
    [ -e killed/"${name}"_tiles/0002/report.json ] && break
    sleep 0.05
done
kill -9 $pid
wait $pid 2>/dev/null
check "no VRT before the end" test ! -e killed/"$name".vrt
before=$(stat -c %Y.%i killed/"${name}"_tiles/0001/"$name".tif)
finished=$(ls killed/"${name}"_tiles/*/report.json | wc -l)
check "it was killed on the way" test "$finished" -lt 5
# Not expect_error: what the killed run left, perhaps a temporary file, is still there.
run remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
check "parts of other options are refused" test "$STATUS" -eq 1
expect_text stderr 'other inputs or options \(dilate\)'
expect_ok remove "${BIG[@]}" "${PARTS[@]}" -o killed
expect_text stdout "$finished of 5 parts were there"
check "finished parts are kept" test "$before" = "$(stat -c %Y.%i killed/"${name}"_tiles/0001/"$name".tif)"
like killed whole
check "nothing else is left" test -z "$(find killed -name '.*')"
# Again: the outputs exist; -overwrite begins anew.
expect_error 'exists; use -overwrite' remove "${BIG[@]}" "${PARTS[@]}" -o killed
expect_ok remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -overwrite -o killed -q
check "made anew" test "$before" != "$(stat -c %Y.%i killed/"${name}"_tiles/0001/"$name".tif)"
# An input that has changed makes old parts useless.
rm killed/*.vrt killed/*_tiles/0005/report.json
touch -d '2001-01-01' "${BIG[1]}"
expect_error 'other inputs or options' remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
expect_python "the manifest names every setting" "
import glob
m = json.load(open(glob.glob('killed/*_tiles/manifest.json')[0]))
assert m['command'] == 'remove' and m['method'] == 'gaussian' and m['dilate'] == 5 and m['window'] == 15, m
assert m['quality'] is True and m['full'] is False and m['extent']['height'] == 700 and m['part_rows'] == 150, m
simple = [k for k, v in m.items() if isinstance(v, list)]
assert sorted(simple) == ['bands', 'co', 'dates', 'files', 'if', 'inputs', 'masks', 'mo', 'oo', 'ref', 'scls'], simple"
# Neither the order of its entries nor further white space makes it another one; an entry that is not known does.
change() {
    expect_python "the manifest is changed" "
import glob
name = glob.glob('killed/*_tiles/manifest.json')[0]
m = json.load(open(name))
$1
json.dump(m, open(name, 'w'), indent=1)"
}
change "m = dict(reversed(list(m.items())))"
expect_error 'options \(inputs, files\)' remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
change "m['tomorrow'] = 1"
expect_error 'options \(inputs, files, tomorrow\)' remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
change "m['clearvision'] = '0.0.1'"
expect_error 'another version of clearvision; finish it' remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
# Version 0.1.0 wrote settings without names: refused, and left as it is.
cp "$CLV_SOURCE"/tests/golden/parts-manifest-0.1.json killed/"$name"_tiles/manifest.json
(cd killed && find . -type f | sort | xargs cksum) >before.txt
expect_error 'another version of clearvision; finish it' remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
(cd killed && find . -type f | sort | xargs cksum) >after.txt
expect_same before.txt after.txt
echo broken >killed/"$name"_tiles/manifest.json
expect_error 'manifest.json cannot be read' remove "${BIG[@]}" "${PARTS[@]}" -dilate 5 -o killed
# A folder of somebody else's.
mkdir -p taken/"$name"_tiles
touch taken/"$name"_tiles/precious
expect_error 'not a folder of parts' remove "${BIG[@]}" "${PARTS[@]}" -overwrite -o taken
expect_file_there=$(ls taken/"$name"_tiles)
check "it is left alone" test "$expect_file_there" = precious

# What is replaced: only the files that a manifest names, never through links; what lies beside them stays.
WIDE=(remove "${BIG[@]}" -method linear -mask_mode replace -of VRT --config CLEARVISION_PART_ROWS 60 -q)
for f in big/mask/*.tif; do WIDE+=(-mask "$f"); done
LITTLE=("${WIDE[@]}" -srcwin 0 0 90 170)
expect_ok "${LITTLE[@]}" -masks -o little
tiles=little/${name}_tiles
mkdir -p home/page home/part
echo thesis >home/thesis.tex
echo page >"$tiles"/0002/page.txt
ln -s "$PWD"/home "$tiles"/0001/notes
ln -s "$PWD"/home/thesis.tex "$tiles"/cite.tex
mv "$tiles"/0003 home/part/0003
ln -s "$PWD"/home/part/0003 "$tiles"/0003
(cd home && find . -type f | sort | xargs cksum) >before.txt
cp little/"$name".vrt kept.vrt
gdalinfo -checksum little/"$name"_mask.vrt >mask_before.txt
touch little/"$name".vrt.ovr
expect_ok "${LITTLE[@]}" -o little -overwrite -co COMPRESS=LZW
expect_text stderr 'not of this program, or ha'
(cd home && find . -type f | sort | xargs cksum) >after.txt
expect_same before.txt after.txt
check "the user's files stay" test "$(cat "$tiles"/0002/page.txt "$tiles"/0001/notes/thesis.tex "$tiles"/cite.tex)" = "$(printf 'page\nthesis\nthesis')"
check "sidecars of the replaced VRT go" test ! -e little/"$name".vrt.ovr
check "the old pictures' parts go" test ! -e "$tiles"/0001/"$name".tif
expect_python "it is made anew" "
f = gdal.Open('little/$name.vrt').GetFileList()
assert len(f) == 4 and all('LZW' in gdal.Info(x) for x in f[1:]), f"
# Masks were not asked for again: they keep their parts, until they are.
gdalinfo -checksum little/"$name"_mask.vrt >mask_after.txt
expect_same mask_before.txt mask_after.txt
expect_ok "${LITTLE[@]}" -masks -o little -overwrite
check "nothing is shown by two sets" test "$(ls "$tiles"/*/"${name}"_mask.tif | wc -l)" -le 4

# A folder or a manifest of somebody else's, a link in the place of the folder.
mkdir -p map/"${name}"_tiles/12
echo '{"name": "my map"}' >map/"${name}"_tiles/manifest.json
echo png >map/"${name}"_tiles/12/3.png
expect_error 'cannot be read as one of a run in parts' "${LITTLE[@]}" -o map -overwrite
check "the map stays" test -s map/"${name}"_tiles/12/3.png
check "so does its manifest" grep -q 'my map' map/"${name}"_tiles/manifest.json
expect_ok "${LITTLE[@]}" -o far
mv far/"${name}"_tiles far_tiles
ln -s ../far_tiles far/"${name}"_tiles
(cd far_tiles && find . -type f | sort | xargs cksum) >before.txt
expect_error 'through links' "${LITTLE[@]}" -o far -overwrite
(cd far_tiles && find . -type f | sort | xargs cksum) >after.txt
expect_same before.txt after.txt

# Parts that are missing, cut short or changed are made again; a VRT of the same run is no reason to stop.
damage() {
    rm -rf mended
    expect_ok "${LITTLE[@]}" -o mended
    rm mended/"$name".vrt
    eval "$1"
    expect_ok "${LITTLE[@]}" -o mended
    expect_python "whole again after $1" "
assert (gdal.Open('mended/$name.vrt').ReadAsArray() == gdal.Open('whole_little/$name.vrt').ReadAsArray()).all()"
}
expect_ok "${LITTLE[@]}" -o whole_little
part=mended/${name}_tiles/0002/$name.tif
damage "rm $part"
damage "truncate -s 2000 $part"
damage "printf x | dd of=$part bs=1 seek=3000 conv=notrunc 2>/dev/null"
damage 'rm mended/*_tiles/0001/report.json'
damage 'echo "{" >mended/*_tiles/0003/report.json'
# A VRT of something else is not taken for one of the run.
cp kept.vrt mended/"$name".vrt
rm mended/*_tiles/0001/report.json
expect_error 'exists; use -overwrite' "${LITTLE[@]}" -o mended
# Nothing is left of a run that could not begin, and an old result stays as it is.
expect_error 'NOSUCH' "${LITTLE[@]}" -o fresh_parts -co COMPRESS=NOSUCH
check "nothing was made" test ! -e fresh_parts
(cd whole_little && find . -type f | sort | xargs cksum) >before.txt
expect_error 'NOSUCH' "${LITTLE[@]}" -o whole_little -overwrite -co COMPRESS=NOSUCH
expect_error 'nosuch' remove "${BIG[@]}" -of VRT -o whole_little -overwrite -detect_model nosuch
expect_error 'nosuch' remove "${BIG[@]}" -of VRT -o whole_little -overwrite -model ./nosuch.safetensors
(cd whole_little && find . -type f | sort | xargs cksum) >after.txt
expect_same before.txt after.txt
# Stopped with -overwrite: the strips are kept, and so is the old result.
"$CLV_PROGRAM" "${WIDE[@]}" -o whole_little -overwrite >/dev/null 2>&1 &
pid=$!
for _ in $(seq 2400); do
    [ -n "$(ls whole_little/"${name}"_tiles/0002-2/report.json 2>/dev/null)" ] && break
    sleep 0.02
done
kill -TERM $pid
wait $pid 2>/dev/null
if [ -e whole_little/"${name}"_tiles/manifest-2.json ]; then
    (cd whole_little && find . -type f | grep -v -e '-2' | sort | xargs cksum) >after.txt
    expect_same before.txt after.txt
    expect_ok "${WIDE[@]}" -o whole_little -overwrite
    check "only the new parts" test -z "$(ls -d whole_little/"${name}"_tiles/000? 2>/dev/null)"
fi

# All dates in one file, a crop of it, and masks alone.
expect_ok remove "${BIG[@]}" "${OPTIONS[@]:0:2}" "${OPTIONS[@]:4}" -stack -o all.tif -q
expect_ok remove "${BIG[@]}" "${OPTIONS[@]:0:2}" "${OPTIONS[@]:4}" -stack -o all.vrt -q -srcwin 33 101 300 500 --config CLEARVISION_PART_ROWS 200
expect_python "-stack, cropped, by the name's extension" "
assert (read('all.vrt') == gdal.Open('all.tif').ReadAsArray(33, 101, 300, 500)).all()
assert gdal.Open('all.vrt').RasterCount == 20"
expect_ok detect "${BIG[@]}" "${OPTIONS[@]:4}" -o masks -q
expect_ok detect "${BIG[@]}" "${OPTIONS[@]:4}" -of VRT -o masks_vrt -q --config CLEARVISION_PART_ROWS 300
expect_python "detect" "assert (read('masks_vrt/${name}_mask.vrt') == read('masks/${name}_mask.tif')).all()"

# Inputs are not replaced: VRTs and their tiles, a mask's too, through a link as well.
expect_ok remove "${BIG[@]}" "${PARTS[@]}" -o made -q
ln -s made linked
VRTS=() WERE=()
for f in "${BIG[@]}"; do
    VRTS+=("made/$(basename "$f" .tif).vrt")
    WERE+=(-mask "made/$(basename "$f" .tif)_mask.vrt")
done
(cd made && find . -type f | sort | xargs cksum) >before.txt
expect_error 'is also an input' remove "${VRTS[@]}" -of VRT -o made -overwrite
expect_error 'is also an input' remove "${VRTS[@]}" -of VRT -o linked -overwrite
expect_error 'folder of parts.*holds an input' remove made/"${name}"_tiles/0001/sim_*_BGRN.tif -stack -of VRT -o made/"$name".vrt -overwrite
expect_error 'holds an input|is also an input' remove "${BIG[@]}" "${WERE[@]}" -of VRT -o linked -overwrite
(cd made && find . -type f | sort | xargs cksum) >after.txt
expect_same before.txt after.txt

# Over a network a crop is judged by what is asked for; all parts decide alike, also those that show little of a date.
mkdir web seen
expect_ok simulate -size 260 1600 -dates 5 -o tall -q
python3 - <<'END'
import glob, shutil
from osgeo import gdal
for k, (f, m, t) in enumerate(zip(*(sorted(glob.glob('tall/%s/*.tif' % d)) for d in ('.', 'mask', 'truth')))):
    shutil.copy(f, 'web/%d.tif' % k)
    shutil.copy(m, 'seen/%d.tif' % k)
    if k == 2:  # its offset left in, and all but its first third under cloud
        a = gdal.Open(t).ReadAsArray().astype('int32') + 1000
        a[:, 480:] = 6000 + a[:, 480:] % 50
        gdal.Open('web/2.tif', gdal.GA_Update).WriteArray(a.clip(1, 32000).astype('uint16'))
        mask = gdal.Open('seen/2.tif', gdal.GA_Update)
        x = mask.ReadAsArray() * 0
        x[480:] = 1
        mask.WriteArray(x)
END
python3 "$CLV_SOURCE/tests/cli/http_server.py" web log plain >port &
server=$!
for _ in $(seq 100); do
    [ -s port ] && break
    sleep 0.05
done
remote=() near=() seen=(-mask_mode replace -method linear)
for k in 0 1 2 3 4; do
    remote+=("/vsicurl/http://127.0.0.1:$(cat port)/$k.tif")
    near+=("web/$k.tif")
    seen+=(-mask "seen/$k.tif")
done
expect_ok remove "${near[@]}" "${seen[@]}" -o near -q
expect_text stderr 'left in'
expect_ok remove "${remote[@]}" "${seen[@]}" -of VRT --config CLEARVISION_PART_ROWS 150 -o remote -q
expect_text stderr 'left in'
kill $server
wait $server 2>/dev/null
for k in 0 1 2 3 4; do
    expect_python "parts through a network: $k" "assert (read('remote/$k.vrt') == read('near/$k.tif')).all()"
done

# What cannot be done in parts.
expect_error 'preview.*VRT' remove "${BIG[@]}" "${PARTS[@]}" -preview p.png -o out
expect_error 'report.*VRT' remove "${BIG[@]}" "${PARTS[@]}" -report r -o out
expect_error 't_srs.*VRT' remove "${BIG[@]}" "${PARTS[@]}" -t_srs EPSG:4326 -o out
expect_error 'several outputs' remove "${BIG[@]}" "${PARTS[@]}" -o out/one.vrt
expect_error 'read only once' remove - "${BIG[@]}" -of VRT -o out
expect_error 'folder or file of the system' remove "${BIG[@]}" -of VRT -o /vsimem/out
expect_error 'CLEARVISION_PART_ROWS' remove "${BIG[@]}" -of VRT -o out --config CLEARVISION_PART_ROWS few
finish
