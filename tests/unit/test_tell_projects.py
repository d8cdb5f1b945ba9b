# SPDX-License-Identifier: Apache-2.0

"""What the example sends to projects, and keeps from them."""

import contextlib
import hashlib
import hmac
import importlib.util
import io
import json
import pathlib
import queue
import threading
import time
import types
import urllib.error

from unittest import mock

import ddt
import fixtures
import oslo_messaging

from oslo_config import cfg
from oslo_messaging import conffixture
from oslo_messaging.notify import dispatcher

from tests.unit import base


EXAMPLE = (
    pathlib.Path(__file__).resolve().parents[2]
    / 'doc/source/examples/tell_projects.py'
)

spec = importlib.util.spec_from_file_location('tell_projects', EXAMPLE)
tell_projects = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tell_projects)

HOOKS = {
    'project-1': {'url': 'https://one.test/hook', 'secret': 'first'},
    'project-2': {'url': 'https://two.test/hook', 'secret': 'second'},
}
PAYLOAD = {
    'project_id': 'project-1',
    'server_id': 'server-1',
    'maintenance_id': 'audit-1',
    'state': 'announced',
    'effect': 'live',
}


def wait(projects):
    """Wait until all messages have been posted, or given up."""
    for waiting in projects._waiting.values():
        waiting.join()


@ddt.ddt
class TestProjects(base.TestCase):
    def setUp(self):
        super().setUp()
        self.projects = tell_projects.Projects(HOOKS)
        self.opener = self.projects._opener = mock.Mock()
        sleep = mock.patch.object(tell_projects, 'time')
        self.sleep = sleep.start().sleep
        self.addCleanup(sleep.stop)

    def dispatch(self, event='maintenance.planned', waits=True, **payload):
        """Give it a notification as oslo.messaging does."""
        payload = {**PAYLOAD, **payload}
        message = {
            'publisher_id': 'watcher-applier:here',
            'priority': 'INFO',
            'event_type': event,
            'payload': payload,
            'message_id': 'm-1',
            'timestamp': '2026-11-29 12:00:00.000000',
        }
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            result = dispatcher.NotificationDispatcher(
                [self.projects], oslo_messaging.NoOpSerializer()
            ).dispatch(types.SimpleNamespace(ctxt={}, message=message))
            if waits:
                wait(self.projects)
        self.assertEqual(oslo_messaging.NotificationResult.HANDLED, result)
        return errors.getvalue()

    def requests(self):
        return [call.args[0] for call in self.opener.open.call_args_list]

    def test_signed_request(self):
        self.assertEqual('', self.dispatch())
        [request] = self.requests()
        self.assertEqual('https://one.test/hook', request.full_url)
        self.assertEqual('POST', request.get_method())
        self.assertEqual(
            {
                'id': 'm-1',
                'time': '2026-11-29 12:00:00.000000',
                'event': 'maintenance.planned',
                **PAYLOAD,
            },
            json.loads(request.data),
        )
        expected = hmac.new(b'first', request.data, hashlib.sha256)
        self.assertEqual(
            f'sha256={expected.hexdigest()}',
            request.get_header(tell_projects.SIGNATURE.capitalize()),
        )
        [call] = self.opener.open.call_args_list
        self.assertEqual(tell_projects.TIMEOUT_S, call.kwargs['timeout'])

    @ddt.named_data(
        # name, event, project, where it goes
        ('moving',  'maintenance.moving',    'project-2', 'two.test'),
        ('off',     'maintenance.cancelled', 'project-2', 'two.test'),
        ('unknown', 'maintenance.planned',   'project-3', None),
        ('other',   'maintenance.plannedx',  'project-1', None),
        ('action',  'action.execution.end',  'project-1', None),
        ('audit',   'audit.update',          'project-1', None),
    )  # fmt: skip
    @ddt.unpack
    def test_destination(self, event, project, host):
        self.dispatch(event, project_id=project)
        self.assertEqual(
            [host] if host else [], [r.host for r in self.requests()]
        )

    @ddt.named_data(
        # name, failures, requests
        ('once',   1, 2),
        ('twice',  2, 3),
        ('always', 9, 3),
    )  # fmt: skip
    @ddt.unpack
    def test_tries(self, failures, requests):
        error = urllib.error.URLError('down')
        answers = [error] * failures + [mock.Mock()] * 3
        self.opener.open.side_effect = answers
        told = self.dispatch()
        self.assertEqual(requests, len(self.requests()))
        self.assertEqual(min(failures, 3), len(told.splitlines()))
        self.assertNotIn('one.test', told)
        self.assertLess(self.sleep.call_count, 3)

    @ddt.data('hooks.test/x', 'https://a..b/x', 'https://one.test:port/')
    def test_bad_url(self, url):
        self.projects = tell_projects.Projects(
            {'project-1': {'url': url, 'secret': 'first'}}
        )
        # The thread of the project lives on.
        for _message in range(2):
            told = self.dispatch()
            self.assertEqual(3, len(told.splitlines()))
            self.assertNotIn('://', told)

    def test_dead_url_delays_no_other_project(self):
        answers = threading.Event()
        self.addCleanup(answers.set)
        posted = queue.Queue()

        def answer(request, timeout):
            if request.host == 'one.test':
                answers.wait(60)
            posted.put((request.host, json.loads(request.data)['server_id']))
            return mock.Mock()

        self.opener.open = answer
        for number in range(2):
            self.dispatch(waits=False, server_id=f'first-{number}')
        self.dispatch(waits=False, project_id='project-2')
        self.assertEqual(('two.test', 'server-1'), posted.get(timeout=60))
        answers.set()
        for number in range(2):
            self.assertEqual(
                ('one.test', f'first-{number}'), posted.get(timeout=60)
            )

    def test_most_waiting(self):
        answers = threading.Event()
        begun = threading.Event()

        def answer(request, timeout):
            begun.set()
            answers.wait(60)
            return mock.Mock()

        self.opener.open = answer
        self.addCleanup(answers.set)
        self.dispatch(waits=False)
        begun.wait(60)
        for _ in range(tell_projects.MOST_WAITING):
            self.assertEqual('', self.dispatch(waits=False))
        self.assertIn('1000 messages wait', self.dispatch(waits=False))

    def test_redirect_is_not_followed(self):
        handler = tell_projects.NoRedirect()
        self.assertIsNone(
            handler.redirect_request(None, None, 302, '', {}, 'http://x')
        )


HOOK = HOOKS['project-1']


@ddt.ddt
class TestHooks(base.TestCase):
    def load(self, text):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'hooks')
        path.write_text(text)
        return tell_projects.load(path)

    def test_good(self):
        self.assertEqual(HOOKS, self.load(json.dumps(HOOKS)))

    @ddt.named_data(
        # name, hooks, what is wrong
        ('list', [], 'it has to be an object: project ID -> "url" and "secret"'),
        ('text', {'p': 'https://one.test'}, 'p has to be an object'),
        ('no_url', {'p': {'secret': 'first'}}, 'p has no text as "url"'),
        ('no_secret', {'p': {'url': 'http://x'}}, 'p has no text as "secret"'),
        ('null', {'p': HOOK | {'secret': None}}, 'p has no text as "secret"'),
        ('number', {'p': HOOK | {'secret': 7}}, 'p has no text as "secret"'),
        ('empty', {'p': HOOK | {'secret': ''}}, 'p has no text as "secret"'),
        ('half', {'p': HOOK | {'secret': '\ud800'}},
         'p has no text as "secret"'),
        ('scheme', {'p': HOOK | {'url': 'file:///etc/passwd'}},
         'p has no http or https URL as "url"'),
        ('all', {'p': {}, 'q': HOOK, 'r': []},
         'p has no text as "url"; p has no text as "secret"; '
         'r has to be an object'),
    )  # fmt: skip
    @ddt.unpack
    def test_bad(self, hooks, problem):
        error = self.assertRaises(SystemExit, self.load, json.dumps(hooks))
        self.assertTrue(str(error).endswith(f'hooks: {problem}'), error)
        self.assertIn('Correct /', str(error))

    @ddt.data((), ('fake:/',))
    def test_usage(self, arguments):
        told = io.StringIO()
        argv = [str(EXAMPLE), *arguments]
        with (
            mock.patch('sys.argv', argv),
            contextlib.redirect_stderr(told),
            self.assertRaises(SystemExit) as stop,
        ):
            tell_projects.main()
        self.assertEqual(2, stop.exception.code)
        self.assertIn('usage: tell_projects.py', told.getvalue())

    def test_unreadable(self):
        error = self.assertRaises(SystemExit, self.load, '{')
        self.assertIn('Cannot read /', str(error))
        error = self.assertRaises(SystemExit, tell_projects.load, '/no/hooks')
        self.assertIn('No such file', str(error))


class TestListen(base.TestCase):
    def test_slow_message_is_not_overtaken(self):
        dispatched = queue.Queue()

        class Slow(tell_projects.Projects):
            def info(self, context, publisher, event_type, payload, metadata):
                """Take long over the first message."""
                if payload['server_id'] == 'first':
                    time.sleep(0.2)
                dispatched.put(payload['server_id'])

        slow = mock.patch.object(tell_projects, 'Projects', Slow)
        slow.start()
        self.addCleanup(slow.stop)
        listener = tell_projects.listen('fake:/', HOOKS)
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)
        conf = cfg.ConfigOpts()
        conf([], project='tests')
        self.useFixture(conffixture.ConfFixture(conf))
        conf.set_override('control_exchange', 'watcher')
        transport = oslo_messaging.get_notification_transport(conf, 'fake:/')
        notifier = oslo_messaging.Notifier(
            transport, 'here', 'messagingv2', topics=['notifications']
        )
        for server in ('first', 'second'):
            payload = {**PAYLOAD, 'server_id': server}
            notifier.info({}, 'maintenance.planned', payload)
        self.assertEqual('first', dispatched.get(timeout=60))
        self.assertEqual('second', dispatched.get(timeout=60))
