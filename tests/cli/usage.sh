# SPDX-License-Identifier: MIT
# Spellings, mistakes and numbers of the command line, and GDAL's general options.
. "$(dirname "$0")/common.sh"
a=${SERIES[0]} b=${SERIES[1]}

# One dash, two dashes, '=' and a following word, aliases, '-' for '_': all mean the same.
expect_ok info "$a" -json -b 3,2,1 -date 2020-01-02
cp stdout reference
expect_text reference '"date": ?"2020-01-02'
for spelling in '-json --b=3,2,1 --date=2020-01-02' '--json -bands 3,2,1 --date 2020-01-02' '-json -b 3 -b 2 -b 1 -date=2020-01-02' \
    '-json --band 3 --band=2 -b=1 -date 2020-01-02'; do
    # shellcheck disable=SC2086
    expect_ok info "$a" $spelling
    expect_same stdout reference
done
expect_ok info -json -b 3,2,1 -date 2020-01-02 -i "$a"
expect_same stdout reference
expect_ok info -json -b 3,2,1 -date 2020-01-02 --input="$a"
expect_same stdout reference
expect_ok info "$a" -json -no_cloud_share
cp stdout reference
expect_ok info "$a" -json --no-cloud-share
expect_same stdout reference

# Mistakes.
expect_error 'Unknown option -ovewrite\. Did you mean -overwrite\?' remove "$a" -o out -ovewrite
expect_error 'Unknown option --stack: it belongs to "clearvision remove"' info "$a" --stack
expect_error 'Unknown option -xyzzy' info "$a" -xyzzy
expect_error 'Unknown option --confg. Did you mean --config' info "$a" --confg X Y
expect_error 'needs a value' remove "$a" -o
expect_error 'needs a value' remove "$a" -o -q
expect_error '-q takes no value' info "$a" -q=1
expect_error 'No input given' info
expect_error 'No output given' remove "$a" "$b"
expect_error 'takes no input' simulate "$a" -o out
expect_error 'empty' info ''
expect_error 'what to train' train
expect_error 'Begin with a command' -q
expect_error '"1,5" is not a number; write it with a decimal point' detect "$a" -o out -threshold 1,5
expect_error 'out of range' detect "$a" -o out -threshold 1.5
expect_error 'not a whole number' detect "$a" -o out -dilate 1.5
expect_error 'not a number' detect "$a" -o out -dilate many
expect_error 'not one of join, replace' detect "$a" -o out -mask_mode both
expect_error 'pixels must be square' info "$a" -tr 20 30
expect_error 'needs two numbers' simulate -o out -size 64
expect_error 'out of range' simulate -o out -size 64 8
expect_error 'whole number from 0' simulate -o out -seed -1
expect_error 'names 2 bands' info "$a" -b 1,2

# GDAL's general options, before or after the command.
expect_ok --config CLV_TEST yes --debug CLEARVISION info "$a" -no_cloud_share
expect_ok info "$a" -no_cloud_share --config CLV_TEST yes --debug on
expect_text stderr '^(GDAL|GTiff|CLEARVISION)'
printf -- '-no_cloud_share -json\n' >more.txt
expect_ok info "$a" --optfile more.txt
expect_text stdout '"command"'
expect_error 'config' info "$a" --config ONLY_A_KEY
expect_ok detect "$a" "${KNOWN[@]:0:4}" -o out --format COG
expect_file out/*_mask*
rm -rf out
expect_ok info "$a" -no_cloud_share --config CPL_LOG log.txt --debug on

# "--" ends the options; ./-x is a file as well.
cp "$a" ./-odd_20200102.tif
expect_ok info -no_cloud_share -json -- -odd_20200102.tif
expect_text stdout '"source": ?"-odd_20200102.tif"'
expect_ok info -no_cloud_share ./-odd_20200102.tif
expect_error 'Unknown option' info -odd_20200102.tif

# A locale with a decimal comma changes nothing.
comma=$(locale -a 2>/dev/null | grep -iE '^(de_DE|fr_FR|nl_NL|es_ES)' | head -n 1)
if [ -n "$comma" ]; then
    LC_ALL=C run info "$a" -json -in_scale 0.0002 -b 3,2,1
    cp stdout reference
    LC_ALL=$comma run info "$a" -json -in_scale 0.0002 -b 3,2,1
    expect_same stdout reference
fi
expect_ok info "$a" -json -in_scale 1/5000
expect_text stdout '"scale": ?0.0002'
finish
