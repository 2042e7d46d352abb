# SPDX-License-Identifier: MIT
# Every COG that is written passes rio-cogeo's strict validation. CLV_COG_PYTHON: a python3 that has it, where the
# system's does not.
. "$(dirname "$0")/common.sh"
PYTHON=${CLV_COG_PYTHON:-python3}
"$PYTHON" -c 'import rio_cogeo' 2>/dev/null || skip "rio-cogeo (PyPI) is not installed"
FILL=(remove "${SERIES[@]}" "${KNOWN[@]}" -method gaussian -q -of COG -srcwin 0 0 96 80)

expect_ok simulate -q -of COG -size 700 600 -dates 2 -o out/made/ # with overviews
expect_ok "${FILL[@]}" -o out/all/ -masks -quality
number=0
for options in "-co COMPRESS=LZW -co BLOCKSIZE=128" "-co OVERVIEWS=NONE" "-t_srs EPSG:4326" "-co TILING_SCHEME=GoogleMapsCompatible" \
    "-co COMPRESS=LERC"; do
    number=$((number + 1))
    # shellcheck disable=SC2086 # several words
    expect_ok "${FILL[@]}" -o out/$number/ -masks $options
done
expect_ok "${FILL[@]}" -stack -o out/stack.tif
done=$((done + 1))
"$PYTHON" - >validate.log 2>&1 <<'END' || fail "$(cat validate.log)"
import glob
import sys

from rio_cogeo.cogeo import cog_validate

files = glob.glob("out/**/*.tif", recursive=True)
bad = []
for name in files:
    valid, errors, warnings = cog_validate(name, strict=True)
    if not valid:
        bad.append("%s: %s" % (name, "; ".join(errors + warnings)))
print("\n".join(bad))
sys.exit(len(files) < 20 or bool(bad))
END
finish
