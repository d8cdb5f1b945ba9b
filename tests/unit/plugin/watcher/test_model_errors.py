# SPDX-License-Identifier: Apache-2.0

"""Tests of naming the call that is behind an error of Watcher's."""

import ddt
import requests
import requests_mock

from keystoneauth1 import exceptions as keystone_exceptions
from openstack import exceptions as sdk_exceptions
from watcher.common import exception

from tests.unit.plugin import base
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NOVA_FAILED
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.watcher import model_errors


URL = 'http://nova.test:8774/compute/v2.1/os-aggregates'
SIGN_IN = 'http://keystone.test/v3/auth/tokens'
FORBIDDEN = {'forbidden': {'message': 'Not you.', 'code': 403}}


def answered(**answer):
    """The error of openstacksdk for an answer of Nova's."""
    kind = 'application/json' if 'json' in answer else 'text/html'
    with requests_mock.Mocker() as mocker:
        mocker.get(URL, headers={'Content-Type': kind}, **answer)
        try:
            sdk_exceptions.raise_from_response(requests.get(URL))
        except sdk_exceptions.HttpException as exc:
            return exc
    raise AssertionError('no error')


def as_watcher_tells(error, is_cause=False):
    """What Watcher makes of it, which has lost the call.

    :param is_cause: it says so, and does not just raise another meanwhile
    """
    try:
        try:
            raise error
        except Exception as exc:
            if is_cause:
                raise exception.ClusterDataModelCollectionError(
                    cdm='compute'
                ) from exc
            raise exception.NovaClientError(  # noqa: B904
                reason=str(exc)
            )
    except exception.WatcherException as exc:
        return exc


def no_connection(url=URL):
    return keystone_exceptions.ConnectFailure(
        f'Unable to establish connection to {url}: Refused'
    )


@ddt.ddt
class TestFinding(base.TestCase):
    @ddt.named_data(
        # name, error, what it says
        ('page',     answered(status_code=503, text='<html>\nSorry\n</html>'),
         'Sorry (HTTP 503)'),
        ('silent',   answered(status_code=500), '500 (HTTP 500)'),
        ('fault',    answered(status_code=500, json={
            'computeFault': {'message': 'Oops', 'code': 500}}),
         'Oops (HTTP 500)'),
        ('refused',  no_connection(), str(no_connection())),
        ('late', keystone_exceptions.ConnectTimeout(
            f'Request to {URL} timed out'), f'Request to {URL} timed out'),
    )  # fmt: skip
    @ddt.unpack
    def test_call(self, error, said):
        for told in (
            error,
            as_watcher_tells(error),
            as_watcher_tells(error, is_cause=True),
        ):
            found = model_errors.finding(told)
            self.assertEqual(
                (NOVA_FAILED, 'GET /os-aggregates'),
                (found.reason, found.facts['call']),
            )
            self.assertIn(said, found.facts['error'])

    def test_forbidden(self):
        error = answered(status_code=403, json=FORBIDDEN)
        self.assertEqual(
            Finding(
                CALL_REFUSED,
                facts={
                    'service': 'Nova',
                    'call': 'GET /os-aggregates',
                    'error': 'Not you. (HTTP 403)',
                },
            ),
            model_errors.finding(as_watcher_tells(error)),
        )

    def test_sign_in(self):
        error = keystone_exceptions.Unauthorized(url=SIGN_IN, method='POST')
        found = model_errors.finding(as_watcher_tells(error))
        self.assertEqual(
            (CREDENTIAL_REFUSED, 'Keystone', 'POST /auth/tokens'),
            (found.reason, found.facts['service'], found.facts['call']),
        )

    @ddt.named_data(
        ('other_error', ValueError('http://nova.test/v2.1/servers')),
        ('no_http',     exception.NovaClientError(reason='no such thing')),
        ('keystone',    keystone_exceptions.ServiceUnavailable(url=SIGN_IN)),
        ('no_keystone', no_connection(SIGN_IN)),
        ('no_address',  keystone_exceptions.ConnectFailure('out of order')),
    )  # fmt: skip
    def test_none(self, error):
        self.assertIsNone(model_errors.finding(error))
