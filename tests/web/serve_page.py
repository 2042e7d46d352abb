# SPDX-License-Identifier: MIT
"""The page of `clearvision serve` in a headless Chromium: what a visitor does, from the pictures to the saved result.

    serve_page.py PROGRAM SOURCE      CLV_SCREENSHOTS=DIR keeps pictures of the page
"""
import glob
import os
import struct
import subprocess
import sys
import tempfile
import time
import zlib

from browser import Browser, find, skip
from server import Server, Visitor

PROGRAM, SOURCE = sys.argv[1:3]
SAMPLE = sorted(glob.glob(os.path.join(SOURCE, 'data/sample/*.tif')))
SHOTS = os.environ.get('CLV_SCREENSHOTS')


def shot(page, name, whole=False):
    if SHOTS:
        page.screenshot(os.path.join(SHOTS, name + '.png'), whole)


def same(got, wanted, what=''):
    assert got == wanted, f'{what}: {got!r} instead of {wanted!r}'


def text(page, selector):
    return page.eval(f'(document.querySelector({selector!r}) || {{}}).textContent')


def clean(page, server, allowed=()):
    """Nothing went wrong, and nothing was asked of anybody else."""
    errors = [e for e in page.errors if not any(a in e for a in allowed)]
    same(errors, [], 'console')
    same(page.foreign([f'http://127.0.0.1:{server.port}/']), [])


def enter(page, server):
    page.open(server.url)
    page.wait("document.querySelector('#examples button')")
    methods = page.eval("[...document.querySelectorAll('#method option')].map(o => o.value)")
    assert methods[0] == 'auto' and {'clear', 'gaussian', 'regression', 'linear'} < set(methods), methods
    assert page.eval("document.getElementById('method').value") == 'auto'


def png(path, shade):
    rows = b''.join(b'\0' + bytes((x * 3 + shade) % 200 for x in range(3 * 48)) for y in range(48))
    with open(path, 'wb') as file:
        file.write(b'\x89PNG\r\n\x1a\n')
        for kind, data in ((b'IHDR', struct.pack('>IIBBBBB', 48, 48, 8, 2, 0, 0, 0)), (b'IDAT', zlib.compress(rows)), (b'IEND', b'')):
            file.write(struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data)))


def bring_run_look_save(server, width, dark, name):
    with Browser(width=width, height=900 if width > 500 else 844, dark=dark, touch=width < 500) as page:
        enter(page, server)
        same(page.eval('location.search'), '', 'the token does not stay in the address')
        same(page.eval('document.cookie'), '', 'scripts do not see the cookie')
        shot(page, name + '_begin')
        page.files('#files', SAMPLE)
        page.wait("document.querySelectorAll('.app-thumb img').length === 8", 30)
        page.wait("!document.getElementById('fine').hidden", 60)
        same(page.eval("[...document.querySelectorAll('.app-when')].map(e => e.textContent)[0]"), '2023-04-08')
        assert page.eval("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
        assert 'cloud' in text(page, '.app-picture:nth-child(5)'), 'the share of cloud is told'
        shot(page, name + '_pictures', True)
        page.click('#run')
        page.wait("!document.getElementById('progress').hidden && document.getElementById('bar').value > 0")
        assert page.eval("document.getElementById('run').disabled && document.getElementById('stack').disabled")
        shot(page, name + '_running', True)
        page.wait("!document.getElementById('result').hidden && document.querySelector('#view .cv-strip')", 120)
        page.wait("[...document.querySelectorAll('#view .cv-layer')].some(i => i.naturalWidth > 0)")
        time.sleep(0.3)
        shot(page, name + '_result')
        # The slider, a date by key, the archive.
        before = page.eval("document.querySelector('#view .cv-left').style.clipPath")
        page.eval("document.querySelector('#view .cv-range').focus()")
        page.key('ArrowRight')
        page.key('ArrowRight')
        assert page.eval("document.querySelector('#view .cv-left').style.clipPath") != before, 'the slider moves'
        date = text(page, '#cv-current')
        page.eval('document.activeElement.blur()')
        page.key('ArrowRight')
        assert text(page, '#cv-current') != date, 'another date'
        got = page.eval("fetch(document.getElementById('zip').href).then(r => r.arrayBuffer()).then(b => b.byteLength)")
        assert got > 1e6, got
        links = page.eval("[...document.querySelectorAll('#view a[download]')].map(a => a.href)")
        assert len(links) >= 8, links
        statuses = page.eval("Promise.all([...new Set([...document.querySelectorAll('#view a[download]')].map(a => a.href))]"
                             ".map(h => fetch(h, {method: 'HEAD'}).then(r => r.status)))")
        same(set(statuses), {200})
        with tempfile.TemporaryDirectory() as folder:
            page.call('Browser.setDownloadBehavior', behavior='allow', downloadPath=folder)
            page.click('#zip')
            end = time.monotonic() + 20
            while not os.path.exists(os.path.join(folder, 'clearvision.zip')) and time.monotonic() < end:
                time.sleep(0.1)
                page.eval('1')
            same(os.path.getsize(os.path.join(folder, 'clearvision.zip')), got)
        # Back, a reload keeps everything, and anew forgets it.
        page.click('#back')
        page.wait("!document.getElementById('work').hidden")
        page.call('Page.reload')
        page.wait("!document.getElementById('result').hidden", 30)
        page.click('#back')
        page.click('#anew')
        page.wait("!document.getElementById('choose').hidden")
        assert page.eval('document.documentElement.scrollWidth <= window.innerWidth'), 'the page is as wide as the window'
        clean(page, server)


def example_stack_and_cancel(server):
    with Browser(width=1280, height=900) as page:
        enter(page, server)
        page.click('#examples button')
        page.wait("!document.getElementById('fine').hidden", 60)
        page.click('#run')
        page.wait("!document.getElementById('cancel').hidden")
        page.click('#cancel')
        page.wait("document.getElementById('progress-text').textContent === 'Cancelled'", 30)
        page.click('#stack')
        page.click('#masks')
        page.eval("document.getElementById('dilate-unit').value = ''; document.getElementById('dilate-unit').dispatchEvent(new Event('change'))")
        page.eval("document.getElementById('dilate').value = '99'")
        page.click('#run')
        time.sleep(0.3)
        same(page.eval("document.getElementById('run').disabled"), False, 'a number out of range is not sent')
        page.eval("document.getElementById('dilate').value = '3'")
        page.click('#run')
        page.wait("!document.getElementById('result').hidden && document.querySelector('#view .cv-strip')", 120)
        names = page.eval("[...document.querySelectorAll('#view a[download]')].map(a => a.getAttribute('download'))")
        assert 'series.tif' in names and not any('_mask' in n for n in names), names
        assert 'simulated fields' in text(page, '#view h1')
        clean(page, server)


def pictures_without_dates_and_bad_ones(server, folder):
    paths = []
    for i in range(3):
        paths.append(os.path.join(folder, f'view {i}.png'))
        png(paths[-1], 20 * i)
    bad = os.path.join(folder, '<img src=x onerror=alert(1)>.tif')
    with open(bad, 'w', encoding='ascii') as file:
        file.write('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    broken = os.path.join(folder, 'broken.tif')
    with open(broken, 'wb') as file:
        file.write(b'II*\0' + bytes(2000))
    with Browser(width=1280, height=900) as page:
        enter(page, server)
        page.files('#files', paths + [bad, broken])
        page.wait("document.querySelectorAll('input[type=date]').length === 3 && document.querySelectorAll('.app-bad').length === 2", 30)
        shot(page, 'undated', True)
        dates = "[...document.querySelectorAll('input[type=date]')].map(e => e.value)"
        names = "[...document.querySelectorAll('.app-picture')].filter(e => e.querySelector('input')).map(e => e.querySelector('.app-name').textContent)"
        same(page.eval(dates), ['2000-01-01', '2000-01-11', '2000-01-21'])
        same(page.eval(names), ['view_0.png', 'view_1.png', 'view_2.png'])
        same(page.eval("document.querySelectorAll('.app-picture img[src=x]').length"), 0)
        page.click('#moveon0')
        same(page.eval(names), ['view_1.png', 'view_0.png', 'view_2.png'])
        same(page.eval("document.activeElement.id"), 'moveon0', 'the focus stays')
        same(page.eval(dates), ['2000-01-01', '2000-01-11', '2000-01-21'])
        page.eval("(() => { const e = document.querySelectorAll('input[type=date]')[0]; e.value = '2000-03-01'; e.dispatchEvent(new Event('change')); })()")
        same(page.eval(names), ['view_0.png', 'view_2.png', 'view_1.png'], 'by date')
        page.wait("!document.getElementById('run').disabled", 30)
        page.click('#run')
        page.wait("!document.getElementById('result').hidden && document.querySelector('#view .cv-strip')", 120)
        same(page.eval("[...document.querySelectorAll('#view .cv-day')].map(e => e.textContent.slice(0, 10))"), ['2000-01-11', '2000-01-21', '2000-03-01'])
        clean(page, server, allowed=['415'])


def gone(program):
    """A series that is not there any more, and a server that has ended, are said in the page."""
    with Server(program) as server, Browser(width=800, height=800) as page:
        enter(page, server)
        page.click('#examples button')
        page.wait("!document.getElementById('fine').hidden", 60)
        page.eval("fetch('/api/jobs/' + sessionStorage.getItem('clearvision-job'), {method: 'DELETE'}).then(r => r.status)")
        page.click('#run')
        page.wait("!document.getElementById('problem').hidden")
        assert 'not there any more' in text(page, '#problem')
        server.stop()
        page.click('#examples button')
        page.wait("document.getElementById('problem').textContent.includes('does not answer')")


def for_everybody(server):
    """Controls have names, the page has landmarks and one heading of the first rank."""
    with Browser(width=1280, height=900, calm=True) as page:
        enter(page, server)
        page.click('#examples button')
        page.wait("!document.getElementById('fine').hidden", 60)
        tree = page.accessibility()
        roles = [role for role, _ in tree]
        assert roles.count('main') == 1 and 'banner' in roles and 'contentinfo' in roles, set(roles)
        nameless = [role for role, name in tree if role in ('button', 'link', 'checkbox', 'radio', 'combobox', 'spinbutton', 'image', 'Date') and not name]
        same(nameless, [])
        same(page.eval("document.querySelectorAll('#work h1').length"), 1)
        same(page.eval("[...document.querySelectorAll('[style], script:not([src])')].length"), 0, 'nothing inline')


def main():
    if not SAMPLE:
        skip('no data/sample')
    probe = subprocess.run([PROGRAM, 'serve', '/nothing.tif'], capture_output=True, text=True, timeout=60, check=False)
    if 'libmicrohttpd' in probe.stderr:
        skip('built without libmicrohttpd')
    if not find():
        skip('no Chromium')
    if os.environ.get('CLEARVISION_NET') == 'none':
        skip('built without the networks, which find the clouds')
    with Server(PROGRAM) as server, tempfile.TemporaryDirectory() as folder:
        bring_run_look_save(server, 1280, False, 'wide_light')
        bring_run_look_save(server, 390, True, 'phone_dark')
        example_stack_and_cancel(server)
        pictures_without_dates_and_bad_ones(server, folder)
        for_everybody(server)
        # All pages are closed: what they had goes (a minute later; the end of the server does not wait for it).
        same(server.stop(), -15)
        same((server.left(), server.folders()), ([], []))
        same(server.stderr(), '')
    gone(PROGRAM)
    with Server(PROGRAM) as server:
        assert Visitor(server).get('/api/state').status == 200
    return 0


if __name__ == '__main__':
    sys.exit(main())
