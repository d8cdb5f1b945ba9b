# SPDX-License-Identifier: Apache-2.0

"""Nothing fits: each resource class alone fails the plan, with numbers."""

import ddt

from tests.functional import base
from tests.functional import plans
from tests.functional.refusals import cannot_move
from watcher_host_maintenance.core.advice.conflict import CONFLICT_COUNT
from watcher_host_maintenance.core.advice.remedies import ADD_ROOM
from watcher_host_maintenance.core.advice.remedies import LEAVE_SOME
from watcher_host_maintenance.core.advice.remedies import MOVE_FIRST
from watcher_host_maintenance.core.advice.unplaced import NO_DESTINATION
from watcher_host_maintenance.core.advice.unplaced import SUM_TOO_LARGE
from watcher_host_maintenance.core.rules.room import NO_ROOM


#: Half of a destination: 4 VCPU, 8192 MEMORY_MB and 50 DISK_GB are left.
HALF = {'vcpus': 4, 'memory_mb': 8192, 'disk_gb': 50}
DESTINATION = base.a_host(vcpus=8, memory_mb=16384, disk_gb=100)
#: It has no room for any server here.
SPARE = base.a_host(disk_gb=1, disabled_reason='watcher_disabled')
#: Disabled, so that no source takes anything from another one.
SOURCE = base.a_host(disabled_reason='fan broken')
# Three servers of each are on the source of the same name.
FLAVORS = {
    'disk': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 34},
    'memory': {'vcpus': 1, 'memory_mb': 5462, 'disk_gb': 5},
    'vcpu': {'vcpus': 3, 'memory_mb': 1024, 'disk_gb': 5},
    'pieces': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 33},
    'large': {'vcpus': 1, 'memory_mb': 8193, 'disk_gb': 5},
    'exact': {'vcpus': 1, 'memory_mb': 1024, 'disk_gb': 25},
}


def one_too_many(name, resource_class, wanted, free, added):
    """The refusal of a source whose last server has no room of one class.

    :param wanted: by its three servers together
    :param added: what would be enough on one destination
    :returns: a function of the names of its servers, by UUID
    """
    return lambda names: cannot_move(
        name,
        1,
        3,
        SUM_TOO_LARGE.about(
            instances=3,
            wanted=wanted,
            resource_class=resource_class,
            free=free,
            hosts=(),
            destinations=2,
        ),
        ways=[
            LEAVE_SOME.about(names=names[2:]),
            ADD_ROOM.about(
                'compute-1', amount=added, resource_class=resource_class
            ),
        ],
    )


@ddt.ddt
class TestRoom(base.SharedCloudTestCase):
    CHECKED = True

    DESCRIPTION = base.description(
        hosts={
            'compute-1': DESTINATION,
            'compute-2': DESTINATION,
            'spare': SPARE,
            **dict.fromkeys(FLAVORS, SOURCE),
        },
        flavors={'half': HALF, **FLAVORS},
        servers={
            'here': base.on('compute-1', 'half'),
            'there': base.on('compute-2', 'half'),
            **{f'{name}-s': base.on(name, name, count=3) for name in FLAVORS},
        },
    )

    @ddt.named_data(
        # name and source, names -> message
        ('disk', one_too_many('disk', 'DISK_GB', 102, 100, 18)),
        ('memory', one_too_many('memory', 'MEMORY_MB', 16386, 16384, 2732)),
        ('vcpu', one_too_many('vcpu', 'VCPU', 9, 8, 2)),
        (
            'pieces',
            lambda names: cannot_move(
                'pieces',
                1,
                3,
                CONFLICT_COUNT.about(
                    most=2,
                    count=3,
                    hosts=('compute-1', 'compute-2'),
                    names=('pieces-s-1', 'pieces-s-2', 'pieces-s-3'),
                ),
                ways=[
                    MOVE_FIRST.about(
                        'there', source='compute-2', destination='compute-1'
                    )
                ],
            ),
        ),
        (
            'large',
            lambda names: cannot_move(
                'large',
                3,
                3,
                NO_DESTINATION.about('large-s-1'),
                lacks=NO_ROOM.about(
                    'compute-1',
                    wanted=8193,
                    resource_class='MEMORY_MB',
                    free=8192,
                ),
                others=2,
                ways=[
                    ADD_ROOM.about(
                        'compute-1', amount=16387, resource_class='MEMORY_MB'
                    )
                ],
            ),
        ),
    )
    @ddt.unpack
    def test_no_room(self, message):
        node = self.id().rpartition('_')[2]
        report = self.assertRefused(
            self.drain(refresh=False, maintenance_node=node),
            message(self.by_uuid(node)),
        )
        self.assertIn(
            'spare',
            {f['subject'] for f in report['outcome']['not_destinations']},
        )

    @ddt.named_data(
        # name, source, headroom_percent, names -> message
        (
            'small',
            'pieces',
            0,
            lambda names: cannot_move(
                'pieces',
                2,
                3,
                SUM_TOO_LARGE.about(
                    instances=3,
                    wanted=99,
                    resource_class='DISK_GB',
                    free=50,
                    hosts=('compute-1',),
                ),
                ways=[
                    LEAVE_SOME.about(names=tuple(sorted(names[1:]))),
                    ADD_ROOM.about(
                        'compute-1', amount=49, resource_class='DISK_GB'
                    ),
                ],
            ),
        ),
        (
            'too_large',
            'large',
            0,
            lambda names: cannot_move(
                'large',
                3,
                3,
                NO_DESTINATION.about('large-s-1'),
                lacks=NO_ROOM.about(
                    'compute-1',
                    wanted=8193,
                    resource_class='MEMORY_MB',
                    free=8192,
                ),
                ways=[
                    ADD_ROOM.about(
                        'compute-1', amount=16387, resource_class='MEMORY_MB'
                    )
                ],
            ),
        ),
        (
            'headroom',
            'exact',
            50,
            lambda names: cannot_move(
                'exact',
                3,
                3,
                NO_DESTINATION.about('exact-s-1'),
                lacks=NO_ROOM.about(
                    'compute-1', wanted=25, resource_class='DISK_GB', free=0
                ),
                more=True,
            ),
        ),
    )
    @ddt.unpack
    def test_backup(self, node, headroom_percent, message):
        audit = self.drain(
            refresh=False,
            maintenance_node=node,
            backup_node='compute-1',
            headroom_percent=headroom_percent,
        )
        self.assertRefused(audit, message(self.by_uuid(node)))

    def by_uuid(self, node):
        """Names of the servers of a source; of equal ones the last stay."""
        servers = self.cloud.nova.servers.list(search_opts={'host': node})
        return tuple(s.name for s in sorted(servers, key=lambda s: s.id))

    def test_just_room(self):
        # 75 of 100 DISK_GB, and 25 + 25 of 50 on one of the two.
        plan = self.assertPlanned(
            self.drain(refresh=False, maintenance_node='exact')
        )
        steps = plans.steps(self.cloud.actions(plan))
        destinations = [destination for *_what, destination in steps]
        self.assertEqual(3, len(destinations))
        self.assertEqual({'compute-1', 'compute-2'}, set(destinations))
