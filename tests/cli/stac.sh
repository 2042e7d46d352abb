#!/bin/bash
# SPDX-License-Identifier: MIT
# Saved STAC items and answers of STAC APIs as inputs: as five archives write them, with local links and from a web server.
. "$(dirname "$0")/common.sh"
need_python
# Results of all kinds are compared with those of the rasters themselves.
run remove "${SERIES[@]}" "${KNOWN[@]}" -q -o plain
check "make_stac.py" python3 "$CLV_SOURCE/tests/cli/make_stac.py" "$CLV_DATA" . ""

placed=()
for mask in "${MASKS[@]}"; do # the archives' pixels lie elsewhere
    gdal_translate -q -a_srs EPSG:32632 -a_ullr 600000 5200020 601920 5198420 "$mask" "placed_$(basename "$mask")"
    placed+=(-mask "placed_$(basename "$mask")")
done

# ---- Archives, local links ------------------------------------------------------------------------------------------------
for style in earth_search c1 planetary cdse hls; do
    expect_ok info -json $style.json
    expect_python "$style: dates, bands, scale, mask" "
j = json.load(open('stdout'))
assert [d['date'][:10] for d in j['dates']] == ['2023-04-06', '2023-04-16', '2023-04-21', '2023-04-26', '2023-05-01'], j['dates']
names = [b['name'] for b in j['dates'][0]['bands']]
assert names == ['B04', 'B03', 'B02', 'B8A' if '$style' == 'hls' else 'B08'], names
for d in j['dates']:
    offset = {'earth_search': 0, 'hls': 0}.get('$style', -0.1)
    for b in d['bands']:
        assert abs(b['scale'] - 1e-4) < 1e-9 and abs(b['offset'] - offset) < 1e-9, b
    assert ('Fmask' if '$style' == 'hls' else 'SCL') in d['how']['mask'], d['how']
"
    expect_ok remove $style.json -mask_mode replace "${placed[@]}" -q -o res_$style
done
expect_python "the same pixels as from the rasters themselves, less what the archives added" "
import glob
plain = sorted(glob.glob('plain/*.tif'))
for style, add in (('earth_search', 0), ('c1', 1000), ('planetary', 1000), ('cdse', 1000), ('hls', 0)):
    files = sorted(glob.glob('res_%s/*.tif' % style), key=lambda f: f.split('.')[3] if style == 'hls' else f)
    assert len(files) == 5, files
    for a, b in zip(plain, files):
        ds = gdal.Open(b)
        names = [ds.GetRasterBand(k + 1).GetDescription() for k in range(ds.RasterCount)]
        nir = [n for n in names if n in ('B08', 'B8A', 'nir_B05')]
        assert nir == (['B08'] if style != 'hls' else ['nir_B05'] if '.L30.' in b else ['B8A']), names
        assert 'B05' not in names, names  # only one of the sensors has a red edge: it cannot be filled
        order = [names.index(n) for n in ('B02', 'B03', 'B04', nir[0])]
        x, y = read(a).astype(int), read(b).astype(int)[order]
        assert abs(x - (y - add)).max() <= 1, (style, b, abs(x - (y - add)).max())
"

# ---- One item, an item that is no date, a page of several -----------------------------------------------------------------
expect_python "single items and what does not suit" "
d = json.load(open('c1.json'))
for k, f in enumerate(d['features']):
    json.dump(f, open('item%d.json' % k, 'w'))
radar = {'type': 'Feature', 'stac_version': '1.0.0', 'id': 'S1A_IW', 'properties': {'datetime': '2023-04-07T00:00:00Z'},
         'assets': {'vv': {'href': 'assets/vv.tif', 'type': 'image/tiff'}}}
json.dump(dict(d, features=d['features'] + [radar], numberMatched=None), open('mixed.json', 'w'))
json.dump({'type': 'FeatureCollection', 'features': [radar]}, open('radar.json', 'w'))
json.dump(dict(d, numberMatched=40), open('page.json', 'w'))
json.dump({'type': 'FeatureCollection', 'features': []}, open('empty.json', 'w'))
open('cut.json', 'w').write(open('c1.json').read()[:3000])
"
expect_ok info item?.json
expect_text stdout '5 dates'
expect_ok info mixed.json
expect_text stderr '1 of its 6 items have no assets .*S1A_IW'
expect_ok info page.json
expect_text stderr 'holds 5 of the 40 items'
expect_error 'none of its 1 STAC items has .*red, green and blue' remove radar.json -o out
expect_error 'cut.json: is damaged as JSON' remove cut.json -o out
expect_error 'empty.json: holds no STAC items' remove empty.json -o out

# ---- Damaged items, arrays of items, an offset that the item alone claims ------------------------------------------------------
expect_python "what damages an item" "
import copy
d = json.load(open('c1.json'))
def save(name, *changes, keep=slice(None)):
    c = copy.deepcopy(d)
    for k, change in changes:
        change(c['features'][k])
    json.dump(c, open(name + '.json', 'w'))
save('unversioned', (1, lambda f: f.pop('stac_version')), (4, lambda f: f.pop('stac_version')))
save('bare', (3, lambda f: f.pop('assets')), (0, lambda f: [f.pop(k) for k in list(f) if k not in ('type', 'id')]))
save('late', (2, lambda f: f['properties'].update(datetime='last week')))
save('number', (2, lambda f: f['properties'].update(datetime=20230421)))
save('ruin', *[(k, lambda f: f.pop('assets')) for k in range(5)])
json.dump(d['features'], open('array.json', 'w'))
json.dump(d['features'][:4] + [{'type': 'Feature', 'stac_version': '1.0.0'}, 7], open('array_bare.json', 'w'))
def untimed(f):
    f['properties'].pop('datetime')
def period(f):
    p = f['properties']
    p['start_datetime'], p['end_datetime'], p['datetime'] = p['datetime'], p['datetime'][:8] + '28T23:59:59Z', None
save('untimed', (1, untimed), (3, untimed))
save('periods', *[(k, period) for k in range(5)])
save('ends', (2, lambda f: (period(f), f['properties'].pop('start_datetime'))))
def applied(name, items):
    c = json.load(open('earth_search.json'))
    for f in c['features']:
        f['properties'].pop('earthsearch:boa_offset_applied')
        for a in f['assets'].values():
            if 'raster:bands' in a:
                a['raster:bands'][0].update(scale=1e-4, offset=-0.1)
    c.update(features=c['features'][items], numberMatched=None, context={})
    json.dump(c, open(name + '.json', 'w'))
applied('applied', slice(None))
applied('applied_two', slice(1, 3))
applied('applied_one', slice(4, 5))
for name, style, offset in (('claimed', 'c1', -0.1), ('claimed_wrongly', 'earth_search', -0.1), ('claimed_zero', 'earth_search', 0)):
    c = json.load(open(style + '.json'))
    for f in c['features']:
        for key in ('s2:processing_baseline', 'earthsearch:boa_offset_applied'):
            f['properties'].pop(key, None)
        for a in f['assets'].values():
            if 'raster:bands' in a:
                a['raster:bands'][0]['offset'] = offset
    json.dump(c, open(name + '.json', 'w'))
"
expect_ok info unversioned.json
expect_text stdout '5 dates'
expect_no_text stderr Warning
expect_ok info bare.json
expect_text stdout '3 dates'
expect_text stderr '2 of its 5 items are damaged and left out \(first: S2B_T32TPS_20230406T101559_L2A has no assets\)'
expect_ok info late.json
expect_text stderr 'item S2B_T32TPS_20230421T101559_L2A: its datetime \(last week\) is no time'
expect_ok info number.json
expect_text stderr 'item S2B_T32TPS_20230421T101559_L2A: its datetime .* is no time'
expect_error 'ruin.json: none of its 5 STAC items can be used \(first: .* has no assets\)' remove ruin.json -o out
expect_ok info array.json
expect_text stdout '5 dates'
expect_ok info array_bare.json
expect_text stderr '2 of its 6 items are damaged and left out \(first: item 5 has no assets\)'
expect_ok info untimed.json
expect_text stdout '5 dates'
expect_text stderr 'item S2B_T32TPS_20230416T101559_L2A: has neither datetime nor start_datetime \(and the metadata of 1 more'
expect_ok info -json periods.json
expect_text stdout 'STAC item.s start_datetime'
expect_text stdout '"date":"2023-04-16T10:26:53Z"'
expect_no_text stderr Warning
expect_ok info -json ends.json
expect_text stdout '"date":"2023-04-28T23:59:59Z"'
# Values that an offset of known baselines makes impossible, under the clouds of other dates too.
for name in applied applied_two applied_one; do
    expect_ok info -json $name.json
    expect_python "$name: no offset" "
for d in json.load(open('stdout'))['dates']:
    assert all(b['offset'] == 0 and abs(b['scale'] - 1e-4) < 1e-9 for b in d['bands']), d['bands']
"
    expect_text stderr 'a tenth of red would lie below -0.05: it is applied already'
    check "$name: one warning" test "$(grep -c Warning stderr)" -eq 1
done
expect_ok info -json applied.json -in_offset -0.1
expect_python "-in_offset stays" "
assert all(b['offset'] == -0.1 for d in json.load(open('stdout'))['dates'] for b in d['bands'])"
# offset of NAME WORDS: what info -json says of each band.
claims() {
    expect_ok info -json "$1.json"
    expect_python "$1: offset $2" "
for d in json.load(open('stdout'))['dates']:
    assert '$3' in d['how']['scale'], d['how']
    assert all(abs(b['offset'] - $2) < 1e-9 and abs(b['scale'] - 1e-4) < 1e-9 for b in d['bands']), d['bands']
"
}
claims claimed -0.1 'STAC item; the values agree'
expect_no_text stderr 'offset'
claims claimed_wrongly 0 'values contradict'
expect_text stderr "and 4 more dates: the STAC item's offset of -0.1 does not fit the values"
claims claimed_zero 0 '1/10000'
expect_no_text stderr 'does not fit'

# ---- Numbers of STAC 1.1 in the asset's one band, beside raster:bands that say nothing -------------------------------------
expect_python "items that describe their bands so" "
c = json.load(open('c1.json'))
for f in c['features']:
    f['stac_version'] = '1.1.0'
    for key, a in f['assets'].items():
        if 'raster:bands' not in a:
            continue
        a['raster:bands'] = [{'bits_per_sample': 15}]
        a['bands'] = [{'name': key, 'eo:common_name': key, 'nodata': 65535, 'raster:scale': 0.0001, 'raster:offset': -0.1}]
        a.pop('eo:bands', None)
        bare = a['href'].replace('.tif', '_bare.tif')
        gdal.Translate(bare, a['href'], noData='none')
        a['href'] = bare
json.dump(c, open('banded.json', 'w'))"
expect_ok info -json banded.json
expect_python "nodata, scale and offset of bands" "
for d in json.load(open('stdout'))['dates']:
    assert d['nodata']['how'].startswith('65535, declared'), d['nodata']
    assert all(abs(b['scale'] - 1e-4) < 1e-9 and abs(b['offset'] + 0.1) < 1e-9 and b['nodata'] == 65535 for b in d['bands']), d['bands']
"

# ---- One raster of all bands; what holds no items ------------------------------------------------------------------------
expect_python "openEO's items, and other JSON of STAC" "
import glob, os
names, items = ['B02', 'B03', 'B04', 'B08'], []
for f in sorted(glob.glob(os.environ['CLV_DATA'] + '/sim_*.tif')):
    day = os.path.basename(f).split('_')[1]
    path = 'openeo/part_%s.tif' % chr(97 + len(items)) # no date in it
    os.makedirs('openeo', exist_ok=True)
    ds = gdal.GetDriverByName('GTiff').CreateCopy(path, gdal.Open(f))
    for b, n in enumerate(names):
        ds.GetRasterBand(b + 1).SetDescription(n)
        ds.GetRasterBand(b + 1).SetMetadata({})
    ds.SetMetadata({})
    ds = None
    iso = day[:4] + '-' + day[4:6] + '-' + day[6:8]
    items.append({'type': 'Feature', 'stac_version': '1.0.0', 'id': 'openEO_' + iso, 'properties': {'datetime': iso + 'T10:20:30Z'},
                  'assets': {'all': {'href': path, 'type': 'image/tiff; application=geotiff', 'roles': ['data'],
                                     'eo:bands': [{'name': n} for n in names]}}})
json.dump({'type': 'FeatureCollection', 'features': items}, open('openeo.json', 'w'))
for i in items: # other names than the raster's own
    i['assets']['all']['eo:bands'] = [{'name': n} for n in names[::-1]]
json.dump({'type': 'FeatureCollection', 'features': items}, open('openeo_turned.json', 'w'))
json.dump({'type': 'Collection', 'stac_version': '1.0.0', 'id': 's2', 'links': []}, open('collection.json', 'w'))
json.dump({'type': 'Catalog', 'stac_version': '1.0.0', 'id': 's2', 'links': []}, open('catalog.json', 'w'))
json.dump({'code': 'NotFound', 'description': 'no such collection'}, open('failed.json', 'w'))
os.makedirs('only_items')
json.dump(items[0], open('only_items/a.json', 'w'))"
expect_ok info -json openeo.json
expect_python "openEO: dates of the items, bands of the rasters" "
j = json.load(open('stdout'))
assert [d['date'] for d in j['dates']] == [d + 'T10:20:30Z' for d in ('2023-04-06', '2023-04-16', '2023-04-21', '2023-04-26', '2023-05-01')], [d['date'] for d in j['dates']]
assert [(b['name'], b['index']) for b in j['dates'][0]['bands']] == [('B04', 3), ('B03', 2), ('B02', 1), ('B08', 4)], j['dates'][0]['bands']"
expect_error 'none of its 5 STAC items has' info openeo_turned.json
expect_error 'collection.json: is a STAC Collection, which describes items but holds none; give an item' info collection.json
expect_error 'catalog.json: is a STAC Catalog, which describes items but holds none; give an item' info catalog.json
expect_error 'failed.json: is a server.s message .no such collection. and no STAC items' info failed.json
expect_error 'only_items: is a folder that holds no rasters, but JSON files; .*only_items/\*.json' info only_items

# ---- From a web server ----------------------------------------------------------------------------------------------------
mkdir web
check "make_stac.py, larger" python3 "$CLV_SOURCE/tests/cli/make_stac.py" "$CLV_DATA" web "" 8
export GDAL_HTTP_RETRY_DELAY=0.05

# serve MODE: starts the server over web/ and writes web.json with its links.
serve() {
    rm -f log port
    python3 "$CLV_SOURCE/tests/cli/http_server.py" web log "$1" >port &
    server=$!
    for _ in $(seq 100); do
        [ -s port ] && break
        sleep 0.05
    done
    sed "s#\"assets/#\"http://127.0.0.1:$(cat port)/assets/#g; s#\(B0[2348]\|SCL\).tif#&?sig=secret#g" web/earth_search.json >web.json
}
stop() {
    kill "$server"
    wait "$server" 2>/dev/null
}

masks=()
for mask in "${MASKS[@]}"; do
    gdal_translate -q -outsize 800% 800% -a_srs EPSG:32632 -a_ullr 600000 5200020 615360 5187220 "$mask" "large_$(basename "$mask")"
    masks+=(-mask "large_$(basename "$mask")")
done
crop=(-projwin 600200 5199800 601000 5199000 -mask_mode replace "${masks[@]}" -method linear -q)
expect_ok remove web/earth_search.json "${crop[@]}" -o here
for mode in plain slow; do
    serve $mode
    expect_ok remove web.json "${crop[@]}" -o res_$mode
    stop
    for file in here/*.tif; do
        expect_same "$file" "res_$mode/$(basename "$file")"
    done
done
expect_python "nothing is asked for but the bands and the classification, and not all of them" "
import glob, os, re
lines = [l.split() for l in open('log')]
assert lines
for method, path, status, sent in lines:
    assert re.match(r'/assets/\d{8}_(B02|B03|B04|B08|SCL)\.tif(\?sig=secret)?$', path), path
    assert int(status) < 400, (path, status)
sizes = sum(os.path.getsize(f) for f in glob.glob('web/assets/*_B0?.tif'))
assert sum(int(l[3]) for l in lines) < 0.3 * sizes, (sum(int(l[3]) for l in lines), sizes)
"
serve flaky
GDAL_HTTP_MAX_RETRY=4 expect_ok remove web.json "${crop[@]}" -o res_flaky
for file in here/*.tif; do
    expect_same "$file" "res_flaky/$(basename "$file")"
done
stop
serve flaky
expect_error '127.0.0.1.*B0[2348].tif: cannot be read from the network: .*503.*GDAL_HTTP_MAX_RETRY' remove web.json "${crop[@]}" -o out
expect_no_text stderr secret
stop
while read -r mode says; do
    serve "$mode"
    expect_error "127.0.0.1.*$says" info web.json -projwin 600200 5199800 601000 5199000
    expect_no_text stderr 'secret|vsicurl|MAX_RETRY'
    stop
done <<'MODES'
expired SCL.tif: the server refuses to give it .HTTP 403.: credentials are missing
login B0[2348].tif: the server sends a web page instead
gone SCL.tif: the server has no such file .HTTP 404.
MODES
for mode in broken truncated; do
    serve $mode
    expect_error 'cannot be read from the network|is cut short|was cut short' remove web.json "${crop[@]}" -o out
    stop
done
finish
