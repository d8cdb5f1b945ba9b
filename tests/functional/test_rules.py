# SPDX-License-Identifier: Apache-2.0

"""Every rule is needed, and enough: real Nova says so.

Each row has three hosts of its own: a source, a destination that only one
rule keeps its server from, and one that is right. Without the rule our plan
goes to the wrong one, and Nova refuses that very move; with it the plan goes
to the right one, and runs.
"""

import dataclasses
import functools
import pathlib

from unittest import mock

import ddt
import fixtures

from minicloud import cloud
from minicloud import waiting
from tests.functional import base
from tests.functional import moves
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model import request
from watcher_host_maintenance.core.model import snapshot
from watcher_host_maintenance.core.planning import destinations
from watcher_host_maintenance.core.planning import placing
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import destination
from watcher_host_maintenance.core.rules import groups
from watcher_host_maintenance.core.rules import hints
from watcher_host_maintenance.core.rules import hosting
from watcher_host_maintenance.core.rules import hypervisors
from watcher_host_maintenance.core.rules import images
from watcher_host_maintenance.core.rules import roles
from watcher_host_maintenance.core.rules import traits
from watcher_host_maintenance.core.rules import zones
from watcher_host_maintenance.core.rules.destination import NO_GROUPS
from watcher_host_maintenance.core.rules.destination import Groups
from watcher_host_maintenance.core.rules.filters import DEFAULT_FILTERS
from watcher_host_maintenance.core.rules.filters import FILTER_WITHOUT_RULE
from watcher_host_maintenance.core.rules.filters import switches
from watcher_host_maintenance.core.telling import words


def without(rule):
    """Break one of the rules about instances and nodes."""
    left = tuple(r for r in hosting.RULES if r is not rule)
    assert len(left) < len(hosting.RULES)
    return functools.partial(mock.patch.object, hosting, 'RULES', left)


def any_number(groups=()):
    """Count nothing as a member of an anti-affinity group."""
    return _GROUPS(g for g in groups if g.policy != 'anti-affinity')


def any_size(node, headroom_percent, groups=NO_GROUPS):
    """Take a node to have room for whatever comes, of any size."""
    there = _TO_BIN(node, headroom_percent, groups)
    limit = dict.fromkeys((*there.limit, 'DISK_GB'), 10**9)
    return dataclasses.replace(there, limit=limit, max_unit={})


def nobody_flying(groups=()):
    """Count no member at the host that it is on its way to."""
    return _GROUPS(
        dataclasses.replace(
            g,
            members={
                host: count - host.endswith('wrong')
                for host, count in g.members.items()
            },
        )
        for g in groups
    )


_GROUPS, _TO_BIN = Groups, destination.to_bin
_IS_USABLE = roles.is_usable

#: Break what a plan counts itself.
CROWDING = functools.partial(
    mock.patch.object, destinations, 'Groups', any_number
)
IN_FLIGHT = functools.partial(
    mock.patch.object, destinations, 'Groups', nobody_flying
)
SIZE = functools.partial(mock.patch.object, destination, 'to_bin', any_size)
UNITS = functools.partial(
    mock.patch.object, placing.Place, 'odd_offers', lambda place: ()
)
STATUS = functools.partial(
    mock.patch.object,
    roles,
    'is_usable',
    lambda node, use, *others: (
        use is roles.Use.SPREAD or _IS_USABLE(node, use, *others)
    ),
)

SMALL_FLAVOR = base.FLAVORS['small']
SCOPED = 'aggregate_instance_extra_specs'


@dataclasses.dataclass(frozen=True)
class Row:
    """One rule, and a trio of hosts to try it on.

    :ivar broken: patches the rule away
    :ivar source: fields of the host to empty; likewise wrong and right
    :ivar server: fields of the server on it
    :ivar besides: name -> (host role, fields) of other servers
    :ivar extra_specs: of the server's flavor
    :ivar aggregates: key -> metadata -> roles of the hosts in it
    :ivar group: of the server, and of those besides that ask for it
    :ivar storage: shared storage -> its fields, with roles for hosts
    :ivar image: properties of the server's image
    :ivar gone: names of those besides that are deleted before anything moves
    :ivar flying: name -> role of the host that this one besides is on its
        way to, for ever
    """

    broken: object
    source: dict = dataclasses.field(default_factory=dict)
    wrong: dict = dataclasses.field(default_factory=dict)
    right: dict = dataclasses.field(default_factory=dict)
    server: dict = dataclasses.field(default_factory=dict)
    besides: dict = dataclasses.field(default_factory=dict)
    extra_specs: dict = dataclasses.field(default_factory=dict)
    metadata: dict = dataclasses.field(default_factory=dict)
    group: dict | None = None
    storage: dict = dataclasses.field(default_factory=dict)
    flying: dict = dataclasses.field(default_factory=dict)
    image: dict = dataclasses.field(default_factory=dict)
    gone: tuple = ()


IN_GROUP = {'group': True}
STOPPED = {'state': 'SHUTOFF'}
NO_DISK = {'disk_gb': 0}
ROLES = ('source', 'wrong', 'right')
SECURE_BOOT = 'COMPUTE_SECURITY_UEFI_SECURE_BOOT'
BUS = 'COMPUTE_STORAGE_BUS_SCSI'
FORMAT = 'COMPUTE_IMAGE_TYPE_VMDK'
PACKED = 'COMPUTE_NET_VIRTIO_PACKED'

ROWS = {
    'zone': Row(
        without(zones.in_pinned_zone),
        server={'zone': 'zone-1'},
        source={'zone': 'zone-1'},
        right={'zone': 'zone-1'},
        wrong={'zone': 'zone-2'},
    ),
    'zone_cold': Row(
        without(zones.in_pinned_zone),
        server={'zone': 'zone-1', **STOPPED},
        source={'zone': 'zone-1'},
        right={'zone': 'zone-1'},
        wrong={'zone': 'zone-2'},
    ),
    # Nova keeps nobody in its default zone, which no aggregate has...
    'zone_default': Row(
        SIZE,
        server={'zone': 'nova', 'flavor': 'medium'},
        wrong={'memory_mb': 8191},
        right={'zone': 'zone-1'},
    ),
    # ... but in an aggregate's zone of that name.
    'zone_namesake': Row(
        without(zones.in_pinned_zone),
        server={'zone': 'nova'},
        source={'zone': 'nova'},
        right={'zone': 'nova'},
    ),
    'extra_spec': Row(
        without(aggregates.satisfies_extra_specs),
        extra_specs={f'{SCOPED}:disk': '<or> ssd <or> nvme'},
        metadata={
            'source': {'disk': 'ssd'},
            'wrong': {'disk': 'hdd'},
            'right': {'disk': 'hdd,nvme'},
        },
    ),
    'extra_spec_unscoped': Row(
        without(aggregates.satisfies_extra_specs),
        extra_specs={'cores': '>= 8'},
        metadata={
            'source': {'cores': '8'},
            'wrong': {'cores': '4'},
            'right': {'cores': '16'},
        },
    ),
    'tenant': Row(
        without(aggregates.takes_project),
        server={'project': 'alpha'},
        metadata={
            'wrong': {'filter_tenant_id_1': 'beta'},
            'right': {'filter_tenant_id_1': 'alpha, beta'},
        },
    ),
    'flavor': Row(
        without(aggregates.takes_flavor),
        metadata={
            'wrong': {'instance_type': 'small'},
            'right': {'instance_type': 'small, flavor'},
        },
    ),
    'isolated': Row(
        without(aggregates.needs_isolation),
        wrong={'traits': ['CUSTOM_LICENSE']},
        metadata={'wrong': {'trait:CUSTOM_LICENSE': 'required'}},
    ),
    'trait_required': Row(
        without(traits.has_traits),
        extra_specs={'trait:CUSTOM_FAST': 'required'},
        source={'traits': ['CUSTOM_FAST']},
        right={'traits': ['CUSTOM_FAST']},
    ),
    'trait_forbidden': Row(
        without(traits.has_traits),
        extra_specs={'trait:CUSTOM_SLOW': 'forbidden'},
        wrong={'traits': ['CUSTOM_SLOW']},
    ),
    'traits_implied': Row(
        without(traits.has_traits),
        extra_specs={
            'os:secure_boot': 'required',
            'hw:virtio_packed_ring': 'true',
        },
        source={'traits': [SECURE_BOOT, PACKED]},
        wrong={'traits': [SECURE_BOOT]},
        right={'traits': [SECURE_BOOT, PACKED]},
    ),
    # The storage that it reaches has the trait, but gives a move nothing.
    'trait_of_storage': Row(
        without(traits.has_traits),
        extra_specs={'trait:CUSTOM_SHARED': 'required'},
        source=NO_DISK,
        right={'traits': ['CUSTOM_SHARED']},
        storage={
            'nfs': {
                'disk_gb': 100,
                'hosts': ['source', 'wrong'],
                'traits': ['CUSTOM_SHARED'],
            }
        },
    ),
    'hypervisor_type': Row(
        without(hypervisors.same_type), wrong={'hypervisor_type': 'other'}
    ),
    'hypervisor_version': Row(
        without(hypervisors.not_older),
        source={'hypervisor_version': 2000},
        wrong={'hypervisor_version': 1999},
        right={'hypervisor_version': 2000},
    ),
    'affinity': Row(
        without(groups.joins_its_group),
        server=IN_GROUP,
        besides={'other': ('right', IN_GROUP)},
        group={'policy': 'affinity', 'enforced': False},
    ),
    'affinity_cold': Row(
        without(groups.joins_its_group),
        server={**IN_GROUP, **STOPPED},
        besides={'other': ('right', IN_GROUP)},
        group={'policy': 'affinity', 'enforced': False},
    ),
    'anti_affinity': Row(
        CROWDING,
        server=IN_GROUP,
        besides={'other': ('wrong', IN_GROUP)},
        group={'policy': 'anti-affinity'},
    ),
    # One that is on its way counts at both ends.
    'anti_affinity_in_flight': Row(
        IN_FLIGHT,
        server=IN_GROUP,
        besides={'one': ('wrong', IN_GROUP), 'other': ('right', IN_GROUP)},
        flying={'other': 'wrong'},
        group={'policy': 'anti-affinity', 'max_server_per_host': 2},
    ),
    'anti_affinity_cold': Row(
        CROWDING,
        server={**IN_GROUP, **STOPPED},
        besides={'other': ('wrong', IN_GROUP)},
        group={'policy': 'anti-affinity'},
    ),
    # Nova counts it until it is reclaimed, though no list has it.
    'anti_affinity_soft_deleted': Row(
        CROWDING,
        server=IN_GROUP,
        group={'policy': 'anti-affinity'},
        besides={'gone': ('wrong', {**IN_GROUP, 'state': 'SOFT_DELETED'})},
    ),
    'anti_affinity_of_two': Row(
        CROWDING,
        server=IN_GROUP,
        besides={
            'one': ('wrong', IN_GROUP),
            'two': ('wrong', IN_GROUP),
            'three': ('right', IN_GROUP),
        },
        group={'policy': 'anti-affinity', 'max_server_per_host': 2},
    ),
    'vcpu': Row(SIZE, wrong={'vcpus': 1}, server={'flavor': 'medium'}),
    'memory_mb': Row(
        SIZE, wrong={'memory_mb': 8191}, server={'flavor': 'medium'}
    ),
    'disk_gb': Row(SIZE, wrong={'disk_gb': 39}, server={'flavor': 'medium'}),
    'disk_gb_cold': Row(
        SIZE, wrong={'disk_gb': 39}, server={'flavor': 'medium', **STOPPED}
    ),
    'used': Row(
        SIZE,
        wrong={'vcpus': 3},
        server={'flavor': 'medium'},
        besides={'there': ('wrong', {'flavor': 'medium'})},
    ),
    'reserved': Row(
        SIZE,
        wrong={'memory_mb': 8192, 'reserved_memory_mb': 1},
        server={'flavor': 'medium'},
    ),
    'ratio': Row(
        SIZE,
        wrong={'vcpus': 4, 'cpu_allocation_ratio': 0.3},
        right={
            'vcpus': 1,
            'cpu_allocation_ratio': 2.0,
            'max_unit': {'VCPU': 2},
        },
        server={'flavor': 'medium'},
    ),
    'max_unit': Row(
        SIZE, wrong={'max_unit': {'VCPU': 1}}, server={'flavor': 'medium'}
    ),
    'min_unit': Row(
        UNITS, wrong={'min_unit': {'DISK_GB': 41}}, server={'flavor': 'medium'}
    ),
    'custom_class': Row(
        SIZE,
        extra_specs={'resources:CUSTOM_SEAT': 2, 'hw:mem_encryption': 'false'},
        source={'inventory': {'CUSTOM_SEAT': 2}},
        wrong={'inventory': {'CUSTOM_SEAT': 1}},
        right={'inventory': {'CUSTOM_SEAT': 2}},
    ),
    'shared_storage': Row(
        SIZE,
        source=NO_DISK,
        wrong=NO_DISK,
        storage={'nfs': {'disk_gb': 100, 'hosts': ROLES}},
    ),
    'step_size': Row(
        UNITS,
        wrong={'step_size': {'DISK_GB': 30}},
        server={'flavor': 'medium'},
    ),
    'image_trait': Row(
        without(traits.has_traits),
        right={'traits': ['CUSTOM_FAST']},
        source={'traits': ['CUSTOM_FAST']},
        image={'trait:CUSTOM_FAST': 'required'},
    ),
    'image_of_volume': Row(
        without(traits.has_traits),
        right={'traits': ['CUSTOM_FAST']},
        source={'traits': ['CUSTOM_FAST']},
        server={'boot_from_volume': True},
        image={'trait:CUSTOM_FAST': 'required'},
    ),
    'image_implied': Row(
        without(traits.has_traits),
        right={'traits': [SECURE_BOOT]},
        source={'traits': [SECURE_BOOT]},
        image={'os_secure_boot': 'required'},
    ),
    'image_devices': Row(
        without(traits.has_traits),
        right={'traits': [BUS]},
        source={'traits': [BUS]},
        image={'hw_disk_bus': 'scsi'},
    ),
    'image_format': Row(
        without(traits.has_traits),
        right={'traits': [FORMAT]},
        source={'traits': [FORMAT]},
        image={'disk_format': 'vmdk'},
    ),
    'image_version': Row(
        without(images.has_version),
        source={'hypervisor_version': 7001000},
        wrong={'hypervisor_version': 9000000},
        right={'hypervisor_version': 8002000},
        image={
            'img_hv_requested_version': '<9.0',
            'img_hv_type': 'fake',
        },
    ),
    'different_host': Row(
        without(hints.keeps_away),
        besides={'aside': ('wrong', {})},
        server={'hints': {'different_host': ['different_host-aside']}},
    ),
    'same_host': Row(
        without(hints.stays_near),
        besides={'here': ('source', {}), 'there': ('right', {})},
        server={'hints': {'same_host': ['same_host-here', 'same_host-there']}},
        # Nova creates the server near it; the other one is left to be near.
        gone=('here',),
    ),
    'build_near_host_ip': Row(
        without(hints.is_near_address),
        source={'host_ip': '10.0.0.1'},
        wrong={'host_ip': '10.0.1.1'},
        right={'host_ip': '10.0.0.200'},
        server={'hints': {'build_near_host_ip': '10.0.0.7', 'cidr': '/24'}},
    ),
    'disabled': Row(STATUS, wrong={'disabled_reason': 'fan broken'}),
    'down': Row(STATUS, wrong={'down': True}),
}


#: Filters that are on in these clouds and not by Nova's default.
FILTERS = (
    'AggregateInstanceExtraSpecsFilter',
    'AggregateMultiTenancyIsolation',
    'AggregateTypeAffinityFilter',
    'DifferentHostFilter',
    'SameHostFilter',
    'SimpleCIDRAffinityFilter',
)
SWITCHES = switches(FILTERS)
WITHOUT_RULE = 'NumInstancesFilter'
"""One that is on as well, and refuses nothing here: reports name it."""


def described(names):
    """Describe one cloud with the trios of these rows."""
    parts = {
        'hosts': {},
        'servers': {},
        'flavors': dict(base.FLAVORS),
        'groups': {},
        'aggregates': {},
        'storage': {},
        'images': {},
    }
    for name in names:
        row = ROWS[name]
        for role in ROLES:
            host = f'{name}-{role}'
            parts['hosts'][host] = base.a_host(**getattr(row, role))
            if role in row.metadata:
                parts['aggregates'][host] = {
                    'hosts': [host],
                    'metadata': row.metadata[role],
                }
        parts['aggregates'][name] = {
            'hosts': [f'{name}-{role}' for role in ROLES]
        }
        parts['flavors'][name] = {
            **SMALL_FLAVOR,
            'extra_specs': row.extra_specs,
        }
        if row.group:
            parts['groups'][name] = row.group
        image = {'image': name} if row.image else {}
        if row.image:
            parts['images'][name] = {'properties': row.image}
        for key, fields in row.storage.items():
            parts['storage'][f'{name}-{key}'] = {
                **fields,
                'hosts': [f'{name}-{r}' for r in fields['hosts']],
            }
        servers = {
            **row.besides,
            'moves': ('source', {'flavor': name, **image, **row.server}),
        }
        for key, (role, fields) in servers.items():
            server = {'flavor': 'small', **fields, 'host': f'{name}-{role}'}
            if 'group' in server:
                server['group'] = name
            parts['servers'][f'{name}-{key}'] = server
    return {
        **parts,
        'filters': [*FILTERS, WITHOUT_RULE],
    }


#: Options of Nova that add to what it asks Placement.
PREFILTERS = (aggregates.ISOLATION, traits.IMAGE_TYPES)

#: What Nova has on in these clouds that is off by default.
OPTIONS = {
    'enabled_filters': ','.join((*DEFAULT_FILTERS, *FILTERS, WITHOUT_RULE)),
    'image_metadata_prefilter': True,
    'scheduler_prefilters': ','.join(PREFILTERS),
}


class Trios(base.CloudTestCase):
    """One cloud for the rows of a class."""

    NAMES = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        directory = fixtures.TempDir()
        directory.setUp()
        cls.addClassCleanup(directory.cleanUp)
        cls.report_dir = pathlib.Path(directory.path)
        cls.share(
            cloud.Cloud(
                described(cls.NAMES),
                nova_options={
                    'scheduler': {
                        'image_metadata_prefilter': True,
                        **dict.fromkeys(PREFILTERS, True),
                    }
                },
                watcher_options={
                    'watcher_strategies.cluster_host_maintenance': {
                        'transient_wait_s': 0,
                        **OPTIONS,
                        'report_dir': directory.path,
                    }
                },
            )
        )
        for name in cls.NAMES:
            for other, role in ROWS[name].flying.items():
                cls.take_off(f'{name}-{other}', f'{name}-{role}')
            for other in ROWS[name].gone:
                cls.delete(f'{name}-{other}')

    @classmethod
    def delete(cls, name):
        """Delete a server, and wait until it has gone."""
        cls.cloud.nova.servers.find(name=name).force_delete()
        waiting.until(
            lambda: name not in cls.cloud.servers(),
            60,
            lambda: f'{name} does not go',
        )

    @classmethod
    def take_off(cls, name, host):
        """Let a live migration begin that does not end."""
        cls.cloud.faults.hang(name)
        [server] = cls.cloud.nova.servers.list(
            search_opts={'all_tenants': True, 'name': f'^{name}$'}
        )
        server.live_migrate(host=host, block_migration='auto')
        waiting.until(
            lambda: cls.cloud.nova.migrations.list(
                instance_uuid=server.id, status='running'
            ),
            60,
            lambda: f'{name} does not take off',
        )

    def check(self, name):
        """Break the rule: Nova refuses. Obey it: the plan runs."""
        source, wrong, right = (f'{name}-{role}' for role in ROLES)
        scope = [{'compute': [{'host_aggregates': [{'name': name}]}]}]
        refused = self.drain(
            maintenance_node=source, backup_node=wrong, scope=scope
        )
        self.assertEqual('FAILED', refused['state'])
        known = self.known(refused, besides=right)
        audit = self.drain(maintenance_node=source, scope=scope)
        plan = self.assertPlanned(audit)
        [report] = self.reports(audit)
        self.assertEqual(
            [right], [d['hostname'] for d in report['destinations']]
        )
        named = FILTER_WITHOUT_RULE.about(WITHOUT_RULE)
        self.assertIn(words.sentence(named), report['words'])
        asked = request.Request(
            (source,),
            image_metadata_prefilter=True,
            scheduler_prefilters=PREFILTERS,
            **SWITCHES,
        )
        self.assertTrue(drain.plan(known, asked).failed)
        with ROWS[name].broken():
            [move] = drain.plan(known, asked).moves
        self.assertEqual(wrong, move.destination)
        self.assertFalse(
            moves.succeeds(
                self.cloud, move.instance_uuid, move.kind.value, wrong
            )
        )
        if self.cloud.servers()[f'{name}-moves'].status == 'ERROR':
            # What the host itself refuses, after the scheduler.
            self.cloud.nova.servers.reset_state(move.instance_uuid, 'active')
        self.cloud.execute(plan)
        self.assertEqual('SUCCEEDED', self.cloud.action_plan(audit)['state'])
        server = self.cloud.servers()[f'{name}-moves']
        self.assertEqual(
            (right, self.before[0][f'{name}-moves'].status),
            (server.host, server.status),
        )

    def known(self, audit, besides):
        """The snapshot that was planned on, without one of its hosts."""
        path = self.report_dir / f'{audit["uuid"]}.snapshot.json'
        found = snapshot.load(path.read_text())
        return dataclasses.replace(
            found, nodes=tuple(n for n in found.nodes if n.hostname != besides)
        )


@ddt.ddt
class TestAggregates(Trios):
    NAMES = (
        'zone',
        'zone_cold',
        'zone_default',
        'extra_spec',
        'extra_spec_unscoped',
        'tenant',
        'flavor',
        'isolated',
    )

    @ddt.data(*NAMES)
    def test_rule(self, name):
        self.check(name)


@ddt.ddt
class TestGroups(Trios):
    NAMES = (
        'affinity',
        'affinity_cold',
        'anti_affinity',
        'anti_affinity_in_flight',
        'anti_affinity_soft_deleted',
        'anti_affinity_cold',
        'anti_affinity_of_two',
    )

    @ddt.data(*NAMES)
    def test_rule(self, name):
        self.check(name)


@ddt.ddt
class TestNodes(Trios):
    NAMES = (
        'zone_namesake',
        'trait_required',
        'trait_forbidden',
        'traits_implied',
        'trait_of_storage',
        'hypervisor_type',
        'hypervisor_version',
        'disabled',
        'down',
    )

    @ddt.data(*NAMES)
    def test_rule(self, name):
        self.check(name)


@ddt.ddt
class TestRoom(Trios):
    NAMES = (
        'vcpu',
        'memory_mb',
        'disk_gb',
        'disk_gb_cold',
        'used',
        'reserved',
        'ratio',
        'max_unit',
        'min_unit',
        'step_size',
        'custom_class',
        'shared_storage',
    )

    @ddt.data(*NAMES)
    def test_rule(self, name):
        self.check(name)


@ddt.ddt
class TestImages(Trios):
    NAMES = (
        'image_trait',
        'image_of_volume',
        'image_implied',
        'image_devices',
        'image_format',
        'image_version',
        'different_host',
        'same_host',
        'build_near_host_ip',
    )

    @ddt.data(*NAMES)
    def test_rule(self, name):
        self.check(name)


class TestRows(base.assertions.Assertions):
    def test_every_row_is_tried(self):
        classes = (
            TestAggregates,
            TestGroups,
            TestImages,
            TestNodes,
            TestRoom,
        )
        tried = [name for case in classes for name in case.NAMES]
        self.assertEqual(sorted(ROWS), sorted(tried))
