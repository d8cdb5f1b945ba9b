# SPDX-License-Identifier: Apache-2.0

"""The example that runs in a server, on Nova's real metadata service."""

import json
import os
import pathlib
import subprocess
import time

import fixtures
import requests

from minicloud import wsgi
from tests.functional import base
from tests.functional import guests
from tests.functional import limited
from tests.functional import typed


NOTICE = {
    'maintenance:id': 'b1a1b1ab-3d5a-4c9f-8f0e-6a1b0e0f7c11',
    'maintenance:state': 'announced',
    'maintenance:starts': '2026-12-01T21:00:00Z',
    'maintenance:effect': 'live',
    'maintenance:host': 'returns',
}
POLL_S = 1
#: For a process to start on a busy machine.
GRACE_S = 5
HOOK = '#!/bin/sh\necho $MAINTENANCE_STATE $MAINTENANCE_STARTS >> {log}\n'


class TestPage(limited.LimitedTestCase):
    def test_hook(self):
        text = typed.section('user/owners.rst', 'Inside the server')
        [hook] = typed.blocks(text, 'sh')
        for effect, stops in (('live', False), ('cold', True)):
            done = subprocess.run(
                ['sh', '-c', f'systemctl() {{ echo "$@"; }}\n{hook}'],
                env={'PATH': os.defpath, 'MAINTENANCE_EFFECT': effect},
                capture_output=True,
                text=True,
                check=True,
            )
            self.assertEqual('stop nginx\n' if stops else '', done.stdout)


class TestInTheServer(base.CloudTestCase):
    LIMIT_S = 240

    def setUp(self):
        super().setUp()
        self.start({'compute-1': base.HOST}, {'web': base.on('compute-1')})
        [self.server] = self.cloud.nova.servers.list()
        self.url = guests.url(self.cloud, self.server)
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.log = self.directory / 'log'
        self.log.touch()
        for state in ('announced', 'moving', 'done', 'cancelled'):
            hook = self.directory / state
            hook.write_text(HOOK.format(log=self.log))
            hook.chmod(0o755)

    def run_watch(self):
        """Start it, as systemd does; the test ends it."""
        process = subprocess.Popen(
            guests.watch(self.url, self.directory, f'--interval={POLL_S}'),
            stderr=subprocess.DEVNULL,
            # A proxy of the environment does not reach the metadata.
            env={**os.environ, 'http_proxy': 'http://127.0.0.1:1'},
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def tell(self, **changes):
        changed = {f'maintenance:{k}': v for k, v in changes.items()}
        self.cloud.nova.servers.set_meta(self.server, NOTICE | changed)

    def written(self):
        return self.log.read_text().splitlines()

    def assertWritten(self, *expected):
        """Wait until Nova's cache is as old as it gets, and for a look."""
        guests.catch_up(self.cloud, self.server)
        self.assertEventually(list(expected), self.written, POLL_S + GRACE_S)

    def test_answer_of_nova(self):
        self.tell()
        with requests.Session() as http:
            http.trust_env = False
            answer = http.get(self.url)
            other = http.get(self.url.replace(wsgi.PROJECT_ID, 'another'))
        self.assertEqual(NOTICE, answer.json()['meta'])
        self.assertNotIn('compute-1', json.dumps(answer.json()))
        self.assertEqual(404, other.status_code)

    def test_hooks(self):
        watch = self.run_watch()
        time.sleep(POLL_S)
        self.tell()
        lines = ['announced 2026-12-01T21:00:00Z']
        self.assertWritten(*lines)
        state = self.directory / 'state.json'
        self.assertEventually(
            True, lambda: json.loads(state.read_text())['ended'], GRACE_S
        )
        watch.kill()
        watch.wait()
        self.run_watch()
        self.tell(state='moving')
        lines.append('moving 2026-12-01T21:00:00Z')
        self.assertWritten(*lines)
        self.tell(state='done', starts='$(touch /tmp/x)')
        # What is not valid is as if it was absent.
        lines.append('done')
        self.assertWritten(*lines)
        time.sleep(2 * POLL_S)
        self.assertEqual(lines, self.written())

    def test_called_off(self):
        self.run_watch()
        self.tell()
        lines = ['announced 2026-12-01T21:00:00Z']
        self.assertWritten(*lines)
        self.tell(state='cancelled')
        lines.append('cancelled 2026-12-01T21:00:00Z')
        self.assertWritten(*lines)
        self.cloud.nova.servers.delete_meta(self.server, list(NOTICE))
        time.sleep(guests.CACHE_S + POLL_S)
        self.assertEqual(lines, self.written())
