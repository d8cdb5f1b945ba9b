# SPDX-License-Identifier: Apache-2.0

"""Tests of scheduler hints; Nova's API is faked."""

from tests.unit.cloud.reading.records import a_record
from tests.unit.core.builders import a_request
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.cloud.reading.hints import read_hints


WEB, DB = uuid_of('web-1'), uuid_of('db-1')
RESPECTED = a_request(different_host=True)


class TestReadHints(base.TestCase):
    """web-1 on compute-1, and db-1 on compute-2."""

    def setUp(self):
        super().setUp()
        self.nova = clouds.Cloud(self).nova
        self.nova.servers = [a_server('web-1'), a_server('db-1', 'compute-2')]

    def read(self, request=RESPECTED, **hints):
        server = a_record(shown_hints=hints)
        reads, _rooms = clouds.connect()
        return read_hints(reads, [server], request)

    def test_where_the_named_server_is(self):
        hints = self.read(different_host=(DB,), group=('x',))
        self.assertEqual({WEB: {'different_host': (DB,)}}, hints.of_server)
        self.assertEqual({DB: 'compute-2'}, hints.hinted)
        self.assertEqual(set(), hints.unknown)

    def test_nothing_is_read_that_no_filter_looks_at(self):
        before = len(self.nova.requests)
        for request in (a_request(), a_request(same_host=True)):
            self.assertEqual(
                {}, self.read(request, different_host=(DB,)).hinted
            )
        self.assertEqual([], self.nova.asked('/servers/'))
        self.assertLess(before, len(self.nova.requests))

    def test_gone(self):
        self.assertEqual({}, self.read(different_host=(uuid_of('x'),)).hinted)

    def test_on_no_host(self):
        self.nova.servers[1]['OS-EXT-SRV-ATTR:host'] = None
        self.assertEqual({}, self.read(different_host=(DB,)).hinted)

    def test_one_that_is_read_anyway(self):
        hints = self.read(different_host=(WEB,))
        self.assertEqual({WEB: 'compute-1'}, hints.hinted)
        self.assertEqual([], self.nova.asked('/servers/'))

    def test_nova_is_too_old(self):
        server = a_record()
        reads, _rooms = clouds.connect()
        hints = read_hints(reads, [server], RESPECTED)
        self.assertEqual(({}, {WEB}, {}), tuple(hints))
        self.assertEqual(
            ({}, (), {}), tuple(read_hints(reads, [server], a_request()))
        )
