# SPDX-License-Identifier: MIT
# remove -report: the folder appears whole or not at all, its pictures and figures are those of the run.
. "$(dirname "$0")/common.sh"
need_python
FILL=("${KNOWN[@]}" -method linear)

# listing FOLDER: what lies in it
listing() {
    (cd "$1" && find . -type f | sort)
}

expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o clear -masks -quality -json -report clear/report
cp stdout result.json
expect_text result.json '"report": ?"clear/report"'
check "26 pictures and files" test "$(listing clear/report | wc -l)" -eq 30
check "nothing hidden is left" test -z "$(find . -name '.*' -mindepth 1)"
expect_python 'the data say what the run says' "
result, page = json.load(open('result.json')), json.load(open('clear/report/series.json'))
text = open('clear/report/series.js').read()
assert text.startswith('window.clearvisionSeries = ') and json.loads(text[27:].rstrip(';\n')) == page
assert len(page['dates']) == len(result['dates']) == 5
for a, b in zip(page['dates'], result['dates']):
    assert a['date'] == b['date'][:10], (a, b)
    for key, other in (('cloud', 'cloud'), ('shadow', 'shadow'), ('missing', 'missing'), ('filled', 'filled'), ('never', 'never_observed')):
        assert abs(a[key] - b[other]) < 1e-4, (key, a, b)
    import os
    files = {f['what']: f for f in a['extra']}
    files['output'] = a['output']
    for what, file in files.items():
        path = os.path.normpath('clear/report/' + file['href'])
        assert path == b[what] and os.path.getsize(path) == file['bytes'], (path, b[what], file)
grid = gdal.Open(result['dates'][0]['output'])
assert page['grid']['geotransform'] == list(grid.GetGeoTransform())
assert page['picture'] == {'width': grid.RasterXSize, 'height': grid.RasterYSize, 'scale': 1}"
expect_python 'the pictures show what was written' "
page = json.load(open('clear/report/series.json'))
colors = {c['text']: tuple(int(c['color'][i:i + 2], 16) for i in (1, 3, 5)) for c in page['legend']['mask'] + page['legend']['quality']}
for date in page['dates']:
    mask, quality = read('clear/%s_mask.tif' % date['stem']), read('clear/%s_quality.tif' % date['stem'])
    seen, shown = read('clear/report/' + date['images']['input']), read('clear/report/' + date['images']['clear'])
    drawn, source = read('clear/report/' + date['images']['mask']), read('clear/report/' + date['images']['quality'])
    where = {tuple(c): (drawn[:3] == np.array(c)[:, None, None]).all(0) for c in colors.values()}
    if drawn.shape[0] == 4:
        assert ((drawn[3] == 0) == (mask == 0)).all()
    assert (where[colors['cloud']] == (mask == 1)).all() and (where[colors['cloud shadow']] == (mask == 2)).all()
    if source.shape[0] == 4:
        assert ((source[3] == 0) == (quality[0] == 1)).all()
    filled = (quality[0] == 2) & (quality[1] <= 5)
    assert ((source[:3] == np.array(colors['filled; observed within 5 days'])[:, None, None]).all(0) == filled).all()
    assert (seen[:, quality[0] == 1] == shown[:, quality[0] == 1]).all(), 'observed pixels'
    assert quality[0].min() == 1 or (seen[:, quality[0] == 2] != shown[:, quality[0] == 2]).any()
    # One stretch for all dates: the same values have the same colours.
    red = read('clear/%s.tif' % date['stem'])[2]
    pairs = dict(zip(red.ravel().tolist(), shown[0].ravel().tolist()))
    assert all(abs(pairs[v] - c) <= 1 for v, c in zip(red.ravel().tolist(), shown[0].ravel().tolist()))
    last = globals().get('last') or pairs
    assert all(abs(last[v] - c) <= 1 for v, c in pairs.items() if v in last)"

# The same bytes with other threads and panels; the report changes nothing of the outputs.
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o again -masks -quality -report again/report -q --config GDAL_NUM_THREADS 1 -mem 1
for file in $(cd clear && find . -name '*.png' -o -name '*.tif'); do
    expect_same "clear/$file" "again/$file"
done
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -o plain -masks -quality -q
for file in $(cd plain && find . -name '*.tif'); do
    expect_same "clear/$file" "plain/$file"
done

# -overwrite
expect_error 'clear/report: exists; use -overwrite' remove "${SERIES[@]}" "${FILL[@]}" -o out -report clear/report
echo mine >clear/report/mine
echo mine >clear/report/pictures/mine.png
expect_ok remove "${SERIES[@]:0:3}" -method linear -mask_mode replace -mask "${MASKS[0]}" -mask "${MASKS[1]}" -mask "${MASKS[2]}" -o three -report clear/report/ -overwrite -q
check "old pictures are gone, other files stay" test "$(listing clear/report | wc -l)" -eq 22
expect_file clear/report/mine clear/report/pictures/mine.png
check "nothing hidden is left" test -z "$(find . -name '.*' -mindepth 1)"

# Where outputs and inputs are
expect_error 'outputs are written there too.*out/report' remove "${SERIES[@]}" "${FILL[@]}" -o out -report out
expect_error 'outputs are written there too' remove "${SERIES[@]}" "${FILL[@]}" -o out/a/b -report out/a
expect_error 'outputs are written there too' remove "${SERIES[@]}" "${FILL[@]}" -o other -preview out/p.png -report out
mkdir own && cp "${SERIES[@]}" own
expect_error 'holds an input' remove own/*.tif -method linear -mask_mode replace "${KNOWN[@]}" -o out -report own -overwrite
check "inputs are there" test "$(listing own | wc -l)" -eq 5
expect_error 'is a file' remove "${SERIES[@]}" "${FILL[@]}" -o out -report own/"$(basename "${SERIES[0]}")"
expect_error 'folder of this machine' remove "${SERIES[@]}" "${FILL[@]}" -o out -report /vsimem/report
expect_error 'folder of this machine' remove "${SERIES[@]}" "${FILL[@]}" -o out -report -
expect_error 'not possible with -of CLEARVISION' remove "${SERIES[@]}" "${FILL[@]}" -of CLEARVISION -o out -report report
check "no report after failures" test ! -e report

# A run that fails leaves neither outputs nor report.
cp "${SERIES[0]}" own/broken.tif
printf '\377%.0s' $(seq 2000) | dd of=own/broken.tif bs=1 seek=3000 conv=notrunc 2>/dev/null
truncate -s 9000 own/broken.tif
run remove own/*.tif -date 2023-04-01 -date 2023-04-02 -date 2023-04-03 -date 2023-04-04 -date 2023-04-05 -date 2023-04-06 -method linear -o deep/out -report deep/report
check "a damaged input is an error" test "$STATUS" -eq 1
check "nothing is left of it" test ! -e deep

# Other kinds of outputs
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -stack -o stack/all.tif -report stack/report -q
expect_python 'a stack' "
dates = json.load(open('stack/report/series.json'))['dates']
assert all(d['output']['href'] == '../all.tif' and d['extra'] == [] for d in dates)"
expect_same stack/report/pictures/002_clear.png again/report/pictures/002_clear.png
timeout 60 "$CLV_PROGRAM" remove "${SERIES[@]}" "${FILL[@]}" -stack -o /vsistdout/ -report streamed -q >streamed.tif || fail "a stream"
expect_python 'a stream' "
assert all(d['output'] is None for d in json.load(open('streamed/series.json'))['dates'])
assert gdal.Open('streamed.tif').RasterCount == 20"
expect_ok remove "${SERIES[@]}" "${FILL[@]}" -tr 40 -o coarse -report coarse/report -q
expect_python '-tr' "
page = json.load(open('coarse/report/series.json'))
assert page['picture'] == {'width': 48, 'height': 40, 'scale': 1} and page['grid']['pixel_m'] == 40"

expect_ok remove "${SERIES[@]}" "${FILL[@]}" -srcwin 20 30 50 40 -o crop -report crop/report -q
expect_python 'a crop' "
page = json.load(open('crop/report/series.json'))
assert page['picture'] == {'width': 50, 'height': 40, 'scale': 1}
assert page['grid']['geotransform'] == list(gdal.Open('crop/%s.tif' % page['dates'][0]['stem']).GetGeoTransform())
for date in page['dates']:
    whole, part = (read(f + '/report/' + date['images']['mask']) for f in ('again', 'crop'))
    assert (whole[:3, 30:70, 20:70] == part[:3]).all()"
expect_error 'not possible with -of VRT' remove "${SERIES[@]}" "${FILL[@]}" -of VRT -o out -report report

# Dates on a grid of their own, and pictures of finer pixels
gdalwarp -q -t_srs EPSG:32631 -tr 21 21 -r near "${SERIES[1]}" warped_20230415.tif 2>/dev/null || skip "gdalwarp is not installed"
for file in "${SERIES[@]}"; do
    gdal_translate -q -outsize 200% 200% "$file" "fine_$(basename "$file")" || fail gdal_translate
done
clear_masks=()
for file in "${SERIES[0]}" warped_20230415.tif "${SERIES[2]}" "${SERIES[3]}"; do
    gdal_calc.py --quiet -A "$file" --calc '(A > 3000)' --type Byte --outfile "cloud_$(basename "$file")" 2>/dev/null || skip "gdal_calc.py is not installed"
    clear_masks+=(-mask "cloud_$(basename "$file")")
done
expect_ok remove "${SERIES[0]}" warped_20230415.tif "${SERIES[2]}" "${SERIES[3]}" -method linear -mask_mode replace "${clear_masks[@]}" -q -o warped -report warped/report
expect_python 'a warped date' "
page = json.load(open('warped/report/series.json'))
assert [d['never'] is None for d in page['dates']].count(True) == 1
picture = read('warped/report/' + next(d for d in page['dates'] if d['never'] is None)['images']['clear'])
assert picture[:3].std() > 20"
expect_ok remove fine_*.tif "${FILL[@]}" -q -o fine -report fine/report -quality
expect_python 'own pixels are shown' "
page = json.load(open('fine/report/series.json'))
grid = gdal.Open('fine/%s.tif' % page['dates'][0]['stem'])
assert page['picture'] == {'width': grid.RasterXSize, 'height': grid.RasterYSize, 'scale': 0.5}, page['picture']
for date in page['dates']:
    seen, shown = (read('fine/report/' + date['images'][k])[:3] for k in ('input', 'clear'))
    observed = read('fine/%s_quality.tif' % date['stem'])[0] == 1
    assert (seen[:, observed] == shown[:, observed]).all()
    red = read('fine/%s.tif' % date['stem'])[2]
    pairs = dict(zip(red.ravel().tolist(), shown[0].ravel().tolist()))
    assert all(abs(pairs[v] - c) <= 1 for v, c in zip(red.ravel().tolist(), shown[0].ravel().tolist()))"
finish
