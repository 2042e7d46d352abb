# SPDX-License-Identifier: MIT
# clearvision evaluate detect -grounds: lists, what is missing, made grounds, its figures.
. "$(dirname "$0")/common.sh"
need_python
TIME=300
cat >list.txt <<'END'
# four lines of which one has no files
land size=64 name="made land" flagged=1
land size=64 count=2 dates=3 make=haze name=haze rmse=-
single none/*.tif name=nowhere flagged=0.1
single pictures/sim_*.tif size=64 name=beside flagged=-
END

expect_error 'No input' evaluate detect
expect_error 'leave out the inputs' evaluate detect "${SERIES[0]}" -grounds list.txt
expect_error 'leave out -each' evaluate detect -grounds list.txt -each
expect_error 'leave out -each' evaluate detect -grounds list.txt -report out
expect_error 'none.txt' evaluate detect -grounds none.txt
echo 'land name=a flagged=0.1 make=rain' >bad.txt
expect_error 'bad.txt:1: make=rain: no such maker; there are snow' evaluate detect -grounds bad.txt
echo 'land name=a' >bad.txt
expect_error 'bad.txt:1: a: nothing is wanted' evaluate detect -grounds bad.txt
printf 'land\0name=a' >bad.txt
expect_error 'not a text file' evaluate detect -grounds bad.txt

if [ "$CLEARVISION_NET" = none ] || ! ls "$CLV_SOURCE"/models/detect.safetensors >/dev/null 2>&1; then
    expect_error 'network|model|libtorch' evaluate detect -grounds list.txt
    finish
fi

# Files are looked for beside the list and in the folder of the environment.
mkdir -p shared/data/pictures
cp "${SERIES[0]}" shared/data/pictures
export CLV_SHARED_DIR=$PWD/shared
expect_ok evaluate detect -grounds list.txt -json -q
cp stdout one.json
expect_ok evaluate detect -grounds list.txt -json -q
expect_same stdout one.json
expect_ok evaluate detect -grounds list.txt -json -q -seed 2
cp stdout two.json
export CLV_SHARED_DIR=$PWD/none
expect_ok evaluate detect -grounds list.txt -json -q
cp stdout without.json
unset CLV_SHARED_DIR
cp -r shared/data/pictures .
expect_ok evaluate detect -grounds list.txt -json -q
expect_same stdout one.json
expect_python 'figures' "
one, two, without = (json.load(open(n + '.json')) for n in ('one', 'two', 'without'))
assert one['protocol'] == 'grounds' and one['seed'] == 1 and two['seed'] == 2
rows = one['grounds']
assert [r['name'] for r in rows] == ['made land', 'haze', 'nowhere', 'beside'] and [r['line'] for r in rows] == [2, 3, 4, 5]
assert [r['verdict'] for r in rows] == ['reached', 'measured', 'skipped', 'measured'], rows
assert rows[2]['reason'] == 'no file none/*.tif' and rows[2]['measured'] is None
assert rows[0]['pixels'] == 64 * 64 and rows[0]['dates'] == 1 and rows[1]['dates'] == rows[1]['pictures'] == 2
assert 0.03 < rows[1]['rmse_before'] < 0.07 and rows[1]['measured'] == rows[1]['rmse'], rows[1]
assert one['reached'] == 1 and one['not_reached'] == 0 and one['skipped'] == 1 and len(one['detect']['model_sha256']) == 64
assert rows[1]['rmse_before'] != two['grounds'][1]['rmse_before']
assert [r['verdict'] for r in without['grounds']] == ['reached', 'measured', 'skipped', 'skipped']"

# The table says the same.
echo 'land size=64 make=salt name="salt flat" found=1' >salt.txt
expect_error 'salt.txt:1' evaluate detect -grounds salt.txt -q
sed -i 's/found=1/flagged=0/' salt.txt
expect_ok evaluate detect -grounds salt.txt -q
expect_text stdout '^ground +measure +measured +wanted +verdict$'
expect_text stdout '^salt flat +flagged +[01]\.[0-9]{4} +at most +0 +(not )?reached$'
expect_text stdout '^[01] reached, [01] not reached, 0 skipped$'

# The list that is shipped holds what this program knows; without its pictures the made grounds remain.
expect_python 'the shipped list' "
lines = [l for l in open('$CLV_SOURCE/models/detect.grounds.txt') if l.strip() and l[0] != '#']
assert len(lines) > 30 and sum(l.startswith('land ') for l in lines) > 20"
(grep -v '^land' "$CLV_SOURCE/models/detect.grounds.txt"; echo 'land size=32 name=small flagged=-') >shipped.txt
expect_ok evaluate detect -grounds shipped.txt -q -json
expect_python 'its files are missing here' "
r = json.load(open('stdout'))
assert all(g['verdict'] == 'skipped' and g['reason'].startswith('no file ') for g in r['grounds'][:-1])
assert r['grounds'][-1]['verdict'] == 'measured'"
finish
