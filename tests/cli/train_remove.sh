# SPDX-License-Identifier: MIT
# clearvision train remove: its options, a run of a few steps, a run that is killed and goes on, and the weights in use.
. "$(dirname "$0")/common.sh"
need_python
"$CLV_PROGRAM" simulate -o north -size 150 150 -dates 8 -clouds 0.3 -seed 3 -q || exit 1
"$CLV_PROGRAM" simulate -o south -size 150 150 -dates 8 -clouds 0.3 -seed 4 -q || exit 1
cat >list.txt <<END
series north/truth/sim_*.tif labels=clear place=north licence=CC0-1.0
series south/truth/sim_*.tif labels=clear place=south hold=yes
clear $(ls north/truth/sim_*.tif | head -1) place=single
shapes $(ls north/mask/sim_*.tif | tr '\n' ' ') place=shapes
END
"$CLV_PROGRAM" prepare list.txt -o set.safetensors -q || exit 1
cp set.safetensors kept.safetensors

expect_error 'No output' train remove set.safetensors
expect_error 'No input' train remove -o out.safetensors
if [ "$CLEARVISION_NET" = none ]; then
    expect_error 'network|libtorch' train remove set.safetensors -o out.safetensors -steps 1
    finish
fi
TIME=500
SMALL=(-steps 12 -every 6 -batch 2 -side 32 -device cpu -precision fp32 -q
       -settings '{"encoder_widths":[8,16,32],"decoder_widths":[8,16,32],"log_variance":true,"warmup":2}')
expect_error 'out of range' train remove set.safetensors -o out.safetensors -side 8
expect_error 'multiple of 8' train remove set.safetensors -o out.safetensors -side 33
expect_error 'nothing.safetensors' train remove nothing.safetensors -o out.safetensors
expect_error 'one training set' train remove set.safetensors set.safetensors -o out.safetensors
expect_error 'no such place' train remove set.safetensors -o out.safetensors "${SMALL[@]}" -without mars
expect_error 'nothing to learn from' train remove set.safetensors -o out.safetensors "${SMALL[@]}" -without north -without single
expect_error 'preset' train remove set.safetensors -o out.safetensors -steps 1 -preset grand
expect_error 'not valid JSON' train remove set.safetensors -o out.safetensors -steps 1 -settings nonsense
expect_error 'JSON object' train remove set.safetensors -o out.safetensors -steps 1 -settings '[1]'
expect_error 'given by -lr' train remove set.safetensors -o out.safetensors -steps 1 -settings '{"lr":1}'
expect_error 'ending .svg' train remove set.safetensors -o out.safetensors "${SMALL[@]}" -log out.svg
expect_error 'enocder' train remove set.safetensors -o out.safetensors -steps 1 -settings '{"enocder":1}'
expect_error 'training set|prepared' train remove north/truth/sim_*_BGRN.tif -o out.safetensors -steps 1
head -c 100000 set.safetensors >cut.safetensors
expect_error 'cut.safetensors' train remove cut.safetensors -o out.safetensors -steps 1

expect_ok train remove set.safetensors -o a.safetensors "${SMALL[@]}" -checkpoint a.ckpt -log a.csv -licence CC0-1.0 -json
expect_text stdout '"psnr_prior"'
expect_text a.csv '^12,'
expect_text a.svg 'polyline'
expect_text a.safetensors 'CC0-1\.0'
expect_error 'exists' train remove set.safetensors -o a.safetensors "${SMALL[@]}"
expect_same set.safetensors kept.safetensors
# Nothing replaces an input, with -overwrite neither; what exists is replaced with -overwrite only.
cp a.safetensors weights.safetensors
ln -s set.safetensors soft.ckpt
ln weights.safetensors hard.csv
spared() {
    local pattern=$1
    shift
    expect_error "$pattern" train remove "$PWD"/set.safetensors -o out.safetensors "${SMALL[@]}" "$@"
    expect_same set.safetensors kept.safetensors
    expect_same weights.safetensors a.safetensors
}
spared 'is also an input' -checkpoint ../"$(basename "$PWD")"/set.safetensors -overwrite
spared 'is also an input' -checkpoint soft.ckpt -overwrite
spared 'is also an input' -log set.safetensors -overwrite
spared 'is also an input' -init weights.safetensors -log hard.csv -overwrite
spared 'is also an input' -init weights.safetensors -checkpoint weights.safetensors -overwrite
spared 'is named by -checkpoint and by -log' -checkpoint one -log ./one
echo mine >mine.csv
cp a.svg chart.svg
spared 'mine.csv: exists already' -log mine.csv
spared 'chart.svg: exists already' -log chart.csv
spared 'a.ckpt: exists already.*-resume it' -checkpoint a.ckpt
spared 'is also an input' -resume a.ckpt -log a.ckpt -overwrite
expect_error 'is also an input' train remove set.safetensors -o a.ckpt "${SMALL[@]}" -resume a.ckpt -overwrite
expect_error 'weights.safetensors: exists, and does not belong' train remove set.safetensors -o weights.safetensors "${SMALL[@]}" -resume a.ckpt
spared 'mine.csv: exists, and does not belong' -resume a.ckpt -log mine.csv
check "the user's table stays" test "$(cat mine.csv)" = mine
# The manual's recipe: the same names again, with -resume.
expect_ok train remove set.safetensors -o a.safetensors "${SMALL[@]}" -checkpoint a.ckpt -log a.csv -resume a.ckpt -steps 18
expect_text a.csv '^6,'
expect_text a.csv '^18,'
rm -f soft.ckpt hard.csv

cat >tensors.py <<'END'
def tensors(name):
    data = open(name, 'rb').read()
    size = int.from_bytes(data[:8], 'little')
    header = json.loads(data[8:8 + size])
    header.pop('__metadata__')
    return {k: data[8 + size + v['data_offsets'][0]:8 + size + v['data_offsets'][1]] for k, v in header.items()}
END
LONG=("${SMALL[@]}" -steps 48 -every 8)
expect_ok train remove set.safetensors -o whole.safetensors "${LONG[@]}"

# interrupt SIGNAL NAME: sends the signal once there is a checkpoint, goes on from it, and compares the weights with those
# of a run that was not interrupted, byte for byte. ENDED is the exit status of the first part.
interrupt() {
    "$CLV_PROGRAM" train remove set.safetensors -o "$2.safetensors" "${LONG[@]}" -checkpoint "$2.ckpt" 2>/dev/null &
    local victim=$!
    for _ in $(seq 600); do
        [ -e "$2.ckpt" ] && break
        sleep 0.05
    done
    kill "-$1" "$victim" 2>/dev/null
    wait "$victim"
    ENDED=$?
    expect_ok train remove set.safetensors -o "$2.safetensors" "${LONG[@]}" -resume "$2.ckpt" -checkpoint "$2.ckpt"
    expect_python "the weights of both, tensor by tensor" "$(cat tensors.py)
a, b = tensors('whole.safetensors'), tensors('$2.safetensors')
assert len(a) > 20 and a == b
assert a != tensors('a.safetensors')"
}
interrupt 9 killed
[ "$ENDED" -eq 137 ] || fail "the training ended before it was killed"
# Cancelled; SIGINT is ignored by what a script starts in the background.
interrupt TERM stopped
[ "$ENDED" -ne 0 ] || fail "the training ended before it was stopped"

# Training that gets no better stops: with a rate of nearly nothing the first measurement stays the best or the last.
expect_ok train remove set.safetensors -o still.safetensors "${LONG[@]}" -lr 1e-9 -every 1 -patience 3 -steps 5
expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -method clear -model ./a.safetensors -device cpu -o filled -q
expect_file filled/"$(basename "${SERIES[0]}")"
expect_ok train remove set.safetensors -o reference.safetensors -steps 1 -batch 1 -side 32 -preset reference -device cpu -q
expect_ok train remove set.safetensors -o half.safetensors -steps 1 -batch 1 -side 32 -preset reference -precision bf16 -device cpu -q
finish
