# SPDX-License-Identifier: MIT
# Makes the series that the other tests work on.
rm -rf "$CLV_DATA"
"$CLV_PROGRAM" simulate -o "$CLV_DATA" -size 96 80 -dates 5 -seed 7 -clouds 0.3 -q || exit 1
count=$(ls "$CLV_DATA"/sim_*.tif "$CLV_DATA"/truth/sim_*.tif "$CLV_DATA"/mask/sim_*.tif | wc -l)
[ "$count" -eq 15 ] || { echo "$count files instead of 15"; exit 1; }
