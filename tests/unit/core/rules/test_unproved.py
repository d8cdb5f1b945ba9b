# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import an_instance
from watcher_host_maintenance.core.rules import unproved


@ddt.ddt
class TestAskedFor(base.TestCase):
    @ddt.named_data(
        # name, extra spec, value, is it claimed on the host
        ('dedicated',       'hw:cpu_policy', 'dedicated',            True),
        ('mixed',           'hw:cpu_policy', 'mixed',                True),
        ('shared',          'hw:cpu_policy', 'shared',               False),
        ('other_policy',    'hw:cpu_policy', 'Dedicated',            False),
        ('dedicated_mask',  'hw:cpu_dedicated_mask', '0-1',          True),
        ('no_mask',         'hw:cpu_dedicated_mask', '',             False),
        ('realtime',        'hw:cpu_realtime', 'yes',                True),
        ('realtime_off',    'hw:cpu_realtime', 'no',                 False),
        # It says which of the CPUs, if they are.
        ('realtime_mask',   'hw:cpu_realtime_mask', '^0',            False),
        ('numa',            'hw:numa_nodes', '2',                    True),
        ('numa_cpus',       'hw:numa_cpus.0', '0',                   True),
        ('no_numa',         'hw:numa_nodes', '',                     False),
        ('huge_pages',      'hw:mem_page_size', 'large',             True),
        # Any size makes Nova look at NUMA cells.
        ('small_pages',     'hw:mem_page_size', 'small',             True),
        ('no_page_size',    'hw:mem_page_size', '',                  False),
        ('encryption',      'hw:mem_encryption', 'true',             True),
        ('encryption_yes',  'hw:mem_encryption', ' Yes ',            True),
        ('no_encryption',   'hw:mem_encryption', 'false',            False),
        ('encrypted_blank', 'hw:mem_encryption', '',                 False),
        # An image may ask for it.
        ('encryption_kind', 'hw:mem_encryption_model', 'amd-sev',    True),
        ('pmem',            'hw:pmem', '6GB',                        True),
        ('pmem_later',      'hw:pmem', ' ,6GB',                      True),
        ('no_pmem',         'hw:pmem', ' , ',                        False),
        ('tpm',             'hw:tpm_version', '2.0',                 True),
        ('tpm_model',       'hw:tpm_model', 'tpm-crb',               True),
        ('no_tpm',          'hw:tpm_version', '',                    False),
        ('pci',             'pci_passthrough:alias', 'gpu:1',        True),
        ('no_pci',          'pci_passthrough:alias', '',             False),
        ('pci_numa', 'hw:pci_numa_affinity_policy', 'required',      True),
        ('accelerator',     'accel:device_profile', 'fpga',          True),
        ('no_accelerator',  'accel:device_profile', '',              False),
        ('address_bits',    'hw:maxphysaddr_bits', '42',             True),
        ('capability',      'capabilities:cpu_info:arch', 'x86_64',  True),
        ('host_attribute',  'num_io_ops', '< 2',                     True),
        ('device',          'resources1:VGPU', '1',                  True),
        ('ten_devices',     'resources1:VGPU', '10',                 True),
        ('no_device',       'resources1:VGPU', '0',                  False),
        ('named_device',    'resources_GPU:VGPU', '1',               True),
        ('device_trait',    'trait1:CUSTOM_GPU', 'required',         True),
        # It says how groups with a suffix lie, if there are any.
        ('devices_apart',   'group_policy', 'isolate',               False),
        ('like_a_resource', 'resources_of_mine', '1',                False),
        ('own_resource',    'resources:VGPU', '1',                   False),
        ('own_trait',       'trait:CUSTOM_FAST', 'required',         False),
        ('threads',         'hw:cpu_threads', '2',                   False),
        ('cpu_model',       'hw:cpu_sockets', '1',                   False),
        ('watchdog',        'hw:watchdog_action', 'reset',           False),
        ('aggregate', 'aggregate_instance_extra_specs:a', 'b',       False),
        ('bandwidth',       'quota:vif_outbound_average', '1',       False),
    )  # fmt: skip
    @ddt.unpack
    def test_extra_spec(self, name, text, claimed):
        instance = an_instance(extra_specs={name: text})
        self.assertEqual(
            (name,) if claimed else (), unproved.asked_for(instance)
        )

    @ddt.named_data(
        # name, fields, expected
        ('nothing', {}, ()),
        ('pinned_by_its_image', {'resources': {'PCPU': 2}}, ('PCPU',)),
        (
            'pinned_by_its_flavor',
            {
                'resources': {'PCPU': 2},
                'extra_specs': {'hw:cpu_policy': 'dedicated'},
            },
            ('hw:cpu_policy',),
        ),
        (
            'numa_of_its_image',
            {'image_properties': {'hw_numa_nodes': '2'}},
            ('hw:numa_nodes',),
        ),
        (
            'its_image_asks_for_nothing',
            {'image_properties': {'hw_mem_encryption': 'false'}},
            (),
        ),
        ('device', {'nested': ('VGPU',)}, ('VGPU',)),
        ('plain_resource', {'resources': {'CUSTOM_CARD': 1}}, ()),
        (
            'all_in_order',
            {
                'nested': ('FPGA', 'VGPU'),
                'extra_specs': {
                    'hw:numa_nodes': '1',
                    'accel:device_profile': 'x',
                    'hw:cpu_policy': 'shared',
                },
            },
            ('accel:device_profile', 'hw:numa_nodes', 'FPGA', 'VGPU'),
        ),
    )
    @ddt.unpack
    def test_of_an_instance(self, fields, expected):
        self.assertEqual(expected, unproved.asked_for(an_instance(**fields)))
