# SPDX-License-Identifier: Apache-2.0

"""A node gets another reason, unless that would hide a person's."""

import ddt

from watcher.applier.loading import default as loading
from watcher.common import exception

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import ActionFailed


MINE = 'watcher_maintaining'
THEIRS = (
    'compute-1 is disabled: "PSU broken", not "spare". Find out who has '
    'disabled it again, and why.'
)


@ddt.ddt
class TestChangeDisabledReason(base.TestCase):
    def setUp(self):
        super().setUp()
        mocker = fake_nova.mocker_for(self)
        self.nova = fake_nova.FakeNova(mocker)
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        self.listens = True
        mocker.put(
            f'{self.nova.url}/v2.1/os-services/{uuid_of("service compute-1")}',
            json=self.changed,
        )
        self.action = loading.DefaultActionLoader().load(
            names.CHANGE_DISABLED_REASON
        )
        self.action.input_parameters = {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'disabled_reason': MINE,
            'expected_reason': 'spare',
        }

    def changed(self, request, context):
        asked = request.json()
        if self.listens:
            self.see(asked['status'], asked['disabled_reason'])
        return {'service': self.nova.services[0]}

    def see(self, status, reason):
        self.nova.services = [
            a_service('compute-1', status=status, disabled_reason=reason)
        ]

    def now(self):
        (service,) = self.nova.services
        return service['status'], service['disabled_reason']

    @ddt.named_data(
        # name, status, reason, what keeps the action from it
        ('as_expected', 'disabled', 'spare',      None),
        ('enabled',     'enabled',  None,         None),
        ('done',        'disabled', MINE,
         (exception.ActionSkipped,
          'compute-1 is disabled already: "watcher_maintaining"')),
        ('theirs',      'disabled', 'PSU broken',
         (ActionFailed, THEIRS)),
        ('no_reason',   'disabled', None,
         (ActionFailed, THEIRS.replace('"PSU broken"', 'no reason given'))),
    )  # fmt: skip
    @ddt.unpack
    def test_before(self, status, reason, expected):
        self.see(status, reason)
        if expected is None:
            self.action.pre_condition()
            return
        kind, said = expected
        error = self.assertRaises(kind, self.action.pre_condition)
        self.assertEqual(said, str(error))

    @ddt.data(('disabled', 'spare'), ('enabled', None), ('disabled', MINE))
    @ddt.unpack
    def test_done(self, status, reason):
        self.see(status, reason)
        self.assertIs(True, self.action.execute())
        self.assertEqual(('disabled', MINE), self.now())

    def test_changed_between_the_looks(self):
        self.see('disabled', 'PSU broken')
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(THEIRS, str(error))
        self.assertEqual(('disabled', 'PSU broken'), self.now())

    def test_nova_does_not_do_it(self):
        self.see('disabled', 'spare')
        self.listens = False
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(
            'compute-1 is disabled: "spare", not "watcher_maintaining". '
            'Something else changes it too: run the audit again.',
            str(error),
        )

    def test_no_service(self):
        self.nova.services = []
        error = self.assertRaises(ActionFailed, self.action.pre_condition)
        self.assertEqual(
            'compute-1 has no nova-compute service. Look for it in '
            '"openstack compute service list".',
            str(error),
        )
