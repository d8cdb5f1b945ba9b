# SPDX-License-Identifier: Apache-2.0

"""The JSON schema of a description; README.rst says what fields mean."""

from typing import Any


#: The states a server can be described in, in Nova's words.
STATES = (
    'ACTIVE',
    'SHUTOFF',
    'PAUSED',
    'SUSPENDED',
    'RESCUE',
    'VERIFY_RESIZE',
    'SHELVED',
    'SHELVED_OFFLOADED',
    'SOFT_DELETED',
    'ERROR',
    'BUILD',
)
POLICIES = ('affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity')

_NAME = {'type': 'string', 'minLength': 1}
_COUNT = {'type': 'integer', 'minimum': 1}
_AMOUNT = {'type': 'integer', 'minimum': 0}
_RATIO = {'type': 'number', 'exclusiveMinimum': 0}
_TRAIT = {'type': 'string', 'pattern': '^[A-Z0-9_]+$'}
_AMOUNTS = {'type': 'object', 'additionalProperties': _COUNT}
_TEXTS = {
    'type': 'object',
    'additionalProperties': {'type': ['string', 'number', 'boolean']},
}


def _record(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    """An object with these fields and no others."""
    return {
        'type': 'object',
        'required': list(required),
        'properties': properties,
        'additionalProperties': False,
    }


def _by_name(record: dict[str, Any]) -> dict[str, Any]:
    """A mapping of names to such records."""
    return {
        'type': 'object',
        'propertyNames': _NAME,
        'additionalProperties': record,
    }


HOST = _record(
    ('vcpus', 'memory_mb', 'disk_gb'),
    vcpus=_COUNT,
    memory_mb=_COUNT,
    disk_gb=_AMOUNT,
    inventory=_AMOUNTS,
    cpu_allocation_ratio=_RATIO,
    ram_allocation_ratio=_RATIO,
    disk_allocation_ratio=_RATIO,
    reserved_vcpus=_AMOUNT,
    reserved_memory_mb=_AMOUNT,
    reserved_disk_gb=_AMOUNT,
    zone=_NAME,
    disabled_reason=_NAME,
    down={'type': 'boolean'},
    hypervisor_hostname=_NAME,
    hypervisor_type=_NAME,
    hypervisor_version=_COUNT,
    host_ip=_NAME,
    cpu_features={'type': 'array', 'items': _NAME},
    discovered={'type': 'boolean'},
    traits={'type': 'array', 'items': _TRAIT},
    min_unit=_AMOUNTS,
    max_unit=_AMOUNTS,
    step_size=_AMOUNTS,
)
AGGREGATE = _record(
    ('hosts',), hosts={'type': 'array', 'items': _NAME}, metadata=_TEXTS
)
FLAVOR = _record(
    ('vcpus', 'memory_mb', 'disk_gb'),
    vcpus=_COUNT,
    memory_mb=_COUNT,
    disk_gb=_AMOUNT,
    ephemeral_gb=_AMOUNT,
    swap_mb=_AMOUNT,
    extra_specs=_TEXTS,
)
GROUP = _record(
    ('policy',),
    policy={'enum': list(POLICIES)},
    max_server_per_host=_COUNT,
    enforced={'type': 'boolean'},
)
STORAGE = _record(
    ('disk_gb', 'hosts'),
    disk_gb=_COUNT,
    hosts={'type': 'array', 'items': _NAME},
    traits={'type': 'array', 'items': _TRAIT},
)
IMAGE = _record((), properties=_TEXTS)
_HINT = {'anyOf': [_NAME, {'type': 'array', 'items': _NAME}]}
SERVER = _record(
    ('host', 'flavor'),
    host=_NAME,
    flavor=_NAME,
    count=_COUNT,
    state={'enum': list(STATES)},
    group=_NAME,
    zone=_NAME,
    metadata=_TEXTS,
    project=_NAME,
    locked={'type': 'boolean'},
    boot_from_volume={'type': 'boolean'},
    image=_NAME,
    hints={'type': 'object', 'additionalProperties': _HINT},
    resized_from=_record(('host',), host=_NAME, flavor=_NAME),
)
DESCRIPTION = _record(
    ('hosts',),
    hosts=dict(_by_name(HOST), minProperties=1),
    aggregates=_by_name(AGGREGATE),
    flavors=_by_name(FLAVOR),
    groups=_by_name(GROUP),
    images=_by_name(IMAGE),
    storage=_by_name(STORAGE),
    servers=_by_name(SERVER),
    filters={'type': 'array', 'items': _NAME},
)
