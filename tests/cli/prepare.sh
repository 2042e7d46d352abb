# SPDX-License-Identifier: MIT
# clearvision prepare: a training set of simulated series, its errors, and a run that is killed and goes on.
. "$(dirname "$0")/common.sh"
need_python
"$CLV_PROGRAM" simulate -o north -size 160 160 -dates 8 -clouds 0.3 -seed 3 -q || exit 1
"$CLV_PROGRAM" simulate -o south -size 160 160 -dates 8 -clouds 0.3 -seed 4 -q || exit 1
[ "$(ls north/sim_*.tif | wc -l)" -eq 8 ] || exit 1
cat >list.txt <<END
series north/sim_*.tif mask=north/mask/sim_*.tif place=north licence=CC0-1.0
series south/sim_*.tif mask=south/mask/sim_*.tif place=south hold=yes
clear north/truth/sim_*.tif place=clear
END

expect_error 'No output' prepare list.txt
expect_error 'No input' prepare -o out.safetensors
expect_error 'out of range' prepare list.txt -o out.safetensors -stride 0
expect_error 'out of range' prepare list.txt -o out.safetensors -clear_dates 0
expect_error 'nothing.txt' prepare nothing.txt -o out.safetensors
expect_error 'nothing.npz' prepare nothing.npz -o out.safetensors
expect_error 'minicube|such file' prepare nothing.nc -o out.safetensors
expect_error 'unknown kind' prepare <(echo nonsense) -o out.safetensors
echo 'series north/sim_*.tif labels=clear use=20200101' >never.txt
expect_error 'nothing to train on' prepare never.txt -o out.safetensors
echo "clear $CLV_DATA/truth/sim_*.tif" >small.txt
expect_error 'less than a window' prepare small.txt -o out.safetensors
expect_error 'folder' prepare list.txt -o north
expect_error 'exists' prepare list.txt -o list.txt
cp list.txt kept.txt
expect_error 'input too' prepare list.txt -o list.txt -overwrite
expect_error 'input too' prepare list.txt -o "$(ls north/mask/sim_*.tif | head -1)" -overwrite
expect_same list.txt kept.txt
echo 'cube a.npz' >cube.txt
touch a.npz
[ "$CLEARVISION_NET" = none ] || expect_error 'a\.npz' train detect cube.txt -o out.safetensors -steps 1
[ -e out.safetensors.part ] && fail "a work folder is left after errors"

expect_ok prepare list.txt -o a.safetensors -clear_dates 2 -json -q
expect_text stdout '^\{.*\}$'
expect_file a.safetensors
[ -e a.safetensors.part ] && fail "the work folder is left after success"
cat >look.py <<'END'
def tensors(name):
    data = open(name, "rb").read()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    meta = header.pop("__metadata__")
    kinds = {"I16": "<i2", "U8": "u1", "F64": "<f8"}
    return meta, {k: np.frombuffer(data[8 + size + v["data_offsets"][0]:8 + size + v["data_offsets"][1]],
                                   kinds[v["dtype"]]).reshape(v["shape"]) for k, v in header.items()}
END
expect_python "the set against its pictures" "$(cat look.py)
meta, t = tensors('a.safetensors')
m = json.loads(meta['clearvision.manifest'])
assert meta['clearvision.prepared'] == '1' and m['version'] == 1 and m['window'] == 128
q = m['sequences']
assert [s['split'] for s in q].count('hold') > 0 and {s['place'] for s in q if s['split'] == 'hold'} == {'south'}
assert [s['place'] for s in q].count('clear') == 32 # 8 pictures of 2x2 windows
assert m['sources'][0]['licence'] == 'CC0-1.0' and len(m['sources'][0]['files']) == 8
assert len(t) == 3 * len(q) + 1
import glob
files = sorted(glob.glob('north/sim_*.tif'))
masks = sorted(glob.glob('north/mask/sim_*.tif'))
for i, s in enumerate(q):
    x, gap, days = (t['seq.%06d.%s' % (i, k)] for k in ('x', 'gap', 'days'))
    assert x.shape[1:] == (4, 128, 128) and gap.shape == x.shape[:1] + (128, 128) and days.shape == x.shape[:1]
    assert (np.diff(days) > 0).all() and not x[:, 0][gap != 0].any()
    assert s['clear_dates'] == ((gap != 0).mean((1, 2)) < 0.05).sum()
    if s['place'] == 'north':
        assert len(x) == 8
        for k in range(8):
            where = np.s_[s['y']:s['y'] + 128, s['x']:s['x'] + 128]
            g = read(masks[k])[where] != 0
            assert ((gap[k] & 1) == g).all()
            red = read(files[k])[2][where].astype(float)
            seen = gap[k] == 0
            assert np.abs(x[k, 0][seen] - red[seen]).max() <= 1, (i, k)
shapes = t['shapes']
assert len(shapes) > 0 and shapes.max() == 1 and (shapes != 0).mean((1, 2)).min() >= 0.1
first = {s.tobytes() for s in shapes}
for i, s in enumerate(q):
    if s['place'] == 'south':
        assert not any((g & 1).tobytes() in first for g in t['seq.%06d.gap' % i] if (g & 1).any() and not (g & 1).all())
"
expect_ok prepare list.txt -o b.safetensors -clear_dates 2 -q --config GDAL_NUM_THREADS 1
expect_same a.safetensors b.safetensors
expect_ok prepare list.txt -o c.safetensors -clear_dates 2 -stride 16 -q
expect_different a.safetensors c.safetensors

# Killed once the first part is finished, then run again: what was finished is not read again, the bytes are the same.
"$CLV_PROGRAM" prepare list.txt -o d.safetensors -clear_dates 2 -stride 8 -q >/dev/null 2>&1 &
pid=$!
for _ in $(seq 600); do
    [ -n "$(find d.safetensors.part -name '*.json' 2>/dev/null)" ] && break
    sleep 0.01
done
kill -KILL "$pid" 2>/dev/null
wait "$pid" 2>/dev/null
done=$((done + 1))
[ -e d.safetensors ] && fail "the set was whole before it could be killed"
[ -n "$(find d.safetensors.part -name '*.json' 2>/dev/null)" ] || fail "no part was finished before the kill"
expect_ok prepare list.txt -o d.safetensors -clear_dates 2 -stride 8 -json -q
expect_text stdout '"groups_ready":[12]'
[ -e d.safetensors.part ] && fail "the work folder is left after resuming"
expect_ok prepare list.txt -o e.safetensors -clear_dates 2 -stride 8 -q
expect_same d.safetensors e.safetensors

# Real cubes, where they are at hand: a pattern that matches both files of one gives it once.
cubes=("$CLV_SHARED"/data/earthnet2021/iid_test_split/*/*/*.npz)
if [ -f "${cubes[0]}" ]; then
    expect_ok prepare "${cubes[@]}" -o cubes.safetensors -q -json
    expect_python "cubes" "r = json.load(open('stdout'))
assert r['train'] == 5 and r['sources'][0]['dates'] == 110 and r['shapes'] == 12, r"
fi
minicube=$(ls "$CLV_SHARED"/data/greenearthnet/*.nc 2>/dev/null | head -1)
if [ -n "$minicube" ] && "$CLV_PROGRAM" --formats | grep -q netCDF; then
    expect_ok prepare "$minicube" -o mini.safetensors -q
    expect_python "a minicube against its variables" "$(cat look.py)
meta, t = tensors('mini.safetensors')
x, gap = t['seq.000000.x'], t['seq.000000.gap']
variable = gdal.Open('NETCDF:\"$minicube\":s2_B04')
band = variable.GetRasterBand(5)
red = band.ReadAsArray() * band.GetScale() + band.GetOffset()
assert x.shape == (30, 4, 128, 128) and (gap[0] != 0).sum() == 5
seen = gap[0] == 0
assert np.abs(x[0, 0] - 10000 * red)[seen].max() <= 0.51
deep = gdal.Open('NETCDF:\"$minicube\":s2_dlmask').ReadAsArray()[4::5]
assert (gap[(deep == 1) | (deep == 2)] & 5 != 0).all()
"
fi

# A held-out place cannot be trained on in another line.
echo 'clear south/truth/sim_*.tif place=south' >>list.txt
expect_error 'held out' prepare list.txt -o out.safetensors
finish
