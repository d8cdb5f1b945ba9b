# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""A spare that is maintained first is no spare in the next drain."""

from tests.functional import base


REASON = 'watcher_maintaining'


class TestSpare(base.CloudTestCase):
    def test_maintained_first(self):
        self.start(
            hosts={'compute-1': base.HOST, 'compute-2': base.HOST,
                   'compute-3': base.SPARE},
            servers={'web': base.on('compute-1', count=2)})
        self.assertRefused(
            self.drain(maintenance_node='compute-3'),
            'Cannot drain: compute-3 is a spare ("watcher_disabled"): the '
            'next drain may fill it. Nothing was changed. openstack compute '
            f'service set --disable --disable-reason {REASON} compute-3 '
            'nova-compute')

        # What that command does.
        service, = self.cloud.nova.services.list(
            host='compute-3', binary='nova-compute')
        self.cloud.nova.services.disable_log_reason(service.id, REASON)
        done = self.drain_and_execute(maintenance_node='compute-3')
        self.assertEqual([], done.actions)

        self.drain_and_execute(maintenance_node='compute-1')
        self.assertEnd(
            servers=base.all_on('compute-2', 'web-1', 'web-2'),
            services={'compute-1': base.MAINTAINED,
                      'compute-2': base.ENABLED,
                      'compute-3': base.MAINTAINED})
