# SPDX-License-Identifier: MIT
"""A headless Chromium for tests, driven through its debugging pipe; Python's standard library is enough.

    with Browser(width=1280, height=900, dark=False) as page:
        page.open("file:///tmp/report/index.html")
        page.wait("document.querySelector('h1')")
        page.key("ArrowRight")
        assert page.eval("document.title") == "..."
        page.screenshot("page.png")
        assert not page.errors and page.foreign(["file:"]) == []

Tests skip (skip() exits with 77) where there is no Chromium.
"""
import base64
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
KEYS = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Home": 36, "End": 35, "Tab": 9, "Enter": 13,
        " ": 32, "Escape": 27}
SHIFT = 8


def skip(reason):
    print("skipped: " + reason)
    sys.exit(77)


def find():
    for name in [os.environ.get("CHROMIUM", "")] + list(NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    return None


class Browser:
    def __init__(self, width=1280, height=900, dark=False, calm=False, touch=False, limit=60):
        self.path = find() or skip("no Chromium")
        self.size, self.dark, self.calm, self.touch = (width, height), dark, calm, touch
        self.limit = limit
        self.errors, self.requests, self.failed, self.downloads = [], [], [], []
        self.number, self.buffer, self.answers, self.process = 0, b"", {}, None

    # ---- Beginning and end

    def __enter__(self):
        self.home = tempfile.mkdtemp(prefix="clearvision-browser-")
        to_read, self.to = os.pipe()
        self.back, to_write = os.pipe()

        def pipes():  # the browser reads commands from 3 and answers on 4
            first, second = os.dup(to_read), os.dup(to_write)
            os.dup2(first, 3)
            os.dup2(second, 4)
            os.set_inheritable(3, True)
            os.set_inheritable(4, True)

        command = [self.path, "--headless=new", "--remote-debugging-pipe", "--user-data-dir=" + self.home, "--no-first-run",
                   "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync",
                   "--disable-component-update", "--disable-default-apps", "--mute-audio", "--hide-scrollbars",
                   "--force-color-profile=srgb", "--disable-dev-shm-usage", "about:blank"]
        if os.geteuid() == 0:
            command.insert(1, "--no-sandbox")
        environment = dict(os.environ, HOME=self.home, XDG_CONFIG_HOME=self.home, XDG_CACHE_HOME=self.home)
        self.process = subprocess.Popen(command, preexec_fn=pipes, close_fds=False, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
                                        start_new_session=True)
        os.close(to_read)
        os.close(to_write)
        self.session = None
        try:
            targets = self.call("Target.getTargets")["targetInfos"]
            target = next(t["targetId"] for t in targets if t["type"] == "page")
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(domain + ".enable")
            self.resize(*self.size)
            self.media(self.dark, self.calm)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        os.close(self.to)
        os.close(self.back)
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    # ---- The pipe: JSON objects, each ended by a zero byte

    def call(self, method, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + self.limit
        while self.number not in self.answers:
            self.read(end)
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise RuntimeError("%s: %s" % (method, answer["error"].get("message")))
        return answer["result"]

    def read(self, end):
        wait = end - time.monotonic()
        if wait <= 0 or not select.select([self.back], [], [], wait)[0]:
            raise TimeoutError("the browser does not answer")
        data = os.read(self.back, 1 << 16)
        if not data:
            raise RuntimeError("the browser has ended")
        *messages, self.buffer = (self.buffer + data).split(b"\0")
        for message in messages:
            message = json.loads(message)
            if "id" in message:
                self.answers[message["id"]] = message
            else:
                self.event(message["method"], message["params"])

    def event(self, method, params):
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.errors.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.errors.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.errors.append("%s (%s)" % (params["entry"]["text"], params["entry"].get("url")))
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Network.loadingFailed" and not params.get("canceled"):
            self.failed.append(params.get("errorText"))
        elif method == "Page.downloadWillBegin":
            self.downloads.append(params["suggestedFilename"])

    # ---- What a person does

    def open(self, url, wait="document.readyState === 'complete'"):
        result = self.call("Page.navigate", url=url)
        if result.get("errorText"):
            raise RuntimeError("%s: %s" % (url, result["errorText"]))
        self.wait(wait)

    def eval(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"].get("exception", {}).get("description", expression))
        return result["result"].get("value")

    def wait(self, expression, seconds=15):
        """Until the expression is true; returns its value."""
        end = time.monotonic() + seconds
        while True:
            try:
                value = self.eval("(() => { const v = %s; return v instanceof Node ? true : v; })()" % expression)
                if value:
                    return value
            except RuntimeError:  # the page is being replaced
                if time.monotonic() > end:
                    raise
            if time.monotonic() > end:
                raise AssertionError("never true: " + expression)
            time.sleep(0.03)

    def key(self, name, shift=False):
        common = {"key": name, "code": name if len(name) > 1 else "", "windowsVirtualKeyCode": KEYS.get(name, ord(name[0].upper())),
                  "modifiers": SHIFT if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(name, name if len(name) == 1 else None)
        down = dict(common, type="keyDown" if text else "rawKeyDown", **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def box(self, selector):
        """(x, y, width, height) of an element, in the viewport; it is scrolled into view."""
        return self.eval("(() => { const e = document.querySelector(%s); e.scrollIntoView({block: 'center', behavior: 'instant'});"
                         "const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()" % json.dumps(selector))

    def click(self, selector, at=(0.5, 0.5), count=1):
        x, y, w, h = self.box(selector)
        self.drag((x + at[0] * w, y + at[1] * h), None, count)

    def drag(self, start, end, count=1):
        def mouse(kind, at, **more):
            self.call("Input.dispatchMouseEvent", type=kind, x=at[0], y=at[1], **more)
        mouse("mouseMoved", start)
        mouse("mousePressed", start, button="left", buttons=1, clickCount=count)
        if end:
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            for at in (middle, end):
                mouse("mouseMoved", at, button="left", buttons=1)
        mouse("mouseReleased", end or start, button="left", clickCount=count)

    def fingers(self, *paths):
        """Each path is a list of (x, y); all fingers move together."""
        steps = len(paths[0])
        for step in range(steps):
            points = [{"x": path[step][0], "y": path[step][1], "id": i} for i, path in enumerate(paths)]
            self.call("Input.dispatchTouchEvent", type="touchMove" if step else "touchStart", touchPoints=points)
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    def files(self, selector, paths):
        """Puts files into an <input type=file>."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(p) for p in paths])

    # ---- The world around the page

    def resize(self, width, height, scale=1):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=self.touch)
        self.call("Emulation.setTouchEmulationEnabled", enabled=self.touch)

    def media(self, dark=False, calm=False):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if calm else "no-preference"}])

    def screenshot(self, path, whole=False):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def accessibility(self):
        """The tree that screen readers get: a list of (role, name)."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n.get("ignored") and "role" in n]

    def foreign(self, allowed):
        """Requests that begin with none of `allowed`."""
        return [url for url in self.requests if not url.startswith(tuple(allowed) + ("data:", "blob:", "about:"))]
