# SPDX-License-Identifier: Apache-2.0

"""Tests of what is in the way of a maintenance."""

import ddt

from tests.unit.plugin import base
from watcher_host_maintenance.cloud.errors import CALL_REFUSED
from watcher_host_maintenance.cloud.errors import CREDENTIAL_REFUSED
from watcher_host_maintenance.cloud.errors import NOVA_FAILED
from watcher_host_maintenance.cloud.errors import PLACEMENT_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.records import Server
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.plugin.actions.emptiness import host
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.emptiness.node_obstacles import (
    REMAINS,
)


def a_server(name='web', vm_state='active', task_state=''):
    return Server(
        uuid=f'uuid-{name}',
        name=name,
        host='compute-1',
        vm_state=vm_state,
        task_state=task_state,
        power_state='running',
        project_id='p',
        pinned_zone=None,
        extra_specs={},
        resources={},
    )


def a_migration(
    name='web',
    status='running',
    kind='live-migration',
    source='compute-1',
    destination='compute-2',
):
    return host.Migration(
        f'move-{name}', f'uuid-{name}', name, kind, status, source, destination
    )


def a_sight(status='disabled', **fields):
    return host.Sight('compute-1', status, **fields)


WEB = a_server()

#: name, what is seen, what remains, expected text and: m(oving), s(ettling)
CASES = (
    ('ready', a_sight(), (), []),
    (
        'enabled',
        a_sight('enabled'),
        (),
        [('its nova-compute service is enabled', '')],
    ),
    ('no_service', a_sight(''), (), [('it has no nova-compute service', '')]),
    (
        'a_server',
        a_sight(
            servers=(WEB,),
            consumers=frozenset({WEB.uuid}),
            on_hypervisor={WEB.uuid: 'web'},
        ),
        (),
        [('web remains (active)', '')],
    ),
    (
        'meant_to_stay',
        a_sight(
            servers=(WEB,),
            consumers=frozenset({WEB.uuid}),
            on_hypervisor={WEB.uuid: 'web'},
        ),
        (WEB.uuid,),
        [],
    ),
    ('meant_to_stay_and_gone', a_sight(), (WEB.uuid,), []),
    (
        'one_of_two',
        a_sight(servers=(WEB, a_server('api', 'paused'))),
        (WEB.uuid,),
        [('api remains (paused)', '')],
    ),
    (
        'busy',
        a_sight(servers=(a_server(task_state='rebooting'),)),
        (),
        [('web remains (active, rebooting)', 'm')],
    ),
    (
        'leaving',
        a_sight(servers=(WEB,), migrations=(a_migration(),)),
        (),
        [('web remains (active, migrating)', 'm')],
    ),
    (
        'soft_deleted',
        a_sight(servers=(a_server(vm_state='soft-delete'),)),
        (),
        [('web is soft-deleted and still holds its disk', '')],
    ),
    (
        'on_the_hypervisor_only',
        a_sight(on_hypervisor={'uuid-x': 'x'}),
        (),
        [('x is on its hypervisor', 's')],
    ),
    (
        'unconfirmed',
        a_sight(
            migrations=(a_migration(status='finished', kind='migration'),),
            consumers=frozenset({'move-web'}),
        ),
        (),
        [('the migration of web to compute-2 is not confirmed', '')],
    ),
    (
        'unconfirmed_and_left_so',
        a_sight(
            migrations=(a_migration(status='finished', kind='resize'),),
            consumers=frozenset({'move-web'}),
        ),
        (WEB.uuid,),
        [],
    ),
    (
        'just_left',
        a_sight(migrations=(a_migration(status='post-migrating'),)),
        (),
        [
            (
                'the live-migration of web from compute-1 to compute-2 '
                'has not ended (post-migrating)',
                'm',
            )
        ],
    ),
    (
        'arriving',
        a_sight(
            migrations=(
                a_migration(source='compute-2', destination='compute-1'),
            ),
            consumers=frozenset({'uuid-web'}),
        ),
        (),
        [
            (
                'the live-migration of web from compute-2 to compute-1 '
                'has not ended (running)',
                'm',
            )
        ],
    ),
    (
        'allocation',
        a_sight(consumers=frozenset({'uuid-x'})),
        (),
        [('Placement has an allocation of uuid-x there', 's')],
    ),
    (
        'all',
        a_sight('enabled', servers=(WEB,), consumers=frozenset({'c'})),
        (),
        [
            ('its nova-compute service is enabled', ''),
            ('web remains (active)', ''),
            ('Placement has an allocation of c there', 's'),
        ],
    ),
)


@ddt.ddt
class TestFound(base.TestCase):
    @ddt.named_data(*CASES)
    @ddt.unpack
    def test_found(self, seen, remaining, expected):
        found = node_obstacles.found(seen, frozenset(remaining))
        self.assertEqual(
            expected,
            [(o.text, 'm' * o.moving + 's' * o.settling) for o in found],
        )

    def test_only_a_server_has_a_reason(self):
        seen = a_sight(
            'enabled', servers=(WEB, a_server('old', 'soft-delete'))
        )
        self.assertEqual(
            ['', WEB.uuid, ''],
            [o.server for o in node_obstacles.found(seen, frozenset())],
        )


@ddt.ddt
class TestUnknown(base.TestCase):
    @ddt.named_data(
        # name, why there was no answer, m(oving) or s(ettling)
        ('away',          NOVA_FAILED,        'm'),
        ('placement',     PLACEMENT_FAILED,   'm'),
        ('no_credential', CREDENTIAL_REFUSED, 's'),
        ('no_right',      CALL_REFUSED,       's'),
    )  # fmt: skip
    @ddt.unpack
    def test_unknown(self, reason, expected):
        facts = {'service': 'Nova', 'call': 'GET /', 'error': 'No (HTTP 1)'}
        found = node_obstacles.unknown(
            NotPlanned(Finding(reason, facts=facts))
        )
        self.assertIn('No (HTTP 1)', found.text)
        self.assertEqual(expected, 'm' * found.moving + 's' * found.settling)


@ddt.ddt
class TestLasts(base.TestCase):
    @ddt.named_data(
        # name, moving, settling, looks before, whether it lasts
        ('solid',         False, False, 0, True),
        ('moving',        True,  False, 99, False),
        ('settling',      False, True,  0, False),
        ('nearly',        False, True,  1, False),
        ('settled_long',  False, True,  2, True),
    )  # fmt: skip
    @ddt.unpack
    def test_after(self, moving, settling, looks, expected):
        obstacle = node_obstacles.Obstacle(
            Finding(REMAINS, 'web'), moving, settling
        )
        self.assertIs(expected, obstacle.lasts_after(looks, 3))
