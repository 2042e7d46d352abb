#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Every method on places that its network was not trained on:
#     tests/bench/leave_one_out.sh PROGRAM DATA OUT [OPTION...]
# DATA is the folder that models/remove.prepare.txt speaks of. For each place of the training set that has series, a
# network is trained without it (OPTIONs are those of `train remove`) and measured on it; a network trained on all of them
# is measured on the places held out, and on EarthNet2021 cubes where DATA has some (-protocol utilise with and without
# whole frames, -protocol pooled). Everything is measured with several draws of gaps ($DRAWS, seeds 1 to 3) and averaged: a
# place with few sequences says little otherwise. Prints tables in Markdown; weights, logs and JSON stay in OUT, and
# networks that are there already are not trained again.
set -eu
DRAWS=${DRAWS:-1 2 3}
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
    for seed in $DRAWS; do
        "$program" evaluate remove "$set" "$@" -seed "$seed" -model "$out/$net.safetensors" -json -q \
            >"$out/$place.$protocol.$seed.json"
    done
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
    for seed in $DRAWS; do
        "$program" evaluate remove "$data"/earthnet2021/*/*/*/*.npz -protocol pooled -seed "$seed" \
            -model "$out/all.safetensors" -json -q >"$out/earthnet2021.seed.$seed.json"
    done
fi
/usr/bin/python3 - "$out" "$DRAWS" <<'END'
import glob, json, os, sys
titles = {"utilise": "Gaps on dates that show something", "whole": "A third of the masked dates shows nothing",
          "seed": "The pooled protocol, all pixels"}
methods = ("last", "next", "closest", "median", "linear", "regression", "gaussian", "model")
draws = sys.argv[2].split()


def figures(report, protocol):
    """[methods][scopes], and for how many sequences"""
    scopes = ("seed",) if protocol == "seed" else ("occluded", "unseen_frames") if protocol == "whole" else ("occluded",)
    return [[report["methods"][m][s]["psnr"] for s in scopes] for m in methods], report["sequences"]


def mean(rows, weights):
    """Of [.., methods][scopes], each with a weight; None counts for nothing"""
    result = []
    for m in range(len(methods)):
        cells = []
        for s in range(len(rows[0][0])):
            known = [(r[m][s], w) for r, w in zip(rows, weights) if r[m][s] is not None]
            total = sum(w for _, w in known)
            cells.append(sum(v * w for v, w in known) / total if total else float("nan"))
        result.append(cells)
    return result


for protocol, title in titles.items():
    rows = []
    reports = glob.glob(os.path.join(sys.argv[1], "*.%s.*.json" % protocol))
    for place in sorted({os.path.basename(name).split(".")[0] for name in reports}):
        names = [os.path.join(sys.argv[1], "%s.%s.%s.json" % (place, protocol, d)) for d in draws]
        found = [figures(json.load(open(name)), protocol) for name in names if os.path.exists(name)]
        if found:
            rows.append((place, found[0][1], mean([r for r, _ in found], [n for _, n in found])))
    if not rows:
        continue
    if len(rows) > 1:
        places, all_sequences = list(rows), sum(n for _, n, _ in rows)
        of_places, of_sequences = [1] * len(places), [n for _, n, _ in places]
        for name, weights in (("mean of the places", of_places), ("mean of the sequences", of_sequences)):
            rows.append((name, all_sequences, mean([r for _, _, r in places], weights)))
    print("\n%s, PSNR in dB%s:\n" % (title, " (all gaps / dates that show nothing)" if protocol == "whole" else ""))
    print("| place | sequences | last | next | closest | median | linear | regression | gaussian | network |")
    print("| --- " * 10 + "|")
    for place, count, row in rows:
        print("| %s | %d | %s |" % (place, count, " | ".join(" / ".join("%.2f" % v for v in cells) for cells in row)))
END
