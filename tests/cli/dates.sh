# SPDX-License-Identifier: MIT
# Dates from folders, tags and days of the year; a folder whose name has a dot.
. "$(dirname "$0")/common.sh"
need_python

# Five days in folders, all with the same minute of an export in their tag; with a local time; with days of the year.
python3 - "${SERIES[@]}" <<'END'
import datetime, os, sys
from osgeo import gdal
gdal.UseExceptions()
for k, f in enumerate(sys.argv[1:]):
    day = datetime.date(2020, 2, 27) + datetime.timedelta(days=5 * k)
    def copy(to, **items):
        os.makedirs(os.path.dirname(to), exist_ok=True)
        d = gdal.GetDriverByName('GTiff').CreateCopy(to, gdal.Open(f))
        for b in range(1, d.RasterCount + 1):
            d.GetRasterBand(b).SetMetadata({})
        d.SetMetadata(items)
    copy(f'folders/{day}/stack.tif', TIFFTAG_DATETIME=f'2024:06:05 09:30:{10 + k}')
    copy(f'one/20240605/{chr(97 + k)}.tif', TIFFTAG_DATETIME=day.strftime('%Y:%m:%d 10:00:00'))
    copy(f'minute/{chr(97 + k)}.tif', TIFFTAG_DATETIME=f'2024:06:05 09:30:{10 + k}')
    copy(f'zone/{chr(97 + k)}.tif', ACQUISITIONDATETIME=f'{day}T01:10:00+0300')
    copy(f'ordinal/s2_{day:%Y_%j}.tif')
    copy(f'letter/T32TPS_A{day:%Y%j}_B.tif')
    copy(f'orbit/L2A_T32TPS_A{day:%Y%j}_{day:%Y%m%d}T101010.tif')
    start = int((day - datetime.date(1970, 1, 1)).total_seconds()) * 1000 + 37262000 # 10:21:02
    copy(f'engine/{chr(97 + k)}.tif', **{'system:index': f'x{k}', 'system:time_start': str(start)})
    copy(f'index/{chr(97 + k)}.tif', **{'system:index': f'{day:%Y%m%d}T102102_{day:%Y%m%d}T102500_T33UWP'})
    copy(f'banded/{chr(97 + k)}.tif')
    d = gdal.Open(f'banded/{chr(97 + k)}.tif', gdal.GA_Update)
    d.GetRasterBand(2).SetMetadata({'system:time_start': f'{start}.0'})
    d = None
    later = day + datetime.timedelta(days=1 + 7 * (k % 2))
    month = day.replace(day=1)
    copy(f'start/S2A_20200101_{day:%Y%m%d}T102102_33UWP.tif', TIFFTAG_DATETIME='2020:01:01 00:00:00')
    copy(f'months/{month}_{month.replace(day=29)}_{day}.tif')
    copy(f'batch/S2_20210{4 + k // 3}01_{day:%Y%m%d}.tif')
    copy(f'both/L2A_T33UWP_{day:%Y%m%d}_{later:%Y%m%d}.tif')
    copy(f'processed/L2A_{day:%Y%m%d}_20200601.tif')
    copy(f'twice/L2A_{day:%Y%m%d}_2021040{k + 1}.tif')
    if k == 0: # the same picture, processed again
        copy(f'twice/L2A_{day:%Y%m%d}_20210409.tif')
    copy(f'tree/{day:%Y/%m/%d}/stack.tif')
    copy(f'hive/year={day:%Y}/month={day.month}/day={day.day}/stack.tif')
    copy(f'month/{day:%Y/%m/%d}_clip.tif')
    copy(f'dots/clip_{day.day}.{day:%m.%Y}.tif')
    copy(f'metadata/{chr(97 + k)}.tif', time=f'{day}T10:21:02Z')
    copy(f'american/clip_{day:%m.%d.%Y}.tif')
    copy(f'two_orders/clip_{day:%d.%m.%Y}.tif' if k else f'two_orders/clip_{day:%m.%d.%Y}.tif')
    copy(f'dashes/S2_{day:%d-%m-%Y}_5.tif', TIFFTAG_DATETIME='2024:06:05 09:30:00')
    copy(f'months_first/{day:%m_%d_%Y}/stack.tif')
    copy(f'named/{day:%d%b%Y}.tif')
    copy(f'named_last/x_{day:%Y-%b-%d}_{day + datetime.timedelta(days=40):%Y%m%d}.tif')
    copy(f'six/193028_{day:%y%m%d}.tif')
    copy(f'six_tagged/{day:%d%m%y}_a.tif', TIFFTAG_DATETIME=f'2024:06:05 09:30:{10 + k}')
    copy(f'six_folders/{day:%y%m%d}/stack.tif')
    copy(f'two/S2_{day:%y%m%d}_{later:%y%m%d}.tif')
    copy(f'rows/S2_{193028 + 1010 * k}_{200227 if k % 2 else 200101}.tif')
    open_day = datetime.date(2020, 3, 1) + datetime.timedelta(days=2 * k)
    copy(f'open/clip_{open_day:%d-%m-%Y}.tif')
    copy(f'tagged/clip_{open_day:%m-%d-%Y}.tif', **{'TIFFTAG_DATETIME': f'{open_day:%Y:%m:%d} 10:00:00'} if k == 2 else {})
def stack(to, text):
    files = sys.argv[1:]
    d = gdal.Open(files[0])
    o = gdal.GetDriverByName('GTiff').Create(to, d.RasterXSize, d.RasterYSize, 4 * len(files), gdal.GDT_UInt16)
    o.SetGeoTransform(d.GetGeoTransform())
    o.SetProjection(d.GetProjection())
    for k, f in enumerate(files):
        day = datetime.date(2020, 2, 27) + datetime.timedelta(days=5 * k)
        for b in range(4):
            o.GetRasterBand(4 * k + b + 1).WriteArray(gdal.Open(f).ReadAsArray()[b])
            o.GetRasterBand(4 * k + b + 1).SetDescription(f'{day:{text}}_B{(2, 3, 4, 8)[b]}')
stack('named_bands.tif', '%d_%b_%Y')
stack('dashed_bands.tif', '%d-%m-%Y')
stack('six_bands.tif', '%y%m%d')
END
days() {
    python3 -c "
import json, sys
print(*[d['date'][:10] for d in json.load(open('stdout'))['dates']])"
}
wanted='2020-02-27 2020-03-03 2020-03-08 2020-03-13 2020-03-18'
expect_ok info folders/*/stack.tif -json
check "folders beat an export's time" test "$(days)" = "$wanted"
expect_no_text stderr 'seconds'
expect_ok info one/20240605/*.tif -json
check "tags beat the one folder above" test "$(days)" = "$wanted"
expect_ok info zone/*.tif -json
check "local times become UTC" test "$(days)" = '2020-02-26 2020-03-02 2020-03-07 2020-03-12 2020-03-17'
expect_ok info ordinal/*.tif -json
check "days of the year" test "$(days)" = "$wanted"
expect_text stderr 's2_2020_058.tif: 2020_058 in its name .*2020-02-27 \(and so for 4 others\); give -date'
check "one warning" test "$(grep -c Warning stderr)" -eq 1
expect_ok info letter/*.tif -json
check "days of the year behind MODIS' letter" test "$(days)" = "$wanted"
expect_text stderr 'T32TPS_A2020058_B.tif: 2020058 in its name .*2020-02-27 \(and so for 4 others\); give -date'
for list in 'orbit/*.tif' 'engine/*.tif' 'banded/*.tif' 'index/*.tif' tree hive 'dots/*.tif'; do
    # shellcheck disable=SC2086 # several files
    expect_ok info $list -json
    check "dates of $list" test "$(days)" = "$wanted"
    check "no warning about $list" test ! -s stderr
done
# Of several dates in a name the first that can be the acquisitions'.
for list in start months batch; do
    expect_ok info "$list" -json
    check "dates of $list" test "$(days)" = "$wanted"
    expect_text stderr 'its name holds several dates; the first, .* -date when that is wrong'
    check "one warning about $list" test "$(grep -c Warning stderr)" -eq 1
    expect_text stdout 'file name, its (2nd|3rd) date'
done
for list in both processed; do
    expect_ok info "$list" -json
    check "dates of $list" test "$(days)" = "$wanted"
    check "no warning about $list" test ! -s stderr
done
expect_error 'are both of 2020-02-27' info twice
expect_ok info engine/a.tif -json
expect_text stdout '"2020-02-27T10:21:02Z"'
expect_ok info month -json
check "days of months" test "$(days)" = "$wanted"
expect_text stderr '27_clip.tif: 27 in its name is taken as day of the month of its folders, 2020-02-27 \(and so for 4'
# 03.03.2020 and 03.08.2020 may be days of March and August, 02.27.2020 is none and tells the order of all.
for list in metadata american dashes months_first named named_last named_bands.tif dashed_bands.tif; do
    expect_ok info "$list" -json
    check "dates of $list" test "$(days)" = "$wanted"
    check "no warning about $list" test ! -s stderr
done
expect_error 'clip_02.27.2020.tif: the date in its name has the month first, .* give -date' info two_orders
expect_ok info two_orders -json -date 2020-02-27 -date 2020-03-03 -date 2020-03-08 -date 2020-03-13 -date 2020-03-18
check "no warning where -date tells" test ! -s stderr
# Where nothing tells the order a warning does; a tag that is one of the two days tells it.
expect_ok info open -json
check "day first" test "$(days)" = '2020-03-01 2020-03-03 2020-03-05 2020-03-07 2020-03-09'
expect_text stderr 'clip_01-03-2020.tif: 01-03-2020 in its name is taken as day, month, year, 2020-03-01 .*4 others.*-date'
check "one warning" test "$(grep -c Warning stderr)" -eq 1
expect_ok info tagged -json
check "order of the tag" test "$(days)" = '2020-03-01 2020-03-03 2020-03-05 2020-03-07 2020-03-09'
check "no warning where a tag tells" test ! -s stderr
# Six digits where nothing else serves.
for list in six six_tagged six_folders six_bands.tif; do
    expect_ok info "$list" -json
    check "dates of $list" test "$(days)" = "$wanted"
    expect_text stderr 'in its (bands. )?name.? is taken as (YYMMDD|DDMMYY), 2020-0[23]-[0-9]+ \(and so for 4 others\); give -date'
    check "one warning about $list" test "$(grep -c Warning stderr)" -eq 1
done
expect_ok info six/193028_200227.tif -json
expect_text stdout '"date":null'
check "none of a single file" test ! -s stderr
for list in two rows; do
    expect_error 'no input tells its date' info "$list"
done

expect_ok info minute/*.tif -json
expect_text stderr 'those of 4 others lie within 4 seconds.*give the days of acquisition with -date'
expect_ok info minute/*.tif -json -date 2020-02-27 -date 2020-03-03 -date 2020-03-08 -date 2020-03-13 -date 2020-03-18
expect_no_text stderr 'seconds'

# A name with a dot is a folder's for several outputs, unless it ends as a raster's file.
expect_ok detect "${SERIES[@]}" "${KNOWN[@]}" -o result_2.0.1 -q
check "masks in a folder with a dot" test "$(ls result_2.0.1/*.tif | wc -l)" -eq "${#SERIES[@]}"
expect_ok remove "${SERIES[@]}" "${KNOWN[@]}" -method regression -o clear.final -q -of GTiff
check "pictures in a folder with a dot" test "$(ls clear.final/*.tif | wc -l)" -eq "${#SERIES[@]}"
expect_error 'several outputs; give a folder' remove "${SERIES[@]}" "${KNOWN[@]}" -o out.tif
expect_error 'no format' remove "${SERIES[@]}" "${KNOWN[@]}" -stack -o out.v2
finish
