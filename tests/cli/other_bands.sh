# SPDX-License-Identifier: MIT
# Bands that the network does not see: snow is told by B11, high cloud by B10, where the input has them.
. "$(dirname "$0")/common.sh"
need_python
[ "$CLEARVISION_NET" = none ] && skip "built without the networks"
TIME=300

# The sample's dates with a sixth band: B11 0.05 (snow) or 0.4 (cloud) everywhere, or B10 0.05 in a block of the last date.
expect_python 'files with one band more' "
import glob, os
for kind in ('snow', 'cloud', 'gap', 'cirrus'):
    os.makedirs(kind)
    for k, path in enumerate(sorted(glob.glob('$CLV_SOURCE/data/sample/sim_*.tif'))[:5]):
        source = gdal.Open(path)
        copy = gdal.GetDriverByName('GTiff').Create(f'{kind}/' + os.path.basename(path), source.RasterXSize,
                                                    source.RasterYSize, 5, gdal.GDT_UInt16)
        copy.SetGeoTransform(source.GetGeoTransform())
        copy.SetProjection(source.GetProjection())
        for b in range(1, 5):
            copy.GetRasterBand(b).WriteArray(source.GetRasterBand(b).ReadAsArray())
            copy.GetRasterBand(b).SetDescription(source.GetRasterBand(b).GetDescription())
        other = source.GetRasterBand(1).ReadAsArray() * 0 + {'snow': 500, 'cloud': 4000, 'gap': 0, 'cirrus': 10}[kind]
        if kind == 'cirrus' and k == 4:
            other[40:80, 40:90] = 500
        copy.GetRasterBand(5).WriteArray(other)
        copy.GetRasterBand(5).SetDescription('B10' if kind == 'cirrus' else 'B11')
"
for kind in snow cloud gap cirrus; do
    expect_ok detect $kind/*.tif -o m_$kind -dilate 0 -q
done
expect_ok detect snow/*.tif -o m_alone -dilate 0 -no_review -q
expect_python 'bright pixels that are dark in B11 are no cloud, others are; B10 adds high cloud' "
import glob
def share(folder):
    return np.mean([read(f) == 1 for f in sorted(glob.glob(folder + '/*.tif'))])
cloud, snow = share('m_cloud'), share('m_snow')
assert cloud > 0.05, cloud
assert snow < 0.35 * cloud, (snow, cloud)
assert share('m_gap') == cloud          # B11 that is not known says nothing
assert share('m_alone') >= cloud        # taken at its word
last = read(sorted(glob.glob('m_cirrus/*.tif'))[-1])
assert (last[40:80, 40:90] == 1).all()
rest = [read(f) for f in sorted(glob.glob('m_cirrus/*.tif'))[:-1]]
for a, b in zip(rest, sorted(glob.glob('m_cloud/*.tif'))[:-1]):
    assert (a == read(b)).all()
"
finish
