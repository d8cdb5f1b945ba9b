# SPDX-License-Identifier: Apache-2.0

"""The action that calls a hook: an executable, or a URL."""

import json
import os
import pathlib
import signal
import time

import ddt
import fixtures
import jsonschema
import requests

from watcher import conf

from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_service
from tests.unit.plugin.processes import Waits
from tests.unit.plugin.processes import runs
from watcher_host_maintenance.cloud import web_hooks
from watcher_host_maintenance.plugin.actions import action_row
from watcher_host_maintenance.plugin.actions import hook_process
from watcher_host_maintenance.plugin.actions.run_hook import RunHook
from watcher_host_maintenance.plugin.actions.run_hook import cleaned
from watcher_host_maintenance.plugin.errors import ActionFailed
from watcher_host_maintenance.request import options


URL = 'https://patch.example.org/node'
MINE = 'watcher_maintaining'
OUTSIDE = 'is not in http_hook_hosts'


class TestCase(base.TestCase):
    """One hook of each kind; what is recorded is kept in ``recorded``."""

    def setUp(self):
        super().setUp()
        self.useFixture(database.Database())
        self.service = fake_nova.mocker_for(self)
        self.nova = fake_nova.FakeNova(self.service)
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        self.see('disabled', MINE)
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        conf.CONF.register_opts(options.ROLL_OPTIONS, group=options.ROLL_GROUP)
        self.configured(
            hooks_dir=str(self.directory),
            exec_hooks=['reboot'],
            http_hooks={'patch': URL},
            http_hook_hosts=['patch.example.org'],
        )
        self.recorded = {}
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{action_row.__name__}.add_parameters', self.record
            )
        )
        for module in (hook_process, web_hooks):
            self.useFixture(
                fixtures.MonkeyPatch(f'{module.__name__}.POLL_S', 0.01)
            )

    def configured(self, **values):
        self.conf.config(group=options.ROLL_GROUP, **values)

    def record(self, parameters, **more):
        self.recorded = more
        return True

    def script(self, *lines, mode=0o700):
        path = self.directory / 'reboot'
        path.write_text('\n'.join(['#!/bin/sh', *lines, '']))
        path.chmod(mode)
        return path

    def see(self, status, reason):
        """Let the service of the node be so."""
        self.nova.services = [
            a_service('compute-1', status=status, disabled_reason=reason)
        ]

    def run_hook(self, hook='reboot', part='hook', timeout_s=20, **more):
        action = RunHook(None)
        action.input_parameters = {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'hook': hook,
            'part': part,
            'timeout_s': timeout_s,
            **more,
        }
        action.validate_parameters()
        return action.execute()

    def failure(self, *arguments, **fields):
        error = self.assertRaises(
            ActionFailed, self.run_hook, *arguments, **fields
        )
        return str(error)

    def not_run(self, *arguments, **fields):
        """Call a hook that is not run; return why."""
        self.assertIs(True, self.run_hook(*arguments, **fields))
        self.assertEqual('not_run', self.recorded['answer'])
        return self.recorded['message']


@ddt.ddt
class TestOutOfService(TestCase):
    """A hook works only on a node that is still out for it."""

    @ddt.named_data(
        # name, status, reason, part, problem
        ('out',       'disabled', MINE,         'hook',      None),
        ('opened',    'enabled',  None,         'hook',
         'compute-1 is in service'),
        ('theirs',    'disabled', 'fan broken', 'hook',
         'compute-1 is disabled: "fan broken", not "watcher_maintaining"'),
        ('done',      'disabled', 'watcher_maintained', 'hook',
         'compute-1 is disabled: "watcher_maintained", not '),
        ('preflight', 'enabled',  None,         'preflight', None),
    )  # fmt: skip
    @ddt.unpack
    def test_node(self, status, reason, part, problem):
        ran = self.directory / 'ran'
        self.script(f'touch {ran}')
        self.see(status, reason)
        if problem is None:
            self.assertIs(True, self.run_hook(part=part, expected_reason=MINE))
        else:
            self.assertIn(problem, self.not_run(expected_reason=MINE))
        self.assertEqual(problem is None, ran.exists())

    def test_without_a_reason(self):
        """An action of a plan that another release has written."""
        self.script('exit 0')
        self.see('disabled', 'fan broken')
        self.assertIs(True, self.run_hook())
        self.see('enabled', None)
        self.assertIn('is in service', self.not_run())

    def test_nova_is_away(self):
        self.script('exit 0')
        self.nova.fail('/v2.1/os-services')
        self.assertIn('Nova did not answer GET /os-services', self.not_run())

    def test_service_is_gone(self):
        self.script('exit 0')
        self.nova.services = []
        self.assertIn('has no nova-compute service', self.failure())


@ddt.ddt
class TestExec(Waits, TestCase):
    @ddt.named_data(
        # name, exit status, what is recorded
        ('done',    0,  {'answer': 'done', 'message': 'Kernel 6.1'}),
        ('nothing', 70, {'answer': 'nothing', 'message': 'Kernel 6.1'}),
        ('later',   75, {'answer': 'later', 'message': 'Kernel 6.1'}),
    )  # fmt: skip
    @ddt.unpack
    def test_answers(self, status, recorded):
        self.script('echo first', 'echo Kernel 6.1', f'exit {status}')
        self.assertIs(True, self.run_hook())
        self.assertEqual(recorded, self.recorded)

    @ddt.data(1, 69, 71, 74, 76, 255)
    def test_any_other_status_is_a_failure(self, status):
        self.script('echo no disk >&2', f'exit {status}')
        self.assertIn(
            f'compute-1: the hook reboot failed: no disk ({status})',
            self.failure(),
        )

    def test_killed_by_a_signal(self):
        self.script('kill -9 $$')
        self.assertIn('it says nothing (-9)', self.failure())

    @ddt.data(
        {'part': 'drain'}, {'timeout_s': 0}, {'hook': ''}, {'part': None}
    )
    def test_bad_parameters(self, given):
        self.assertRaises(jsonschema.ValidationError, self.run_hook, **given)

    def test_document(self):
        self.script('cat > "$(dirname $0)/seen"')
        self.run_hook(timeout_s=7)
        self.assertEqual(
            {
                'version': 1,
                'hook': 'reboot',
                'phase': 'hook',
                'host': 'compute-1',
                'node': uuid_of('compute-1'),
                'timeout_s': 7,
            },
            json.loads((self.directory / 'seen').read_text()),
        )

    @ddt.data(('preflight', '--preflight'), ('hook', ''))
    @ddt.unpack
    def test_argument(self, part, argument):
        self.script(f'[ "$1" = "{argument}" ]')
        self.assertIs(True, self.run_hook(part=part))

    def test_environment_is_not_the_appliers(self):
        self.useFixture(fixtures.EnvironmentVariable('OS_PASSWORD', 'secret'))
        self.script('[ -z "$OS_PASSWORD" ]')
        self.assertIs(True, self.run_hook())

    def test_stdin_need_not_be_read(self):
        self.script('exit 0')
        self.assertIs(True, self.run_hook())

    def test_answer_that_is_not_recorded(self):
        self.script('exit 75')
        self.record = lambda *_args, **_more: False
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{action_row.__name__}.add_parameters', self.record
            )
        )
        self.assertIn('its answer cannot be recorded', self.failure())

    def test_group_is_ended_at_the_timeout(self):
        self.script(
            'sleep 60 & echo $! > "$(dirname $0)/child"',
            'sleep 60',
        )
        self.assertIn(
            'it has not ended in 1 seconds', self.failure(timeout_s=1)
        )
        child = int((self.directory / 'child').read_text())
        self.until(lambda: not runs(child))

    def test_children_outlive_a_hook_that_has_ended(self):
        """What it has started in the background is its own matter."""
        self.script(
            'sleep 5 > /dev/null 2>&1 & echo $! > "$(dirname $0)/child"',
            'exit 75',
        )
        self.run_hook()
        child = int((self.directory / 'child').read_text())
        self.assertTrue(runs(child))
        os.kill(child, signal.SIGKILL)

    def test_endless_output(self):
        self.script('exec yes x')
        began = time.monotonic()
        self.assertIn('has not ended', self.failure(timeout_s=1))
        self.assertLess(time.monotonic() - began, 15)

    def test_output_before_the_end_of_much(self):
        self.script('yes x | head -c 500000', 'echo last', 'exit 70')
        self.run_hook()
        self.assertEqual('last', self.recorded['message'])

    def test_cancelled(self):
        self.script('sleep 60')
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{RunHook.__module__}.RunHook.is_cancelled', lambda _: True
            )
        )
        self.assertIn('cancelled', self.failure())


@ddt.ddt
class TestUnsafe(TestCase):
    @ddt.named_data(
        ('group', 0o720, 'is writable by others'),
        ('others', 0o702, 'is writable by others'),
        ('not_executable', 0o600, None),
    )
    @ddt.unpack
    def test_mode(self, mode, problem):
        self.script('exit 0', mode=mode)
        self.assertIn(problem or 'is not executable', self.not_run())

    def test_vanished(self):
        self.assertIn('No such file', self.not_run())

    def test_that_is_not_recorded(self):
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{action_row.__name__}.add_parameters',
                lambda *_arguments, **_more: False,
            )
        )
        text = self.failure()
        self.assertIn('the hook reboot is not run', text)
        self.assertIn('No such file', text)

    def test_without_interpreter(self):
        (self.directory / 'reboot').write_text('#!/nowhere/sh\n')
        (self.directory / 'reboot').chmod(0o700)
        self.assertIn('reboot: No such file', self.not_run())

    def test_symbolic_link(self):
        self.script('exit 0').rename(self.directory / 'real')
        (self.directory / 'reboot').symlink_to(self.directory / 'real')
        self.assertIn('reboot is a symbolic link', self.not_run())

    def test_directory_is_a_symbolic_link(self):
        self.script('exit 0')
        link = pathlib.Path(self.useFixture(fixtures.TempDir()).path) / 'hooks'
        link.symlink_to(self.directory)
        self.configured(hooks_dir=str(link))
        self.assertIn('hooks is a symbolic link', self.not_run())

    @ddt.data(0o770, 0o707, 0o1777)
    def test_directory_is_writable_by_others(self, mode):
        self.script('exit 0')
        self.directory.chmod(mode)
        self.assertIn('is writable by others', self.not_run())

    def test_directory_above_is_writable_by_others(self):
        inner = self.directory / 'inner'
        inner.mkdir(mode=0o700)
        self.directory.chmod(0o777)
        self.configured(hooks_dir=str(inner))
        self.assertIn(f'{self.directory} is writable', self.not_run())

    def test_relative_directory(self):
        self.configured(hooks_dir='hooks')
        self.assertIn('is not an absolute path', self.not_run())

    def test_directory_instead_of_a_file(self):
        (self.directory / 'reboot').mkdir(mode=0o700)
        self.assertIn('is not a regular file', self.not_run())

    @ddt.data('', '.', '..', '../reboot', '/bin/true')
    def test_no_name_of_a_file(self, name):
        self.assertRaises(
            hook_process.UnsafeHook,
            hook_process.executable,
            str(self.directory),
            name,
        )

    def test_other_owner(self):
        self.script('exit 0')
        self.useFixture(
            fixtures.MonkeyPatch(
                f'{hook_process.__name__}.os.geteuid',
                lambda: os.getuid() + 1,
            )
        )
        if os.getuid() == 0:
            os.chown(self.directory / 'reboot', 12345, -1)
        self.assertIn('belongs to another user', self.not_run())

    def test_not_in_watcher_conf(self):
        self.script('exit 0')
        self.configured(exec_hooks=[])
        self.assertIn('reboot is not in watcher.conf', self.not_run())


@ddt.ddt
class TestHttp(TestCase):
    @property
    def calls(self):
        """The methods of the requests to the hook, in order."""
        return [
            request.method
            for request in self.service.request_history
            if not request.url.startswith(self.nova.url)
        ]

    def answers(self, *bodies, **fields):
        self.service.post(URL, json=bodies[0], **fields)
        if bodies[1:]:
            self.service.get(URL, [{'json': body} for body in bodies[1:]])

    @ddt.named_data(
        ('done', {'state': 'done'}, {}),
        ('nothing', {'state': 'nothing', 'message': 'ok'},
         {'answer': 'nothing', 'message': 'ok'}),
        ('later', {'state': 'later'}, {'answer': 'later', 'message': ''}),
    )  # fmt: skip
    @ddt.unpack
    def test_answers(self, body, recorded):
        self.answers(body)
        self.assertIs(True, self.run_hook('patch'))
        self.assertEqual(recorded, self.recorded)
        sent = self.service.last_request.json()
        self.assertEqual(('compute-1', 'hook'), (sent['host'], sent['phase']))

    def test_is_polled(self):
        running = {'state': 'running'}
        self.answers(running, running, {'state': 'done'})
        self.assertIs(True, self.run_hook('patch'))
        self.assertEqual(['POST', 'GET', 'GET'], self.calls)

    def test_poll_elsewhere(self):
        self.answers({'state': 'running', 'poll': f'{URL}/7'})
        self.service.get(f'{URL}/7', json={'state': 'done'})
        self.assertIs(True, self.run_hook('patch'))

    @ddt.named_data(
        ('another_host', 'https://169.254.169.254/', OUTSIDE),
        ('another_port', 'https://patch.example.org:8443/', OUTSIDE),
        ('user_part', 'https://patch.example.org@evil.example/', OUTSIDE),
        ('file', 'file:///etc/passwd', 'is no HTTP URL'),
        ('no_url', 'x', 'is no HTTP URL'),
        ('backslash', r'https://evil.example\@patch.example.org/', OUTSIDE),
    )
    @ddt.unpack
    def test_outside_the_list(self, url, problem):
        self.configured(http_hooks={'patch': url})
        self.assertIn(problem, self.not_run('patch'))
        self.assertEqual([], self.calls)
        # What has begun may do anything.
        self.answers({'state': 'running', 'poll': url})
        self.configured(http_hooks={'patch': URL})
        text = self.failure('patch')
        self.assertIn('the hook patch failed: ', text)
        self.assertIn(problem, text)
        self.assertEqual(['POST'], self.calls)

    def test_port_in_the_list(self):
        url = 'http://127.0.0.1:8080/node'
        self.configured(
            http_hooks={'patch': url}, http_hook_hosts=['127.0.0.1:8080']
        )
        self.service.post(url, json={'state': 'done'})
        self.assertIs(True, self.run_hook('patch'))

    @ddt.named_data(
        ('failed', {'json': {'state': 'failed', 'message': 'no disk'}},
         'no disk'),
        ('unknown', {'json': {'state': 'odd'}}, 'it says nothing'),
        ('redirect', {'status_code': 302,
                      'headers': {'Location': 'https://evil.example/'}},
         'HTTP 302'),
        ('error', {'status_code': 500}, 'HTTP 500'),
        ('no_json', {'text': '<html>'}, 'no JSON'),
        ('no_object', {'json': [1]}, 'no JSON object'),
        ('no_text', {'json': {'state': 1}}, 'no text'),
        ('most', {'text': ' ' * 64 * 1024}, 'no JSON'),
        ('too_much', {'text': ' ' * (64 * 1024 + 1)}, 'more than 65536'),
    )  # fmt: skip
    @ddt.unpack
    def test_failures(self, answer, problem):
        self.service.post(URL, **answer)
        self.assertIn(problem, self.failure('patch'))
        self.assertEqual(['POST'], self.calls)

    @ddt.named_data(
        ('busy',      {'status_code': 503}, 'HTTP 503'),
        ('many',      {'status_code': 429}, 'HTTP 429'),
    )  # fmt: skip
    @ddt.unpack
    def test_does_not_begin(self, answer, problem):
        self.service.post(URL, **answer)
        self.assertEqual(problem, self.not_run('patch'))
        self.assertEqual(['POST'], self.calls)

    @ddt.named_data(
        ('no_answer',   {'exc': requests.ReadTimeout('it drips')}),
        ('broken',      {'exc': requests.ConnectionError('reset')}),
        ('busy',        {'status_code': 503}),
        ('bad_gateway', {'status_code': 502}),
        ('many',        {'status_code': 429}),
    )  # fmt: skip
    @ddt.unpack
    def test_outage_while_it_works(self, answer):
        self.service.post(URL, json={'state': 'running'})
        done = {'json': {'state': 'done'}}
        self.service.get(URL, [answer, answer, done])
        self.assertIs(True, self.run_hook('patch'))
        self.assertEqual(['POST', 'GET', 'GET', 'GET'], self.calls)

    def test_refusal_while_it_works(self):
        self.service.post(URL, json={'state': 'running'})
        self.service.get(URL, status_code=404)
        self.assertIn('HTTP 404', self.failure('patch'))

    def test_outage_without_end(self):
        self.service.post(URL, json={'state': 'running'})
        self.service.get(URL, status_code=502)
        self.assertIn(
            'it has not ended in 1 seconds; HTTP 502',
            self.failure('patch', timeout_s=1),
        )

    def test_timeout(self):
        self.answers({'state': 'running'}, {'state': 'running'})
        self.assertIn(
            'it has not ended in 1 seconds', self.failure('patch', timeout_s=1)
        )


@ddt.ddt
class TestMessage(base.TestCase):
    @ddt.named_data(
        ('nothing',  '',                  ''),
        ('last',     'a\nb \n\n',         'b'),
        ('escapes',  'a\x1b[2J',          'a\\x1b[2J'),
        ('fits',     'x' * 160,           'x' * 160),
        ('cut',      'x' * 161,           'x' * 157 + '...'),
    )  # fmt: skip
    @ddt.unpack
    def test_cleaned(self, output, message):
        self.assertEqual(message, cleaned(output))
