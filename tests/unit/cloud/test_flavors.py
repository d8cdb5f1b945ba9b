# SPDX-License-Identifier: Apache-2.0


"""Tests of what Nova asks Placement for, against Nova's own reading."""

import json
import subprocess
import sys

import ddt

from tests.unit import base
from watcher_host_maintenance.cloud import flavors


# Nova and Watcher cannot share a process: both register their options in one
# global place.
NOVA = """
import json
import sys

from nova import objects
from nova.scheduler import utils

objects.register_all()
answers = []
for asked, has_image in json.load(sys.stdin):
    spec = objects.RequestSpec(
        flavor=objects.Flavor(
            vcpus=asked['vcpus'], memory_mb=asked['ram'],
            root_gb=asked['disk'], ephemeral_gb=asked['ephemeral'],
            swap=asked['swap'], extra_specs=asked['extra_specs']),
        image=objects.ImageMeta.from_dict({}), is_bfv=not has_image,
        requested_resources=[], numa_topology=None, pci_requests=None)
    request = utils.ResourceRequest.from_request_spec(spec)
    answers.append(dict(request.get_request_group(None).resources))
json.dump(answers, sys.stdout)
"""


def a_flavor(extra_specs=None, **fields):
    return {
        'vcpus': 2,
        'ram': 2048,
        'disk': 20,
        'ephemeral': 0,
        'swap': 0,
        'extra_specs': extra_specs or {},
        **fields,
    }


SHARED = {'VCPU': 2, 'MEMORY_MB': 2048, 'DISK_GB': 20}
DEDICATED = {'PCPU': 2, 'MEMORY_MB': 2048, 'DISK_GB': 20}

CASES = (
    # name, flavor, has an image, amounts
    ('plain', a_flavor(), True, SHARED),
    ('volume', a_flavor(), False, {'VCPU': 2, 'MEMORY_MB': 2048}),
    (
        'volume_and_own',
        a_flavor(ephemeral=5, swap=1),
        False,
        SHARED | {'DISK_GB': 6},
    ),
    ('swap_of_a_gib', a_flavor(swap=1024), True, SHARED | {'DISK_GB': 21}),
    ('swap_just_past', a_flavor(swap=1025), True, SHARED | {'DISK_GB': 22}),
    ('diskless', a_flavor(disk=0), True, {'VCPU': 2, 'MEMORY_MB': 2048}),
    (
        'unrelated',
        a_flavor(
            {
                'hw:mem_page_size': 'large',
                'quota:cpu': '5',
                'trait:HW_CPU_X86_AVX2': 'required',
            }
        ),
        True,
        SHARED,
    ),
    (
        'custom',
        a_flavor({'resources:CUSTOM_SEAT': '3'}),
        True,
        SHARED | {'CUSTOM_SEAT': 3},
    ),
    (
        'more',
        a_flavor({'resources:MEMORY_MB': '4096'}),
        True,
        SHARED | {'MEMORY_MB': 4096},
    ),
    (
        'none_of_it',
        a_flavor({'resources:VCPU': '0', 'resources:DISK_GB': '0'}),
        True,
        {'MEMORY_MB': 2048},
    ),
    ('dedicated', a_flavor({'hw:cpu_policy': 'dedicated'}), True, DEDICATED),
    (
        'isolated',
        a_flavor(
            {
                'hw:cpu_policy': 'dedicated',
                'hw:emulator_threads_policy': 'isolate',
            }
        ),
        True,
        DEDICATED | {'PCPU': 3},
    ),
    (
        'threads_shared',
        a_flavor(
            {
                'hw:cpu_policy': 'dedicated',
                'hw:emulator_threads_policy': 'share',
            }
        ),
        True,
        DEDICATED,
    ),
    ('by_policy', a_flavor({'hw:cpu_policy': 'shared'}), True, SHARED),
    ('by_class', a_flavor({'resources:PCPU': '2'}), True, DEDICATED),
    ('device', a_flavor({'resources1:VGPU': '1'}), True, SHARED),
    ('named_device', a_flavor({'resources_GPU:VGPU': '1'}), True, SHARED),
    (
        'numa',
        a_flavor({'resources1:VCPU': '2', 'resources1:MEMORY_MB': '9'}),
        True,
        {'DISK_GB': 20},
    ),
    ('no_number', a_flavor({'resources:VCPU': 'two'}), True, SHARED),
    ('no_whole_number', a_flavor({'resources:VCPU': '1.5'}), True, SHARED),
    ('no_amount', a_flavor({'resources:VCPU': ''}), True, SHARED),
    ('negative', a_flavor({'resources:VCPU': '-1'}), True, SHARED),
    (
        'spaces',
        a_flavor({'resources:VCPU': ' 3 '}),
        True,
        SHARED | {'VCPU': 3},
    ),
    ('no_such_class', a_flavor({'resources:FOO': '1'}), True, SHARED),
    ('lower_case', a_flavor({'resources:vcpu': '1'}), True, SHARED),
    (
        'nothing_of_a_custom_one',
        a_flavor({'resources:CUSTOM_SEAT': '0'}),
        True,
        SHARED,
    ),
    ('no_number_of_cpus', a_flavor({'resources:PCPU': 'all'}), True, SHARED),
    ('negative_numa', a_flavor({'resources1:VCPU': '-2'}), True, SHARED),
    (
        'no_numa',
        a_flavor({'resources1:MEMORY_MB': '0'}),
        True,
        {'VCPU': 2, 'DISK_GB': 20},
    ),
    (
        'numa_of_cpus',
        a_flavor({'resources_A:PCPU': '2'}),
        True,
        {'MEMORY_MB': 2048, 'DISK_GB': 20},
    ),
)


@ddt.ddt
class TestResources(base.TestCase):
    @ddt.named_data(*CASES)
    @ddt.unpack
    def test_amounts(self, asked, has_image, expected):
        self.assertEqual(expected, flavors.resources(asked, has_image))

    def test_nova_says_the_same(self):
        asked = [(case[1], case[2]) for case in CASES]
        done = subprocess.run(
            [sys.executable, '-W', 'ignore', '-c', NOVA],
            input=json.dumps(asked),
            capture_output=True,
            check=False,
            text=True,
        )
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertEqual(
            {case[0]: case[3] for case in CASES},
            dict(
                zip(
                    (case[0] for case in CASES),
                    json.loads(done.stdout),
                    strict=True,
                )
            ),
        )

    def test_no_extra_specs(self):
        asked = a_flavor() | {'extra_specs': None}
        self.assertEqual(SHARED, flavors.resources(asked, True))

    def test_swap_as_text(self):
        # As Nova's API has it when there is none, before 2.75.
        self.assertEqual(SHARED, flavors.resources(a_flavor(swap=''), True))
