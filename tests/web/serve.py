# SPDX-License-Identifier: MIT
"""The server of `clearvision serve` by its HTTP interface: what is asked for comes, what must not come does not.

    serve.py PROGRAM SOURCE [SCRATCH]      exit status 0: all well, 77: something that is needed is missing
"""
import glob
import http.client
import io
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile
import zlib

from server import Server, Visitor

PROGRAM, SOURCE = sys.argv[1:3]
SAMPLE = sorted(glob.glob(os.path.join(SOURCE, 'data/sample/*.tif')))
TESTS = []


def test(function):
    TESTS.append(function)
    return function


def same(got, wanted, what=''):
    assert got == wanted, f'{what}: {got!r} instead of {wanted!r}'


def content(path):
    with open(path, 'rb') as file:
        return file.read()


def png(width, height, rows=None):
    """A PNG in RGB; without rows it declares its size and holds almost nothing."""
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows if rows is not None else b'')) + chunk(b'IEND', b''))


def picture(seed, width=64, height=64):
    """A PNG that shows something."""
    state, rows = seed, bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            state = (state * 1103515245 + 12345) & 0x7fffffff
            level = 60 + 40 * ((x // 16 + y // 16) % 2) + (state >> 16) % 8
            rows += bytes((level, level + 10, level // 2))
    return png(width, height, bytes(rows))


def raw(server, data, wait=10):
    """Bytes as they are; the answer's first line, '' when the connection was closed without one."""
    with socket.create_connection(('127.0.0.1', server.port), timeout=wait) as s:
        s.sendall(data)
        answer = b''
        try:
            while b'\r\n' not in answer:
                piece = s.recv(4096)
                if not piece:
                    break
                answer += piece
        except (ConnectionResetError, socket.timeout):
            pass
        return answer.split(b'\r\n')[0].decode('latin-1')


# ---- The whole way -----------------------------------------------------------------------------------


@test
def upload_run_and_save(server):
    v = Visitor(server)
    job = v.new_job()
    for path in SAMPLE:
        same(v.upload(job, os.path.basename(path), content(path)).status, 201)
    state = v.read_all(job)
    same([p['state'] for p in state['pictures']], ['good'] * len(SAMPLE))
    same([p['first'] for p in state['pictures']][0], '2023-04-08')
    thumb = v.get(f'/api/jobs/{job}/pictures/0.png')
    same((thumb.status, thumb.body[:4]), (200, b'\x89PNG'))

    answer = v.post(f'/api/jobs/{job}/check', {'pictures': list(range(len(SAMPLE)))})
    same(answer.status, 202)
    check = v.wait(job, lambda s: s['check']['state'] in ('done', 'failed'))['check']
    same(check['state'], 'done')
    assert {c['name'] for c in check['series']['checks']} >= {'dates', 'cloud', 'sharpness'}, check
    same(len(check['series']['dates']), len(SAMPLE))

    state = v.run(job, quality=True, masks=True)
    same(state['run']['state'], 'done', state['run'])
    same(state['run']['progress'], 1)
    names = {f['name']: f['bytes'] for f in state['run']['files']}

    # The same as the program writes.
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, 'out')
        subprocess.run([PROGRAM, 'remove', '-q', '-quality', '-masks', '-o', out, *SAMPLE], check=True)
        same(sorted(names), sorted(os.listdir(out)))
        for name in names:
            same(v.get(f'/jobs/{job}/{name}').body, content(os.path.join(out, name)), name)

    # All of them as one archive, in one piece and in parts.
    whole = v.get(f'/jobs/{job}/clearvision.zip')
    same((whole.status, whole.headers['Content-Type']), (200, 'application/zip'))
    same(len(whole.body), state['run']['zip']['bytes'])
    archive = zipfile.ZipFile(io.BytesIO(whole.body))
    assert archive.testzip() is None
    same(sorted(archive.namelist()), sorted(names))
    for name in names:
        same(archive.read(name), v.get(f'/jobs/{job}/{name}').body, name)
    cut = len(whole.body) // 3
    parts = [v.get(f'/jobs/{job}/clearvision.zip', Range=f'bytes={a}-{b}') for a, b in ((0, cut), (cut + 1, ''))]
    same([p.status for p in parts], [206, 206])
    same(parts[0].body + parts[1].body, whole.body)

    # Ranges of a file.
    name = next(iter(names))
    body = v.get(f'/jobs/{job}/{name}').body
    for header, status, wanted in (('bytes=0-9', 206, body[:10]), ('bytes=-10', 206, body[-10:]), ('bytes=5-', 206, body[5:]),
                                   ('bytes=0-0,2-3', 200, body), ('bytes=9-2', 200, body), ('lines=1-2', 200, body)):
        answer = v.get(f'/jobs/{job}/{name}', Range=header)
        same((answer.status, answer.body), (status, wanted), header)
    same(v.get(f'/jobs/{job}/{name}', Range=f'bytes={len(body)}-').status, 416)
    same(v.ask('HEAD', f'/jobs/{job}/{name}').headers['Content-Length'], str(len(body)))

    # The report that the page shows; it names no folder of this machine.
    series = v.get(f'/jobs/{job}/report/series.json')
    same(len(series.json['dates']), len(SAMPLE))
    assert server.folder not in series.body.decode(), 'a path of the temporary folder'
    image = series.json['dates'][0]['images']['clear']
    same(v.get(f'/jobs/{job}/report/{image}').body[:4], b'\x89PNG')
    for date in series.json['dates']:
        href = urllib.parse.urljoin(f'/jobs/{job}/report/', date['output']['href'])
        same(len(v.get(href).body), date['output']['bytes'], href)

    # Again, as a stack: the former result is gone.
    state = v.run(job, stack=True)
    same([f['name'] for f in state['run']['files']], ['series.tif'])
    same(v.get(f'/jobs/{job}/{name}').status, 404)
    same(v.ask('DELETE', f'/api/jobs/{job}').status, 200)
    same(v.get(f'/api/jobs/{job}').status, 404)


@test
def methods_are_those_of_remove(server):
    methods = Visitor(server).get('/api/state').json['methods']
    said = subprocess.run([PROGRAM, 'remove', *SAMPLE, '-method', 'magic'], capture_output=True, text=True, timeout=60, check=False).stderr
    same([m['name'] for m in methods], said.strip().split(' is not one of ')[1].split(', '))
    same([m['label'] for m in methods if not m['label']], [])


@test
def example_without_uploads(server):
    v = Visitor(server)
    examples = v.get('/api/state').json['examples']
    same([e['dates'] for e in examples], [8])
    job = v.new_job(0)
    state = v.read_all(job)
    same([p['state'] for p in state['pictures']], ['good'] * 8)
    same(v.upload(job, 'a.png', picture(1)).status, 409)
    same(v.ask('DELETE', f'/api/jobs/{job}/pictures/0').status, 409)
    state = v.run(job, method='linear')
    same(state['run']['state'], 'done', state['run'])
    assert all(SOURCE not in text for text in state['run']['messages']), state['run']['messages']
    same(v.post('/api/jobs', {'example': 7}).status, 404)


@test
def pictures_without_dates(server):
    v = Visitor(server)
    job = v.new_job()
    for i in range(3):
        same(v.upload(job, f'picture {i}.png', picture(i)).status, 201)
    state = v.read_all(job)
    same([p['state'] for p in state['pictures']], ['good'] * 3, state['pictures'])
    same([p['first'] for p in state['pictures']], [None] * 3)
    numbers = [2, 0, 1]
    answer = v.post(f'/api/jobs/{job}/run', {'pictures': numbers})
    same(answer.status, 400)
    assert 'no date' in answer.json['error'], answer.json
    for dates in (['2020-01-01'], ['2020-01-01', '2020-13-01', '2020-01-03'], ['2020-01-01', None, None], ['x' * 5000] * 3):
        same(v.post(f'/api/jobs/{job}/run', {'pictures': numbers, 'dates': dates}).status, 400, dates)
    answer = v.post(f'/api/jobs/{job}/run', {'pictures': numbers, 'dates': ['2020-01-01', '2020-01-11', '2020-01-21'],
                                             'options': {'method': 'linear'}})
    same(answer.status, 202, answer.body)
    state = v.wait(job, lambda s: s['run']['state'] in ('done', 'failed'))
    same(state['run']['state'], 'done', state['run'])
    series = v.get(f'/jobs/{job}/report/series.json').json
    same([d['date'][:10] for d in series['dates']], ['2020-01-01', '2020-01-11', '2020-01-21'])
    assert 'picture_2' in series['dates'][0]['stem'], series['dates'][0]


@test
def cancelled_while_running_and_waiting(server):
    first, second = Visitor(server), Visitor(server)
    jobs = []
    for v in (first, second):
        job = v.new_job(0)
        v.read_all(job)
        jobs.append(job)
    wanted = {'pictures': list(range(8))}
    same(first.post(f'/api/jobs/{jobs[0]}/run', wanted).status, 202)
    same(second.post(f'/api/jobs/{jobs[1]}/run', wanted).status, 202)
    same(first.post(f'/api/jobs/{jobs[0]}/run', wanted).status, 409)
    waiting = second.job(jobs[1])['run']
    assert waiting['state'] != 'waiting' or waiting['position'] in (1, 2), waiting  # the lane may not have begun yet
    same(second.post(f'/api/jobs/{jobs[1]}/cancel').status, 200)
    state = second.wait(jobs[1], lambda s: s['run']['state'] not in ('waiting', 'running'))
    same(state['run']['state'], 'cancelled')
    first.wait(jobs[0], lambda s: s['run']['progress'] > 0)
    begun = time.monotonic()
    first.post(f'/api/jobs/{jobs[0]}/cancel')
    state = first.wait(jobs[0], lambda s: s['run']['state'] not in ('waiting', 'running'))
    same(state['run']['state'], 'cancelled', state['run'])
    assert time.monotonic() - begun < 10
    same(first.get(f'/jobs/{jobs[0]}/clearvision.zip').status, 404)
    # It works again afterwards, and a job that is deleted while it runs goes too.
    first.post(f'/api/jobs/{jobs[0]}/run', wanted)
    first.ask('DELETE', f'/api/jobs/{jobs[0]}')
    same(second.run(jobs[1], method='linear')['run']['state'], 'done')


# ---- Who may ask -------------------------------------------------------------------------------------


@test
def without_the_token_nothing(server):
    v = Visitor(server, enter=False)
    for path in ('/', '/app.js', '/viewer.css', '/api/state', '/?token=', '/?token=' + '0' * 48, '/?token=' + server.token[:-1],
                 '/?token=' + server.token + '0', '/api/state?token=' + server.token):
        same(v.get(path).status, 403, path)
    name = f'clearvision_{server.port}'
    for cookie in (server.token, server.token + '.', server.token + '.' + 'g' * 32, 'x' * 48 + '.' + 'a' * 32, '', '=' * 4000):
        same(v.get('/api/state', Cookie=f'{name}={cookie}').status, 403, cookie)
    same(v.get('/api/state', Cookie=f'other={server.token}.{"a" * 32}').status, 403)
    same(v.post('/api/jobs', {}).status, 403)
    good = Visitor(server)
    same(good.get('/api/state').status, 200)
    same(good.get('/').status, 200)
    page = good.get(f'/?token={server.token}')
    assert page.headers['Set-Cookie'] is None, 'a visitor who is known stays the same'


@test
def cookie_and_heads(server):
    v = Visitor(server, enter=False)
    answer = v.get(f'/?token={server.token}')
    cookie = answer.headers['Set-Cookie']
    assert 'HttpOnly' in cookie and 'SameSite=Strict' in cookie and 'Path=/' in cookie, cookie
    for path, kind in (('/', 'text/html; charset=utf-8'), ('/app.css', 'text/css; charset=utf-8'),
                       ('/viewer.js', 'text/javascript; charset=utf-8'), ('/api/state', 'application/json'), ('/nothing', 'application/json')):
        heads = v.get(path, Cookie=cookie.split(';')[0]).headers
        same(heads['Content-Type'], kind, path)
        assert "default-src 'self'" in heads['Content-Security-Policy']
        same(heads['X-Content-Type-Options'], 'nosniff')
        same(heads['Cache-Control'], 'no-store')
        same(heads['Referrer-Policy'], 'no-referrer')
        same(heads['Cross-Origin-Resource-Policy'], 'same-origin')
        assert heads['Access-Control-Allow-Origin'] is None
    assert b'<script>' not in answer.body and b'style=' not in answer.body


@test
def other_hosts_and_origins(server):
    v = Visitor(server)
    port = server.port
    for host in ('evil.example', f'evil.example:{port}', '127.0.0.1', f'127.0.0.1:{port + 1}', f'127.0.0.1.evil.example:{port}',
                 f'localhost:{port}.evil.example', '', f'127.0.0.1:{port}@evil', f'127.0.0.2:{port}', f'[::1]:{port}x'):
        same(v.get('/api/state', Host=host).status, 403, host)
        same(v.get('/?token=' + server.token, Host=host).status, 403, host)
    for host in (f'127.0.0.1:{port}', f'localhost:{port}', f'LOCALHOST:{port}', f'[::1]:{port}'):
        same(v.get('/api/state', Host=host).status, 200, host)
    for origin in ('http://evil.example', 'null', f'https://127.0.0.1:{port}', f'http://127.0.0.1:{port + 1}', 'http://127.0.0.1', '', 'file://'):
        same(v.ask('POST', '/api/jobs', {}, {'Origin': origin}).status, 403, origin)
        same(v.get('/api/state', Origin=origin).status, 403, origin)
    for site in ('cross-site', 'same-site'):
        same(v.get('/api/state', **{'Sec-Fetch-Site': site}).status, 403, site)
    same(v.get('/?token=' + server.token, **{'Sec-Fetch-Site': 'cross-site'}).status, 200)
    answer = v.ask('POST', '/api/jobs', {}, {'Origin': f'http://localhost:{port}', 'Sec-Fetch-Site': 'same-origin'})
    same(answer.status, 201)
    v.ask('DELETE', '/api/jobs/' + answer.json['id'])
    # Two Host lines, none, and HTTP/1.0 without one.
    cookie = v.cookie.encode()
    for lines in (b'Host: 127.0.0.1:%d\r\nHost: evil.example\r\n' % port, b''):
        first = raw(server, b'GET /api/state HTTP/1.1\r\n' + lines + b'Cookie: ' + cookie + b'\r\n\r\n')
        assert ' 403' in first or ' 400' in first or first == '', first
    assert ' 200' not in raw(server, b'GET /api/state HTTP/1.0\r\nCookie: ' + cookie + b'\r\n\r\n')


@test
def only_this_machine(server):
    with open('/proc/net/tcp', encoding='ascii') as table:
        lines = [line.split() for line in table][1:]
    listening = [fields[1] for fields in lines if fields[3] == '0A' and fields[1].endswith(f':{server.port:04X}')]
    same(listening, [f'0100007F:{server.port:04X}'])
    if os.path.exists('/proc/net/tcp6'):
        with open('/proc/net/tcp6', encoding='ascii') as table:
            lines = [line.split() for line in table][1:]
        listening = [fields[1] for fields in lines if fields[3] == '0A' and fields[1].endswith(f':{server.port:04X}')]
        assert listening in ([], [f'00000000000000000000000001000000:{server.port:04X}']), listening
        if listening:
            v = Visitor(server, enter=False, host='::1')
            same(v.get('/?token=' + server.token).status, 200)


@test
def visitors_do_not_see_each_other(server):
    mine, other = Visitor(server), Visitor(server)
    job = mine.new_job(0)
    mine.run(job, method='linear')
    name = mine.job(job)['run']['files'][0]['name']
    same(mine.get(f'/jobs/{job}/{name}').status, 200)
    for path in (f'/api/jobs/{job}', f'/jobs/{job}/{name}', f'/jobs/{job}/clearvision.zip', f'/api/jobs/{job}/pictures/0.png'):
        same(other.get(path).status, 404, path)
    for path in ('cancel', 'leave', 'run', 'check', 'pictures?name=a.png'):
        same(other.post(f'/api/jobs/{job}/{path}', {}).status, 404, path)
    same(other.ask('DELETE', f'/api/jobs/{job}').status, 404)
    same(mine.get(f'/api/jobs/{job}').status, 200)


# ---- Hostile requests --------------------------------------------------------------------------------


@test
def paths_are_names_in_a_table(server):
    v = Visitor(server)
    job = v.new_job(0)
    v.run(job, method='linear')
    name = v.job(job)['run']['files'][0]['name']
    paths = ['/..', '/../etc/passwd', '/%2e%2e/etc/passwd', '/..%2fetc/passwd', '/app.js/../../etc/passwd', '//etc/passwd', '/app.js%00',
             '/app.js%00.png', '/api', '/api/', '/api/jobs/', '/api/jobs/x', f'/api/jobs/{job}x', f'/api/jobs/{job}/', f'/api/jobs/{job}/x',
             f'/api/jobs/{job.upper()}', f'/jobs/{job}', f'/jobs/{job}/', f'/jobs/{job}/../{job}/{name}', f'/jobs/{job}/./{name}',
             f'/jobs/{job}/report/../{name}', f'/jobs/{job}/%2e%2e/{name}', f'/jobs/{job}/report', f'/jobs/{job}/report/', f'/jobs/{job}//{name}',
             f'/jobs/{job}/{name}%00', f'/jobs/{job}/{name}/', f'/jobs/{job}/{name}%2f', f'/jobs/{job}/../lock', '/lock',
             f'/api/jobs/{job}/pictures/..', f'/api/jobs/{job}/pictures/0', f'/api/jobs/{job}/pictures/8.png', f'/api/jobs/{job}/pictures/-1.png',
             f'/api/jobs/{job}/pictures/00000000000000000000.png', f'/api/jobs/{job}/pictures/../pictures/0.png', '/' + 'a' * 20000, '/%', '/%zz', '/\xff']
    for path in paths:
        first = raw(server, f'GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {v.cookie}\r\n\r\n'.encode('latin-1'))
        assert first == '' or first.split()[1] in ('400', '404', '405', '413', '414', '431'), (path[:60], first)
    for method in ('PUT', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'GETT'):
        first = raw(server, f'{method} /api/state HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {v.cookie}\r\n\r\n'.encode())
        assert ' 405' in first, (method, first)
    same(v.post('/api/state', {}).status, 405)
    same(v.get('/api/jobs').status, 405)
    same(v.get(f'/api/jobs/{job}/run').status, 405)
    same(v.post(f'/jobs/{job}/{name}').status, 405)
    same(v.get('/api/state').status, 200)


@test
def malformed_requests(server):
    v = Visitor(server)
    job = v.new_job(0)
    v.read_all(job)
    host = f'Host: 127.0.0.1:{server.port}\r\nCookie: {v.cookie}\r\n'.encode()
    for data in (b'\r\n' * 50, b'\0' * 5000, b'GET\r\n\r\n', b'GET / HTTP/9.9\r\n' + host + b'\r\n', os.urandom(3000),
                 b'GET / HTTP/1.1\r\n' + host + b'X: ' + b'y' * 100000 + b'\r\n\r\n', b'GET / HTTP/1.1\r\n' + host + b'X: y\r\n' * 20000 + b'\r\n',
                 b'POST /api/jobs HTTP/1.1\r\n' + host + b'Content-Length: -5\r\n\r\n', b'POST /api/jobs HTTP/1.1\r\n' + host + b'Content-Length: 99999999999999999999999\r\n\r\n',
                 b'POST /api/jobs HTTP/1.1\r\n' + host + b'Transfer-Encoding: chunked\r\n\r\nzz\r\n', b'\x16\x03\x01\x02\x00\x01\x00'):
        first = raw(server, data, wait=3)
        assert ' 20' not in first, (data[:40], first)
    for body in ('{', '[]', '"x"', '[' * 5000, '{"pictures": [' + '0,' * 9000 + '0]}', '{"pictures": "x"}', '{"pictures": [0.5]}', '{"pictures": [0, 0]}',
                 '{"pictures": [-1, 99999999999]}', '{"pictures": [0]}', '{}', '\0', '{"pictures": [0, 1], "dates": ["2020-01-01"]}'):
        for what in ('run', 'check'):
            same(v.post(f'/api/jobs/{job}/{what}', body).status, 400, (what, body[:40]))
    two = '{"pictures": [0, 1], "options": %s}'
    for options in ('{"dilate": -1}', '{"dilate": 65}', '{"dilate": 1.5}', '{"dilate": "2"}', '{"threshold": 0}', '{"threshold": 2}', '{"method": "magic"}', '{"stack": 1}'):
        same(v.post(f'/api/jobs/{job}/run', two % options).status, 400, options)
    try:
        status = v.post(f'/api/jobs/{job}/run', 'x' * 200000).status
    except (ConnectionError, http.client.HTTPException):
        status = 0
    assert status in (0, 400, 413), status
    same(v.job(job)['run']['state'], 'none')


@test
def hostile_uploads(server):
    v = Visitor(server)
    job = v.new_job()
    secret = os.path.join(server.folder, 'secret.txt')
    with open(secret, 'w', encoding='ascii') as file:
        file.write('root:x:0:0\n')
    bands = ''.join(f'<VRTRasterBand dataType="UInt16" band="{b}"><SimpleSource><SourceFilename>{SAMPLE[0]}</SourceFilename>'
                    f'<SourceBand>{b}</SourceBand></SimpleSource></VRTRasterBand>' for b in (1, 2, 3))
    vrt = f'<VRTDataset rasterXSize="224" rasterYSize="224">{bands}</VRTDataset>'.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, 'w') as archive:
        archive.writestr('../../evil.tif', content(SAMPLE[0]))
        archive.writestr('highresdynamic.npy', b'\x93NUMPY\x01\x00\x76\x00' + b"{'descr': '|O', 'fortran_order': False, 'shape': (9,), }".ljust(117) + b'\n')
    refused = {'a.vrt': vrt, 'a.tif': vrt, 'a.json': json.dumps({'type': 'gdal_streamed_alg', 'command_line': 'x'}).encode(), 'a.txt': SAMPLE[0].encode(),
               'a.xml': b'<?xml version="1.0"?><GDAL_WMS></GDAL_WMS>', 'a.html': b'<script>alert(1)</script>' * 9, 'a.gif': b'GIF89a' + b'\0' * 90, 'empty.tif': b'',
               'short.tif': b'II*', 'a.nc': b'CDF\x01' + b'\0' * 90, 'a.hdf': b'\x89HDF\r\n\x1a\n' + b'\0' * 90, 'a.tar': b'a' * 512, 'a.gz': b'\x1f\x8b' + b'\0' * 90}
    for name, data in refused.items():
        answer = v.upload(job, name, data)
        same(answer.status, 415, name)
        assert 'GeoTIFF' in answer.json['error'], answer.json
    same(v.job(job)['pictures'], [])
    same(v.job(job)['bytes'], 0)

    # Of an accepted kind by their first bytes, but not good: said for each, and their bytes go.
    sample = content(SAMPLE[0])
    # GDAL takes this for a VRT, unless it is told which drivers may look at it.
    jpeg = b'\xff\xd8\xff' + vrt
    bad = {'cut.tif': sample[:len(sample) // 2], 'noise.tif': b'II*\0' + os.urandom(5000), 'noise.png': b'\x89PNG\r\n\x1a\n' + os.urandom(500), 'huge.png': png(30000, 30000),
           'vrt.jpg': jpeg, 'zip.npz': buffer.getvalue(), 'noise.jp2': b'\0\0\0\x0cjP  \r\n\x87\n' + os.urandom(300), 'polyglot.tif': b'MM\0*' + vrt,
           'vsi.tif': b'II*\0' + b'/vsicurl/http://127.0.0.1:1/x'}
    for name, data in bad.items():
        same(v.upload(job, name, data).status, 201, name)
    state = v.read_all(job)
    same({p['name']: p['state'] for p in state['pictures'] if p['state'] != 'bad' and p['name'] != 'cut.tif'}, {})
    for p in state['pictures']:
        if p['state'] == 'bad':
            assert p['error'] and server.folder not in p['error'], p
            same(p['bytes'], 0, p)
    # A picture that breaks off is found out at the latest when it is worked on.
    for name in ('b_20230413.tif', 'c_20230423.tif'):
        same(v.upload(job, name, content(SAMPLE[1])).status, 201)
    state = v.run(job)
    if any(p['name'] == 'cut.tif' and p['state'] == 'good' for p in state['pictures']):
        same(state['run']['state'], 'failed', state['run'])
        assert server.folder not in state['run']['error'], state['run']

    # Names: nothing of them becomes a path.
    for name, shown in (('../../../etc/cron.d/x.tif', 'x.tif'), ('..\\..\\x_20230101.tif', 'x_20230101.tif'), ('.htaccess', '_htaccess.tif'), ('a/b/c/..', '_.tif'),
                        ('a b"c<d>.tif', 'a_b_c_d_.tif'), ('é水.tif', 'é水.tif'), ('x' * 500 + '.tif', None), ('-rf.tif', '-rf.tif'), ('a\nb.tif', 'a_b.tif')):
        answer = v.upload(job, name, sample)
        same(answer.status, 201, name)
        got = [p['name'] for p in v.job(job)['pictures'] if p['number'] == answer.json['number']][0]
        assert got == shown or (shown is None and len(got.encode()) < 132) or (name == 'a/b/c/..' and got.endswith('.tif')), (name, got)
    for query in ('', '?name=', '?name=%00', '?name=a%00.tif', '?nam=x'):
        answer = v.post(f'/api/jobs/{job}/pictures{query}', sample)
        assert answer.status == 400, (query, answer.status)
    v.read_all(job)
    v.ask('DELETE', f'/api/jobs/{job}')
    os.unlink(secret)


@test
def uploads_that_are_cut(server):
    v = Visitor(server)
    job = v.new_job()
    before = sorted(server.left())
    sample = content(SAMPLE[0])
    for kept in (0, 5, 20, 100000):
        head = (f'POST /api/jobs/{job}/pictures?name=a.tif HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {v.cookie}\r\n'
                f'Content-Length: {len(sample)}\r\n\r\n').encode()
        with socket.create_connection(('127.0.0.1', server.port)) as s:
            s.sendall(head + sample[:kept])
            time.sleep(0.2)
    end = time.monotonic() + 10
    while (v.job(job)['bytes'] or v.job(job)['pictures']) and time.monotonic() < end:
        time.sleep(0.1)
    state = v.job(job)
    same((state['bytes'], state['pictures']), (0, []))
    same(sorted(server.left()), before)
    v.ask('DELETE', f'/api/jobs/{job}')


@test
def large_requests(server):
    """A body that is no upload and too large is an answer, not a broken connection."""
    v = Visitor(server)
    job = v.new_job()
    for size in (65537, 300000, 9000000):
        for path in (f'/api/jobs/{job}/run', '/api/jobs'):
            answer = v.ask('POST', path, b'{"a": "' + b'x' * size + b'"}', {'Content-Type': 'application/json'})
            same(answer.status, 413, (path, size))
    same(v.get('/api/state').status, 200)
    v.ask('DELETE', f'/api/jobs/{job}')


@test
def half_open_connections(server):
    """Connections without the token, which send nothing or half a head, keep nobody out."""
    held = []
    for i in range(240):
        s = socket.create_connection(('127.0.0.1', server.port), timeout=5)
        if i % 2:
            s.sendall(b'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ')
        held.append(s)
    begun = time.monotonic()
    v = Visitor(server)
    same(v.get('/api/state').status, 200)
    took = time.monotonic() - begun
    assert took < 5, took
    for s in held:
        s.close()


@test
def too_many_of_everything(server):
    v = Visitor(server)
    jobs = [v.new_job() for _ in range(4)]
    answer = v.post('/api/jobs', {})
    same(answer.status, 429)
    tiny = picture(1, 16, 16)
    for i in range(60):
        same(v.upload(jobs[0], f'{i}.png', tiny).status, 201)
    same(v.upload(jobs[0], 'more.png', tiny).status, 409)
    same(v.ask('DELETE', f'/api/jobs/{jobs[0]}/pictures/7').status, 200)
    same(v.upload(jobs[0], 'more.png', tiny).status, 201)
    for job in jobs:
        v.ask('DELETE', f'/api/jobs/{job}')
    v.ask('DELETE', f'/api/jobs/{v.new_job()}')


# ---- Servers of their own ----------------------------------------------------------------------------


def oversized():
    with Server(PROGRAM, '-q', '-max_upload', '1') as server:
        v = Visitor(server)
        job = v.new_job()
        big = b'II*\0' + b'\0' * 1500000
        try:
            status = v.upload(job, 'big.tif', big).status
        except (ConnectionError, http.client.HTTPException):
            status = 413  # the answer came before all was sent, and the connection was closed
        same(status, 413)
        v = Visitor(server)
        job = v.new_job()
        connection = http.client.HTTPConnection('127.0.0.1', server.port, timeout=30)
        pieces = (big[i:i + 50000] for i in range(0, len(big), 50000))
        connection.request('POST', f'/api/jobs/{job}/pictures?name=a.tif', pieces, {'Cookie': v.cookie, 'Transfer-Encoding': 'chunked'}, encode_chunked=True)
        answer = connection.getresponse()
        same(answer.status, 413)
        assert '-max_upload' in json.loads(answer.read())['error']
        same((v.job(job)['bytes'], v.job(job)['pictures']), (0, []))
        same(v.upload(job, 'fine.png', picture(3)).status, 201)
        v.read_all(job)


def idle_jobs_go():
    with Server(PROGRAM, '-q', '-expire', '0.02') as server:
        v = Visitor(server)
        job = v.new_job(0)
        v.run(job, method='linear')
        assert len(server.left()) > 8
        end = time.monotonic() + 20
        while len(server.left()) > 1 and time.monotonic() < end:
            time.sleep(0.1)
        same(len(server.left()), 1, server.left())  # the lock
        same(v.get(f'/api/jobs/{job}').status, 404)


def ended_and_killed():
    for number, status in ((15, -15), (2, -2), (1, -1)):
        server = Server(PROGRAM)
        v = Visitor(server)
        job = v.new_job(0)
        v.read_all(job)
        v.post(f'/api/jobs/{job}/run', {'pictures': list(range(8))})
        v.wait(job, lambda s: s['run']['state'] == 'running')
        begun = time.monotonic()
        same(server.stop(number), status)
        assert time.monotonic() - begun < 10
        same((server.left(), server.folders()), ([], []))
        same(server.stderr(), '', 'no error line')
        os.rmdir(server.folder)
    # Killed: the next one cleans up, but not after one that lives.
    folder = tempfile.mkdtemp()
    alive, dead = Server(PROGRAM, folder=folder), Server(PROGRAM, folder=folder)
    v = Visitor(dead)
    v.read_all(v.new_job(0))
    same(len(dead.folders()), 2)
    dead.stop(9)
    same(len(dead.folders()), 2)
    third = Server(PROGRAM, folder=folder)
    assert any('removed what a server' in line for line in third.lines), third.lines
    same(len(third.folders()), 2)
    Visitor(alive).new_job(0)
    alive.stop()
    third.stop()
    same(third.folders(), [])
    os.rmdir(folder)


def command_line():
    def fails(*words):
        done = subprocess.run([PROGRAM, 'serve', *words], capture_output=True, text=True, timeout=60, check=False)
        same(done.returncode, 1, words)
        lines = [line for line in done.stderr.splitlines() if line.startswith('ERROR')]
        same(len(lines), 1, done.stderr)
        assert 'http://' not in done.stdout, done.stdout
        return lines[0]
    assert 'nothing.tif' in fails('nothing.tif')
    assert 'one date' in fails(SAMPLE[0])
    assert '-port' in fails('-port', '70000')
    assert '-max_upload' in fails('-max_upload', '0')
    with Server(PROGRAM, '-q') as server:
        assert 'cannot be used' in fails('-port', str(server.port))
        same(len(server.lines), 1)
    with Server(PROGRAM, '-q', *SAMPLE[:3]) as server:
        same([(e['title'], e['dates']) for e in Visitor(server).get('/api/state').json['examples']],
             [('sim_20230408_BGRN.tif and 2 more', 3), ('The sample: simulated fields, eight dates', 8)])
    # -open: what opens the browser is told a file that only this user can read, not the address.
    with tempfile.TemporaryDirectory() as folder:
        fake = os.path.join(folder, 'xdg-open')
        with open(fake, 'w', encoding='ascii') as file:
            file.write('#!/bin/sh\nstat -c %%a "$1" > %s/mode\ncp "$1" %s/page\n' % (folder, folder))
        os.chmod(fake, 0o755)
        with Server(PROGRAM, '-open', env={'PATH': folder + ':' + os.environ['PATH']}) as server:
            end = time.monotonic() + 10
            while not os.path.exists(folder + '/page') and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.3)
            assert server.url.encode() in content(folder + '/page')
            assert os.stat(os.path.dirname(server.left()[0])).st_mode & 0o077 == 0


def slow_connection(server, head, piece, pause, seconds, closed):
    """Sends `head`, then `piece` again and again; notes after how long the server closes the connection."""
    begun = time.monotonic()
    with socket.create_connection(('127.0.0.1', server.port)) as s:
        s.settimeout(pause)
        s.sendall(head)
        while time.monotonic() - begun < seconds:
            try:
                if piece:
                    s.sendall(piece)
                if s.recv(1000) == b'':
                    break
            except socket.timeout:
                continue
            except OSError:
                break
    closed.append(time.monotonic() - begun)


def one_visit(server, number, failures):
    """A visitor with three small pictures; some cancel, some break off, some leave without a word."""
    try:
        v = Visitor(server)
        job = v.new_job()
        for i in range(3):
            same(v.upload(job, f'p{i}.png', picture(10 * number + i, 40, 40)).status, 201)
        v.read_all(job)
        answer = v.post(f'/api/jobs/{job}/run', {'pictures': [0, 1, 2], 'dates': ['2020-01-01', '2020-01-11', '2020-01-21'], 'options': {'method': 'linear'}})
        same(answer.status, 202, answer.body)
        if number % 5 == 1:
            v.post(f'/api/jobs/{job}/cancel')
        elif number % 5 == 2:
            return  # the job stays until the server ends
        state = v.wait(job, lambda s: s['run']['state'] in ('done', 'failed', 'cancelled'), 280)
        wanted = ('done', 'cancelled') if number % 5 == 1 else ('done',)
        assert state['run']['state'] in wanted, state['run']
        if state['run']['state'] == 'done':
            body = v.get(f'/jobs/{job}/clearvision.zip').body
            same(len(zipfile.ZipFile(io.BytesIO(body)).namelist()), 3)
        if number % 5 == 3:  # a download that breaks off
            with socket.create_connection(('127.0.0.1', server.port)) as s:
                s.sendall(f'GET /jobs/{job}/clearvision.zip HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {v.cookie}\r\n\r\n'.encode())
                s.recv(10)
        same(v.ask('DELETE', f'/api/jobs/{job}').status, 200)
        v.connection.close()
    except BaseException as failure:  # pylint: disable=broad-except
        failures.append(f'visitor {number}: {failure!r}')


def behind_a_proxy():
    """-host: the proxy's name as Host and Origin; others stay out."""
    with Server(PROGRAM, '-q', '-host', 'clouds.example.org', '-host', 'inner:8443') as server:
        v = Visitor(server)
        for host in ('clouds.example.org', 'CLOUDS.example.org', 'inner:8443', f'127.0.0.1:{server.port}'):
            same(v.get('/api/state', Host=host).status, 200, host)
        for host in ('evil.example', 'example.org', 'clouds.example.org:81', 'inner', ''):
            same(v.get('/api/state', Host=host).status, 403, host)
        for origin, status in (('https://clouds.example.org', 201), ('http://inner:8443', 201), ('https://evil.example', 403),
                               ('https://clouds.example.org.evil.example', 403), (f'https://127.0.0.1:{server.port}', 403)):
            answer = v.ask('POST', '/api/jobs', {}, {'Host': 'clouds.example.org', 'Origin': origin})
            same(answer.status, status, origin)
            if status == 201:
                v.ask('DELETE', '/api/jobs/' + answer.json['id'])
        same(v.get('/api/state', Host='clouds.example.org', Cookie='').status, 403)
    for name in ('https://clouds.example.org', '*', 'a/b', ''):
        answer = subprocess.run([PROGRAM, 'serve', '-host', name], capture_output=True, text=True, timeout=60, check=False)
        assert answer.returncode == 1 and '-host' in answer.stderr, (name, answer.stderr)


def many_visitors_and_slow_ones():
    """Fifty at once on one engine, while others keep connections open and send next to nothing."""
    with Server(PROGRAM) as server:
        failures, closed = [], {'silent': [], 'head': [], 'body': [], 'upload': []}
        one_visit(server, 0, failures)  # what is loaded once is loaded
        same(failures, [])
        time.sleep(0.5)
        descriptors, memory = server.descriptors(), server.memory()
        v = Visitor(server)
        job = v.new_job()
        host = f'Host: 127.0.0.1:{server.port}\r\nCookie: {v.cookie}\r\n'.encode()
        post = b'POST /api/jobs/%s/pictures?name=a.tif HTTP/1.1\r\n' % job.encode() + host
        kinds = {'silent': (b'', b'', 1), 'head': (b'GET / HTTP/1.1\r\n', b'X: y\r\n', 1), 'upload': (post + b'Content-Length: 100000\r\n\r\n', b'II*\0', 1),
                 'body': (b'POST /api/jobs HTTP/1.1\r\n' + host + b'Content-Length: 1000\r\n\r\n', b' ', 1)}
        threads = [threading.Thread(target=slow_connection, args=(server, *kinds[kind], 100, closed[kind])) for kind in kinds for _ in range(8)]
        threads += [threading.Thread(target=one_visit, args=(server, number, failures)) for number in range(1, 51)]
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        highest, most = 0, 0
        while any(thread.is_alive() for thread in threads):
            highest, most = max(highest, server.memory()), max(most, server.descriptors())
            time.sleep(0.2)
            assert server.process.poll() is None, 'the server has ended'
        took = time.monotonic() - begun
        same(failures, [])
        for kind, limit in (('silent', 40), ('head', 40), ('body', 40), ('upload', 80)):
            assert len(closed[kind]) == 8 and max(closed[kind]) < limit, (kind, closed[kind])
        same(v.get('/api/state').status, 200)
        v.ask('DELETE', f'/api/jobs/{job}')
        v.connection.close()
        end = time.monotonic() + 30
        while server.descriptors() > descriptors and time.monotonic() < end:
            time.sleep(0.2)
        print(f'  {took:.0f} s; memory {memory:.0f} MB before, {highest:.0f} MB at most, {server.memory():.0f} MB after; '
              f'descriptors {descriptors}, {most}, {server.descriptors()}')
        assert server.descriptors() <= descriptors, (descriptors, server.descriptors())
        if not os.environ.get('CLV_SANITIZED'):
            assert highest < memory + 300, (memory, highest)
        same(server.stop(), -15)
        same((server.left(), server.folders()), ([], []))
        same(server.stderr(), '')


def main():
    if not SAMPLE:
        print('skipped: no data/sample')
        return 77
    probe = subprocess.run([PROGRAM, 'serve', '/nothing.tif'], capture_output=True, text=True, timeout=60, check=False)
    if 'libmicrohttpd' in probe.stderr:
        print('skipped: built without libmicrohttpd')
        return 77
    if os.environ.get('CLEARVISION_NET') == 'none':
        print('skipped: built without the networks, which find the clouds')
        return 77
    wanted = sys.argv[3:]
    with Server(PROGRAM) as server:
        for function in TESTS:
            if wanted and function.__name__ not in wanted:
                continue
            begun = time.monotonic()
            function(server)
            assert server.process.poll() is None, function.__name__ + ': the server has ended'
            print(f'{function.__name__}: {time.monotonic() - begun:.1f} s')
        same(server.stop(), -15)
        same((server.left(), server.folders()), ([], []))
        same(server.stderr(), '')
    for function in (oversized, idle_jobs_go, ended_and_killed, command_line, behind_a_proxy, many_visitors_and_slow_ones):
        if wanted and function.__name__ not in wanted:
            continue
        begun = time.monotonic()
        function()
        print(f'{function.__name__}: {time.monotonic() - begun:.1f} s')
    return 0


if __name__ == '__main__':
    sys.exit(main())
