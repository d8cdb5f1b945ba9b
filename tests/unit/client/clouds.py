# SPDX-License-Identifier: Apache-2.0

"""A cloud of faked APIs, for what the client does with them."""

from tests.unit import base
from tests.unit.client import fake_watcher
from tests.unit.client.fake_watcher import a_plan
from tests.unit.client.fake_watcher import about_node
from tests.unit.client.fake_watcher import an_action
from tests.unit.client.fake_watcher import an_audit
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_server
from tests.unit.plugin.nova_answers import a_service
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud.nova import Nova


MARK = 'watcher_maintaining'


class CloudTestCase(base.TestCase):
    """Nova with compute-1 to compute-3 and web-1 on compute-1; Watcher."""

    def setUp(self):
        super().setUp()
        fake_watcher.stop_clock(self)
        mocker = fake_nova.mocker_for(self)
        self.mocker = mocker
        self.nova = fake_nova.FakeNova(mocker)
        self.watcher = fake_watcher.FakeWatcher(mocker)
        hosts = ['compute-1', 'compute-2', 'compute-3']
        self.nova.services = [a_service(h) for h in hosts]
        self.nova.hypervisors = [a_hypervisor(h) for h in hosts]
        self.nova.servers = [a_server('web-1', 'compute-1')]

    @property
    def maintenance(self):
        return Maintenance(
            Watcher(self.watcher.adapter()), Nova(fake_nova.adapter())
        )

    def disable(self, host, reason=MARK):
        [service] = [s for s in self.nova.services if s['host'] == host]
        service |= {'status': 'disabled', 'disabled_reason': reason}

    def attempt(
        self,
        plan=None,
        audit='SUCCEEDED',
        move='PENDING',
        message=None,
        **fields,
    ):
        """An audit of compute-1, with a plan that moves web-1 away."""
        self.watcher.audits.append(
            an_audit(state=audit, status_message=message, **fields)
        )
        if plan is None:
            return
        self.watcher.plans.append(a_plan(state=plan))
        self.watcher.actions.extend(
            (
                about_node(
                    'd',
                    'change_nova_service_state',
                    'SUCCEEDED',
                    state='disabled',
                ),
                an_action('m', state=move, parents=['d']),
                about_node(
                    'v', 'verify_host_empty', parents=['m'], remaining=[]
                ),
            )
        )
        self.watcher.actions[1]['input_parameters']['resource_id'] = uuid_of(
            'web-1'
        )
