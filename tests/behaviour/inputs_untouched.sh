# SPDX-License-Identifier: MIT
# Inputs: the same bytes, times and neighbours after every kind of run; outputs that would replace them are refused.
. "$(dirname "$0")/common.sh"
make_series series 160 150 4
fill_arguments series

state_of_inputs() {
    find series -printf '%p %T@ %s\n' | sort
    find series -type f -exec cksum {} + | sort
}
before=$(state_of_inputs)
unchanged() {
    check "$1 changed the inputs" test "$(state_of_inputs)" = "$before"
}

"$PROGRAM" info series/sim_*.tif >stdout 2>stderr
unchanged info
"$PROGRAM" "${ARGUMENTS[@]}" -q -o out -masks -quality -preview p.png || fail "remove"
unchanged remove
"$PROGRAM" "${ARGUMENTS[@]}" -q -o cog -of COG || fail "remove -of COG"
unchanged "remove -of COG"

# refused WHAT ARGUMENTS...
refused() {
    local what=$1
    shift
    "$PROGRAM" "$@" >stdout 2>stderr
    check "$what: status" test $? -eq 1
    check "$what: $(cat stderr)" one_error 'input'
    unchanged "$what"
}
refused "output folder = input folder" "${ARGUMENTS[@]}" -o series -overwrite
ln -s series link
refused "a link to the input folder" "${ARGUMENTS[@]}" -o link -overwrite
first=$(ls series/sim_*.tif | head -1)
refused "-stack over an input" "${ARGUMENTS[@]}" -stack -o "$first" -overwrite
refused "preview over an input" "${ARGUMENTS[@]}" -o fresh -overwrite -preview "$first"
mask=$(ls series/mask/*.tif | head -1)
refused "-stack over a mask" "${ARGUMENTS[@]}" -stack -o "$mask" -overwrite
cp "$first" reference.tif
refused "-stack over -ref" "${ARGUMENTS[@]}" -ref reference.tif -stack -o reference.tif -overwrite
rm reference.tif
(cd series && ls sim_*.tif) >series/list.txt
before=$(state_of_inputs)
LISTED=("${ARGUMENTS[0]}" series/list.txt)
for word in "${ARGUMENTS[@]:1}"; do
    case $word in series/sim_*) ;; *) LISTED+=("$word") ;; esac
done
refused "-stack over the list" "${LISTED[@]}" -stack -of GTiff -o series/list.txt -overwrite
refused "preview over the list" "${LISTED[@]}" -o fresh -overwrite -preview ./series/../series/list.txt
refused "a report in the inputs' folder" "${LISTED[@]}" -o fresh -overwrite -report series
for w in "$(dirname "$PROGRAM")"/../../../models/detect.safetensors "$(dirname "$PROGRAM")"/../share/clearvision/models/detect.safetensors; do
    [ -e "$w" ] && [ "${CLEARVISION_NET:-none}" != none ] || continue
    cp "$w" series/weights.safetensors
    before=$(state_of_inputs)
    refused "preview over weights" remove series/sim_*.tif -o fresh -overwrite -detect_model series/weights.safetensors -preview "$WORK"/series/weights.safetensors
    break
done
# A mask that lies where a sidecar of an output would.
mkdir beside
MASKS=()
for f in series/sim_*.tif; do
    day=$(basename "$f" | cut -d_ -f2)
    cp series/mask/sim_"$day"_*.tif beside/"$(basename "$f")".msk
    MASKS+=(-mask beside/"$(basename "$f")".msk)
done
ls beside | sort >names
refused "outputs whose sidecars are masks" remove series/sim_*.tif "${MASKS[@]}" -mask_mode replace -method linear -o beside -overwrite
check "the masks are still there" test "$(ls beside)" = "$(cat names)"
# Nor is what lies there for an output that is none yet.
mkdir stays
touch stays/"$(basename "$first")".ovr
"$PROGRAM" "${ARGUMENTS[@]}" -q -o stays >stdout 2>stderr
check "a sidecar without its raster: status" test $? -eq 1
check "a sidecar without its raster: $(cat stderr)" one_error 'would belong to the output'
check "it stays" test -e stays/"$(basename "$first")".ovr
check "nothing was made for the refused" test ! -e fresh
finish
