# SPDX-License-Identifier: MIT
"""A running `clearvision serve` and visitors of its page, for the tests of the server. Standard library only."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.parse


class Server:
    """with Server(program, *words) as server: ... The temporary folder is one of its own and must be empty at the end."""

    def __init__(self, program, *words, folder=None, env=None):
        self.own = folder is None
        self.folder = folder or tempfile.mkdtemp(prefix='clv-web-')
        environment = dict(os.environ, CPL_TMPDIR=self.folder, **(env or {}))
        self.errors = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen([program, 'serve', *words], stdout=subprocess.PIPE, stderr=self.errors, text=True,
                                        env=environment)
        self.lines = []
        self.url = None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith('http://'):
                self.url = line.strip()
                break
        if not self.url:
            self.process.wait(60)
            raise RuntimeError(f'no address: {self.lines} {self.stderr()}')
        parts = urllib.parse.urlsplit(self.url)
        self.port = parts.port
        self.token = urllib.parse.parse_qs(parts.query)['token'][0]

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self, number=signal.SIGTERM):
        """Ends it; the exit status as a shell's wait gives it to Python (-15 for SIGTERM)."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        self.process.stdout.close()
        return status

    def left(self):
        """Files that it has left."""
        return [os.path.join(at, name) for at, _, names in os.walk(self.folder) for name in names]

    def folders(self):
        return [name for name in os.listdir(self.folder) if name.startswith('clearvision-serve-')]

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def memory(self):
        """Resident memory now, in MB."""
        with open(f'/proc/{self.process.pid}/status', encoding='ascii') as status:
            return int(re.search(r'VmRSS:\s+(\d+)', status.read())[1]) / 1000


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)


class Visitor:
    """One browser: keeps the cookie and one connection."""

    def __init__(self, server, enter=True, timeout=60, host='127.0.0.1'):
        self.server = server
        self.cookie = None
        self.connection = http.client.HTTPConnection(host, server.port, timeout=timeout)
        if enter:
            answer = self.get(f'/?token={server.token}')
            assert answer.status == 200, answer.status
            self.cookie = answer.headers['Set-Cookie'].split(';')[0]

    def ask(self, method, path, body=None, headers=None):
        heads = {'Cookie': self.cookie} if self.cookie else {}
        heads.update(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        for again in (True, False):
            try:
                self.connection.request(method, path, body, {k: v for k, v in heads.items() if v is not None})
                return Answer(self.connection.getresponse())
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()
                if not again:
                    raise

    def get(self, path, **headers):
        return self.ask('GET', path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.ask('POST', path, body if body is not None else b'', headers)

    # ---- What the page does ----

    def new_job(self, example=None):
        answer = self.post('/api/jobs', {} if example is None else {'example': example})
        assert answer.status == 201, (answer.status, answer.body)
        return answer.json['id']

    def upload(self, job, name, data):
        return self.post(f'/api/jobs/{job}/pictures?name={urllib.parse.quote(name)}', data)

    def job(self, job):
        answer = self.get(f'/api/jobs/{job}')
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json

    def wait(self, job, until, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            state = self.job(job)
            if until(state):
                return state
            time.sleep(0.05)
        raise AssertionError(f'waited too long: {json.dumps(state)[:600]}')

    def read_all(self, job, seconds=120):
        return self.wait(job, lambda s: all(p['state'] in ('good', 'bad') for p in s['pictures']), seconds)

    def run(self, job, seconds=300, **options):
        state = self.read_all(job, seconds)
        numbers = [p['number'] for p in state['pictures'] if p['state'] == 'good']
        answer = self.post(f'/api/jobs/{job}/run', {'pictures': numbers, 'options': options})
        assert answer.status == 202, (answer.status, answer.body)
        return self.wait(job, lambda s: s['run']['state'] in ('done', 'failed', 'cancelled'), seconds)
