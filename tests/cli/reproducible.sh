# SPDX-License-Identifier: MIT
# Two runs give the same bytes: in another folder, from another one, in another time zone and locale, with another umask and number of
# threads, a second later. No result holds a time or a path.
. "$(dirname "$0")/common.sh"

# all_of: the commands, in the current folder, where the series lies in in/ and its masks in in/mask/.
all_of() {
    local masks=() known inputs mask
    for mask in "$1"/in/mask/*.tif; do
        masks+=(-mask "$mask")
    done
    known=(-q -mask_mode replace "${masks[@]}")
    inputs=("$1"/in/sim_*.tif)
    expect_ok remove "${inputs[@]}" "${known[@]}" -method gaussian -masks -quality -preview out/preview.png -report report -o out
    expect_ok remove "${inputs[@]}" "${known[@]}" -method regression -of COG -o cog
    expect_ok remove "${inputs[@]}" "${known[@]}" -method linear -stack -o stack.tif
    expect_ok remove "${inputs[@]}" "${known[@]}" -method linear -tr 20 -t_srs EPSG:3035 -o warped
    expect_ok remove "${inputs[@]}" "${known[@]}" -method linear -of VRT -o parts
    expect_ok simulate -q -size 96 64 -dates 3 -seed 5 -o made
    if [ -e "$CLEARVISION_NET" ]; then
        expect_ok detect "${inputs[@]}" -q -prob -o detected
    fi
}

for place in one "an other/place"; do
    mkdir -p "$place/in/mask"
    cp "${SERIES[@]}" "$place/in/"
    cp "${MASKS[@]}" "$place/in/mask/"
done
(cd one && failed=0 && all_of . && exit "$failed") || failed=$((failed + 1))
sleep 1.1
(
    umask 077
    export TZ=Asia/Kathmandu LC_ALL=C.UTF-8 GDAL_NUM_THREADS=3 HOME=/nowhere
    cd "an other/place" && failed=0 && all_of "$PWD" && exit "$failed"
) || failed=$((failed + 1))
done=$((done + 2))

(cd one && find . -type f ! -name 'std*' | sort) >files
(cd "an other/place" && find . -type f ! -name 'std*' | sort) >files2
check "the same files" cmp files files2
while read -r file; do
    case $file in
    *_tiles/*.json) continue ;; # for which inputs the parts are, and what was said of them: to go on with after a stop
    esac
    check "$file" cmp "one/$file" "an other/place/$file"
    check "$file has no path of this run" test -z "$(grep -laF "$SCRATCH" "one/$file" "an other/place/$file")"
done <files
finish
