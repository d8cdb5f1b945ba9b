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


RUNNING = 'running'
"""The power state of a guest that runs."""

POWER_STATES = {
    0: 'nostate',
    1: RUNNING,
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

IMAGE_SPECS = frozenset({
    'hw_cpu_policy',               'hw_cpu_thread_policy',
    'hw_ephemeral_encryption',     'hw_ephemeral_encryption_format',
    'hw_firmware_stateless',       'hw_maxphysaddr_bits',
    'hw_maxphysaddr_mode',         'hw_mem_encryption',
    'hw_mem_encryption_model',     'hw_mem_page_size',
    'hw_numa_nodes',               'hw_pci_numa_affinity_policy',
    'hw_sound_model',              'hw_tpm_model',
    'hw_tpm_version',              'hw_virtio_packed_ring',
    'os_secure_boot',
})  # fmt: skip
"""Properties of images that ask for what an extra spec asks for as well.

The extra spec has a colon in the place of the first underscore.

Source: ``nova.virt.hardware`` and ``nova.objects.image_meta``.
"""

IMAGE_SPEC_PREFIXES = ('hw_numa_cpus.', 'hw_numa_mem.')
"""Properties of images that start so do the same, one for each cell."""

TRAIT_PREFIX = 'trait:'
"""Extra specs and properties of images that start so name a trait."""

ARCHITECTURE = 'hw_architecture'
REQUIRED_VERSION = 'img_hv_requested_version'

DEVICE_TRAITS = {
    'hw_architecture': 'HW_ARCH',
    'hw_cdrom_bus': 'COMPUTE_STORAGE_BUS',
    'hw_disk_bus': 'COMPUTE_STORAGE_BUS',
    'hw_emulation_architecture': 'COMPUTE_ARCH',
    'hw_vif_model': 'COMPUTE_NET_VIF_MODEL',
    'hw_video_model': 'COMPUTE_GRAPHICS_MODEL',
    'hw_viommu_model': 'COMPUTE_VIOMMU',
}
"""Property of an image -> what the trait begins with that Nova requires for
it, if its option ``image_metadata_prefilter`` is on. The trait ends with the
value, in upper case and with underscores.

Source: ``transform_image_metadata`` in ``nova.scheduler.request_filter``.
"""

IMAGE_FORMAT = 'disk_format'
"""The field of an image that says what its file is, such as 'qcow2'."""

IMAGE_FORMATS = frozenset(
    {
        'aki',
        'ami',
        'ari',
        'iso',
        'ploop',
        'qcow2',
        'raw',
        'vdi',
        'vhd',
        'vhdx',
        'vmdk',
    }
)
"""Formats for which Nova requires a trait, if its option
``query_placement_for_image_type_support`` is on and the server boots from its
image. It knows no trait of others.

Source: ``require_image_type_support`` in ``nova.scheduler.request_filter``,
``os_traits.compute.image``.
"""

IMAGE_FORMAT_TRAIT = 'COMPUTE_IMAGE_TYPE_'
"""What such a trait begins with; it ends with the format in upper case."""

LEGACY_PROPERTIES = {
    'architecture': 'hw_architecture',
    'hypervisor_version_requires': 'img_hv_requested_version',
}
"""Old name of a property of images -> its name; where both are given, the
value of the new one counts."""

ARCHITECTURES = {
    'amd64': 'x86_64',
    'i386': 'i686',
    'i486': 'i686',
    'i586': 'i686',
    'x86-64': 'x86_64',
}
"""Other name of a CPU architecture, in lower case -> Nova's name.

Source: ``Architecture.canonicalize`` in ``nova.objects.fields``.
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
    ('hw:firmware_stateless', True): 'COMPUTE_SECURITY_STATELESS_FIRMWARE',
    ('hw:cpu_thread_policy', 'require'): 'HW_CPU_HYPERTHREADING',
    ('hw:pci_numa_affinity_policy', 'socket'): (
        'COMPUTE_SOCKET_PCI_NUMA_AFFINITY'
    ),
    ('hw:tpm_model', 'tpm-crb'): 'COMPUTE_SECURITY_TPM_CRB',
    ('hw:tpm_model', 'tpm-tis'): 'COMPUTE_SECURITY_TPM_TIS',
    ('hw:tpm_version', '1.2'): 'COMPUTE_SECURITY_TPM_1_2',
    ('hw:tpm_version', '2.0'): 'COMPUTE_SECURITY_TPM_2_0',
}
"""Extra spec, value -> the trait that Nova requires for it; True is any text
of :data:`TRUE`. An image can ask for stateless firmware, a flavor cannot.

Source: ``nova.scheduler.utils`` and ``nova.scheduler.request_filter``.
"""

DISABLED_TRAIT = 'COMPUTE_STATUS_DISABLED'
"""Nova keeps this trait on the provider of a node that is disabled.

nova-compute sets and removes it. If Placement was away just then, the node is
enabled, and no server can be moved to it until nova-compute's next periodic
update.
"""

OWNER_TRAIT = 'OWNER_NOVA'
"""Nova requires this trait once every nova-compute is of Nova 34 or later.

No API tells that; nova-compute of these versions sets it on its provider.
"""

TPM_SECURITY = 'hw:tpm_secret_security'
TPM_SECURITY_TRAIT = 'COMPUTE_SECURITY_TPM_SECRET_SECURITY_'
"""What a trait begins with that ends with its value, 'user' without one, in
upper case. Nova 33 and later require it where there is a vTPM.
"""

REQUEST_FILTERS = {
    'require_tenant_aggregate': 'limit_tenants_to_placement_aggregate',
    'map_az_to_placement_aggregate': '',
    'require_image_type_support': 'query_placement_for_image_type_support',
    'compute_status_filter': '',
    'isolate_aggregates': 'enable_isolated_aggregate_filtering',
    'transform_image_metadata': 'image_metadata_prefilter',
    'accelerators_filter': '',
    'packed_virtqueue_filter': '',
    'routed_networks_filter': 'query_placement_for_routed_network_aggregates',
    'remote_managed_ports_filter': '',
    'ephemeral_encryption_filter': '',
    'virtio_sound_filter': '',
    'tpm_secret_security_filter': '',
    'owner_nova_filter': '',
}
"""What nova-scheduler adds to a question to Placement -> the option of its
section ``[scheduler]`` that turns it on; '' is always on.

Source: ``nova.scheduler.request_filter.ALL_REQUEST_FILTERS``.
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

Some only say more of what else is asked for.
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

DEVICE_VNICS = frozenset(
    {
        'direct',
        'direct-physical',
        'macvtap',
        'remote-managed',
        'vdpa',
        'virtio-forwarder',
    }
)
"""Types of ports for which a device is claimed on the host.

Source: ``VNIC_TYPES_SRIOV`` in ``nova.network.model``.
"""

ACCELERATOR_VNICS = frozenset(
    {'accelerator-direct', 'accelerator-direct-physical'}
)
"""Types of ports with which Nova moves no server.

Source: ``block_port_accelerators`` in ``nova.compute.api``.
"""

NORMAL_VNIC = 'normal'

PHYSICAL_VNIC = 'direct-physical'
"""The type of a port that is a whole device: its server does not move live."""

DEDICATED = frozenset({'dedicated', 'mixed'})
"""Values of ``hw:cpu_policy`` that pin CPUs of the host."""
