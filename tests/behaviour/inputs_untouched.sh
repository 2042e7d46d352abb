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
check "nothing was made for the refused" test ! -e fresh
finish
