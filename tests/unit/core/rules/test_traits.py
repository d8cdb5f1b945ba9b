# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_request
from tests.unit.core.builders import an_instance
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.nova import ENCRYPTION_FORMAT
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.model.reasons import by_value
from watcher_host_maintenance.core.rules import traits


FAST, SAFE = 'trait:CUSTOM_FAST', 'trait:CUSTOM_SAFE'

FORMATS = {'scheduler_prefilters': ('query_placement_for_image_type_support',)}

ROWS = (
    # name, case, reasons given
    (
        'required',
        {
            'extra_specs': {'trait:FAST': 'required'},
            'node': {'traits': ('FAST',)},
        },
        [],
    ),
    (
        'missing',
        {'extra_specs': {'trait:FAST': 'required'}},
        ['trait_missing'],
    ),
    (
        'forbidden',
        {
            'extra_specs': {'trait:FAST': 'forbidden'},
            'node': {'traits': ('FAST',)},
        },
        ['trait_forbidden'],
    ),
    (
        'of_image',
        {'image_properties': {'trait:FAST': 'required'}},
        ['trait_missing'],
    ),
    (
        'device',
        {
            'image_properties': {'hw_disk_bus': 'scsi'},
            'request': {'image_metadata_prefilter': True},
        },
        ['trait_missing'],
    ),
    (
        'format',
        {
            'image_properties': {'disk_format': 'qcow2'},
            'node': {'traits': ('COMPUTE_IMAGE_TYPE_RAW',)},
            'request': FORMATS,
        },
        ['trait_missing'],
    ),
    (
        'device_unchecked',
        {'image_properties': {'hw_disk_bus': 'scsi'}},
        [],
    ),
)


@ddt.ddt
class TestHasTraits(base.TestCase):
    @ddt.named_data(
        # name, extra specs, traits of the node, expected reasons and traits
        ('asks_for_none', {}, (), []),
        ('has_it', {FAST: 'required'}, ('CUSTOM_FAST',), []),
        (
            'lacks_it',
            {FAST: 'required'},
            (),
            [('trait_missing', 'CUSTOM_FAST')],
        ),
        (
            'has_another',
            {FAST: 'required'},
            ('CUSTOM_SAFE',),
            [('trait_missing', 'CUSTOM_FAST')],
        ),
        (
            'has_one_of_such_a_name',
            {FAST: 'required'},
            ('CUSTOM_FASTER',),
            [('trait_missing', 'CUSTOM_FAST')],
        ),
        (
            'may_not',
            {FAST: 'forbidden'},
            ('CUSTOM_FAST',),
            [('trait_forbidden', 'CUSTOM_FAST')],
        ),
        ('may_not_and_does_not', {FAST: 'forbidden'}, ('CUSTOM_SAFE',), []),
        (
            'several',
            {SAFE: 'forbidden', FAST: 'required'},
            ('CUSTOM_SAFE',),
            [
                ('trait_missing', 'CUSTOM_FAST'),
                ('trait_forbidden', 'CUSTOM_SAFE'),
            ],
        ),
        (
            'only_the_second',
            {FAST: 'required', SAFE: 'forbidden'},
            ('CUSTOM_FAST', 'CUSTOM_SAFE'),
            [('trait_forbidden', 'CUSTOM_SAFE')],
        ),
        ('neither_word', {FAST: 'preferred'}, (), []),
        ('of_a_device', {'trait1:CUSTOM_FAST': 'required'}, (), []),
        ('another_spec', {'hw:mem_page_size': 'required'}, (), []),
    )
    @ddt.unpack
    def test_refused(self, specs, there, expected):
        found = asking.findings(
            traits.has_traits, extra_specs=specs, node={'traits': there}
        )
        self.assertEqual(
            [
                Finding(by_value(reason), 'compute-2', {'trait': trait})
                for reason, trait in expected
            ],
            found,
        )


@ddt.ddt
class TestAskedAbout(base.TestCase):
    @ddt.named_data(
        # name, extra specs, traits that Nova requires for them
        (
            'secure_boot',
            {'os:secure_boot': 'required'},
            ['COMPUTE_SECURITY_UEFI_SECURE_BOOT'],
        ),
        ('secure_boot_if_possible', {'os:secure_boot': 'optional'}, []),
        (
            'address_space',
            {'hw:maxphysaddr_mode': 'emulate'},
            ['COMPUTE_ADDRESS_SPACE_EMULATED'],
        ),
        (
            'address_space_of_host',
            {'hw:maxphysaddr_mode': 'passthrough'},
            ['COMPUTE_ADDRESS_SPACE_PASSTHROUGH'],
        ),
        (
            'sound',
            {'hw:sound_model': 'virtio'},
            ['COMPUTE_SOUND_MODEL_VIRTIO'],
        ),
        ('other_sound', {'hw:sound_model': 'ich9'}, []),
        (
            'packed',
            {'hw:virtio_packed_ring': 'Yes'},
            ['COMPUTE_NET_VIRTIO_PACKED'],
        ),
        ('not_packed', {'hw:virtio_packed_ring': 'false'}, []),
        (
            'encrypted',
            {'hw:ephemeral_encryption': 'true'},
            ['COMPUTE_EPHEMERAL_ENCRYPTION'],
        ),
        (
            'encrypted_in_a_format',
            {'hw:ephemeral_encryption': 'true', ENCRYPTION_FORMAT: 'luks'},
            [
                'COMPUTE_EPHEMERAL_ENCRYPTION',
                'COMPUTE_EPHEMERAL_ENCRYPTION_LUKS',
            ],
        ),
        ('format_alone', {ENCRYPTION_FORMAT: 'luks'}, []),
    )
    @ddt.unpack
    def test_implied(self, specs, expected):
        self.assertEqual(
            dict.fromkeys(expected, 'required'),
            traits.asked_about(an_instance(extra_specs=specs), a_request()),
        )

    def test_by_name(self):
        specs = {
            SAFE: 'forbidden',
            'hw:cpu_policy': 'shared',
            FAST: 'required',
            'trait_FPGA:CUSTOM_FAST': 'required',
        }
        self.assertEqual(
            [('CUSTOM_FAST', 'required'), ('CUSTOM_SAFE', 'forbidden')],
            list(
                traits.asked_about(
                    an_instance(extra_specs=specs), a_request()
                ).items()
            ),
        )

    @ddt.named_data(
        # name, property, value, is the prefilter on, trait
        ('secure_boot',  'os_secure_boot', 'required', False,
         'COMPUTE_SECURITY_UEFI_SECURE_BOOT'),
        ('optional',     'os_secure_boot', 'optional', False, None),
        ('packed',       'hw_virtio_packed_ring', 'True', False,
         'COMPUTE_NET_VIRTIO_PACKED'),
        ('stateless',    'hw_firmware_stateless', 'yes', False,
         'COMPUTE_SECURITY_STATELESS_FIRMWARE'),
        ('trait',        'trait:CUSTOM_FAST', 'required', False,
         'CUSTOM_FAST'),
        ('disk_bus',     'hw_disk_bus', 'virtio', True,
         'COMPUTE_STORAGE_BUS_VIRTIO'),
        ('dashes',       'hw_vif_model', 'e1000-82545em', True,
         'COMPUTE_NET_VIF_MODEL_E1000_82545EM'),
        ('architecture', 'hw_architecture', 'x86_64', True,
         'HW_ARCH_X86_64'),
        ('not_on',       'hw_disk_bus', 'virtio', False, None),
        ('other',        'hw_rng_model', 'virtio', True, None),
    )  # fmt: skip
    @ddt.unpack
    def test_of_image(self, name, text, is_on, trait):
        instance = an_instance(image_properties={name: text})
        request = a_request(image_metadata_prefilter=is_on)
        self.assertEqual(
            {trait: 'required'} if trait else {},
            traits.asked_about(instance, request),
        )

    @ddt.named_data(
        # name, format, does Nova ask, trait
        ('asked',     'qcow2', FORMATS, 'COMPUTE_IMAGE_TYPE_QCOW2'),
        ('upper',     'RAW', FORMATS, 'COMPUTE_IMAGE_TYPE_RAW'),
        # Nova has no trait for it, logs an error and goes on.
        ('without',   'luks', FORMATS, None),
        ('not_asked', 'qcow2', {}, None),
    )  # fmt: skip
    @ddt.unpack
    def test_of_format(self, text, fields, trait):
        instance = an_instance(image_properties={'disk_format': text})
        self.assertEqual(
            {trait: 'required'} if trait else {},
            traits.asked_about(instance, a_request(**fields)),
        )

    def test_flavor_counts(self):
        instance = an_instance(
            extra_specs={'hw:virtio_packed_ring': 'false'},
            image_properties={'hw_virtio_packed_ring': 'true'},
        )
        self.assertEqual({}, traits.asked_about(instance, a_request()))
