#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every method on places that its network was not trained on:
#     tests/bench/leave_one_out.sh PROGRAM DATA OUT [OPTION...]
# DATA is the folder that models/remove.prepare.txt speaks of. For each place of the training set that has series, a
# network is trained without it (OPTIONs are those of `train remove`) and measured on it; a network trained on all of them
# is measured on the places held out, and on EarthNet2021 cubes where DATA has some (-protocol utilise with and without
# whole frames, -protocol seed). Prints tables in Markdown; weights, logs and JSON stay in OUT, and what is there already
# is not made again.
set -eu
if [ $# -lt 3 ]; then
    echo "usage: $0 PROGRAM DATA OUT [OPTION of train remove]..." >&2
    exit 1
fi
program=$(realpath "$1") data=$(realpath "$2") here=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$3"
out=$(realpath "$3")
shift 3
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
for item in "$data"/*; do
    ln -s "$item" "$lists/"
done
cp "$here/models/remove.prepare.txt" "$lists/train.txt"
{
    echo 'cube earthnet2021/*/target/*/*.npz place=earthnet2021 hold=yes licence=CC-BY-NC-SA-4.0'
    echo 'shapes cloud_masks/*.tif pixel=10 place=cloud_masks'
} >"$lists/earthnet.txt"

[ -e "$out/set.safetensors" ] || "$program" prepare "$lists/train.txt" -o "$out/set.safetensors" -q
[ ! -d "$data/earthnet2021" ] || [ -e "$out/earthnet.safetensors" ] ||
    "$program" prepare "$lists/earthnet.txt" -o "$out/earthnet.safetensors" -q

# network NAME [OPTION...]: trains it unless it is there.
network() {
    local name=$1
    shift
    [ -e "$out/$name.safetensors" ] ||
        "$program" train remove "$out/set.safetensors" -o "$out/$name.safetensors" -log "$out/$name.csv" -q "$@"
}

# measure PLACE NETWORK SET PROTOCOL [OPTION...]
measure() {
    local place=$1 net=$2 set=$3 protocol=$4
    shift 4
    "$program" evaluate remove "$set" "$@" -model "$out/$net.safetensors" -json -q >"$out/$place.$protocol.json"
}

network all "$@"
for place in bolzano rome narrabeen; do
    network "without_$place" -without "$place" "$@"
    measure "$place" "without_$place" "$out/set.safetensors" utilise -place "$place"
    measure "$place" "without_$place" "$out/set.safetensors" whole -place "$place" -whole_frames
done
measure greenearthnet all "$out/set.safetensors" utilise -place greenearthnet
measure greenearthnet all "$out/set.safetensors" whole -place greenearthnet -whole_frames
if [ -e "$out/earthnet.safetensors" ]; then
    measure earthnet2021 all "$out/earthnet.safetensors" utilise
    measure earthnet2021 all "$out/earthnet.safetensors" whole -whole_frames
    "$program" evaluate remove "$data"/earthnet2021/*/*/*/*.npz -protocol seed -model "$out/all.safetensors" \
        -json -q >"$out/earthnet2021.seed.json"
fi
/usr/bin/python3 - "$out" <<'END'
import glob, json, os, sys
titles = {"utilise": "Gaps on dates that show something", "whole": "A third of the masked dates shows nothing",
          "seed": "The seed's protocol, all pixels"}
for protocol, title in titles.items():
    rows = []
    for name in sorted(glob.glob(os.path.join(sys.argv[1], "*.%s.json" % protocol))):
        report = json.load(open(name))
        row = [os.path.basename(name).split(".")[0], str(report["sequences"])]
        for method in ("last", "next", "closest", "median", "linear", "regression", "gaussian", "model"):
            m = report["methods"][method]
            values = [m["seed"]["psnr"]] if protocol == "seed" else [m["occluded"]["psnr"], m["unseen_frames"]["psnr"]]
            row.append(" / ".join("%.2f" % v for v in values if v is not None))
        rows.append(row)
    if rows:
        print("\n%s, PSNR in dB%s:\n" % (title, " (all gaps / dates that show nothing)" if protocol == "whole" else ""))
        print("| place | sequences | last | next | closest | median | linear | regression | gaussian | network |")
        print("| --- " * 10 + "|")
        for row in rows:
            print("| " + " | ".join(row) + " |")
END
