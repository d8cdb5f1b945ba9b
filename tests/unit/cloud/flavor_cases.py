# SPDX-License-Identifier: Apache-2.0

"""Flavors, and what Nova asks Placement for with each."""


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
