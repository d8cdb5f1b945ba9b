# SPDX-License-Identifier: Apache-2.0

"""Nova's own tables: names and values that Nova gives to things.

Data alone. What follows from them is judged by the rules, and a second time
by the checker.
"""

import enum


AUTO = 'AUTO: '
"""How the reason begins with which Nova's libvirt driver disables a node.

It does so when it loses libvirt, and enables the node when libvirt is back;
nova-compute stays up. Source: ``nova.virt.libvirt.driver.DISABLE_PREFIX``.
"""


class VmState(enum.StrEnum):
    """Every ``vm_state`` of an instance.

    Source: ``nova.compute.vm_states``.
    """

    ACTIVE = 'active'
    BUILDING = 'building'
    DELETED = 'deleted'
    ERROR = 'error'
    PAUSED = 'paused'
    RESCUED = 'rescued'
    RESIZED = 'resized'
    SHELVED = 'shelved'
    SHELVED_OFFLOADED = 'shelved_offloaded'
    SOFT_DELETED = 'soft-delete'
    STOPPED = 'stopped'
    SUSPENDED = 'suspended'


POWER_STATES = {
    0: 'nostate',
    1: 'running',
    3: 'paused',
    4: 'shutdown',
    6: 'crashed',
    7: 'suspended',
}
"""Nova's numbers of the state in which a hypervisor has a server.

Source: ``nova.compute.power_state``.
"""

AFFINITY = 'affinity'
ANTI_AFFINITY = 'anti-affinity'
SOFT_AFFINITY = 'soft-affinity'
SOFT_ANTI_AFFINITY = 'soft-anti-affinity'

POLICIES = (AFFINITY, ANTI_AFFINITY, SOFT_AFFINITY, SOFT_ANTI_AFFINITY)
"""Policies of server groups; the soft ones are only a preference."""

TRUE = frozenset({'1', 't', 'true', 'on', 'y', 'yes'})
"""Texts, in lower case, that oslo.utils takes for true."""

OPERATORS = frozenset(
    {'=', '==', '!=', '>=', '<=', '<in>', '<all-in>'}
    | {'s==', 's!=', 's<', 's<=', 's>', 's>='}
)
"""Words with which an extra spec may begin that names a key of metadata.

Source: ``nova.scheduler.filters.extra_specs_ops``.
"""

IMPLIED_TRAITS: dict[tuple[str, str | bool], str] = {
    ('os:secure_boot', 'required'): 'COMPUTE_SECURITY_UEFI_SECURE_BOOT',
    ('hw:maxphysaddr_mode', 'passthrough'): (
        'COMPUTE_ADDRESS_SPACE_PASSTHROUGH'
    ),
    ('hw:maxphysaddr_mode', 'emulate'): 'COMPUTE_ADDRESS_SPACE_EMULATED',
    ('hw:sound_model', 'virtio'): 'COMPUTE_SOUND_MODEL_VIRTIO',
    ('hw:virtio_packed_ring', True): 'COMPUTE_NET_VIRTIO_PACKED',
    ('hw:ephemeral_encryption', True): 'COMPUTE_EPHEMERAL_ENCRYPTION',
}
"""Extra spec, value -> the trait that Nova requires for it; True is any text
of :data:`TRUE`.

Source: ``nova.scheduler.utils`` and ``nova.scheduler.request_filter``.
"""

ENCRYPTION = 'hw:ephemeral_encryption'
ENCRYPTION_FORMAT = 'hw:ephemeral_encryption_format'
ENCRYPTION_TRAIT = 'COMPUTE_EPHEMERAL_ENCRYPTION_'
"""What a trait begins with that ends with such a format, in upper case."""

CLAIMS = frozenset(
    {
        'accel:device_profile',
        'hw:cpu_dedicated_mask',
        'hw:mem_encryption_model',
        'hw:mem_page_size',
        'hw:pci_numa_affinity_policy',
        'hw:pmem',
        'pci_passthrough:alias',
    }
)
"""Extra specs that ask for what is claimed on the host, if they say what.

Some only say more of what else is asked for. That may be by an image or a
port, which nothing read here tells.
"""

CLAIM_PREFIXES = ('hw:numa_', 'hw:tpm_')
"""Extra specs that start so do the same."""

SWITCHES = frozenset({'hw:cpu_realtime', 'hw:mem_encryption'})
"""Extra specs that ask for it if they are true."""

CAPABILITIES = ('capabilities:', 'hw:maxphysaddr_bits')
"""Extra specs that start so are a question to the host, whatever they say."""

HOST_STATE = frozenset({
    'aggregates',           'allocation_candidates', 'cell_uuid',
    'cpu_allocation_ratio', 'cpu_info',              'disk_allocation_ratio',
    'disk_mb_used',         'failed_builds',         'free_disk_mb',
    'free_ram_mb',          'host',                  'host_ip',
    'hypervisor_hostname',  'hypervisor_type',       'hypervisor_version',
    'instances',            'limits',                'metrics',
    'nodename',             'num_instances',         'num_io_ops',
    'numa_topology',        'pci_stats',             'ram_allocation_ratio',
    'supported_instances',  'total_usable_disk_gb',  'total_usable_ram_mb',
    'updated',              'uuid',                  'vcpus_total',
    'vcpus_used',
})  # fmt: skip
"""What Nova's ComputeCapabilitiesFilter takes for a question to a host.

Those are the attributes of its HostState: extra specs with such a name have
no scope.
"""

DEDICATED = frozenset({'dedicated', 'mixed'})
"""Values of ``hw:cpu_policy`` that pin CPUs of the host."""
