# SPDX-License-Identifier: MIT
# The sample in data/ is what the command in data/README.md makes, and small.
. "$(dirname "$0")/common.sh"
need_python

command=$(sed -n 's/^ *clearvision simulate \(.*\) -o data\/sample$/\1/p' "$CLV_SOURCE/data/README.md")
check "data/README.md has the command" test -n "$command"
read -ra arguments <<<"$command"
expect_ok simulate "${arguments[@]}" -q -o remade
check "the same files" diff <(cd "$CLV_SOURCE/data/sample" && find . -name '*.tif' | sort) <(cd remade && find . -name '*.tif' | sort)
expect_python 'the same pixels, georeference and dates' "
import glob, os
sample = os.path.join('$CLV_SOURCE', 'data', 'sample')
files = sorted(glob.glob(sample + '/**/*.tif', recursive=True))
assert len(files) == 24, len(files)
for f in files:
    a, b = gdal.Open(f), gdal.Open(os.path.join('remade', os.path.relpath(f, sample)))
    assert a.RasterCount == b.RasterCount and a.GetGeoTransform() == b.GetGeoTransform(), f
    assert a.GetSpatialRef().IsSame(b.GetSpatialRef()), f
    assert a.GetMetadataItem('ACQUISITIONDATETIME') == b.GetMetadataItem('ACQUISITIONDATETIME'), f
    assert np.array_equal(a.ReadAsArray(), b.ReadAsArray()), f + ': pixels differ'"
size=$(du -sb "$CLV_SOURCE/data/sample" | cut -f 1)
check "under 5 MB ($size bytes)" test "$size" -lt 5000000
finish
