# SPDX-License-Identifier: Apache-2.0

"""What makes a cloud hard to empty, laid over one that is drawn.

None moves a server, or takes room that is used: Nova still boots it all.
"""

from benchmarks.fidelity import draft


_ACME = 'acme'
_SPARE_REASON = 'watcher_disabled'
_SECURE = 'COMPUTE_SECURITY_UEFI_SECURE_BOOT'
_HINT_FILTERS = ('DifferentHostFilter', 'SameHostFilter')
_FORMATS = ('vdi', 'vmdk')
_STUCK = (
    'PAUSED',
    'SUSPENDED',
    'RESCUE',
    'ERROR',
    'SHELVED',
    'SOFT_DELETED',
    'BUILD',
)


def zones(cloud: draft.Draft) -> None:
    """Split the cloud in two zones; some servers may not leave theirs."""
    for zone, hosts in zip(('east', 'west'), cloud.split(), strict=True):
        for host in hosts:
            cloud.hosts[host]['zone'] = zone
            for _, server in cloud.on(host):
                if cloud.chance(0.5):
                    server['zone'] = zone


def states(cloud: draft.Draft) -> None:
    """Let some server be in a state that Nova moves by no means, or none."""
    elsewhere = cloud.rng.choice(cloud.others)
    host = cloud.node if cloud.chance(0.4) else elsewhere
    for _, server in list(cloud.on(host))[:1]:
        server['state'] = cloud.rng.choice(_STUCK)
    for _, server in list(cloud.on(cloud.node))[-1:]:
        if cloud.chance(0.3):
            server['state'] = 'SHELVED_OFFLOADED'


def unused(cloud: draft.Draft) -> None:
    """Add hosts that are disabled: spares, small ones, broken ones."""
    need = {
        size: sum(
            cloud.flavors[server['flavor']][size]
            for _, server in cloud.on(cloud.node)
        )
        for size in draft.SIZES
    }
    for number in range(cloud.rng.randint(1, 2)):
        share = cloud.rng.uniform(0.7, 1.8)
        reason = _SPARE_REASON if cloud.chance(0.7) else 'fan broken'
        cloud.hosts[f'spare-{number + 1}'] = {
            **{
                size: max(1, round(need[size] * share)) for size in draft.SIZES
            },
            'disabled_reason': reason,
        }
        cloud.free[f'spare-{number + 1}'] = dict.fromkeys(draft.SIZES, 0)


def isolation(cloud: draft.Draft) -> None:
    """Keep some hosts for one project."""
    for host in cloud.split()[cloud.rng.randint(0, 1)]:
        _aggregate(cloud, 'acme', {'filter_tenant_id': _ACME}, host)
    kept = cloud.aggregates.get('acme', {}).get('hosts', ())
    for _, server in _described(cloud):
        if server['host'] in kept or cloud.chance(0.4):
            server['project'] = _ACME


def flavors(cloud: draft.Draft) -> None:
    """Keep some hosts for the flavors that are on them, and some others."""
    cloud.filters = [*cloud.filters, 'AggregateTypeAffinityFilter']
    for part, hosts in enumerate(cloud.split()):
        if not hosts:
            continue
        names = {s['flavor'] for host in hosts for _, s in cloud.on(host)}
        more = cloud.rng.sample(sorted(cloud.flavors), 2)
        kept_for = ', '.join(sorted(names.union(more)))
        for host in hosts:
            metadata = {'instance_type': kept_for}
            _aggregate(cloud, f'flavors-{part}', metadata, host)


def aggregates(cloud: draft.Draft) -> None:
    """Tie some servers to hosts with the same disks."""
    first, second = cloud.split()
    for hosts, disk in ((first, 'ssd'), (second, 'hdd')):
        for host in hosts:
            _aggregate(cloud, disk, {'disk': disk}, host)
            for name, _ in cloud.on(host):
                if cloud.chance(0.4):
                    wanted = cloud.rng.choice((disk, f'<or> {disk} <or> nvme'))
                    cloud.variant(
                        name,
                        disk,
                        {'aggregate_instance_extra_specs:disk': wanted},
                    )


def traits(cloud: draft.Draft) -> None:
    """Let servers require or forbid what only some hosts have."""
    sides = cloud.split()
    for number, hosts in enumerate(sides):
        trait = f'CUSTOM_KIND_{number}'
        for host in hosts:
            cloud.hosts[host].setdefault('traits', []).append(trait)
            for name, _ in cloud.on(host):
                if cloud.chance(0.25):
                    cloud.variant(
                        name, f'with-{number}', {f'trait:{trait}': 'required'}
                    )
                # Placement refuses to forbid a trait that nobody has.
                elif cloud.chance(0.25) and sides[1 - number]:
                    cloud.variant(
                        name,
                        f'without-{number}',
                        {f'trait:CUSTOM_KIND_{1 - number}': 'forbidden'},
                    )


def images(cloud: draft.Draft) -> None:
    """Let images require what only some hosts have."""
    for number, hosts in enumerate(cloud.split()):
        trait = f'CUSTOM_IMAGE_{number}'
        for name, properties in (
            (f'trait-{number}', {f'trait:{trait}': 'required'}),
            ('secure', {'os_secure_boot': 'required'}),
        ):
            cloud.images[name] = {'properties': properties}
        for host in hosts:
            wanted = [trait, _SECURE] if cloud.chance(0.5) else [trait]
            cloud.hosts[host].setdefault('traits', []).extend(wanted)
            for _, server in cloud.on(host):
                if cloud.chance(0.4):
                    server['image'] = f'trait-{number}'
                elif _SECURE in wanted and cloud.chance(0.4):
                    server['image'] = 'secure'
                if 'image' in server and cloud.chance(0.3):
                    server['boot_from_volume'] = True


def formats(cloud: draft.Draft) -> None:
    """Let images be files that only some hosts can read."""
    cloud.prefilters.append('query_placement_for_image_type_support')
    for kind, hosts in zip(_FORMATS, cloud.split(), strict=True):
        cloud.images[kind] = {'properties': {'disk_format': kind}}
        for host in hosts:
            cloud.hosts[host].setdefault('traits', []).append(
                f'COMPUTE_IMAGE_TYPE_{kind.upper()}'
            )
            for _, server in cloud.on(host):
                if cloud.chance(0.5):
                    server['image'] = kind
                    server['boot_from_volume'] = cloud.chance(0.2)


def hints(cloud: draft.Draft) -> None:
    """Let servers be created near others, or away from them."""
    cloud.filters = [*cloud.filters, *_HINT_FILTERS]
    earlier: list[str] = []
    for name, server in _described(cloud):
        near = [
            e for e in earlier if cloud.servers[e]['host'] == server['host']
        ]
        away = [e for e in earlier if e not in near]
        if near and cloud.chance(0.2):
            server['hints'] = {'same_host': [cloud.rng.choice(near)]}
        elif away and cloud.chance(0.8):
            server['hints'] = {'different_host': [cloud.rng.choice(away)]}
        earlier.append(name)


def addresses(cloud: draft.Draft) -> None:
    """Let servers be created near an address."""
    cloud.filters = [*cloud.filters, 'SimpleCIDRAffinityFilter']
    for part, hosts in enumerate(cloud.split()):
        for number, host in enumerate(hosts, 1):
            cloud.hosts[host]['host_ip'] = f'10.0.{part}.{number}'
            for _, server in cloud.on(host):
                if cloud.chance(0.4):
                    size = cloud.rng.choice(('/24', '/24', '/16', '/30'))
                    server['hints'] = {
                        'build_near_host_ip': f'10.0.{part}.{number}',
                        'cidr': size,
                    }


def volumes(cloud: draft.Draft) -> None:
    """Boot servers from volumes, on hosts with little disk."""
    for host in cloud.others:
        free = cloud.free[host]
        cut = round(free['disk_gb'] * cloud.rng.uniform(0.3, 1))
        free['disk_gb'] -= cut
        cloud.hosts[host]['disk_gb'] -= cut
    for _, server in _described(cloud):
        if cloud.chance(0.6):
            server['boot_from_volume'] = True


def hypervisors(cloud: draft.Draft) -> None:
    """Be in the middle of an upgrade, with a host of another make."""
    for host in cloud.hosts:
        cloud.hosts[host]['hypervisor_version'] = cloud.rng.choice(
            (6000, 7000, 8000)
        )
    if cloud.chance(0.3):
        other = cloud.rng.choice(cloud.others)
        cloud.hosts[other]['hypervisor_type'] = 'other'


def max_unit(cloud: draft.Draft) -> None:
    """Let hosts give one server no more than the largest has by now."""
    for host, record in cloud.hosts.items():
        if cloud.chance(0.7):
            size, resource_class = cloud.rng.choice(
                (('vcpus', 'VCPU'), ('memory_mb', 'MEMORY_MB'))
            )
            largest = max(
                (
                    cloud.flavors[server['flavor']][size]
                    for _, server in cloud.on(host)
                    if not server['flavor'].startswith('filler')
                ),
                default=1,
            )
            record['max_unit'] = {resource_class: largest}
            _divide_filler(cloud, host, size, largest)


def _divide_filler(
    cloud: draft.Draft, host: str, size: str, largest: int
) -> None:
    """Cut a host down by the server that fills it, which is too large."""
    for name, server in list(cloud.on(host)):
        flavor = cloud.flavors[server['flavor']]
        if flavor[size] > largest:
            for each in draft.SIZES:
                left = cloud.hosts[host][each] - flavor[each]
                cloud.hosts[host][each] = max(1, left)
            del cloud.servers[name]


def _described(cloud: draft.Draft) -> list[tuple[str, draft.Record]]:
    return list(cloud.servers.items())


def _aggregate(
    cloud: draft.Draft, name: str, metadata: draft.Record, host: str
) -> None:
    """Add a host to an aggregate, which is made if need be."""
    record = cloud.aggregates.setdefault(
        name, {'hosts': [], 'metadata': metadata}
    )
    record['hosts'].append(host)
