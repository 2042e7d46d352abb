# SPDX-License-Identifier: MIT
"""The report of `clearvision remove` in a headless Chromium: from a file and from a server with a strict policy.

    viewer.py PROGRAM SOURCE      CLV_SCREENSHOTS=DIR keeps pictures of the page
"""
import functools
import glob
import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading

from browser import Browser, find, skip

PROGRAM, SOURCE = sys.argv[1:3]
SAMPLE = sorted(glob.glob(os.path.join(SOURCE, "data/sample/*.tif")))
SHOTS = os.environ.get("CLV_SCREENSHOTS")
READY = "document.querySelector('.cv-stage') && [...document.images].filter(i => i.src && !i.hidden && i.loading !== 'lazy').every(i => i.complete)"
SPLIT = "input[id$=split]"


def same(got, wanted, what=""):
    assert got == wanted, "%s: %r instead of %r" % (what, got, wanted)


def remove(inputs, *arguments, **options):
    subprocess.run([PROGRAM, "remove", *inputs, "-method", "linear", "-q", *arguments], check=True, timeout=300, **options)


def text(page, selector):
    return page.eval("(document.querySelector(%s) || {}).textContent" % json.dumps(selector))


def clean(page, allowed):
    same(page.errors, [], "console")
    same(page.failed, [], "requests that failed")
    same(page.foreign([allowed]), [], "requests to others")


def shot(page, name):
    if SHOTS:
        page.resize(page.size[0], min(page.eval("document.documentElement.scrollHeight"), 2400))
        page.screenshot(os.path.join(SHOTS, name + ".png"))
        page.resize(*page.size)


def current(page):
    return page.eval("[...document.querySelectorAll('.cv-date')].findIndex(b => b.getAttribute('aria-current') === 'true')")


def every_picture_can_be_seen(page, series):
    """All pictures load and have the size that the data say."""
    names = [path for date in series["dates"] for kind, path in date["images"].items() if kind != "thumb"]
    sizes = page.eval("Promise.all(%s.map(p => new Promise(done => { const i = new Image(); i.onload = () => done([i.naturalWidth, "
                      "i.naturalHeight]); i.onerror = () => done(null); i.src = p; })))" % json.dumps(names))
    same(set(map(tuple, sizes)), {(series["picture"]["width"], series["picture"]["height"])}, "sizes")
    page.wait("[...document.querySelectorAll('.cv-date img')].every(i => { i.loading = 'eager'; return i.complete && i.naturalWidth; })")


def slider(page):
    page.eval("document.querySelector('%s').focus()" % SPLIT)
    page.key("ArrowRight")
    page.key("ArrowRight")
    same(page.eval("document.querySelector('%s').value" % SPLIT), "52", "slider by key")
    same(page.eval("document.querySelector('.cv-divider').style.left"), "52%", "line")
    same(page.eval("document.querySelector('%s').getAttribute('aria-valuetext')" % SPLIT), "52 percent before, 48 percent after")
    clip = page.eval("document.querySelector('.cv-left').style.clipPath")
    assert "48%" in clip, clip
    x, y, w, h = page.box(".cv-view")
    page.drag((x + 0.52 * w, y + h / 2), (x + 0.25 * w, y + h / 2))
    value = int(page.eval("document.querySelector('%s').value" % SPLIT))
    assert 24 <= value <= 26, value


def dates(page, series):
    count = len(series["dates"])
    shares = [date["cloud"] + date["shadow"] for date in series["dates"]]
    first = shares.index(max(share for share in shares if share <= 0.8))
    same(current(page), first, "the date it begins with")
    page.eval("document.activeElement.blur()")
    page.key("ArrowRight")
    same(current(page), first + 1, "right arrow")
    same(text(page, "#cv-current"), series["dates"][first + 1]["date"])
    same(page.eval("document.querySelector('.cv-left .cv-layer-input').getAttribute('src')"), series["dates"][first + 1]["images"]["input"])
    assert series["dates"][first + 1]["date"] in text(page, "[aria-live]"), text(page, "[aria-live]")
    for _ in range(first + 2):
        page.key("ArrowLeft")
    same(current(page), count - 1, "left of the first is the last")
    page.click(".cv-strip li:nth-child(3) button")
    same(current(page), 2, "click")
    page.key("End")
    same(current(page), count - 1, "end")
    same(page.eval("document.activeElement.getAttribute('aria-current')"), "true", "focus goes along")
    same(page.eval("document.querySelectorAll('.cv-date[tabindex=\"0\"]').length"), 1, "one stop for the tab key")
    page.key("Home")
    same(current(page), 0, "home")
    page.click(".cv-turn .cv-button:nth-child(2)")
    same(text(page, ".cv-turn .cv-button:nth-child(2)"), "Pause")
    page.wait("document.querySelector('.cv-date[aria-current=true]') !== document.querySelector('.cv-date')")
    page.click(".cv-turn .cv-button:nth-child(2)")
    at = current(page)
    page.eval("new Promise(done => setTimeout(done, 1500))")
    same(current(page), at, "it pauses")


def layers(page):
    def shown():
        return page.eval("['left', 'right'].map(s => [...document.querySelectorAll('.cv-' + s + ' img')].filter(i => !i.hidden)"
                         ".map(i => i.className.split('-').pop()).join())")
    same(shown(), ["input", "clear"])
    page.click("input[id$=mask]")
    same(shown(), ["input,mask", "clear,mask"])
    same(page.eval("[...document.querySelectorAll('.cv-legend')].filter(l => !l.hidden).length"), 1, "legends")
    page.click("input[id$=quality]")
    same(shown(), ["input,quality", "clear,quality"])
    page.wait("document.querySelector('.cv-left .cv-layer-quality').naturalWidth")
    page.eval("document.querySelector('input[id$=opacity]').focus()")
    page.key("ArrowRight")
    same(page.eval("document.querySelector('.cv-left .cv-layer-quality').style.opacity"), "0.65", "opacity")
    page.click("input[id$=clear] + label")
    same(shown(), ["clear,quality", "clear,quality"])
    same(page.eval("document.querySelector('%s').disabled" % SPLIT), True, "nothing to compare")
    page.click("input[id$=none]")
    page.click("input[id$=compare] + label")
    same(shown(), ["input", "clear"])


def map_marks(page, series):
    transform, scale = series["grid"]["geotransform"], series["picture"]["scale"]
    page.eval("document.querySelector('.cv-view').focus()")
    page.key("0")
    x, y, w, h = page.box(".cv-view")
    page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + w / 4, y=y + h / 2)
    east = transform[0] + transform[1] * scale * series["picture"]["width"] / 4
    north = transform[3] + transform[5] * scale * series["picture"]["height"] / 2
    said = text(page, ".cv-where").replace("\u202f", "").replace("\u00a0", " ").split()
    assert abs(float(said[1]) - east) < 40 and abs(float(said[3]) - north) < 40 and said[4] == series["crs"], said
    bar = page.eval("document.querySelector('.cv-bar').getBoundingClientRect().width")
    metres = float(text(page, ".cv-scale").split("\u202f")[0]) * (1000 if "km" in text(page, ".cv-scale") else 1)
    true = bar / w * series["picture"]["width"] * series["grid"]["pixel_m"] * scale
    assert abs(true - metres) < 0.02 * metres, (true, metres)
    same(page.eval("document.querySelector('.cv-north svg').style.transform"), "rotate(0rad)", "north")
    scale_of = "Number(document.querySelector('.cv-plane').style.transform.match(/scale\\((.*)\\)/)[1])"
    before = page.eval(scale_of)
    page.key("+")
    assert page.eval(scale_of) > 1.5 * before
    place = page.eval("document.querySelector('.cv-plane').style.transform")
    page.drag((x + w * 0.8, y + h / 2), (x + w * 0.7, y + h / 2))
    assert page.eval("document.querySelector('.cv-plane').style.transform") != place, "it cannot be moved"
    page.key("0")
    assert abs(page.eval(scale_of) - before) < 1e-9


def theme(page):
    paper = "getComputedStyle(document.querySelector('.cv')).backgroundColor"
    colors = {}
    for dark in (False, True):
        page.media(dark)
        colors[dark] = page.eval(paper)
    assert colors[False] != colors[True], colors
    page.media(False)
    page.click(".cv-theme")
    page.click(".cv-theme")
    same(page.eval(paper), colors[True], "dark by choice")
    page.click(".cv-theme")
    same(page.eval(paper), colors[False], "automatic again")


def contrast(page, what):
    """Text on its ground: 4.5 to 1 at least (WCAG AA)."""
    poor = page.eval("""(() => {
      const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const parse = s => (s.match(/[\\d.]+/g) || []).map(Number);
      const ground = e => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.length === 3) return c; if (c[3] > 0.5) return c.slice(0, 3); } return [255, 255, 255]; };
      const poor = [];
      for (const e of document.querySelectorAll('.cv *')) {
        if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.offsetParent || e.closest(':disabled, .cv-off')) continue;
        const a = light(parse(getComputedStyle(e).color).slice(0, 3)), b = light(ground(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < 4.5) poor.push(e.className + ' "' + e.textContent.slice(0, 20) + '" ' + ratio.toFixed(2));
      }
      return poor;
    })()""")
    same(poor, [], "contrast, " + what)


def screen_reader(page):
    tree = page.accessibility()
    roles = {}
    for role, name in tree:
        roles.setdefault(role, []).append(name)
    assert "main" in roles and "banner" in roles and "contentinfo" in roles, sorted(roles)
    for role in ("button", "link", "slider", "radio", "image", "table", "checkbox"):
        assert all(name.strip() for name in roles.get(role, [])), (role, roles[role])
    assert any("before" in name.lower() for name in roles["slider"]), roles["slider"]
    same(page.eval("document.documentElement.lang"), "en")
    same(page.eval("document.querySelectorAll('h1').length"), 1)
    same(page.eval("[...document.querySelectorAll('[id]')].length === new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size"), True, "ids")


def figures(page, series, folder):
    rows = page.eval("[...document.querySelectorAll('.cv-wide tbody tr')].map(r => [...r.cells].map(c => c.textContent))")
    same([row[0] for row in rows], [date["date"] for date in series["dates"]])
    for row, date in zip(rows, series["dates"]):
        for cell, key in zip(row[1:], ("cloud", "shadow", "missing", "filled", "never")):
            cell = cell.replace("\u202f", "").rstrip("%")
            if cell[0] not in "<>–":
                assert abs(float(cell) - 100 * date[key]) <= 0.51, (row, date)
    for link in page.eval("[...document.querySelectorAll('.cv-wide a')].map(a => decodeURIComponent(new URL(a.href).pathname))"):
        assert os.path.isfile(link) and os.path.getsize(link) > 1000, link


def from_a_file(folder):
    out, report = os.path.join(folder, "clear"), os.path.join(folder, "clear", "report")
    remove(SAMPLE, "-o", out, "-report", report, "-masks", "-quality")
    with open(os.path.join(report, "series.json"), encoding="utf-8") as file:
        series = json.load(file)
    same(len(series["dates"]), len(SAMPLE))
    url = "file://" + report + "/index.html"
    with Browser(width=1280, height=900) as page:
        page.open(url)
        page.wait(READY)
        shot(page, "viewer_wide_light")
        same(page.eval("document.title"), "sample – Clear Vision")
        assert page.eval("document.querySelector('.cv-left .cv-layer-input').naturalWidth") == series["picture"]["width"]
        every_picture_can_be_seen(page, series)
        dates(page, series)
        slider(page)
        layers(page)
        map_marks(page, series)
        figures(page, series, report)
        screen_reader(page)
        contrast(page, "light")
        theme(page)
        clean(page, "file://" + report + "/")
    with Browser(width=1280, height=900, dark=True, calm=True) as page:
        page.open(url)
        page.wait(READY)
        contrast(page, "dark")
        shot(page, "viewer_wide_dark")
        same(page.eval("getComputedStyle(document.querySelector('.cv-button')).transitionDuration"), "0s", "reduced motion")
        clean(page, "file://" + report + "/")
    for dark in (False, True):
        with Browser(width=390, height=844, dark=dark, touch=True) as page:
            page.open(url)
            page.wait(READY)
            shot(page, "viewer_phone_" + ("dark" if dark else "light"))
            same(page.eval("document.documentElement.scrollWidth"), 390, "width")
            x, y, w, h = page.box(".cv-view")
            page.fingers([(x + w / 2, y + h / 2), (x + w * 0.6, y + h / 2), (x + w * 0.75, y + h / 2)])
            value = int(page.eval("document.querySelector('%s').value" % SPLIT))
            assert 73 <= value <= 77, "slider by finger: %d" % value
            transform = page.eval("document.querySelector('.cv-plane').style.transform")
            page.fingers([(x + w * f, y + h / 2) for f in (0.45, 0.35, 0.2)], [(x + w * f, y + h / 2) for f in (0.55, 0.65, 0.8)])
            assert page.eval("document.querySelector('.cv-plane').style.transform") != transform, "two fingers zoom"
            small = page.eval("[...document.querySelectorAll('button, .cv-choice label')].filter(e => e.offsetParent && e.getBoundingClientRect().height < 32).length")
            same(small, 0, "things too small for a finger")
            clean(page, "file://" + report + "/")
    return report


class Strict(http.server.SimpleHTTPRequestHandler):
    def end_headers(self):
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, *_):
        pass


def from_a_server(report):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Strict, directory=report))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Browser() as page:
            page.open("http://127.0.0.1:%d/" % server.server_port)
            page.wait(READY)
            page.click("input[id$=mask]")
            page.key("ArrowRight")
            assert page.eval("document.querySelector('.cv-divider').style.left") == "50%"
            errors = [e for e in page.errors if "favicon" not in e]  # the browser asks for it by itself
            same(errors, [], "console under a strict policy")
            same(page.foreign(["http://127.0.0.1:%d/" % server.server_port]), [])
    finally:
        server.shutdown()
        server.server_close()


def names_that_bite(folder):
    """Names with markup, quotes, other scripts and line ends stay names."""
    bad = os.path.join(folder, "<img src=x onerror=alert(1)> \"it's\" & né")
    os.mkdir(bad)
    inputs = []
    for i, path in enumerate(SAMPLE[:3]):
        inputs.append(os.path.join(bad, "%s_%s.tif" % (("</script><script>window.bitten=1<", "javascript:alert(1)", "%2e%2e 雲 #?")[i].replace("/", "∕"),
                                                       os.path.basename(path)[4:12])))
        shutil.copy(path, inputs[-1])
    report = os.path.join(folder, "report of <b>& é")
    remove(inputs, "-o", os.path.join(folder, "out of \"bad\" #1"), "-report", report)
    with Browser() as page:
        page.open("file://" + "".join(c if c.isalnum() and c.isascii() or c in "/._-" else "".join("%%%02X" % b for b in c.encode()) for c in report) + "/index.html")
        page.wait(READY)
        same(page.eval("window.bitten"), None)
        same(page.eval("document.querySelectorAll('main img:not(.cv-layer):not(.cv-date img), script:not([src])').length"), 0, "markup came alive")
        same(text(page, "h1"), os.path.basename(bad))
        figures(page, json.load(open(os.path.join(report, "series.json"), encoding="utf-8")), report)
        same(page.errors, [], "console")
    with open(os.path.join(report, "series.js"), encoding="utf-8") as file:
        assert "</script" not in file.read()


def odd_series(folder):
    """Two dates; dates of pictures without georeference; damaged data."""
    two = os.path.join(folder, "two")
    remove(SAMPLE[:2], "-o", two, "-report", two + "/report", "-stack")
    with Browser() as page:
        page.open("file://" + two + "/report/index.html")
        page.wait(READY)
        assert "2 dates: few" in text(page, ".cv-guidance"), text(page, ".cv-guidance")
        assert "All dates, one raster" in text(page, ".cv-files")
        series = page.eval("window.clearvisionSeries")
        many = dict(series, dates=[dict(series["dates"][i % 2], date="20%02d-01-01" % i, never=None, output=None, images=series["dates"][i % 2]["images"]) for i in range(60)],
                    crs=None, grid=dict(series["grid"], geotransform=None, pixel_m=None, unit=None), guidance=[], settings=[], legend={})
        with open(two + "/report/series.js", "w", encoding="utf-8") as file:
            file.write("window.clearvisionSeries = " + json.dumps(many))
        page.open("file://" + two + "/report/index.html")
        page.wait(READY)
        same(page.eval("document.querySelectorAll('.cv-date').length"), 60)
        same(page.eval("!!document.querySelector('.cv-north, .cv-scale')"), False, "no north without georeference")
        assert "not georeferenced" in text(page, ".cv-sub")
        for _ in range(30):
            page.key("ArrowRight")
        same(page.eval("(() => { const b = document.querySelector('.cv-date[aria-current=true]').getBoundingClientRect(), "
                       "l = document.querySelector('.cv-strip').getBoundingClientRect(); return new Promise(r => setTimeout(() => { "
                       "const c = document.querySelector('.cv-date[aria-current=true]').getBoundingClientRect(); r(c.left >= l.left && c.right <= l.right); }, 900)); })()"),
             True, "the date is in sight")
        x, y, w, h = page.box(".cv-view")
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + w / 2, y=y + h / 2)
        assert text(page, ".cv-where").startswith("column "), text(page, ".cv-where")
        same(page.errors, [], "console")
        for damaged in ("window.clearvisionSeries = {dates: []}", "window.clearvisionSeries = {", None):
            os.remove(two + "/report/series.js")
            if damaged:
                with open(two + "/report/series.js", "w", encoding="utf-8") as file:
                    file.write(damaged)
            page.open("file://" + two + "/report/index.html")
            page.wait("document.querySelector('[role=alert]')")
            if not damaged:
                break


if not find():
    skip("no Chromium")
with tempfile.TemporaryDirectory(prefix="clearvision-viewer-") as work:
    made = from_a_file(work)
    from_a_server(made)
    names_that_bite(work)
    odd_series(work)
print("all checks passed")
