# SPDX-License-Identifier: MIT
# A training set, weights and a checkpoint of clearvision 0.1 (tests/golden/README.md) are read as before.
. "$(dirname "$0")/common.sh"
need_python
GOLDEN=$CLV_SOURCE/tests/golden
gzip -dc "$GOLDEN/set-0.1.safetensors.gz" >set.safetensors || exit 1
gzip -dc "$GOLDEN/remove-0.1.ckpt.gz" >remove.ckpt || exit 1
cp set.safetensors kept.safetensors

expect_ok evaluate remove set.safetensors -method linear -method last -json -q
expect_python "the set gives the figures of 0.1" "
r = json.load(open('stdout'))
assert r['sequences'] == 2 and sorted(r['places']) == ['north', 'south'], r
psnr = [r['methods'][m]['occluded']['psnr'] for m in ('last', 'linear')]
assert np.abs(np.array(psnr) - [31.0838, 32.5641]).max() < 1e-3, psnr"
if [ "$CLEARVISION_NET" = none ]; then
    expect_error 'network|libtorch' train remove set.safetensors -o out.safetensors -steps 1
    finish
fi

TIME=500
expect_ok evaluate remove set.safetensors -method model -model "$GOLDEN/remove-0.1.safetensors" -device cpu -precision fp32 -json -q
expect_python "the weights give the figures of 0.1" "
psnr = json.load(open('stdout'))['methods']['model']['occluded']['psnr']
assert abs(psnr - 32.8601) < 0.01, psnr"
expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -method clear -model "$GOLDEN/remove-0.1.safetensors" -device cpu -o filled -q
expect_file filled/"$(basename "${SERIES[0]}")"

# The checkpoint stands at step 4: two steps are left of six.
expect_ok train remove set.safetensors -o on.safetensors -steps 6 -every 2 -batch 1 -side 16 -device cpu -precision fp32 -q -json \
    -settings '{"n_head":2,"n_groups":2,"n_temporal_encoding_layers":1,"d_k":2,"encoder_widths":[4,4],"decoder_widths":[4,4],"log_variance":true,"warmup":2}' \
    -resume remove.ckpt -log on.csv
expect_no_text on.csv '^2,'
expect_text on.csv '^6,'
expect_python "it is trained on from there" "
r = json.load(open('stdout'))
assert r['steps'] == 6 and abs(r['metrics']['held_out']['psnr'] - 31.5223) < 0.01, r"
expect_same set.safetensors kept.safetensors
finish
