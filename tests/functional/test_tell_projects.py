# SPDX-License-Identifier: Apache-2.0

"""The example that tells projects, on a real bus."""

import hashlib
import hmac
import http.server
import json
import pathlib
import subprocess
import sys

import fixtures
import oslo_messaging

from oslo_config import cfg

from minicloud import waiting
from tests.functional import limited
from tests.functional import typed
from tests.services import rabbitmq


EXAMPLE = typed.SOURCE / 'examples' / 'tell_projects.py'
SECRET = 'first'
PROJECT = '6f70656e737461636b20342065766572'
PAYLOAD = {
    'project_id': PROJECT,
    'server_id': 'server-1',
    'maintenance_id': 'audit-1',
    'state': 'moving',
}


class TestTellProjects(limited.LimitedTestCase):
    LIMIT_S = 120

    def listen(self):
        """Start a web server that takes a single request; return it."""

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers['Content-Length'])
                self.server.posted = (self.headers, self.rfile.read(length))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments):
                pass

        server = http.server.HTTPServer(('127.0.0.1', 0), Handler)
        server.timeout = 30
        server.posted = None
        self.addCleanup(server.server_close)
        return server

    def send(self, broker, event, **payload):
        """Send a notification, as Watcher's applier does."""
        oslo_messaging.set_transport_defaults('watcher')
        self.addCleanup(oslo_messaging.set_transport_defaults, 'openstack')
        conf = cfg.ConfigOpts()
        conf([], project='watcher')
        transport = oslo_messaging.get_notification_transport(conf, broker.url)
        self.addCleanup(transport.cleanup)
        notifier = oslo_messaging.Notifier(
            transport,
            publisher_id='watcher-applier:here',
            driver='messagingv2',
            topics=['notifications'],
        )
        notifier.info({}, event, {**PAYLOAD, **payload})

    def test_told_by_bus(self):
        if rabbitmq.program() is None:
            self.skipTest('rabbitmq-server of Debian is not installed')
        broker = self.useFixture(rabbitmq.Broker())
        server = self.listen()
        url = f'http://127.0.0.1:{server.server_port}/'
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        hooks = directory / 'hooks.json'
        hooks.write_text(json.dumps({PROJECT: {'url': url, 'secret': SECRET}}))
        command = [
            sys.executable, '-W', 'ignore', str(EXAMPLE), broker.url,
            str(hooks),
        ]  # fmt: skip
        example = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.addCleanup(example.stderr.close)
        self.addCleanup(example.wait)
        self.addCleanup(example.kill)
        waiting.until(
            lambda: broker.has_queue('tell-projects'),
            60,
            lambda: 'the example does not listen',
        )
        self.send(broker, 'maintenance.planned', project_id='another')
        self.send(broker, 'maintenance.moving')
        server.handle_request()
        example.kill()
        self.assertEqual('', example.stderr.read())
        # The first that is posted: nothing goes to a project without a hook.
        headers, body = server.posted
        told = json.loads(body)
        self.assertEqual('maintenance.moving', told['event'])
        self.assertEqual(PAYLOAD, {name: told[name] for name in PAYLOAD})
        expected = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        self.assertEqual(
            f'sha256={expected}', headers['X-Maintenance-Signature']
        )

    def test_page(self):
        """The hooks on the page are what the program reads."""
        text = typed.section(
            'admin/notifications.rst', 'To a web hook of each project'
        )
        [hook] = json.loads(typed.files(text)['hooks.json']).values()
        self.assertEqual({'url', 'secret'}, set(hook))
