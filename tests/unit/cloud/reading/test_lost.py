# SPDX-License-Identifier: Apache-2.0

"""Tests of hypervisors that do not answer; Nova's API is faked."""

import ddt

from tests.unit.cloud.reading.records import a_record
from tests.unit.core.builders import a_node
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud.reading.lost import without_hypervisor


OURS = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'}
BY_NOVA = {**OURS, 'disabled_reason': 'AUTO: Connection to libvirt lost: 1'}
SILENT = (
    500,
    "Unexpected API Error.\n<class 'nova.exception_Remote."
    "HypervisorUnavailable_Remote'>",
)


@ddt.ddt
class TestWithoutHypervisor(base.TestCase):
    def setUp(self):
        super().setUp()
        self.fake = clouds.Cloud(self).nova

    def answer(self, status, message):
        """Let Nova answer so when it is asked about web-1."""
        self.fake.fail(
            f'/v2.1/servers/{uuid_of("web-1")}/diagnostics',
            status_code=status,
            json={'computeFault': {'message': message, 'code': status}},
        )

    def read(self, *servers, **fields):
        nova, _placement = clouds.connect()
        node = a_node('compute-1', **fields)
        return without_hypervisor(nova, [node], servers or [a_record()])

    @ddt.named_data(
        # name, what Nova answers, whether the hypervisor is lost
        ('silent',    SILENT,                         True),
        ('off',       (409, 'Cannot get_diagnostics'), False),
        ('gone',      (404, 'No such server'),        False),
        ('forbidden', (403, 'Not allowed'),           False),
        ('no_driver', (501, 'Not supported'),         False),
        ('too_late',  (500, "<class 'oslo_messaging.exceptions."
                            "MessagingTimeout'>"),    False),
    )  # fmt: skip
    @ddt.unpack
    def test_answer(self, answer, expected):
        self.answer(*answer)
        self.assertEqual(
            {'compute-1'} if expected else set(), self.read(**OURS)
        )

    def test_answers(self):
        self.assertEqual(set(), self.read(**OURS))
        self.assertEqual(1, len(self.fake.asked('/servers/')))

    @ddt.named_data(
        # name, fields of the node, of its server, requests
        ('enabled',      {}, {}, 0),
        ('by_nova',      BY_NOVA, {}, 0),
        ('down',         {**OURS, 'state': 'down'}, {}, 0),
        ('elsewhere',    OURS, {'host': 'compute-2'}, 0),
        ('soft_deleted', OURS, {'vm_state': 'soft-delete'}, 0),
        ('closed',       OURS, {}, 1),
        ('stopped',      OURS, {'vm_state': 'stopped'}, 1),
    )  # fmt: skip
    @ddt.unpack
    def test_asked(self, node, server, count):
        self.answer(*SILENT)
        found = self.read(a_record(**server), **node)
        self.assertEqual(count, len(found))
