# SPDX-License-Identifier: MIT
# What is loaded before anything is done: nothing of libtorch, and for --help and --version no GDAL plug-in either.
# Counted, not timed.
. "$(dirname "$0")/common.sh"
case $(uname) in Linux) ;; *) skip "needs the dynamic linker of Linux" ;; esac

libraries() {
    LD_DEBUG=libs LD_DEBUG_OUTPUT=$SCRATCH/loaded "$CLV_PROGRAM" "$@" >stdout 2>stderr
    STATUS=$?
    cat loaded.* >libraries 2>/dev/null
    rm -f loaded.*
}

for words in --help --version 'remove --help' 'completion bash'; do
    # shellcheck disable=SC2086
    libraries $words
    check "clearvision $words" test "$STATUS" -eq 0
    expect_text libraries 'calling init:.*libgdal'
    expect_no_text libraries 'libtorch|libc10|clearvision_net|libopencv|gdalplugins'
done
if [ -d "$CLV_DATA" ]; then
    libraries info "$CLV_DATA"/sim_*.tif
    check "clearvision info" test "$STATUS" -eq 0
    expect_no_text libraries 'libtorch|libc10|clearvision_net'
fi
finish
