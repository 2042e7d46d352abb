# SPDX-License-Identifier: MIT
"""Damaged pictures through `clearvision serve`: each is taken or refused with one clear line, a run that meets the damage
fails with one, and the server goes on.

    damaged.py PROGRAM SOURCE [COUNT [SEED]]      exit status 0: all well, 77: something that is needed is missing

Made of the sample: TIFF as it is, cut, with changed bytes in its directories or in its pixels; the same of PNG, JPEG, JPEG 2000
and cubes where GDAL's programs are there to make them.
"""
import glob
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

from server import Server, Visitor

PROGRAM, SOURCE = sys.argv[1:3]
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 27
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 1
SAMPLE = sorted(glob.glob(os.path.join(SOURCE, 'data/sample/*.tif')))
FORMATS = (('tif', 'GTiff', ['-co', 'COMPRESS=DEFLATE', '-co', 'TILED=YES', '-co', 'BLOCKXSIZE=64', '-co', 'BLOCKYSIZE=64']),
           ('tif', 'GTiff', ['-co', 'COMPRESS=LZW', '-co', 'PREDICTOR=2']),
           ('tif', 'GTiff', ['-co', 'COMPRESS=ZSTD', '-co', 'BIGTIFF=YES']),
           ('tif', 'GTiff', ['-ot', 'Byte', '-scale', '0', '4000', '0', '255', '-b', '3', '-b', '2', '-b', '1',
                             '-co', 'COMPRESS=JPEG', '-co', 'PHOTOMETRIC=YCBCR']),
           ('png', 'PNG', ['-ot', 'Byte', '-scale', '0', '4000', '0', '255', '-b', '3', '-b', '2', '-b', '1']),
           ('jpg', 'JPEG', ['-ot', 'Byte', '-scale', '0', '4000', '0', '255', '-b', '3', '-b', '2', '-b', '1']),
           ('jp2', 'JP2OpenJPEG', []))


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def sound_files(folder):
    """(extension, bytes) of sound pictures in the formats that can be made here."""
    found = [('tif', content(SAMPLE[0]))]
    for i, (extension, driver, words) in enumerate(FORMATS):
        path = os.path.join(folder, f'{i}.{extension}')
        if shutil.which('gdal_translate') and subprocess.run(
                ['gdal_translate', '-q', '-of', driver, *words, SAMPLE[0], path], capture_output=True, check=False).returncode == 0:
            found.append((extension, content(path)))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('highresdynamic.npy', b'\x93NUMPY\x01\x00v\x00{\'descr\': \'<f2\', \'fortran_order\': False, '
                   b'\'shape\': (64, 64, 7, 3), }'.ljust(128 - 1) + b'\n' + bytes(64 * 64 * 7 * 3 * 2))
    found.append(('npz', archive.getvalue()))
    return found


def mutated(data, chance):
    data = bytearray(data)
    kind = chance.choice(('head', 'head', 'anywhere', 'tail', 'cut', 'zero'))
    if kind == 'cut':
        return data[:chance.randrange(len(data) // 20, len(data))]
    if kind == 'zero':
        at, size = chance.randrange(len(data)), chance.choice((16, 512, 8192))
        data[at:at + size] = bytes(len(data[at:at + size]))
        return data
    low, high = {'head': (4, 600), 'anywhere': (0, len(data)), 'tail': (len(data) - 800, len(data))}[kind]
    for _ in range(chance.choice((1, 2, 5, 30))):
        at = min(max(chance.randrange(low, high), 0), len(data) - 1)
        data[at] = chance.choice((chance.randrange(256), 0, 255, data[at] ^ 1 << chance.randrange(8)))
    return data


def check_line(text, server, what):
    assert text and '\n' not in text and len(text) < 700, (what, text)
    assert server.folder not in text, (what, text)


def one(server, visitor, name, data):
    """What became of it: refused, bad, failed or done."""
    job = visitor.new_job()
    try:
        answer = visitor.upload(job, name, bytes(data))
        if answer.status != 201:
            assert answer.status in (400, 413, 415), (name, answer.status, answer.body)
            check_line(answer.json['error'], server, name)
            return 'refused'
        for path in SAMPLE[1:3]:
            assert visitor.upload(job, os.path.basename(path), content(path)).status == 201
        state = visitor.read_all(job)
        first = state['pictures'][0]
        if first['state'] == 'bad':
            check_line(first['error'], server, name)
            assert [p['state'] for p in state['pictures'][1:]] == ['good', 'good'], state
            return 'bad'
        answer = visitor.post(f'/api/jobs/{job}/run', {'pictures': [0, 1, 2], 'options': {}})
        if answer.status != 202: # does not fit the others
            check_line(answer.json['error'], server, name)
            return 'refused to run'
        run = visitor.wait(job, lambda s: s['run']['state'] in ('done', 'failed'), 300)['run']
        if run['state'] == 'failed':
            check_line(run['error'], server, name)
        return run['state']
    finally:
        visitor.ask('DELETE', f'/api/jobs/{job}')


def main():
    probe = subprocess.run([PROGRAM, 'serve', '/nothing.tif'], capture_output=True, text=True, timeout=60, check=False)
    if 'libmicrohttpd' in probe.stderr:
        print('skipped: built without libmicrohttpd')
        return 77
    if os.environ.get('CLEARVISION_NET') == 'none':
        print('skipped: built without the networks, which find the clouds')
        return 77
    counts, slowest = {}, 0
    with tempfile.TemporaryDirectory() as folder, Server(PROGRAM) as server:
        files = sound_files(folder)
        visitor = Visitor(server, timeout=300)
        # What the page does not take is said at once, whatever is behind it.
        assert one(server, visitor, 'cube.nc', b'\x89HDF\r\n\x1a\n' + bytes(600)) == 'refused'
        assert one(server, visitor, 'cube.nc', b'CDF\x01' + bytes(600)) == 'refused'
        for i in range(COUNT):
            extension, data = files[i % len(files)]
            begun = time.monotonic()
            try:
                what = one(server, visitor, f'2023-05-{i % 28 + 1:02}_{SEED}_{i}.{extension}', mutated(data, random.Random(SEED * 1000003 + i)))
            except Exception as e:
                kept = os.path.join(tempfile.gettempdir(), f'damaged_{SEED}_{i}.{extension}')
                with open(kept, 'wb') as file:
                    file.write(mutated(data, random.Random(SEED * 1000003 + i)))
                print(f'FAILED: {kept}: {e!r}; server: {server.process.poll()} {server.stderr()}')
                return 1
            slowest = max(slowest, time.monotonic() - begun)
            key = f'{extension} {what}'
            counts[key] = counts.get(key, 0) + 1
        assert one(server, visitor, 'sound.tif', content(SAMPLE[0])) == 'done', 'a sound run after them'
        assert server.process.poll() is None
        assert server.stop() == -15
        assert (server.left(), server.folders()) == ([], []), (server.left(), server.folders())
        assert server.stderr() == '', server.stderr()
        # The same as an example on the command line: one line, exit status 1.
        for i, (extension, data) in enumerate(files):
            path = os.path.join(folder, f'cut{i}.{extension}')
            with open(path, 'wb') as file:
                file.write(data[:len(data) // 8] if extension != 'jpg' else data[:60])
            try:
                with Server(PROGRAM, path): # some cut files open: the page is there
                    pass
            except RuntimeError:
                run = subprocess.run([PROGRAM, 'serve', path], capture_output=True, text=True, timeout=60, check=False)
                lines = run.stderr.splitlines() # one; libjpeg's advice in it may name an option with ERROR in its name
                assert run.returncode == 1 and len(lines) == 1 and lines[0].startswith('ERROR'), (path, run)
    print(', '.join(f'{name}: {n}' for name, n in sorted(counts.items())), f'; slowest {slowest:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
