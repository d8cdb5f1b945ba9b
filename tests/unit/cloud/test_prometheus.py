# SPDX-License-Identifier: Apache-2.0

"""Tests of queries of Prometheus, with its own answers."""

import ddt
import fixtures
import requests
import requests_mock

from tests.unit import base
from tests.unit.cloud.servers import Server
from watcher_host_maintenance.cloud import prometheus
from watcher_host_maintenance.cloud.deadlines import OUT_OF_TIME
from watcher_host_maintenance.cloud.errors import ANSWER_UNREADABLE
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.prometheus import Prometheus


URL = 'https://prometheus.test:9090'
QUERY = 'ALERTS{instance=~"compute-1(:[0-9]+)?"}'

ALERT = {
    'metric': {
        '__name__': 'ALERTS',
        'instance': 'compute-1:9100',
        'alertname': 'DiskFailing',
    },
    'value': [1700000000.1, '1'],
}
SUM = {'metric': {}, 'value': [1700000000.1, '1']}


def success(result, kind='vector', **more):
    """Return what Prometheus answers."""
    return {
        'status': 'success',
        'data': {'resultType': kind, 'result': result},
        **more,
    }


@ddt.ddt
class TestPrometheus(base.TestCase):
    def setUp(self):
        super().setUp()
        self.mocker = requests_mock.Mocker()
        self.mocker.start()
        self.addCleanup(self.mocker.stop)

    def answers(self, url=URL, **answer):
        self.mocker.get(requests_mock.ANY, **answer)
        return Prometheus(url).series(QUERY)

    def failure(self, **answer):
        error = self.assertRaises(NotPlanned, self.answers, **answer)
        return error.finding.reason, error.finding.facts['error']

    @ddt.named_data(
        ('nothing', [],           []),
        ('alert',   [ALERT],      ['ALERTS{alertname="DiskFailing", '
                                   'instance="compute-1:9100"}']),
        ('no_name', [SUM],        ['{}']),
        ('sorted',  [SUM, ALERT], ['ALERTS{alertname="DiskFailing", '
                                   'instance="compute-1:9100"}', '{}']),
    )  # fmt: skip
    @ddt.unpack
    def test_series(self, result, expected):
        self.assertEqual(expected, self.answers(json=success(result)))

    def test_range(self):
        series = {'metric': {'job': 'x'}, 'values': [[1700000000, '1']]}
        answer = success([series], 'matrix')
        self.assertEqual(['{job="x"}'], self.answers(json=answer))

    @ddt.named_data(
        ('scalar', {'json': success([1700000000, '0'], 'scalar')},
         'the query returns a scalar, not series'),
        ('wrong_query', {'status_code': 400, 'json': {
            'status': 'error', 'errorType': 'bad_data',
            'error': 'invalid parameter "query": parse error'}},
         'invalid parameter "query": parse error'),
        ('late', {'status_code': 503, 'json': {
            'status': 'error', 'errorType': 'timeout',
            'error': 'query timed out in expression evaluation'}},
         'query timed out in expression evaluation'),
        ('not_whole', {'json': success([], warnings=['a store is away'])},
         'a store is away'),
        ('proxy', {'status_code': 502, 'text': '<html>Bad Gateway'},
         'HTTP 502'),
        ('unauthorized', {'status_code': 401, 'text': 'Unauthorized'},
         'HTTP 401'),
        ('sent_elsewhere', {'status_code': 302, 'text': '',
                            'headers': {'Location': 'https://evil.test'}},
         'HTTP 302'),
    )  # fmt: skip
    @ddt.unpack
    def test_no_answer(self, answer, text):
        self.assertEqual((CALL_FAILED, text), self.failure(**answer))

    @ddt.data(
        {'text': '<html>Sign in'},
        {'json': ['no', 'object']},
        {'json': {'status': 'success'}},
        {'json': success([{'value': [1, '1']}])},
    )
    def test_not_understood(self, answer):
        reason, _text = self.failure(**answer)
        self.assertIs(ANSWER_UNREADABLE, reason)

    @ddt.data(requests.ConnectionError('refused'), requests.Timeout('late'))
    def test_down(self, error):
        self.assertIs(CALL_FAILED, self.failure(exc=error)[0])

    def test_request(self):
        self.answers(f'{URL}/prom/', json=success([]))
        [request] = self.mocker.request_history
        self.assertEqual('/prom/api/v1/query', request.path)
        self.assertEqual(
            {'query': [QUERY.lower()], 'timeout': ['10s']}, request.qs
        )
        self.assertEqual(10, request.timeout)
        self.assertNotIn('Authorization', request.headers)

    def test_credentials(self):
        url = 'https://me:p%40ss@prometheus.test:9090'
        self.answers(url, json=success([]))
        [request] = self.mocker.request_history
        # "me:p@ss", in base64.
        self.assertEqual(
            'Basic bWU6cEBzcw==', request.headers['Authorization']
        )
        self.assertNotIn('p%40ss', request.url)


class TestDrip(base.TestCase):
    def test_bytes_that_drip_are_given_up(self):
        """Each byte comes in time, all of them do not."""
        self.useFixture(
            fixtures.MockPatchObject(prometheus, 'TIMEOUT_S', 0.15)
        )
        head = b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'
        server = Server(self, head + 9 * b' ', pause_s=0.1)
        error = self.assertRaises(
            NotPlanned, Prometheus(server.url).series, QUERY
        )
        self.assertIs(OUT_OF_TIME, error.finding.reason)
        self.assertLess(server.sent, len(head) / 2)
