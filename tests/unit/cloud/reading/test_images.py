# SPDX-License-Identifier: Apache-2.0

"""Tests of what the images of servers ask for."""

import ddt

from tests.unit.cloud.reading.records import a_record
from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_optional
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.cloud.reading.images import read_images
from watcher_host_maintenance.core.model.request import Request


REQUEST = Request()
OF_FORMATS = Request(
    scheduler_prefilters=('query_placement_for_image_type_support',)
)
WEB, CIRROS = uuid_of('web-1'), uuid_of('cirros')
NUMA, TRAIT = {'hw_numa_nodes': '2'}, {'trait:CUSTOM_A': 'required'}


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.fake = fake_optional.FakeOptional(fake_nova.mocker_for(self))
        self.services = optional.connect(
            fake_optional.adapter, {'images', 'volumes'}
        )

    def read(self, services=None, request=REQUEST, **fields):
        """What is known of web-1; its image is cirros by default."""
        server = a_record(
            **{'image': CIRROS, 'shown_properties': {}, **fields}
        )
        return read_images([server], request, services or self.services)


@ddt.ddt
class TestOfImage(TestCase):
    @ddt.named_data(
        # name, shown by Nova, of the image now, properties
        ('nothing',       {},    {},    {}),
        ('shown',         NUMA,  {},    NUMA),
        # The server keeps what its image was.
        ('changed_since', {},    NUMA,  {}),
        ('trait',         NUMA,  TRAIT, NUMA | TRAIT),
        ('old_nova',      None,  NUMA | TRAIT, NUMA | TRAIT),
        ('old_name',      {'architecture': 'i686'}, {},
         {'hw_architecture': 'i686'}),
        ('both_names',
         {'architecture': 'i686', 'hw_architecture': 'x86_64'}, {},
         {'hw_architecture': 'x86_64'}),
        ('not_looked_at', {'os_distro': 'x', 'hw_rng_model': 'virtio'}, {},
         {}),
    )  # fmt: skip
    @ddt.unpack
    def test_properties(self, shown, current, expected):
        self.fake.add_image(**current)
        images = self.read(shown_properties=shown)
        self.assertEqual({WEB: expected}, images.properties)
        self.assertEqual((set(), set(), {}), images[1:])

    @ddt.named_data(
        # name, shown by Nova, what is not known
        ('traits',     {},   'without_traits'),
        ('everything', None, 'unknown'),
    )  # fmt: skip
    @ddt.unpack
    def test_gone(self, shown, field):
        images = self.read(shown_properties=shown)
        self.assertEqual({WEB}, getattr(images, field))
        self.assertEqual({}, images.not_read)

    def test_no_answer(self):
        self.fake.fail('image')
        images = self.read(shown_properties=NUMA)
        self.assertEqual({WEB: NUMA}, images.properties)
        self.assertEqual({WEB}, images.without_traits)
        self.assertEqual(['images'], list(images.not_read))

    @ddt.data({}, None)
    def test_off(self, shown):
        images = self.read(NOTHING, shown_properties=shown)
        self.assertEqual(
            ({WEB: {}}, set(), set(), {'images': 'off'}), tuple(images)
        )

    @ddt.named_data(
        # name, shown by Nova, of the image now, does Nova ask, properties
        ('asked',     NUMA, {'disk_format': 'qcow2'}, True,
         {**NUMA, 'disk_format': 'qcow2'}),
        ('old_nova',  None, {'disk_format': 'raw'}, True,
         {'disk_format': 'raw'}),
        ('not_asked', {},   {'disk_format': 'qcow2'}, False, {}),
        ('has_none',  {},   {'disk_format': None}, True, {}),
    )  # fmt: skip
    @ddt.unpack
    def test_format(self, shown, current, asks, expected):
        self.fake.add_image(**current)
        images = self.read(
            request=OF_FORMATS if asks else REQUEST, shown_properties=shown
        )
        self.assertEqual({WEB: expected}, images.properties)

    def test_format_of_a_gone_image(self):
        images = self.read(request=OF_FORMATS)
        self.assertEqual(({WEB: {}}, {WEB}), images[:2])

    def test_one_request_for_each_image(self):
        self.fake.add_image()
        servers = [
            a_record(uuid=uuid_of(name), image=CIRROS)
            for name in ('web-1', 'web-2')
        ]
        read_images(servers, REQUEST, self.services)
        self.assertEqual([f'GET /v2/images/{CIRROS}'], self.fake.requests)


@ddt.ddt
class TestOfVolume(TestCase):
    def of_volumes(self, *names, **fields):
        return self.read(
            image='',
            shown_properties=None,
            volumes=tuple(map(uuid_of, names)),
            root_device='/dev/vda',
            **fields,
        )

    @ddt.named_data(
        # name, device of root, of data, properties
        ('by_device',  '/dev/vda', '/dev/vdb', NUMA),
        ('neither',    '/dev/vdc', '/dev/vdb', None),
        ('both',       '/dev/vda', '/dev/vda', None),
    )  # fmt: skip
    @ddt.unpack
    def test_root_volume(self, root, data, expected):
        self.fake.add_volume('root', NUMA, web_1=root)
        self.fake.add_volume('data', {'hw_numa_nodes': '8'}, web_1=data)
        images = self.of_volumes('data', 'root')
        self.assertEqual({WEB: expected or {}}, images.properties)
        self.assertEqual(set() if expected else {WEB}, images.unknown)

    def test_only_volume(self):
        self.fake.add_volume('root', NUMA | TRAIT)
        images = self.of_volumes('root')
        self.assertEqual({WEB: NUMA | TRAIT}, images.properties)
        self.assertEqual((set(), set(), {}), images[1:])

    def test_format(self):
        """Nova does not ask about what was the image of a volume."""
        self.fake.add_volume('root', {**NUMA, 'disk_format': 'qcow2'})
        images = self.of_volumes('root', request=OF_FORMATS)
        self.assertEqual({WEB: NUMA}, images.properties)

    def test_no_volume(self):
        self.assertEqual({WEB}, self.of_volumes().unknown)

    def test_gone(self):
        self.assertEqual({WEB}, self.of_volumes('root').unknown)

    def test_one_of_two_gone(self):
        self.fake.add_volume('root', NUMA, web_1='/dev/vda')
        self.assertEqual({WEB}, self.of_volumes('root', 'data').unknown)

    def test_no_answer(self):
        self.fake.fail('block-storage')
        images = self.of_volumes('root')
        self.assertEqual({WEB}, images.unknown)
        self.assertEqual(['volumes'], list(images.not_read))

    def test_data_volumes_of_others_are_not_read(self):
        self.fake.add_image()
        self.read(volumes=(uuid_of('data'),))
        self.assertEqual([f'GET /v2/images/{CIRROS}'], self.fake.requests)
