#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Hostile and broken cubes: one clear error through GDAL's programs, no crash, bounded memory; the program says the same.
. "$CLV_SOURCE/tests/gdal/common.sh"
need_python
export PYTHONPATH=$CLV_SOURCE/tests/gdal PYTHONDONTWRITEBYTECODE=1

python3 -W ignore - <<'PY' || fail "making the files"
from cubes import *
import io
import pickle

F = 'highresdynamic.npy'
good = np.zeros((8, 8, 5, 2), '<f2')


def npy(a, **k):
    b = io.BytesIO()
    np.lib.format.write_array(b, a, **k)
    return b.getvalue()


write('good.npz', good)
archive('object.npz', (F, header('|O', (8, 8, 5, 2)) + pickle.dumps([1] * 640)))
archive('structured.npz', (F, npy(np.zeros((8, 8, 5, 2), [('a', '<f4'), ('b', '<f4')]))))
archive('text.npz', (F, npy(np.full((8, 8, 5, 2), 'abc'))))
archive('complex.npz', (F, npy(np.zeros((8, 8, 5, 2), 'c8'))))
archive('axes.npz', (F, npy(np.zeros((8, 8, 5), 'f4'))))
archive('channels.npz', (F, npy(np.zeros((8, 8, 6, 2), 'f4'))))
archive('zero.npz', (F, npy(np.zeros((0, 8, 5, 2), 'f4'))))
archive('zero_dates.npz', (F, npy(np.zeros((8, 8, 5, 0), 'f4'))))
archive('huge.npz', (F, header('<f8', (4096, 4096, 5, 400))))
archive('wide.npz', (F, header('<f4', (100000, 8, 5, 2))))
archive('overflow.npz', (F, header('<f4', (4294967296, 4294967296, 5, 10))))
archive('overflow_zero.npz', (F, header('<f4', (0, 4294967296, 4294967296, 4294967296))))
archive('short.npz', (F, header('<f4', (8, 8, 5, 2)) + b'\0' * 100))
archive('long.npz', (F, npy(good) + b'\0'))
archive('head.npz', (F, b"\x93NUMPY\x01\x00\x20\x00{'descr': '<f4', 'shape': (8"))
archive('head64k.npz', (F, b'\x93NUMPY\x02\x00' + struct.pack('<I', 65537) + b' ' * 65537))
archive('head4g.npz', (F, b'\x93NUMPY\x02\x00\xff\xff\xff\xff{'))
archive('version.npz', (F, b'\x93NUMPY\x09\x00' + npy(good)[8:]))
archive('code.npz', (F, header('<f4', (8, 8, 5, 2)).replace(b'False', b'exit()')))
archive('other.npz', ('something.npy', npy(np.zeros(5))))
archive('none.npz')
archive('traversal.npz', ('../../../' + F, npy(good)), ('/' + F, npy(good)), ('a/' + F, npy(good)))
archive('twice.npz', (F, npy(good)), (F, npy(good + 1)))
# A header that asks for 500 MB in an archive of a few hundred bytes, and one of which the archive itself says so.
bomb = header('<f4', (4096, 4096, 7, 1))
archive('bomb.npz', (F, bomb))


def patch(name, at, value, fmt='<I', of='bomb.npz'):
    b = bytearray(open(of, 'rb').read())
    i = b.rindex(b'PK\1\2')
    struct.pack_into(fmt, b, i + at, value)
    open(name, 'wb').write(bytes(b))


patch('liar.npz', 24, len(bomb) + 4096 * 4096 * 7 * 4)
patch('crc.npz', 16, 12345, of='good.npz')
patch('encrypted.npz', 8, 1, '<H', 'good.npz')
patch('method.npz', 10, 93, '<H', 'good.npz')
patch('nowhere.npz', 42, 1 << 30, of='good.npz')
# 448 MB of zeros that are really there: within the limit, and read in bounded memory.
archive('zeros.npz', (F, bomb + bytes(4096 * 4096 * 7 * 4)))
whole = open('good.npz', 'rb').read()
for n, part in enumerate([0.1, 0.5, 0.9, 0.99]):
    open('cut%d.npz' % n, 'wb').write(whole[:int(len(whole) * part)])
open('empty.npz', 'wb')
open('no_zip.npz', 'wb').write(b'no zip')
open('pk.npz', 'wb').write(b'PK\3\4 not really')
os.mkdir('folder.npz')
# What lies beside the pictures may be broken; the pictures are not.
archive('beside.npz', (F, npy(good)), ('highresstatic.npy', b'rubbish'), ('mesodynamic.npy', header('|O', (2,))),
        ('mesostatic.npy', header('<f4', (80, 80, 1))))
PY

# Each through the prefix; those that begin like a cube by their own name too, where another archive is just not ours.
while read -r file pattern; do
    (ulimit -v 4000000; exec gdalinfo "EARTHNET:$file.npz:stack") >stdout 2>stderr </dev/null
    STATUS=$?
    done=$((done + 1))
    [ "$STATUS" -eq 1 ] || fail "status $STATUS: $file"
    [ "$(grep -c ERROR stderr)" -le 2 ] || fail "more than one error: $file"
    grep -Eq "ERROR [0-9]+: .*$pattern" stderr || fail "no error like '$pattern': $file"
    expect_gdal_error . gdalinfo "$file.npz"
    expect_error . info "$file.npz"
done <<'LIST'
object Python objects
structured structured array
text data type '<U3'
complex data type
axes 3 axes instead of 4
channels 6 channels instead of 5
zero does not have EarthNet2021's size
zero_dates does not have EarthNet2021's size
huge larger than 512 MB
wide does not have EarthNet2021's size
overflow shape too large
overflow_zero shape too large
short cut short or damaged
long more bytes than its shape needs
head cut short
head64k header of 65537 bytes
head4g header of 4294967295 bytes
version version 9.0 is not known
code neither True nor False
other no highresdynamic.npy in it
none no highresdynamic.npy in it
traversal no highresdynamic.npy in it
twice has 2 members highresdynamic.npy
bomb cut short or damaged
liar cannot be as large as it says
encrypted encrypted archive
method compressed by method 93
nowhere not where the directory says
cut0 not a ZIP archive
cut1 not a ZIP archive
cut2 not a ZIP archive
cut3 not a ZIP archive
empty not a ZIP archive
no_zip not a ZIP archive
pk not a ZIP archive
folder cannot be opened as a file
LIST

# A wrong checksum shows when the values are unpacked.
expect_gdal_error 'checksum is wrong' gdalinfo -mm EARTHNET:crc.npz:step1
expect_error 'checksum is wrong' info crc.npz -date 2020-01-01 -date 2020-01-06
# Archives that are none of ours are left to others, without a word of ours.
expect_gdal_error "not recognized as (being in )?a supported file format" gdalinfo other.npz
expect_no_text stderr EarthNet
# Names.
expect_gdal_error 'no such date in it; it has 2, step1 to step2' gdalinfo EARTHNET:good.npz:2017-06-24
expect_gdal_error 'no such date' gdalinfo EARTHNET:good.npz:step3
expect_gdal_error 'no such file' gdalinfo EARTHNET:absent.npz:stack
expect_gdal_error 'is not a part of a cube' gdalinfo 'EARTHNET:"good.npz":picture'
expect_gdal_error 'is not a part of a cube' gdalinfo 'EARTHNET:"good.npz'
expect_gdal_error 'is not a part of a cube' gdalinfo EARTHNET:
expect_gdal_error 'has no SCL' gdalinfo EARTHNET:good.npz:SCL:step1
expect_gdal_error 'no mesodynamic:RR in it' gdalinfo EARTHNET:good.npz:mesodynamic:RR
expect_gdal_error 'no such file|cannot be opened' gdalinfo EARTHNET:good.npz:step0
check "broken arrays beside the pictures" gdalinfo beside.npz
check "the pictures beside broken arrays" gdalinfo -mm EARTHNET:beside.npz:stack
expect_gdal_error 'no highresstatic in it' gdalinfo EARTHNET:beside.npz:highresstatic
# Memory: once the unpacked array, not more.
check "large zeros" bash -c 'ulimit -v 1500000; gdalinfo -mm EARTHNET:zeros.npz:step1'
finish
