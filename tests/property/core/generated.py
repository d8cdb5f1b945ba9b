# SPDX-License-Identifier: Apache-2.0


"""Clusters and requests from a seed, of every kind and mixture.

Hypothesis chooses sizes and seed, and makes a failing case smaller; the rest
is drawn evenly from the seed, so that most cases are worth planning.
"""

import dataclasses
import os
import random

from collections.abc import Iterator
from typing import Any

import hypothesis

from hypothesis import strategies as st

from tests.unit.core import builders
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.notice import DEFAULT_SPEC
from watcher_host_maintenance.core.model.notice import OWNER_WORDS
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.notice import Effect
from watcher_host_maintenance.core.model.notice import HostFate
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import DISABLED_TRAIT
from watcher_host_maintenance.core.model.nova import OWNER_TRAIT
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.request import CpuCheck
from watcher_host_maintenance.core.model.request import OnBlocked
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.model.snapshot import Aggregate
from watcher_host_maintenance.core.model.snapshot import Claim
from watcher_host_maintenance.core.model.snapshot import ComputeNode
from watcher_host_maintenance.core.model.snapshot import FailedMove
from watcher_host_maintenance.core.model.snapshot import Instance
from watcher_host_maintenance.core.model.snapshot import Inventory
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.model.snapshot import PortRequest
from watcher_host_maintenance.core.model.snapshot import ServerGroup
from watcher_host_maintenance.core.model.snapshot import Snapshot
from watcher_host_maintenance.core.model.snapshot import Unread
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules import placement
from watcher_host_maintenance.core.rules import targets
from watcher_host_maintenance.core.rules import traits
from watcher_host_maintenance.core.rules.stuck import TASKS


SPARE = {'status': 'disabled', 'disabled_reason': 'watcher_disabled'}
MARKED = {'status': 'disabled', 'disabled_reason': 'watcher_maintaining: fan'}

ROLES: dict[str, dict[str, Any]] = {
    'enabled': {},
    'spare': SPARE,
    'marked': MARKED,
    'closed': {'status': 'disabled', 'disabled_reason': 'broken fan'},
    'closed_silently': {'status': 'disabled'},
    'down': {'state': 'down'},
    'spare_down': {**SPARE, 'state': 'down'},
    'marked_down': {**MARKED, 'state': 'down'},
    'elsewhere': {'in_scope': False},
    'spare_elsewhere': {**SPARE, 'in_scope': False},
    'marked_elsewhere': {**MARKED, 'in_scope': False},
    'bare_metal': {'hypervisor_type': 'ironic'},
    'lost': {'status': 'disabled', 'disabled_reason': 'AUTO: lost'},
    'missing': {},
}

NODES = 12 * ['enabled'] + 4 * ['spare'] + sorted(ROLES)
SOURCES = 8 * ['enabled', 'marked'] + ['closed', 'marked_down', 'down']
STATES = [
    *120 * ['active'],
    *60 * ['stopped'],
    *6 * ['paused', 'deleted'],
    *(state.value for state in VmState),
]
BUSY_STATES = ['active', 'active', 'paused', 'building', 'error']
RATIOS = [1.0, 1.0, 1.5, 0.9, 1.1]
HEADROOMS = [0.0, 0.0, 10.0, 12.5, 33.3]

HYPERVISORS = 30 * ['QEMU'] + ['VMware']
VERSIONS = 12 * [8002000] + [6002000, 9001000]
ZONES = 8 * ['nova'] + ['az-2']
TRAITS = ('COMPUTE_IMAGE_TYPE_QCOW2', 'CUSTOM_FAST', 'HW_CPU_X86_AVX2')
PROJECTS = ['red', 'blue']
POLICIES = ('affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity')
POWERS = 40 * ['running'] + ['', 'paused', 'shutdown']
POWER = {
    'error': [*3 * ['running'], *2 * ['paused'], 'shutdown', 'nostate'],
}
UNITS = 60 * [1] + [2]

METADATA = (
    {'disk': 'ssd'},
    {'disk': 'hdd'},
    {'disk': 'hdd, ssd', 'cell': 'one'},
    {'cell': 'two'},
    {'filter_tenant_id': 'red'},
    {'filter_tenant_id_2': 'green,blue'},
)

FLAVORS = ('small', 'large')
FLAVORS_METADATA = (
    *4 * ({},),
    {'instance_type': 'small'},
    {'instance_type': 'large, small'},
)

# What any destination may be without; the last ask for what is unproved.
PLAIN_SPECS = (
    {'trait:CUSTOM_FAST': 'required'},
    {'trait:CUSTOM_FAST': 'forbidden', 'hw:cpu_policy': 'shared'},
    {'trait:HW_CPU_X86_AVX2': 'forbidden'},
    {'aggregate_instance_extra_specs:disk': 'ssd'},
    {'aggregate_instance_extra_specs:disk': 's!= ssd'},
    {'disk': '<or> ssd <or> nvme'},
)
SPECS = (
    *PLAIN_SPECS,
    {'hw:cpu_policy': 'dedicated'},
    {'trait:CUSTOM_FAST': 'required', 'hw:numa_nodes': '2'},
)

IMAGES = (
    {'hw_architecture': 'x86_64'},
    {'hw_architecture': 'aarch64', 'hw_disk_bus': 'virtio'},
    {'img_hv_requested_version': '>=8.2'},
    {'img_hv_requested_version': '<8.0, !=6.1'},
    {'trait:CUSTOM_FAST': 'required'},
    {'disk_format': 'qcow2'},
    {'hw_numa_nodes': '2'},
)
PORTS = (
    *4 * [(Port('lan', segments=('physnet1',)),)],
    (Port('lan', segments=('physnet1', 'vxlan')), Port('any')),
    (Port('lan', 'direct', ('physnet2',)),),
    (Port('lan', 'direct-physical'),),
    (Port('lan', routed=('north',)), Port('lan', routed=('north', 'south'))),
    (Port('lan', requests=(PortRequest(('NET_A:5',)),)),),
    (Port('lan', 'accelerator-direct'),),
)
REACHES = 3 * [('physnet1', 'vxlan')] + [None, ('physnet2',)]
CPUS = (('avx2', 'vmx'), ('avx2', 'vmx'), ('vmx',), None)
HINTS = (
    {'same_host': ('uuid-other',)},
    {'same_host': ('uuid-vm-0', 'uuid-other')},
    {'different_host': ('uuid-other',)},
    {'different_host': ('uuid-vm-1',)},
    {'build_near_host_ip': ('10.0.0.1',)},
    {'build_near_host_ip': ('10.0.0.1',), 'cidr': ('/31',)},
)

SEEDS = st.integers(0, 2**32 - 1)


def settings(examples: int) -> hypothesis.settings:
    """Return the settings of a property.

    The examples are the same in every run, on every machine, however slow.

    :param examples: how many, where ``PROPERTY_TIMES`` is not set; it
        multiplies them
    """
    times = float(os.environ.get('PROPERTY_TIMES') or 1)
    return hypothesis.settings(
        max_examples=round(times * examples),
        derandomize=True,
        deadline=None,
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
    )


def cases() -> st.SearchStrategy[tuple[Snapshot, Request]]:
    """A cluster of up to eight nodes, and any request about it."""
    return st.builds(
        case,
        sources=st.integers(1, 3),
        others=st.integers(0, 5),
        servers=st.integers(1, 10),
        seed=SEEDS,
    )


def small_cases() -> st.SearchStrategy[tuple[Snapshot, Request]]:
    """``compute-1`` to empty, of servers that can leave, and few others."""
    return st.builds(
        _small_case,
        others=st.integers(1, 4),
        servers=st.integers(1, 5),
        seed=SEEDS,
    )


def tight_cases() -> st.SearchStrategy[tuple[Snapshot, Request]]:
    """``compute-1`` to empty, of few kinds of servers, and hardly room."""
    return st.builds(
        _tight_case,
        others=st.integers(1, 3),
        servers=st.integers(2, 6),
        seed=SEEDS,
    )


def crowded_cases() -> st.SearchStrategy[tuple[Snapshot, Request]]:
    """``compute-1`` to empty, of few large servers, and full nodes.

    Every server of every node is known, and some may move to make room.
    """
    return st.builds(
        _crowded_case,
        others=st.integers(2, 5),
        most=st.integers(1, 4),
        seed=SEEDS,
    )


def fragmented_cases() -> st.SearchStrategy[tuple[Snapshot, Request]]:
    """``compute-1`` to empty, and room enough in all, but in small parts."""
    return st.builds(
        fragmented_case,
        others=st.integers(2, 4),
        most=st.integers(0, 4),
        seed=SEEDS,
    )


def case(
    sources: int, others: int, servers: int, seed: int
) -> tuple[Snapshot, Request]:
    """Return one of :func:`cases`."""
    rng = random.Random(seed)
    roles = rng.choices(SOURCES, k=sources) + rng.choices(NODES, k=others)
    hosts = [f'compute-{n}' for n, _role in enumerate(roles, 1)]
    scale = rng.choice([1, 2, 3])
    nodes = [
        _node(rng, host, role, scale)
        for host, role in zip(hosts, roles, strict=True)
    ]
    groups = [_group(rng, policy, hosts) for policy in POLICIES]
    instances = [
        _picky(rng, _instance(rng, f'vm-{n}', rng.choice(hosts[:sources])))
        for n in range(servers)
    ]
    known = builders.a_snapshot(
        nodes, instances, groups, _aggregates(rng, hosts)
    )
    known = _with_details(_peek(rng), known, hosts)
    request = _request(rng, hosts, sources)
    known = _with_answers(_peek(rng), known, request)
    return _all_listed(known, request), request


NOTICED = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'

NOTICES = (
    Notice(),
    Notice(maintenance_id=NOTICED),
    Notice(
        maintenance_id=NOTICED,
        state=State.ANNOUNCED,
        answer_by_s=1001,
        effect=Effect.LIVE,
        host=HostFate.RETURNS,
    ),
    Notice(maintenance_id='00000000-0000-0000-0000-000000000000'),
)


def owned_cases() -> st.SearchStrategy[tuple[Snapshot, Request]]:
    """Any of these, with words of owners, which count or do not."""
    return st.builds(owned, cases() | tight_cases() | crowded_cases(), SEEDS)


def owned(
    case: tuple[Snapshot, Request], seed: int
) -> tuple[Snapshot, Request]:
    """Return one of :func:`owned_cases`."""
    snapshot, request = case
    rng = random.Random(seed)
    words = (*OWNER_WORDS, 'nonsense')
    snapshot = dataclasses.replace(
        snapshot,
        instances=tuple(
            dataclasses.replace(
                instance,
                owner_words=tuple(rng.sample(OWNER_WORDS, rng.randint(0, 2)))
                if rng.random() < 0.3
                else (),
                notice=rng.choice(NOTICES),
                extra_specs={
                    **instance.extra_specs,
                    **(
                        {DEFAULT_SPEC: rng.choice(words)}
                        if rng.random() < 0.1
                        else {}
                    ),
                },
            )
            for instance in snapshot.instances
        ),
    )
    defaults = [{}, {}, {'red': rng.choice([*STANDING_WORDS])}]
    return snapshot, dataclasses.replace(
        request,
        owners=rng.choice(list(Owners)),
        maintenance_id=NOTICED,
        now_s=1000,
        answer_by_s=rng.choice([0, 1000, 1001, 5000]),
        removed=rng.random() < 0.2,
        on_keep=rng.choice(list(OnKeep)),
        owner_defaults=rng.choice(defaults),
    )


def _all_listed(known: Snapshot, request: Request) -> Snapshot:
    """Of the nodes to empty, every server that is counted is there."""
    emptied = {n.hostname for n in targets.resolve(known, request).nodes}
    return dataclasses.replace(
        known,
        nodes=tuple(
            dataclasses.replace(
                n, instance_count=len(known.instances_on(n.hostname))
            )
            if n.hostname in emptied
            else n
            for n in known.nodes
        ),
    )


def _small_case(
    others: int, servers: int, seed: int
) -> tuple[Snapshot, Request]:
    rng = random.Random(seed)
    roles = rng.choices(['enabled', 'enabled', 'spare', 'closed'], k=others)
    nodes = [
        _node(rng, f'compute-{n}', role, scale=1)
        for n, role in enumerate(roles, 2)
    ]
    hosts = [n.hostname for n in nodes]
    groups = [_group(rng, policy, hosts) for policy in POLICIES]
    instances = [
        dataclasses.replace(
            _asks(rng, _instance(rng, f'vm-{n}', 'compute-1'), PLAIN_SPECS),
            vm_state='active',
            excluded=False,
            task_state='',
        )
        for n in range(servers)
    ]
    source = builders.a_node(
        'compute-1', hypervisor_type='QEMU', hypervisor_version=6002000
    )
    known = builders.a_snapshot(
        [source, *nodes],
        instances,
        groups,
        _aggregates(rng, ['compute-1', *hosts]),
    )
    headroom = rng.choice(HEADROOMS)
    return known, builders.a_request(
        headroom_percent=headroom, **_filters(rng)
    )


def _tight_case(
    others: int, servers: int, seed: int
) -> tuple[Snapshot, Request]:
    rng = random.Random(seed)
    roles = rng.choices(['enabled', 'enabled', 'enabled', 'spare'], k=others)
    nodes = [
        _tight_node(rng, f'compute-{n}', role)
        for n, role in enumerate(roles, 2)
    ]
    flavors = [
        {'vcpus': rng.randint(1, 4), 'memory_mb': rng.randint(1, 4)}
        for _flavor in range(rng.randint(1, 3))
    ]
    instances = [
        builders.an_instance(
            f'vm-{n}',
            disk_gb=0,
            group=rng.choice(['', '', '', 'anti-affinity']),
            pinned_zone=rng.choice([None, None, None, 'az-2']),
            **rng.choice(flavors),
        )
        for n in range(servers)
    ]
    hosts = [n.hostname for n in nodes]
    groups = [_group(rng, 'anti-affinity', hosts)]
    known = builders.a_snapshot(
        [builders.a_node('compute-1'), *nodes], instances, groups
    )
    headroom = rng.choice([0.0, 0.0, 10.0, 25.0])
    return known, builders.a_request(headroom_percent=headroom)


def _crowded_case(
    others: int, most: int, seed: int
) -> tuple[Snapshot, Request]:
    rng = random.Random(seed)
    hosts = [f'compute-{n}' for n in range(2, 2 + others)]
    there = [
        _crowding(rng, f'old-{n}', rng.choice(hosts))
        for n in range(rng.randint(1, 3 * others))
    ]
    leaving = [
        builders.an_instance(
            f'new-{n}',
            vcpus=rng.randint(2, 4),
            memory_mb=rng.randint(1, 4),
            disk_gb=0,
            group=rng.choice(['', '', 'anti-affinity']),
        )
        for n in range(rng.randint(1, 3))
    ]
    nodes = [
        builders.a_node(
            host,
            vcpus=sum(i.resources['VCPU'] for i in there if i.host == host)
            + rng.choice([0, 1, 1, 2, 3]),
            memory_mb=sum(i.memory_mb for i in there if i.host == host)
            + rng.choice([1, 3, 6]),
            zone=rng.choice(ZONES),
        )
        for host in hosts
    ]
    groups = [_group(rng, 'anti-affinity', hosts)]
    known = builders.a_snapshot(
        [builders.a_node('compute-1', zone='nova'), *nodes],
        [*leaving, *there],
        groups,
    )
    return known, builders.a_request(
        max_secondary_moves=most,
        headroom_percent=rng.choice([0.0, 0.0, 0.0, 10.0]),
        on_blocked=rng.choice(list(OnBlocked)),
    )


def fragmented_case(
    others: int, most: int, seed: int
) -> tuple[Snapshot, Request]:
    """Return one of :func:`fragmented_cases`."""
    rng = random.Random(seed)
    hosts = [f'compute-{n}' for n in range(2, 2 + others)]
    there = [
        dataclasses.replace(
            server,
            resources={**server.resources, 'VCPU': rng.choice([1, 1, 2])},
        )
        for host in hosts
        for n in range(rng.randint(1, 2))
        for server in [_crowding(rng, f'old-{host}-{n}', host)]
    ]
    free = {host: rng.choice([0, 1, 1, 2]) for host in hosts}
    leaving = [
        builders.an_instance(
            f'new-{n}',
            vcpus=rng.choice([2, 3, 3]),
            memory_mb=rng.randint(1, 2),
            disk_gb=0,
            group=rng.choice(['', '', '', 'anti-affinity']),
        )
        for n in range(rng.choice([1, 1, 2]))
    ]
    nodes = [
        builders.a_node(
            host,
            vcpus=sum(i.resources['VCPU'] for i in there if i.host == host)
            + free[host],
            memory_mb=sum(i.memory_mb for i in there if i.host == host)
            + rng.choice([2, 4, 8]),
            zone=rng.choice(ZONES),
        )
        for host in hosts
    ]
    known = builders.a_snapshot(
        [builders.a_node('compute-1', zone='nova'), *nodes],
        [*leaving, *there],
        [_group(rng, 'anti-affinity', hosts)],
    )
    return known, builders.a_request(
        max_secondary_moves=most,
        headroom_percent=rng.choice([*5 * [0.0], 10.0]),
        on_blocked=rng.choice(list(OnBlocked)),
    )


def _crowding(rng: random.Random, name: str, host: str) -> Instance:
    """A server that stands in the way, and most likely may move."""
    return builders.an_instance(
        name,
        host,
        rng.choice([*8 * ['active'], 'paused', 'stopped']),
        vcpus=rng.randint(1, 3),
        memory_mb=rng.randint(1, 4),
        disk_gb=0,
        group=rng.choice(['', '', '', 'anti-affinity']),
        pinned_zone=rng.choice([None, None, None, 'nova']),
        owner_words=rng.choice([(), (), (), (), ('keep',), ('move',)]),
    )


def _tight_node(rng: random.Random, hostname: str, role: str) -> ComputeNode:
    """A node with room for a few servers of one to four of each class."""
    inventory = {
        c: builders.an_inventory(
            rng.randint(4, 12),
            ratio=rng.choice([1.0, 1.0, 1.5]),
            max_unit=rng.choice([None, None, None, 3]),
        )
        for c in ('VCPU', 'MEMORY_MB')
    }
    used = {} if role == 'spare' else {'VCPU': rng.randint(0, 3)}
    return builders.a_node(
        hostname,
        inventory=inventory,
        used=used,
        zone=rng.choice(['az-2', 'nova']),
        **ROLES[role],
    )


def _node(
    rng: random.Random, hostname: str, role: str, scale: int
) -> ComputeNode:
    """A node in a role, empty or part full; now and then it has cards."""
    inventory = {
        'VCPU': _inventory(rng, 12 * scale),
        'MEMORY_MB': _inventory(rng, 16 * scale),
        'DISK_GB': _inventory(rng, 40 * scale),
    }
    if rng.random() < 0.5:
        inventory['CUSTOM_CARD'] = _inventory(rng, 4)
    used, count = {}, 0
    if role not in ('spare', 'marked_down') and rng.random() < 0.6:
        count = rng.randrange(2)
        used = {
            c: rng.randint(0, offer.total * 3 // 5)
            for c, offer in inventory.items()
        }
    fields = {
        'hypervisor_type': rng.choice(HYPERVISORS),
        'hypervisor_version': rng.choice(VERSIONS),
        'hypervisors': (f'{hostname}.example.org',),
        'zone': rng.choice(ZONES),
        'traits': tuple(t for t in TRAITS if rng.random() < 0.7),
        **ROLES[role],
    }
    node = builders.a_node(
        hostname,
        inventory=inventory,
        used=used,
        instance_count=count,
        **fields,
    )
    if role == 'missing':
        return dataclasses.replace(
            node,
            inventory={},
            used={},
            hypervisors=() if _peek(rng).random() < 0.5 else node.hypervisors,
        )
    return node


def _inventory(rng: random.Random, total: int) -> Inventory:
    """Around a size, overcommitted or not, with every kind of limit."""
    return builders.an_inventory(
        total=rng.randint(total // 2, total),
        reserved=rng.randint(0, total // 6),
        ratio=rng.choice(RATIOS),
        max_unit=rng.choice([None, None, rng.randint(total // 4, total)]),
        min_unit=rng.choice(UNITS),
        step_size=rng.choice(UNITS),
    )


def _group(rng: random.Random, policy: str, hosts: list[str]) -> ServerGroup:
    """A group that the policy names; members are on one host or two."""
    there = rng.sample(hosts, rng.randint(1, min(2, len(hosts))))
    return ServerGroup(
        policy,
        f'group {policy}',
        policy,
        rng.choice([1, 1, 2]),
        {host: rng.randint(1, 2) for host in there},
    )


def _aggregates(rng: random.Random, hosts: list[str]) -> list[Aggregate]:
    flavors = _peek(rng)
    return [
        Aggregate(
            f'aggregate-{n}',
            tuple(rng.sample(hosts, rng.randint(1, len(hosts)))),
            rng.choice(METADATA) | flavors.choice(FLAVORS_METADATA),
        )
        for n in range(rng.randrange(3))
    ]


def _instance(rng: random.Random, name: str, host: str) -> Instance:
    return builders.an_instance(
        name,
        host,
        rng.choice(STATES),
        vcpus=rng.randint(1, 4),
        memory_mb=rng.randint(1, 6),
        disk_gb=rng.randint(0, 10),
        resources={'CUSTOM_CARD': int(rng.random() < 0.1)},
        excluded=rng.random() < 0.02,
        task_state='migrating' if rng.random() < 0.02 else '',
    )


def _asks(
    rng: random.Random, instance: Instance, specs: tuple[dict[str, str], ...]
) -> Instance:
    """The same in a group, a zone or with extra specs, now and then."""
    return dataclasses.replace(
        instance,
        project_id=rng.choice(PROJECTS),
        pinned_zone=rng.choice(ZONES) if rng.random() < 0.15 else None,
        group=rng.choice(POLICIES) if rng.random() < 0.3 else '',
        extra_specs=rng.choice(specs) if rng.random() < 0.15 else {},
    )


def _picky(rng: random.Random, instance: Instance) -> Instance:
    """The same with whatever an instance may be or ask for."""
    picky = dataclasses.replace(
        _asks(rng, instance, SPECS),
        power_state=rng.choice(POWER.get(instance.vm_state, POWERS)),
        nested=('VGPU',) if rng.random() < 0.02 else (),
    )
    picky = _recorded(_peek(rng), picky)
    picky = _in_trouble(_peek(rng), _detailed(_peek(rng), picky))
    leftover = _leftover(_peek(rng), picky)
    if leftover is not None:
        return leftover
    if rng.random() >= 0.02:
        return picky
    return dataclasses.replace(
        picky,
        elsewhere='compute-1',
        vm_state=rng.choice([picky.vm_state, VmState.RESIZED.value]),
        migration=rng.choice(['', 'migration', 'resize']),
    )


def _peek(rng: random.Random) -> random.Random:
    """Return what draws the same, so that a new draw changes no old case."""
    peeking = random.Random()
    peeking.setstate(rng.getstate())
    return peeking


def _leftover(rng: random.Random, instance: Instance) -> Instance | None:
    """An allocation alone, of another server or of none; seldom."""
    for _ in range(3):
        rng.random()
    if rng.random() >= 0.02:
        return None
    elsewhere = rng.choice(['compute-1', 'compute-2', ''])
    return dataclasses.replace(
        instance,
        resources={},
        group='',
        elsewhere=elsewhere,
        vm_state=instance.vm_state if elsewhere else '',
        is_leftover=True,
    )


def _recorded(rng: random.Random, instance: Instance) -> Instance:
    """The same with more of what Nova's records may say of it."""
    draw = rng.random()
    hypervisor = f'{instance.host}.example.org'
    if 0.02 <= draw < 0.04:
        hypervisor = instance.host
    migration = ''
    if instance.vm_state == VmState.RESIZED.value and draw >= 0.5:
        migration = 'migration'
    recorded = dataclasses.replace(
        instance, hypervisor=hypervisor, migration=migration
    )
    return _at_work(rng, recorded) if instance.task_state else recorded


def _at_work(rng: random.Random, instance: Instance) -> Instance:
    """The same in any task, from which it is not freed any more or soon."""
    ends = rng.choice(sorted({*TASKS.values()}, key=str))
    tasks = [task for task, reasons in TASKS.items() if reasons == ends]
    return dataclasses.replace(
        instance,
        vm_state=rng.choice([instance.vm_state, *BUSY_STATES]),
        task_state=rng.choice([*tasks, *tasks, *tasks, 'of-tomorrow']),
        task_age_s=rng.choice([0, 7200, 7200, 7200]),
    )


def _detailed(rng: random.Random, instance: Instance) -> Instance:
    """The same with an image, hints, and what could not be read of them."""
    rng.random()
    draw = rng.random()
    return dataclasses.replace(
        instance,
        image_properties=rng.choice(IMAGES) if draw < 0.15 else {},
        hints=rng.choice(HINTS) if 0.1 < draw < 0.25 else {},
        needs_traits_of=instance.host if 0.25 < draw < 0.29 else '',
        ports=rng.choice(PORTS) if 0.2 < draw < 0.4 else (),
        unread=(rng.choice(list(Unread)),) if 0.29 < draw < 0.32 else (),
        failed_moves=_failed_moves(_peek(rng), instance),
        live_move_failed=_peek(rng).random() < 0.5,
        claims=_claims(_peek(rng)),
        flavor=_peek(rng).choice(FLAVORS),
    )


def _in_trouble(rng: random.Random, instance: Instance) -> Instance:
    """The same in ERROR, or at work for a time; seldom."""
    for _ in range(5):
        rng.random()
    draw = rng.random()
    if 0.015 <= draw < 0.03:
        return _at_work(rng, instance)
    if draw >= 0.015:
        return instance
    failed = dataclasses.replace(
        instance,
        vm_state=VmState.ERROR.value,
        power_state=rng.choice(POWER['error']),
        live_move_failed=rng.random() < 0.7,
    )
    return dataclasses.replace(failed, failed_moves=_failed_moves(rng, failed))


def _claims(rng: random.Random) -> tuple[Claim, ...]:
    """A device, which its provider now and then no longer gives; seldom."""
    for _ in range(4):
        rng.random()
    if rng.random() >= 0.05:
        return ()
    offer = builders.an_inventory(4, max_unit=rng.choice([1, 2, 4]))
    return (Claim('uuid-gpu', 'VGPU', rng.choice([1, 1, 2]), offer),)


def _failed_moves(
    rng: random.Random, instance: Instance
) -> tuple[FailedMove, ...]:
    """Moves that failed lately, also to nodes that are gone."""
    hosts, often = ['compute-1', 'compute-2', 'gone'], 0.1
    if instance.vm_state == VmState.ERROR:
        hosts, often = [*hosts, 'compute-3', 'compute-4', 'compute-5'], 0.5
    return tuple(
        FailedMove(host, 'live-migration', '2026-11-21T12:00:00Z')
        for host in hosts
        if rng.random() < often
    )


def _with_details(
    rng: random.Random, snapshot: Snapshot, hosts: list[str]
) -> Snapshot:
    """The same with what rules about details look at elsewhere."""
    named = ('uuid-vm-0', 'uuid-vm-1', 'uuid-other')
    return dataclasses.replace(
        snapshot,
        nodes=tuple(
            dataclasses.replace(
                node,
                covers=tuple(rng.sample(hosts, rng.randint(0, 1))),
                architecture=rng.choice(['', 'x86_64', 'x86_64', 'aarch64']),
                reaches=rng.choice(REACHES),
                cpu_features=rng.choice(CPUS),
                dead_agents=rng.choice([(), ('neutron-ovs',)]),
                host_ip=rng.choice(['', '10.0.0.1', '10.0.0.2', '10.0.1.1']),
                forced_down=node.state == 'down' and rng.random() < 0.5,
                hypervisor_lost=node.status == 'disabled'
                and node.state == 'up'
                and _peek(rng).random() < 0.1,
            )
            for node in snapshot.nodes
        ),
        hinted={
            **{
                i.uuid: i.host
                for i in snapshot.by_uuid.values()
                if i.uuid in named
            },
            'uuid-other': rng.choice(hosts),
        },
    )


def _with_answers(
    rng: random.Random, snapshot: Snapshot, request: Request
) -> Snapshot:
    """The same with what Placement refuses, and no longer offers."""
    for_all = tuple(
        Refusal(rng.choice(snapshot.nodes).hostname, part)
        for part in (
            Demand(root_forbidden=(DISABLED_TRAIT,)),
            Demand(root_required=(OWNER_TRAIT,)),
        )
        if rng.random() < 0.2
    )
    refusals = [
        Refusal(rng.choice(snapshot.nodes).hostname, part, state)
        for instance in snapshot.instances
        for part, state in _parts(rng, instance, request)
        if rng.random() < 0.1
    ]
    return dataclasses.replace(
        snapshot,
        nodes=tuple(_answered(rng, node) for node in snapshot.nodes),
        aggregates=tuple(_isolated(rng, a) for a in snapshot.aggregates),
        refusals=(*for_all, *refusals),
    )


def _isolated(rng: random.Random, aggregate: Aggregate) -> Aggregate:
    """The same, for servers with a trait only now and then."""
    more = {'trait:CUSTOM_FAST': 'required'} if rng.random() < 0.2 else {}
    return dataclasses.replace(
        aggregate, metadata={**aggregate.metadata, **more}
    )


def _answered(rng: random.Random, node: ComputeNode) -> ComputeNode:
    """The same with a trait of Nova's own, or a class that is gone."""
    inventory = dict(node.inventory)
    if inventory and rng.random() < 0.05:
        inventory['CUSTOM_CARD'] = builders.an_inventory(0)
    traits = (OWNER_TRAIT,) if rng.random() < 0.5 else ()
    return dataclasses.replace(
        node, inventory=inventory, traits=(*node.traits, *traits)
    )


def _parts(
    rng: random.Random, instance: Instance, request: Request
) -> Iterator[tuple[Demand, tuple[str, ...]]]:
    """Parts of what is asked of a destination, and what is free there."""
    asked = placement.demand(instance, (), request)
    for trait in asked.required:
        yield Demand(required=(trait,)), ()
    for trait in asked.forbidden:
        yield Demand(forbidden=(trait,)), ()
    if asked.zone:
        yield Demand(zone=asked.zone), ()
    if asked.project:
        yield Demand(project=asked.project), ()
    for query in asked.groups:
        if query.startswith('resources'):
            yield Demand(groups=(query,)), ()
    for segments in asked.routed:
        yield Demand(routed=(segments,)), ()
    if asked.resources:
        resource = rng.choice(asked.resources)
        free = f'{resource.partition(":")[0]}:0'
        yield Demand(resources=(resource,)), (free,)


def _filters(rng: random.Random) -> dict[str, Any]:
    """Which of Nova's filters are obeyed."""
    return {
        'aggregate_extra_specs': rng.random() < 0.8,
        'unscoped_extra_specs': rng.random() < 0.5,
        'tenant_isolation': rng.random() < 0.8,
        'migration_domain_keys': rng.choice([(), (), ('cell',)]),
    }


def _request(rng: random.Random, hosts: list[str], sources: int) -> Request:
    """Any request about these hosts, also one that is refused."""
    return Request(
        maintenance_nodes=tuple(
            rng.sample(hosts[:sources], rng.randint(0, sources))
        ),
        backup_node=rng.choice([None, None, None, rng.choice(hosts)]),
        disable_live_migration=rng.random() < 0.25,
        disable_cold_migration=rng.random() < 0.25,
        on_blocked=rng.choice(list(OnBlocked)),
        headroom_percent=rng.choice(HEADROOMS),
        allow_unproved_moves=rng.random() < 0.5,
        **_filters(rng),
        **_more_filters(_peek(rng)),
    )


def _more_filters(rng: random.Random) -> dict[str, Any]:
    """Which of Nova's filters are on that are off by default."""
    names = (
        'image_metadata_prefilter',
        'same_host',
        'different_host',
        'cidr_affinity',
        'type_affinity',
    )
    checks = (CpuCheck.PREFER, CpuCheck.REQUIRE, CpuCheck.OFF)
    prefilters = (
        aggregates.ISOLATION,
        placement.TENANTS,
        traits.IMAGE_TYPES,
    )
    return {
        'scheduler_prefilters': tuple(
            name for name in prefilters if rng.random() < 0.3
        ),
        'cpu_check': rng.choice(checks),
        **{name: rng.random() < 0.5 for name in names},
    }
