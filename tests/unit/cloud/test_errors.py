# SPDX-License-Identifier: Apache-2.0

"""Tests of the findings that a failed call becomes."""

from unittest import mock

import ddt
import requests

from keystoneauth1 import exceptions as keystone_exceptions
from keystoneauth1 import fixture as keystone_fixture
from keystoneauth1.access import AccessInfoV3
from keystoneauth1.identity import Password
from keystoneauth1.identity import V3Password
from keystoneauth1.identity import V3Token
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session
from novaclient import exceptions as nova_exceptions

from tests.unit import base
from watcher_host_maintenance.cloud.errors import ANSWER_UNREADABLE
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NOT_IN_CATALOG
from watcher_host_maintenance.cloud.errors import NoAnswer
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.errors import Withheld
from watcher_host_maintenance.cloud.errors import calling
from watcher_host_maintenance.cloud.errors import connecting
from watcher_host_maintenance.cloud.errors import first_line
from watcher_host_maintenance.cloud.errors import user_of
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.watcher.estimates import MODEL_STALE


@ddt.ddt
class TestCalling(base.TestCase):
    @ddt.named_data(
        # name, error, the refusal it is
        ('unauthorized',   keystone_exceptions.Unauthorized('No'),
         CREDENTIAL_REFUSED),
        ('forbidden',      keystone_exceptions.Forbidden('No'),
         CALL_REFUSED),
        ('not_found',      keystone_exceptions.NotFound('No'),       None),
        ('out_of_order',   keystone_exceptions.InternalServerError('No'),
         None),
        ('timeout',        keystone_exceptions.ConnectTimeout('No'), None),
        ('nova_401',       nova_exceptions.Unauthorized(401, 'No'),
         CREDENTIAL_REFUSED),
        ('nova_403',       nova_exceptions.Forbidden(403, 'No'),
         CALL_REFUSED),
        ('nova_404',       nova_exceptions.NotFound(404, 'No'),      None),
        ('nova_503',       nova_exceptions.ClientException(503, 'No'),
         None),
        ('cut_off',        requests.ConnectionError('No'),           None),
        ('no_answer',      NoAnswer('No'),                   None),
        ('withheld',       Withheld('No'), CALL_REFUSED),
    )  # fmt: skip
    @ddt.unpack
    def test_reason(self, error, refusal):
        for service in ('Nova', 'Placement'):
            finding = self.finding(lambda s=service: self.call(s, error))
            self.assertIs(refusal or CALL_FAILED, finding.reason)
            self.assertEqual(
                (service, 'GET /things'),
                (finding.facts['service'], finding.facts['call']),
            )
            self.assertIn('No', finding.facts['error'])
            self.assertEqual(bool(refusal), 'user' in finding.facts)

    @ddt.data(
        keystone_exceptions.EndpointNotFound('No endpoint.'),
        keystone_exceptions.EmptyCatalog('No endpoint.'),
    )
    def test_not_in_the_catalog(self, error):
        finding = self.finding(lambda: self.call('Nova', error))
        self.assertEqual(
            NOT_IN_CATALOG.about(
                service='Nova', call='GET /things', error='No endpoint'
            ),
            finding,
        )

    @ddt.named_data(
        # name, error, what is told of it
        ('no_field',     KeyError('status'),               "no 'status'"),
        ('no_item',      IndexError('list out of range'),
         'list out of range'),
        ('a_page',       ValueError('Expecting value\nthere'),
         'Expecting value'),
        ('another_type', TypeError('not subscriptable'),
         'not subscriptable'),
        ('a_list',       AttributeError('list has no get'),
         'list has no get'),
        ('silent',       ValueError(),                     'ValueError'),
    )  # fmt: skip
    @ddt.unpack
    def test_answer_that_is_not_understood(self, error, told):
        for service in ('Nova', 'Placement'):
            facts = {'service': service, 'call': 'GET /things', 'error': told}
            self.assertEqual(
                Finding(ANSWER_UNREADABLE, facts=facts),
                self.finding(lambda s=service: self.call(s, error)),
            )

    def test_configuration_is_no_answer(self):
        def connect():
            with connecting('Nova'):
                raise ValueError('No')

        self.assertIs(CALL_FAILED, self.finding(connect).reason)

    def test_request_id_is_apart(self):
        error = keystone_exceptions.Forbidden('No', request_id='req-1')
        self.assertIn('req-1', str(error))
        facts = self.finding(lambda: self.call('Nova', error)).facts
        self.assertEqual(
            ('No (HTTP 403)', 'req-1'), (facts['error'], facts['request_id'])
        )

    def test_one_line(self):
        found = self.finding(
            lambda: self.call('Nova', OSError('\n  First.\nSecond.'))
        )
        self.assertEqual('First', found.facts['error'])

    def test_cause_is_kept(self):
        cause = ValueError('No')
        error = self.assertRaises(NotPlanned, self.call, 'Nova', cause)
        self.assertIs(cause, error.__cause__)

    def finding(self, read):
        return self.assertRaises(NotPlanned, read).finding

    def call(self, service, error):
        with calling(service, 'GET /things'):
            raise error


@ddt.ddt
class TestUser(base.TestCase):
    ANSWERS = (
        # name, plugin, name of the user
        ('none', None, None),
        ('no_sign_in', NoAuth(), None),
        ('password', V3Password('http://k', 'x', username='demo'), 'demo'),
        ('user_id', V3Password('http://k', 'x', user_id='4711'), None),
        ('generic', Password('http://k', username='demo'), 'demo'),
        ('token', V3Token('http://k', 'secret'), None),
    )

    @ddt.named_data(*ANSWERS)
    @ddt.unpack
    def test_is_what_is_signed_in_with(self, auth, expected):
        self.assertEqual(expected, user_of(auth))

    def test_is_the_tokens(self):
        auth = V3Token('http://k', 'secret')
        auth.auth_ref = AccessInfoV3(keystone_fixture.V3Token(user_name='ann'))
        self.assertEqual('ann', user_of(auth))

    def test_is_not_named_in_the_token(self):
        auth = V3Token('http://k', 'secret')
        auth.auth_ref = mock.Mock(username=None)
        self.assertIsNone(user_of(auth))

    def test_is_named_by_a_refusal_alone(self):
        session = Session(V3Password('http://k', 'x', username='demo'))
        for error, facts in (
            (keystone_exceptions.Forbidden('No'), {'user': 'demo'}),
            (keystone_exceptions.Unauthorized('No'), {'user': 'demo'}),
            (keystone_exceptions.NotFound('No'), {}),
            (KeyError('No'), {}),
        ):
            finding = self.finding(session, error)
            told = {k: v for k, v in finding.facts.items() if k == 'user'}
            self.assertEqual(facts, told)

    def finding(self, session, error):
        def call():
            with calling('Nova', 'GET /things', session):
                raise error

        return self.assertRaises(NotPlanned, call).finding


@ddt.ddt
class TestFirstLine(base.TestCase):
    @ddt.named_data(
        # name, error, expected
        ('a_key',         KeyError('host'),                 "no 'host'"),
        ('one_line',      ValueError('no room'),            'no room'),
        ('two_lines',     ValueError('no room\n  at all'),  'no room'),
        ('blank_first',   ValueError('\n  no room\n'),      'no room'),
        ('says_nothing',  ValueError(),                     'ValueError'),
        ('says_blanks',   ValueError(' \n '),               'ValueError'),
    )  # fmt: skip
    @ddt.unpack
    def test_text(self, error, expected):
        self.assertEqual(expected, first_line(error))


class TestNotPlanned(base.TestCase):
    def test_finding(self):
        finding = Finding(MODEL_STALE)
        error = NotPlanned(finding)
        self.assertEqual(finding, error.finding)
        self.assertEqual('model_stale', str(error))
