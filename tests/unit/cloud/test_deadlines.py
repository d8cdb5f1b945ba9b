# SPDX-License-Identifier: Apache-2.0

"""All reads together end in time, however slow an answer comes."""

import itertools
import math
import time

import ddt
import fixtures

from keystoneauth1 import noauth
from keystoneauth1.adapter import Adapter
from keystoneauth1.session import Session

from tests.unit import base
from tests.unit.cloud.servers import Server
from watcher_host_maintenance.cloud import deadlines
from watcher_host_maintenance.cloud.api import Api
from watcher_host_maintenance.cloud.deadlines import OUT_OF_TIME
from watcher_host_maintenance.cloud.deadlines import PLANNING_TOO_LONG
from watcher_host_maintenance.cloud.deadlines import Cancelled
from watcher_host_maintenance.cloud.deadlines import Deadline
from watcher_host_maintenance.cloud.deadlines import pauses
from watcher_host_maintenance.cloud.errors import ANSWER_UNREADABLE
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.settings import Settings


HEAD = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'
BODY = b'{"name": "compute-1"}'
WHOLE = HEAD + b'Content-Length: %d\r\n\r\n' % len(BODY) + BODY
CHUNKED = (
    HEAD
    + b'Transfer-Encoding: chunked\r\n\r\n'
    + b'%x\r\n%s\r\n0\r\n\r\n' % (len(BODY), BODY)
)
LIMIT_S = 0.3


class Service(Api):
    """An API that is read by keystoneauth alone."""

    def __init__(self, url, deadline):
        self.session = Session(noauth.NoAuth(endpoint=url))
        adapter = Adapter(self.session, endpoint_override=url)
        super().__init__('Nova', adapter, Settings(deadline=deadline))
        self._adapter = adapter

    def _fetch(self, path, **parameters):
        return self._adapter.get(path).json()

    def read(self):
        return self._get('/os-services', lambda body: body['name'])


@ddt.ddt
class TestReads(base.TestCase):
    @ddt.named_data(('length', WHOLE), ('chunks', CHUNKED))
    def test_in_time(self, answer):
        server = Server(self, answer)
        service = Service(server.url, Deadline(30))
        for _number in range(3):
            self.assertEqual('compute-1', service.read())
        # The connection is kept, as without a deadline.
        self.assertEqual(1, server.connections)

    @ddt.named_data(
        # name, bytes, seconds between two of them
        ('head', WHOLE, 0.05),
        ('body', CHUNKED, 0.01),
        ('nothing', WHOLE, 60),
    )
    @ddt.unpack
    def test_single_bytes_count(self, answer, pause_s):
        server = Server(self, answer, pause_s)
        service = Service(server.url, Deadline(LIMIT_S))
        began = time.monotonic()
        exc = self.assertRaises(NotPlanned, service.read)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(
            OUT_OF_TIME.about(
                service='Nova', call='GET /os-services', limit_s=LIMIT_S
            ),
            exc.finding,
        )

    @ddt.named_data(('length', WHOLE), ('chunks', CHUNKED))
    def test_answer_without_end(self, answer):
        service = Service(Server(self, answer).url, Deadline(30))
        self.patch_most(len(answer))
        self.assertEqual('compute-1', service.read())
        self.patch_most(len(answer) - 1)
        self.assertEqual(
            ANSWER_UNREADABLE.about(
                service='Nova',
                call='GET /os-services',
                error=f'it has more than {len(answer) - 1} bytes',
            ),
            self.assertRaises(NotPlanned, service.read).finding,
        )

    def patch_most(self, count):
        self.useFixture(
            fixtures.MockPatchObject(deadlines, 'MOST_BYTES', count)
        )

    def test_slow_but_in_time(self):
        server = Server(self, WHOLE, 0.001)
        self.assertEqual('compute-1', Service(server.url, Deadline(30)).read())

    def test_no_call_after_it(self):
        server = Server(self, WHOLE)
        service = Service(server.url, Deadline(0))
        exc = self.assertRaises(NotPlanned, service.read)
        self.assertIs(OUT_OF_TIME, exc.finding.reason)
        self.assertEqual(0, server.connections)

    @ddt.named_data(('silent', LIMIT_S), ('over', 0))
    def test_nova_is_found_in_time(self, limit_s):
        server = Server(self, WHOLE, 60)
        session = Session(noauth.NoAuth(endpoint=server.url))
        adapter = Adapter(session, endpoint_override=server.url)
        settings = Settings(deadline=Deadline(limit_s))
        exc = self.assertRaises(NotPlanned, Nova, adapter, settings)
        self.assertEqual(
            OUT_OF_TIME.about(service='Nova', call='GET /', limit_s=limit_s),
            exc.finding,
        )

    def test_other_failures_keep_their_reason(self):
        server = Server(
            self, b'HTTP/1.1 503 Full\r\nContent-Length: 0\r\n\r\n'
        )
        exc = self.assertRaises(
            NotPlanned, Service(server.url, Deadline(30)).read
        )
        self.assertIs(CALL_FAILED, exc.finding.reason)

    def test_timeout_of_a_packet_stays(self):
        server = Server(self, WHOLE, 60)
        service = Service(server.url, Deadline(30))
        service.session.timeout = 0.1
        began = time.monotonic()
        exc = self.assertRaises(NotPlanned, service.read)
        self.assertLess(time.monotonic() - began, 5)
        self.assertIs(CALL_FAILED, exc.finding.reason)

    def test_started_again(self):
        server = Server(self, WHOLE)
        deadline = Deadline(0)
        service = Service(server.url, deadline)
        deadline.start(30)
        self.assertEqual('compute-1', service.read())

    def test_nobody_wants_it(self):
        server = Server(self, WHOLE)
        deadline = Deadline(30, lambda: True)
        service = Service(server.url, deadline)
        self.assertEqual('compute-1', service.read())
        deadline._look_at = 0.0
        for _number in range(2):
            self.assertRaises(Cancelled, service.read)


class TestDeadline(base.TestCase):
    def test_without_an_end(self):
        deadline = Deadline()
        deadline.check()
        self.assertEqual(math.inf, deadline.left_s)

    def test_is_over(self):
        exc = self.assertRaises(NotPlanned, Deadline(0).check)
        self.assertEqual(PLANNING_TOO_LONG.about(limit_s=0), exc.finding)

    def test_earlier_for_a_while(self):
        deadline = Deadline(30)
        with deadline.within(0):
            self.assertEqual(0, deadline.left_s)
        self.assertGreater(deadline.left_s, 25)

    def test_never_later(self):
        deadline = Deadline(1)
        with deadline.within(30):
            self.assertLessEqual(deadline.left_s, 1)

    def test_is_asked_now_and_then(self):
        asked = []
        deadline = Deadline(30, lambda: asked.append(1))
        deadline._look_at = 0.0
        for _number in range(3):
            deadline.check()
        self.assertEqual(1, len(asked))


class TestPauses(base.TestCase):
    def test_grow_and_then_stay(self):
        looks = [*itertools.islice(pauses(), 12)]
        self.assertEqual(0.25, looks[0])
        self.assertEqual(sorted(looks), looks)
        self.assertEqual([2.0, 2.0], looks[-2:])
        # Eight seconds are over before they stay.
        self.assertLess(sum(p for p in looks if p < 2), 8)
