# SPDX-License-Identifier: MIT
# Bands that are no reflectance are copied bit for bit, those that the field knows are used as masks, -fill_bands decides otherwise.
. "$(dirname "$0")/common.sh"
need_python
FILL=(-method regression -mask_mode replace -dilate 0 -q)
value() {
    python3 -c "import json; i = json.load(open('stdout')); print($1)"
}
expect_value() {
    done=$((done + 1))
    local found
    found=$(value "$1" 2>&1)
    [ "$found" = "$2" ] || fail "$1 is $found instead of $2"
}

# The simulated series with bands appended: make FOLDER TYPE FACTOR NAMED 'NAME=EXPRESSION of m (0 clear, 1 cloud, 2 shadow), b (bands), y, x' ...
cat >make.py <<'END'
import os, sys
import numpy as np
from osgeo import gdal
gdal.UseExceptions()
folder, dtype, factor, named = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4] == 'named'
os.makedirs(folder, exist_ok=True)
data = os.environ['CLV_DATA']
for t, f in enumerate(sorted(n for n in os.listdir(data) if n.startswith('sim_') and n.endswith('.tif'))):
    s = gdal.Open(os.path.join(data, f))
    b = s.ReadAsArray().astype(float)
    m = gdal.Open(os.path.join(data, 'mask', f.replace('_BGRN', '_mask'))).ReadAsArray()
    y, x = np.mgrid[:m.shape[0], :m.shape[1]]
    names = [s.GetRasterBand(k + 1).GetDescription() for k in range(s.RasterCount)] if named else [''] * s.RasterCount
    planes = [p * factor for p in b]
    for extra in sys.argv[5:]:
        name, code = extra.split('=', 1)
        names.append(name)
        planes.append(np.broadcast_to(np.asarray(eval(code), float), m.shape))
    o = gdal.GetDriverByName('GTiff').Create(os.path.join(folder, f), m.shape[1], m.shape[0], len(planes), gdal.GetDataTypeByName(dtype),
                                             ['PHOTOMETRIC=MINISBLACK'])
    o.SetGeoTransform(s.GetGeoTransform())
    o.SetProjection(s.GetProjection())
    for k, p in enumerate(planes):
        o.GetRasterBand(k + 1).WriteArray(p)
        if names[k]:
            o.GetRasterBand(k + 1).SetDescription(names[k])
END
make() {
    python3 make.py "$@" || fail "make.py $*"
}
# copied FOLDER OUT FROM: bands from FROM on are the same in all files, and those before are not in some.
copied() {
    expect_python "bands of $1 copied" "
import os
filled = 0
for f in sorted(os.listdir('$1')):
    a, o = read('$1/' + f), read('$2/' + f)
    assert a.dtype == o.dtype and len(a) == len(o), f
    assert a[$3:].tobytes() == o[$3:].tobytes(), [f] + [int((p != q).sum()) for p, q in zip(a, o)]
    filled += (a[:$3] != o[:$3]).any()
assert filled > 1"
}
# masked: what the masks of the series flag is the truth.
masked() {
    expect_ok detect "$1" -mask_mode replace -dilate 0 -o "$1_mask" -q
    expect_python "masks of $1" "
import os
same = []
for f in sorted(os.listdir('$1')):
    o, t = read('$1_mask/' + f.replace('.tif', '_mask.tif')), read('$CLV_DATA/mask/' + f.replace('_BGRN', '_mask'))
    same.append((($2) == o).mean())
assert min(same) > 0.98, same"
}

# Earth Engine's Level-2A with its masks; the reliable ones are joined.
make gee UInt16 1 named 'QA60=1024*(m==1)' 'MSK_CLASSI_CIRRUS=0*m' 'AOT=180+y' 'MSK_SNWPRB=0*m' 'TCI_B=b[0]/40' 'SCL=np.array([5,8,3])[m]' 'CLD_20m=77*(m==1)'
expect_ok remove gee "${FILL[@]}" -o gee_out
copied gee gee_out 4
masked gee t
expect_ok info gee -json
expect_value "i['dates'][1]['bands_copied']" "['QA60', 'MSK_CLASSI_CIRRUS', 'AOT', 'MSK_SNWPRB', 'TCI_B', 'SCL', 'CLD_20m']"
expect_value "sorted(i['dates'][0]['bands_filled'])" "['B02', 'B03', 'B04', 'B08']"
expect_value "i['dates'][0]['how']['mask']" 'band QA60, band MSK_CLASSI_CIRRUS, band SCL'
expect_no_text stderr 'copied'
expect_ok info gee
expect_text stdout '^  copied +QA60 MSK_CLASSI_CIRRUS AOT'
# Cloud Score+, in its units.
for unit in 1 100 10000; do
    make score$unit Float32 1e-4 named "cs_cdf=$unit*np.where(m>0,0.2+0.1*np.cos(x),0.85+0.1*np.sin(x))" "cs=$unit*(0.1+0*m)" 'sunZenithAngles=31.5+x/900' 'EVI=np.sin(x*y)'
    masked score$unit '(t > 0)'
done
expect_ok remove score1 "${FILL[@]}" -o score1_out
copied score1 score1_out 4
# Probabilities in percent and as a fraction; masks by FORCE, Landsat, MAJA, DEA, Fmask's classes and HLS's bits.
make percent UInt16 1 named 'probability=np.where(m==1,64+x%20,y%30)' 'PROVENANCE=x//30' 'shadows=m==2'
make fraction Float32 1e-4 named 'cloud_probability=np.where(m==1,0.64+x%20/100,y%30/100)' 'darkPixels=m==2' 'shadows=m==2'
make force Int16 1 named 'QAI=np.array([0,4,8])[m]+32*(y>40)' 'DST=x'
make landsat UInt16 1 named 'QA_PIXEL=np.array([21824,22280,23888])[m]' 'SR_QA_AEROSOL=96+32*(x%2)'
make maja UInt16 1 named 'CLM_R1=np.array([0,3,33])[m]' 'MG2_R1=1*(y<9)'
make dea Int16 1 named 'fmask=np.array([1,2,3])[m]+4*((m==0)&(x<9))'
make hls Int16 1 named 'Fmask=np.array([64,66,200])[m]'
make classes UInt16 1 named 'Fmask=np.array([0,4,2])[m]+((m==0)&(y<40))'
# Zeros and ones alone are no percent, and names are spelled in many ways.
make binary UInt16 1 named 'cloud_probability=m==1' 'shadows=m==2'
make binary_real Float32 1e-4 named 'clouds_prob=m==1' 'shadows=m==2'
make cloudless UInt16 1 named 's2cloudless_prob=np.where(m==1,64+x%20,y%30)' 'shadows=m==2'
for kind in percent fraction force landsat maja dea hls classes binary binary_real cloudless; do
    masked $kind t
    expect_no_text stderr Warning
done
# DEA's classes by their water, which only the rim has; their 0 is no data.
make rim Int16 1 named 'fmask=np.where(m==0,np.where(x<16,0,np.where(x==x.max(),5,1)),m+1)'
masked rim 'np.where((t==0)&(np.arange(t.shape[1])<16),255,t)'
# One percent stays that where the scene has more elsewhere.
make low UInt16 1 named 'cloud_probability=np.where((x==x.max())&(y<5),90,y%2)'
masked low '0*t'
# Classes that were not delivered.
make void UInt16 1 named 'SCL=0*m'
expect_ok info void -json
expect_value "i['dates'][0]['how']['mask']" ''
expect_text stderr 'band SCL is not used as a mask'
for kind in percent force; do
    expect_ok remove $kind "${FILL[@]}" -o ${kind}_out
    copied $kind ${kind}_out 4
done
# A mask that says the opposite, one that is empty, and numbers that are no classification: not used, and said.
make odd UInt16 1 named 'cloudmask=m!=1' 'SCL=3000+x*y'
expect_ok info odd -json
expect_value "i['dates'][0]['how']['mask']" ''
expect_value "i['dates'][0]['bands_copied']" "['cloudmask', 'SCL']"
expect_ok info odd
expect_text stderr 'band cloud_?mask is not used as a mask'
expect_text stderr 'band SCL is not used as a mask'
# QA60 that was not filled in says nothing: shares are estimated.
make empty UInt16 1 named 'QA60=0*m'
mkdir before
for f in empty/*; do
    cp "$f" "before/$(basename "$f" | sed 's/sim_20[0-9][0-9]/sim_2021/')"
done
expect_ok info empty -json # of 2023
expect_value "{d['cloud_share_from'] for d in i['dates']}" "{'estimate'}"
expect_ok info before -json
expect_value "{d['cloud_share_from'] for d in i['dates']}" "{'mask'}"
# Names that say nothing: one warning that names them; -fill_bands decides.
make named UInt16 1 named 'yield=700+x*3+y+200*(m>0)' 'B11=1800+0.2*b[3]' 'soil kind=x//20'
expect_ok remove named -method regression "${KNOWN[@]}" -q -o named_out
expect_python 'only reflectance filled' "
import os
for f in sorted(os.listdir('named')):
    a, o = read('named/' + f), read('named_out/' + f)
    assert (a[4] == o[4]).all() and (a[6] == o[6]).all()"
expect_text stderr 'yield, soil kind \(.*-fill_bands'
check 'one warning' [ "$(grep -c Warning stderr)" -eq 1 ]
expect_ok remove named -method regression "${KNOWN[@]}" -q -fill_bands yield -o yield_out
expect_ok remove named -method regression "${KNOWN[@]}" -q -fill_bands 7,B11 -o listed_out
expect_ok remove named -method regression "${KNOWN[@]}" -q -fill_bands all -o all_out
expect_no_text stderr 'copied'
expect_python '-fill_bands' "
import os
def changed(folder):
    return [any((read('named/' + f)[k] != read(folder + '/' + f)[k]).any() for f in os.listdir('named')) for k in (4, 5, 6)]
assert changed('named_out') == [False, True, False]
assert changed('yield_out') == [True, False, False]
assert changed('listed_out')[:2] == [False, True]
assert changed('all_out')[:2] == [True, True]"
expect_error 'fill_bands 9' remove named -method regression "${KNOWN[@]}" -q -fill_bands 9 -o out
expect_error 'fill_bands B12' remove named -method regression "${KNOWN[@]}" -q -fill_bands B12 -o out
# No names: the values tell; reflectance is filled as ever.
make bare UInt16 1 bare '=1500+0.3*b[3]' '=m' '=3000+2*x+5*y' '=np.clip(10000*(b[3]-b[2])/(b[3]+b[2]),0,None)'
expect_ok remove bare -b 3,2,1,4 "${KNOWN[@]}" -method regression -q -o bare_out
copied bare bare_out 5
expect_text stderr 'Warning.*band 6 .*-fill_bands'
expect_ok info bare -b 3,2,1,4 -json
expect_value "i['dates'][0]['bands_filled']" "['red', 'green', 'blue', 'nir', 'band 5']"
finish
