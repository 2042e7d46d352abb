# SPDX-License-Identifier: MIT
# clearvision info: the table, the JSON, and what it says about series that do not suit.
. "$(dirname "$0")/common.sh"
need_python

expect_ok info "${SERIES[@]}"
expect_text stdout '^5 dates from 5 inputs, processed on 96x80, 20 m'
expect_text stdout '^How that is known:'
expect_text stdout '^  bands '
expect_text stdout '^The series (suits|does not suit)'
expect_text stdout 'ok +5 dates\.'
for file in "${SERIES[@]}"; do
    expect_text stdout "$(basename "$file")"
done
check "nothing on stderr" test ! -s stderr

# -v: every decision of every date.
expect_ok info "${SERIES[@]}" -v
check "one date line a date" test "$(grep -cE '^    date ' stdout)" -eq 5
# -q: the listing is the result and stays.
expect_ok info "${SERIES[@]}" -q
check "-q prints the listing" test -s stdout

# -json: one object; the shares are near those of the true masks.
expect_ok info "${SERIES[@]}" -json
cp stdout info.json
expect_python 'JSON of info' "
i = json.load(open('info.json'))
assert i['command'] == 'info' and len(i['dates']) == 5 and i['inputs'] == 5, i
d = i['dates'][0]
assert d['grid']['width'] == 96 and d['grid']['height'] == 80 and abs(d['grid']['pixel_m'] - 20) < 0.01, d['grid']
assert [b['role'] for b in d['bands']] == ['red', 'green', 'blue', 'nir'], d['bands']
assert [b['name'] for b in d['bands']] == ['B04', 'B03', 'B02', 'B08'] and d['bands'][0]['type'] == 'UInt16'
assert abs(d['bands'][0]['scale'] - 1e-4) < 1e-12 and d['bands'][0]['offset'] == 0
assert all(d['how'][k] for k in ('date', 'bands', 'scale')), d['how']
assert i['dates'] == sorted(i['dates'], key=lambda x: x['date'])
assert {c['name'] for c in i['checks']} >= {'dates', 'cloud', 'pixel', 'sharpness', 'grid'}
assert all(c['state'] in ('ok', 'note', 'warning') for c in i['checks'])
assert i['suits'] == all(c['state'] != 'warning' for c in i['checks'])
for d, m in zip(i['dates'], sys.argv[1:]):
    assert d['cloud_share_from'] == 'estimate'
"
python3 - "${MASKS[@]}" <<'END' || fail "estimated shares of cloud are far from the truth"
import json, sys
from osgeo import gdal
dates = json.load(open('info.json'))['dates']
for d, m in zip(dates, sys.argv[1:]):
    truth = (gdal.Open(m).ReadAsArray() == 1).mean()
    assert abs(d['cloud_share'] - truth) < 0.25, (m, d['cloud_share'], truth)
END
done=$((done + 1))

# Shares from known masks are exact (the scene is smaller than the sample).
expect_ok info "${SERIES[@]}" -json "${KNOWN[@]}"
cp stdout info.json
python3 - "${MASKS[@]}" <<'END' || fail "shares of cloud from masks are not those of the masks"
import json, sys
from osgeo import gdal
dates = json.load(open('info.json'))['dates']
for d, m in zip(dates, sys.argv[1:]):
    truth = (gdal.Open(m).ReadAsArray() != 0)
    assert d['cloud_share_from'] == 'mask', d
    # The sample's windows overlap in a scene this small; a share of them is near the whole's.
    assert abs(d['cloud_share'] - truth.mean()) < 0.12, (m, d['cloud_share'], truth.mean())
END
done=$((done + 1))

# -no_cloud_share reads no pixels.
expect_ok info "${SERIES[@]}" -no_cloud_share -json
expect_no_text stdout 'cloud_share'
expect_text stdout '"suits"'

# What does not suit is said, with what to do.
expect_ok info "${SERIES[0]}"
expect_text stdout 'problem +1 date:.*Add acquisitions'
expect_text stdout 'does not suit'
expect_ok info "${SERIES[@]:0:3}"
expect_text stdout 'problem +3 dates: few'
for k in 0 1 2 3 4; do
    gdal_translate -q -r bilinear -outsize 200% 200% "${CLV_DATA}/truth/$(basename "${SERIES[k]}")" "soft_2020010${k}_BGRN.tif"
    gdal_translate -q -a_ullr 500000 5000000 505760 4995200 "${CLV_DATA}/truth/$(basename "${SERIES[k]}")" "sharp_2020010${k}_BGRN.tif"
    gdal_translate -q -r nearest -outsize 300% 300% "${CLV_DATA}/truth/$(basename "${SERIES[k]}")" "steps_2020010${k}_BGRN.tif"
    gdal_edit.py -a_ullr 500000 5000000 503840 4996800 "soft_2020010${k}_BGRN.tif"
    gdal_edit.py -a_ullr 500000 5000000 505760 4995200 "steps_2020010${k}_BGRN.tif"
done 2>translate.log
expect_ok info sharp_*.tif
expect_text stdout 'ok +The pictures are sharp'
expect_text stdout 'problem +Pixels of 60 m'
expect_ok info soft_*.tif
expect_text stdout 'problem +The pictures are blurred or enlarged'
expect_ok info steps_*.tif
expect_text stdout 'problem +The pictures are enlarged'

# Clouds everywhere.
python3 - "${SERIES[@]}" <<'END'
import sys
from osgeo import gdal
for i, name in enumerate(sys.argv[1:]):
    copy = gdal.GetDriverByName('GTiff').CreateCopy('white_2020020%d_BGRN.tif' % (i + 1), gdal.Open(name))
    if i < 4:
        for b in range(1, 5):
            copy.GetRasterBand(b).WriteArray(copy.GetRasterBand(b).ReadAsArray() * 0 + 7000 + 10 * b)
END
expect_ok info white_*.tif
expect_text stdout 'problem +[45] of 5 dates are more than half clouded'

# Real pictures, where they are at hand.
folder=${CLV_SHARED:-}/data/series/bolzano
if [ -d "$folder" ]; then
    expect_ok info "$folder"/*_BGRN_10m.tif -json
    cp stdout info.json
    expect_python 'a real series' "
i = json.load(open('info.json'))
assert len(i['dates']) == 12 and abs(i['grid']['pixel_m'] - 20) < 0.1
cloud = {d['date'][:10]: d['cloud_share'] for d in i['dates']}
assert cloud['2022-06-07'] > 0.9 and cloud['2022-06-10'] < 0.1 and 0.3 < cloud['2022-06-02'] < 0.65, cloud
assert [c['state'] for c in i['checks'] if c['name'] == 'sharpness'] == ['ok']
"
fi
# More dates than remove processes together are processed in a window in time.
expect_ok simulate -dates 16 -size 64 64 -o many -q
many=(many/*.tif)
expect_ok info "${many[@]}"
expect_text stdout '16 dates: more than 15 are processed in a window'
expect_ok info "${many[@]:0:15}"
expect_text stdout '15 dates'
expect_no_text stdout 'processed in a window'
finish
