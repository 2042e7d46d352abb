# SPDX-License-Identifier: MIT
# --help, --version, man pages and completion: all of them from one table, so each must know what the others know.
. "$(dirname "$0")/common.sh"

expect_ok --version
expect_text stdout '^clearvision [0-9]+\.[0-9]+\.[0-9]+, GDAL [0-9]+\.[0-9]+'
expect_ok --help
for command in info detect remove simulate prepare 'train detect' 'train remove' 'evaluate detect' 'evaluate remove' help completion; do
    expect_text stdout "^  $command "
done
cp stdout help
expect_ok help
expect_same stdout help

for command in info detect remove simulate prepare 'train detect' 'train remove' 'evaluate detect' 'evaluate remove'; do
    # shellcheck disable=SC2086 # two words
    expect_ok $command --help
    cp stdout help
    # shellcheck disable=SC2086
    expect_ok help $command
    expect_same stdout help
    expect_text help "^Usage: clearvision $command "
    page=$CLV_SOURCE/man/clearvision-${command// /-}.1
    # Every option of --help stands in the man page and in the completion, in the same spellings.
    "$CLV_PROGRAM" completion bash | sed -n "/^        \"$command\")/,/esac/p" >completion
    grep -oE '^  -[a-zA-Z_]+(, --?[a-z_-]+)*' help | tr -d ' ' | tr ',' '\n' >options
    check "$command has options" test -s options
    while read -r option; do
        expect_text completion "[\" ]${option}[\" ]"
        escaped=$(printf '%s' "$option" | sed 's/-/\\\\-/g')
        expect_text "$page" "\\\\fB$escaped\\\\fR"
    done <options
done

check "man pages are up to date" bash "$CLV_SOURCE/man/update.sh" "$CLV_PROGRAM" --check
if command -v groff >/dev/null; then
    for page in "$CLV_SOURCE"/man/*.1; do
        check "$page is sound" sh -c "! LC_ALL=C.UTF-8 groff -man -Tutf8 -ww '$page' 2>&1 >/dev/null | grep ."
    done
fi

expect_ok completion bash
cp stdout completion
check "completion is a bash script" bash -n completion
complete_words() {
    bash -c 'source ./completion; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _clearvision; printf "%s\n" "${COMPREPLY[@]}"' \
        bash "$@" >words 2>complete.log
}
complete_words clearvision rem
expect_text words '^remove$'
complete_words clearvision remove a.tif -over
expect_text words '^-overwrite$'
complete_words clearvision remove a.tif -method reg
expect_text words '^regression$'
touch picture.tif
complete_words clearvision remove pic
expect_text words '^picture.tif$'
complete_words clearvision train ''
expect_text words '^detect$'
expect_text words '^remove$'

expect_ok --formats
expect_text stdout 'GTiff'
expect_ok --format GTiff
expect_text stdout 'Extended.*Name|Long Name: GeoTIFF'
expect_error 'Unknown command "rmove". Did you mean remove' rmove a.tif
expect_error 'Did you mean info' help inof
expect_error 'for which shell' completion fish
run
check "without words the status is 1" test "$STATUS" -eq 1
expect_text stderr '^Usage: clearvision'
finish
