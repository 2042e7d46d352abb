# SPDX-License-Identifier: MIT
"""Many jobs of one `clearvision serve` and many views of one process: memory, descriptors and files do not grow.

    soak.py PROGRAM WORK_FOLDER COUNT [FOLDER_OF_THE_PLUG-IN]

By hand (long.sh). Jobs are runs with several options, checks, damaged pictures, cancelled runs, uploads that break off, archives;
views are opened, read in part and closed. Prints what there was after a tenth of the rounds and at the end; exit status 1 when
more than a fixed allowance was added between the two.
"""
import glob
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'web'))
from server import Server, Visitor  # pylint: disable=wrong-import-position

PROGRAM, WORK, COUNT = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
PLUGIN = sys.argv[4] if len(sys.argv) > 4 else None
MEMORY_MB = 24 # what allocators keep differs from round to round by some MB


def tell(name, before, after):
    print(f'{name}: memory {before[0]:.0f} -> {after[0]:.0f} MB, descriptors {before[1]} -> {after[1]}, '
          f'files {before[2]} -> {after[2]}', flush=True)


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def broken_off(server, visitor, job, data):
    """An upload whose connection ends in the middle."""
    with socket.create_connection(('127.0.0.1', server.port), timeout=20) as s:
        s.sendall((f'POST /api/jobs/{job}/pictures?name=a.tif HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n'
                   f'Cookie: {visitor.cookie}\r\nContent-Length: {len(data)}\r\n\r\n').encode() + data[:len(data) // 2])


def one_job(server, pictures, chance):
    visitor = Visitor(server)
    job = visitor.new_job()
    kind = chance.choice(('run', 'run', 'run', 'check', 'damaged', 'cancel', 'broken off', 'nothing'))
    if kind == 'damaged':
        visitor.upload(job, 'damaged.tif', content(pictures[0])[:chance.randrange(100, 4000)])
    if kind == 'broken off':
        broken_off(server, visitor, job, content(pictures[0]))
    for path in pictures if kind != 'nothing' else []:
        assert visitor.upload(job, os.path.basename(path), content(path)).status == 201
    if kind in ('run', 'damaged'):
        run = visitor.run(job, masks=chance.random() < 0.5, quality=chance.random() < 0.5, stack=chance.random() < 0.3)['run']
        assert run['state'] == 'done', run
        archive = visitor.get(f'/jobs/{job}/clearvision.zip')
        assert archive.status == 200 and archive.body[:2] == b'PK'
        for file in run['files']:
            assert visitor.get(f'/jobs/{job}/{urllib.parse.quote(file["name"])}').status == 200
    elif kind == 'check':
        visitor.read_all(job)
        visitor.post(f'/api/jobs/{job}/check', {'pictures': list(range(len(pictures)))})
        visitor.wait(job, lambda s: s['check']['state'] in ('done', 'failed'))
    elif kind == 'cancel':
        visitor.read_all(job)
        visitor.post(f'/api/jobs/{job}/run', {'pictures': list(range(len(pictures))), 'options': {}})
        time.sleep(chance.random() * 0.3)
        visitor.post(f'/api/jobs/{job}/cancel')
        visitor.wait(job, lambda s: s['run']['state'] in ('done', 'failed', 'cancelled'))
    visitor.ask('DELETE', f'/api/jobs/{job}')
    visitor.connection.close()
    return kind


def serve_rounds(pictures):
    chance, kinds, before = random.Random(5), {}, None
    with Server(PROGRAM) as server:
        for i in range(COUNT):
            kind = one_job(server, pictures, chance)
            kinds[kind] = kinds.get(kind, 0) + 1
            if i + 1 == max(COUNT // 10, 1):
                time.sleep(1)
                before = (server.memory(), server.descriptors(), len(server.left()))
        time.sleep(1)
        after = (server.memory(), server.descriptors(), len(server.left()))
        assert server.process.poll() is None, 'the server has ended'
        server.stop()
        left, errors = server.left(), server.stderr()
    print('serve:', ', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items())))
    tell('serve', before, after)
    return [('serve', before, after)], left, errors


def own_memory():
    with open('/proc/self/status', encoding='ascii') as status:
        return int(next(line for line in status if line.startswith('VmRSS')).split()[1]) / 1000


def view_rounds(pictures, masks):
    os.environ['GDAL_DRIVER_PATH'] = PLUGIN
    from osgeo import gdal # pylint: disable=import-outside-toplevel
    gdal.UseExceptions()
    run = [PROGRAM, 'remove', *pictures, '-mask_mode', 'replace', *(w for m in masks for w in ('-mask', m)), '-q', '-of', 'CLEARVISION',
           '-masks', '-quality', '-o', 'views']
    subprocess.run(run, check=True)
    views, chance, before = sorted(glob.glob('views/*.cvrt.json')), random.Random(6), None

    def seen():
        return own_memory(), len(os.listdir('/proc/self/fd')), sum(len(names) for _, _, names in os.walk('.'))
    for i in range(COUNT):
        dataset = gdal.Open(chance.choice(views))
        x, y = chance.randrange(dataset.RasterXSize - 16), chance.randrange(dataset.RasterYSize - 16)
        assert dataset.ReadAsArray(x, y, 16, 16) is not None
        dataset = None
        if i + 1 == max(COUNT // 10, 1):
            before = seen()
    print(f'views: {COUNT} opened, read and closed')
    tell('views', before, seen())
    return [('views', before, seen())]


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    os.makedirs(WORK)
    os.chdir(WORK)
    subprocess.run([PROGRAM, 'simulate', '-q', '-o', 'in', '-size', '96', '80', '-dates', '3', '-seed', '4'], check=True)
    pictures, masks = sorted(glob.glob('in/*.tif')), sorted(glob.glob('in/mask/*.tif'))
    rows, left, errors = serve_rounds(pictures)
    if PLUGIN:
        rows += view_rounds(pictures, masks)
    failed = bool(left or errors)
    for _, before, after in rows:
        failed = failed or after[0] - before[0] > MEMORY_MB or after[1] > before[1] + 2 or after[2] > before[2]
    if left or errors:
        print('left:', left[:5], errors)
    return int(failed)


if __name__ == '__main__':
    sys.exit(main())
