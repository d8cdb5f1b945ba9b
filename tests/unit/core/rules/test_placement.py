# SPDX-License-Identifier: Apache-2.0

"""Tests of the rule that Placement's answers make."""

import ast
import pathlib

from importlib import metadata

import ddt
import os_traits

from tests.unit import base
from tests.unit.core.builders import a_request
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.model.demand import Demand
from watcher_host_maintenance.core.model.demand import Refusal
from watcher_host_maintenance.core.model.nova import IMAGE_FORMAT_TRAIT
from watcher_host_maintenance.core.model.nova import IMAGE_FORMATS
from watcher_host_maintenance.core.model.nova import REQUEST_FILTERS
from watcher_host_maintenance.core.model.snapshot import Port
from watcher_host_maintenance.core.model.snapshot import PortRequest
from watcher_host_maintenance.core.rules import placement
from watcher_host_maintenance.request.options import PREFILTERS


def refused(state=(), **part):
    """Refusals of compute-2, for this part of a demand."""
    return (Refusal('compute-2', Demand(**part), state),)


CLOSED = refused(root_forbidden=('COMPUTE_STATUS_DISABLED',))
TENANTS = {'scheduler_prefilters': ('limit_tenants_to_placement_aggregate',)}
WHOLE = refused(('VCPU:0',), resources=('DISK_GB:10', 'VCPU:1'))
FAST = {'trait:CUSTOM_FAST': 'required'}
SLOW = {'trait:CUSTOM_SLOW': 'forbidden'}
OWNED = {'traits': ('OWNER_NOVA',)}
NO_TRAIT = {'traits': ('CUSTOM_FAST',)}

#: name, fields of a case, reasons
ROWS = (
    ('nothing', {}, []),
    ('closed', {'refusals': CLOSED}, ['provider_disabled']),
    (
        'of_another_host',
        {'refusals': (Refusal('compute-3', CLOSED[0].part),)},
        [],
    ),
    ('zone', {'refusals': refused(zone='az-1')}, []),
    (
        'its_zone',
        {
            'refusals': refused(zone='az-1'),
            'pinned_zone': 'az-1',
            'node': {'zone': 'az-1'},
        },
        ['provider_outside_zone'],
    ),
    ('project', {'refusals': refused(project='p'), 'project_id': 'p'}, []),
    (
        'its_project',
        {
            'refusals': refused(project='p'),
            'project_id': 'p',
            'request': TENANTS,
        },
        ['provider_outside_project'],
    ),
    (
        'not_required',
        {'refusals': refused(required=('CUSTOM_FAST',))},
        [],
    ),
    (
        'required',
        {
            'refusals': refused(required=('CUSTOM_FAST',)),
            'extra_specs': FAST,
            'node': NO_TRAIT,
        },
        ['provider_lacks_trait'],
    ),
    (
        'required_by_its_image',
        {
            'refusals': refused(required=('COMPUTE_STORAGE_BUS_SCSI',)),
            'image_properties': {'hw_disk_bus': 'scsi'},
            'node': {'traits': ('COMPUTE_STORAGE_BUS_SCSI',)},
            'request': {'image_metadata_prefilter': True},
        },
        ['provider_lacks_trait'],
    ),
    (
        'forbidden',
        {
            'refusals': refused(forbidden=('CUSTOM_SLOW',)),
            'extra_specs': SLOW,
        },
        ['provider_has_trait'],
    ),
    ('unowned', {'refusals': refused(root_required=('OWNER_NOVA',))}, []),
    (
        'owned',
        {
            'refusals': refused(root_required=('OWNER_NOVA',)),
            'source': OWNED,
        },
        ['provider_lacks_trait'],
    ),
    ('unrouted', {'refusals': refused(routed=('north',))}, []),
    (
        'routed',
        {
            'refusals': refused(routed=('north,south',)),
            'ports': (Port('lan', routed=('north', 'south')),),
        },
        ['provider_outside_segment'],
    ),
    (
        'of_one_segment_of_two',
        {
            'refusals': refused(routed=('north',)),
            'ports': (Port('lan', routed=('north', 'south')),),
        },
        [],
    ),
    ('no_candidate', {'refusals': WHOLE}, ['no_allocation_candidate']),
    ('of_another_size', {'refusals': WHOLE, 'vcpus': 2}, []),
    (
        'device',
        {
            'refusals': refused(resources=('VGPU:1',)),
            'nested': ('VGPU',),
            'extra_specs': {'resources:VGPU': '1'},
        },
        ['no_device_free'],
    ),
    (
        'bandwidth',
        {
            'refusals': refused(groups=('resources_port0_0=NET_A:5',)),
            'ports': (Port('lan', requests=(PortRequest(('NET_A:5',)),)),),
        },
        ['no_device_free'],
    ),
)


@ddt.ddt
class TestDemand(base.TestCase):
    @ddt.named_data(
        # name, fields of the instance, fields of the demand beside others
        ('plain', {}, {}),
        (
            'traits',
            {'extra_specs': {**FAST, **SLOW}},
            {'required': ('CUSTOM_FAST',), 'forbidden': ('CUSTOM_SLOW',)},
        ),
        (
            'derived',
            {
                'extra_specs': {
                    'hw:tpm_version': '2.0',
                    'accel:device_profile': 'fpga',
                    'hw:cpu_thread_policy': 'isolate',
                }
            },
            {
                'required': (
                    'COMPUTE_ACCELERATORS',
                    'COMPUTE_SECURITY_TPM_2_0',
                    'COMPUTE_SECURITY_TPM_TIS',
                ),
                'forbidden': ('HW_CPU_HYPERTHREADING',),
            },
        ),
        ('zone', {'pinned_zone': 'az-1'}, {'zone': 'az-1'}),
        (
            'device',
            {
                'nested': ('VGPU',),
                'extra_specs': {'resources:VGPU': '2'},
            },
            {
                'resources': (
                    'DISK_GB:10',
                    'MEMORY_MB:1024',
                    'VCPU:1',
                    'VGPU:2',
                )
            },
        ),
        (
            'groups',
            {
                'resources': {'CUSTOM_X': 3},
                'extra_specs': {
                    'resources1:CUSTOM_X': '1',
                    'resources_2:CUSTOM_Y': '2',
                    'trait1:CUSTOM_T': 'required',
                    'trait1:CUSTOM_U': 'forbidden',
                    'group_policy': 'isolate',
                },
            },
            {
                'resources': (
                    'CUSTOM_X:2',
                    'DISK_GB:10',
                    'MEMORY_MB:1024',
                    'VCPU:1',
                ),
                'groups': (
                    'group_policy=isolate',
                    'required1=CUSTOM_T,!CUSTOM_U',
                    'resources1=CUSTOM_X:1',
                    'resources_2=CUSTOM_Y:2',
                ),
            },
        ),
        (
            'routed',
            {
                'ports': (
                    Port('lan', routed=('south',)),
                    Port('lan', routed=('north', 'south')),
                    Port('dmz', routed=('south',)),
                    Port('dmz'),
                )
            },
            {'routed': ('north,south', 'south')},
        ),
        (
            'port_with_bandwidth',
            {
                'nested': ('NET_A',),
                'ports': (
                    Port('lan', requests=(PortRequest(('NET_A:5',)),)),
                    Port('tunnel'),
                ),
            },
            {'groups': ('group_policy=none', 'resources_port0_0=NET_A:5')},
        ),
        (
            'ports_with_several_groups',
            {
                'ports': (
                    Port(
                        'lan',
                        requests=(
                            PortRequest(('NET_A:5', 'NET_B:7'), ('CUSTOM_P',)),
                            PortRequest(('NET_C:1',), ('CUSTOM_P', 'X')),
                        ),
                    ),
                    Port('dmz', requests=(PortRequest(('NET_A:9',)),)),
                ),
                'extra_specs': {
                    'resources1:CUSTOM_X': '1',
                    'group_policy': 'isolate',
                },
            },
            {
                'groups': (
                    'group_policy=isolate',
                    'required_port1_0=CUSTOM_P',
                    'required_port1_1=CUSTOM_P,X',
                    'resources1=CUSTOM_X:1',
                    'resources_port0_0=NET_A:9',
                    'resources_port1_0=NET_A:5,NET_B:7',
                    'resources_port1_1=NET_C:1',
                    'same_subtree=_port1_0,_port1_1',
                )
            },
        ),
        (
            # Nova warns of that, and Placement refuses it.
            'ports_beside_two_groups',
            {
                'ports': (Port('lan', requests=(PortRequest(('NET_A:9',)),)),),
                'extra_specs': {
                    'resources1:CUSTOM_X': '1',
                    'resources2:CUSTOM_X': '1',
                },
            },
            {
                'groups': (
                    'resources1=CUSTOM_X:1',
                    'resources2=CUSTOM_X:1',
                    'resources_port0_0=NET_A:9',
                )
            },
        ),
    )
    @ddt.unpack
    def test_of_an_instance(self, fields, expected):
        plain = {
            'resources': ('DISK_GB:10', 'MEMORY_MB:1024', 'VCPU:1'),
            'root_forbidden': ('COMPUTE_STATUS_DISABLED',),
        }
        self.assertEqual(
            Demand(**{**plain, **expected}),
            placement.demand(an_instance(**fields), (), a_request()),
        )

    def test_of_a_node_that_is_enabled_first(self):
        demand = placement.demand(an_instance(), (), a_request(), False)
        self.assertEqual((), demand.root_forbidden)

    @ddt.named_data(
        # name, extra specs, required by Nova itself
        ('plain', {}, ('OWNER_NOVA',)),
        (
            'tpm',
            {'hw:tpm_version': '2.0'},
            ('COMPUTE_SECURITY_TPM_SECRET_SECURITY_USER', 'OWNER_NOVA'),
        ),
        (
            'tpm_of_host',
            {'hw:tpm_version': '2.0', 'hw:tpm_secret_security': 'host'},
            ('OWNER_NOVA',),
        ),
    )
    @ddt.unpack
    def test_by_what_the_source_has(self, specs, expected):
        shown = (
            'COMPUTE_SECURITY_TPM_SECRET_SECURITY_USER',
            'CUSTOM_FAST',
            'OWNER_NOVA',
        )
        instance = an_instance(extra_specs=specs)
        demand = placement.demand(instance, shown, a_request())
        self.assertEqual(expected, demand.root_required)


@ddt.ddt
class TestRequestFilters(base.TestCase):
    """The table of Nova's filters, compared with Nova's source.

    To import it would register options that Watcher has too.
    """

    def test_are_those_of_nova(self):
        [names] = [
            [element.id for element in node.value.elts]
            for node in ast.parse(source_of('scheduler/request_filter')).body
            if isinstance(node, ast.Assign)
            and node.targets[0].id == 'ALL_REQUEST_FILTERS'
        ]
        self.assertEqual(names, list(REQUEST_FILTERS))

    def test_formats_of_images_are_those_with_a_trait(self):
        traits = {f'{IMAGE_FORMAT_TRAIT}{f.upper()}' for f in IMAGE_FORMATS}
        self.assertEqual(
            {t for t in dir(os_traits) if t.startswith(IMAGE_FORMAT_TRAIT)},
            traits,
        )

    @ddt.data(*sorted({*filter(None, REQUEST_FILTERS.values()), *PREFILTERS}))
    def test_options_are_those_of_nova(self, option):
        self.assertIn(f'"{option}"', source_of('conf/scheduler'))


def source_of(module):
    """The source of a module of Nova."""
    found = metadata.distribution('nova').locate_file(f'nova/{module}.py')
    return pathlib.Path(found).read_text()
