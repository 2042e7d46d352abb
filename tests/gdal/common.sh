# SPDX-License-Identifier: MIT
# Sourced by every test of the plug-in, after which GDAL's programs know our drivers. See tests/cli/common.sh.
. "$CLV_SOURCE/tests/cli/common.sh"
: "${CLV_PLUGIN:?}"
[ -e "$CLV_PLUGIN/gdal_CLEARVISION.so" ] || skip "the plug-in is not built"
export GDAL_DRIVER_PATH=$CLV_PLUGIN
need gdalinfo gdal_translate
if nm -D "$CLV_PLUGIN/gdal_CLEARVISION.so" 2>/dev/null | grep -q __asan; then
    skip "GDAL's programs cannot load a plug-in built with AddressSanitizer"
fi

# expect_gdal_error PATTERN COMMAND...: fails with an error line that matches; never by a signal.
expect_gdal_error() {
    local pattern=$1
    shift
    done=$((done + 1))
    timeout -k 5 "$TIME" "$@" >stdout 2>stderr </dev/null
    STATUS=$?
    if [ "$STATUS" -eq 0 ] || { [ "$STATUS" -ge 124 ] && [ "$STATUS" -ne 255 ]; }; then
        fail "status $STATUS: $*"
    elif ! grep -Eq "$pattern" stderr; then
        fail "no error like '$pattern': $*"
    fi
}
