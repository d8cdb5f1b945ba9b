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

from minicloud import waiting
from tests.functional import limited
from tests.functional import typed
from tests.services import rabbitmq


EXAMPLE = typed.SOURCE / 'examples' / 'tell_projects.py'
SECRET = 'first'
PROJECT = '6f70656e737461636b20342065766572'
UUID = 'b1a1b1ab-3d5a-4c9f-8f0e-6a1b0e0f7c11'
PAYLOAD = {
    'version': '1.0',
    'project_id': PROJECT,
    'server_id': 'server-1',
    'maintenance_id': UUID,
    'state': 'cancelled',
    'effect': 'none',
    'host': None,
}
CONFIG = """[DEFAULT]
transport_url = {url}
notification_level = {level}

[oslo_messaging_notifications]
driver = messagingv2
"""
#: What the applier does, without one.
SEND = f"""
import sys
from types import SimpleNamespace
from watcher.common import config, rpc
from watcher.common import service as _registers_options
from watcher.conf import CONF
from watcher_host_maintenance.core.model.notice import Effect, Notice, State
from watcher_host_maintenance.plugin.actions import notifications
config.parse_args(['watcher-applier', '--config-file', sys.argv[1]])
rpc.init(CONF)
notice = Notice(
    maintenance_id='{UUID}', state=State.CANCELLED, effect=Effect.NONE)
server = SimpleNamespace(
    uuid='server-1', project_id=sys.argv[2], notice=Notice())
notifications.send(server, notice)
rpc.cleanup()
"""


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

    def send(self, broker, project_id=PROJECT, level='info'):
        """Send a notification by Watcher's own notifier.

        :param level: of watcher.conf
        """
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        config = directory / 'watcher.conf'
        config.write_text(CONFIG.format(url=broker.url, level=level))
        subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', SEND, config, project_id],
            check=True,
            timeout=60,
        )

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
        self.send(broker, project_id='another')
        self.send(broker, level='critical')
        self.send(broker)
        server.handle_request()
        example.kill()
        self.assertEqual('', example.stderr.read())
        # The first that is posted: nothing goes to a project without a hook,
        # and what is below the level is not sent.
        headers, body = server.posted
        told = json.loads(body)
        self.assertEqual('maintenance.cancelled', told['event'])
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
