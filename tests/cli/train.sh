# SPDX-License-Identifier: MIT
# clearvision train detect: its options, and a run of a few steps when there is a network module.
. "$(dirname "$0")/common.sh"
need_python
cat >list.txt <<END
series $CLV_DATA/sim_*.tif mask=$CLV_DATA/mask/sim_*.tif place=sample
clear $CLV_DATA/truth/sim_*.tif place=clear
END
expect_error 'No output' train detect list.txt
expect_error 'No input' train detect -o out.safetensors
expect_error 'out of range' train detect list.txt -o out.safetensors -steps 0
expect_error 'out of range' train detect list.txt -o out.safetensors -batch 0
expect_error 'out of range' train detect list.txt -o out.safetensors -lr 5
expect_error 'out of range' train detect list.txt -o out.safetensors -minutes -1
expect_error 'whole number' train detect list.txt -o out.safetensors -seed one
expect_error '.' train detect nothing.txt -o out.safetensors -steps 1
echo 'nonsense here' >bad.txt
expect_error '.' train detect bad.txt -o out.safetensors -steps 1
if [ "$CLEARVISION_NET" = none ]; then
    expect_error 'network|libtorch' train detect list.txt -o out.safetensors -steps 1
    finish
fi
TIME=500
STEPS=(-steps 5 -batch 2 -device cpu -precision fp32 -q)
expect_ok train detect list.txt -o a.safetensors "${STEPS[@]}" -seed 3 -licence CC0-1.0 -checkpoint a.ckpt
expect_file a.safetensors
expect_text a.safetensors 'CC0-1\.0'
expect_text a.safetensors 'clearvision.kind'
expect_ok train detect list.txt -o b.safetensors "${STEPS[@]}" -seed 3 -licence CC0-1.0
expect_ok train detect list.txt -o c.safetensors "${STEPS[@]}" -seed 4 -licence CC0-1.0
expect_different a.safetensors c.safetensors
expect_ok train detect list.txt -o d.safetensors -steps 5 -batch 2 -device cpu -q -seed 3 -lr 0.01
expect_different a.safetensors d.safetensors
expect_file a.ckpt
expect_ok train detect list.txt -o e.safetensors -steps 8 -batch 2 -device cpu -precision fp32 -q -seed 3 -resume a.ckpt
expect_different a.safetensors e.safetensors
expect_error 'checkpoint' train detect list.txt -o out.safetensors "${STEPS[@]}" -resume a.safetensors
expect_error 'exists' train detect list.txt -o a.safetensors "${STEPS[@]}"
# A training that begins with given weights, and weights that are not those of such a network.
expect_ok train detect list.txt -o g.safetensors "${STEPS[@]}" -seed 3 -init a.safetensors -log g.csv
expect_different a.safetensors g.safetensors
expect_text g.csv '^step,loss,learning_rate,minutes,held_out$'
expect_text g.svg '</svg>'
expect_error 'not the weights|checkpoint' train detect list.txt -o out.safetensors "${STEPS[@]}" -init a.ckpt
expect_error 'give one' train detect list.txt -o out.safetensors "${STEPS[@]}" -init a.safetensors -resume a.ckpt
expect_ok train detect list.txt -o a.safetensors "${STEPS[@]}" -overwrite -json
expect_text stdout '^\{.*\}$'
expect_ok train detect list.txt -o f.safetensors -steps 1000000 -minutes 0.05 -batch 2 -device cpu -q
expect_ok detect "${SERIES[@]}" -detect_model ./a.safetensors -o masks -q
finish
