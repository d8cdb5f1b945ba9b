# SPDX-License-Identifier: Apache-2.0

"""Tests of Glance and Cinder, which a cloud may not have."""

import ddt

from tests.unit.plugin import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin import fake_optional
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.cinder import Volume
from watcher_host_maintenance.cloud.glance import Glance
from watcher_host_maintenance.cloud.optional import Answers
from watcher_host_maintenance.cloud.optional import ask
from watcher_host_maintenance.core.model.snapshot import ABSENT
from watcher_host_maintenance.core.model.snapshot import OFF


CIRROS, ROOT = uuid_of('cirros'), uuid_of('root')


class TestCase(base.TestCase):
    def setUp(self):
        super().setUp()
        self.fake = fake_optional.FakeOptional(fake_nova.mocker_for(self))
        self.services = optional.connect(
            fake_optional.adapter, {'images', 'volumes'}
        )


@ddt.ddt
class TestGlance(TestCase):
    def test_properties_are_texts(self):
        self.fake.add_image(hw_numa_nodes='2', **{'trait:A': 'required'})
        self.assertEqual(
            {
                'id': CIRROS,
                'name': 'cirros',
                'hw_numa_nodes': '2',
                'trait:A': 'required',
            },
            self.services.glance.properties(CIRROS),
        )

    def test_gone(self):
        self.assertIsNone(self.services.glance.properties(CIRROS))

    @ddt.data('', '/', '/v2', '/v2/')
    def test_endpoint_with_or_without_version(self, end):
        self.fake.add_image()
        urls = {'image': f'{fake_optional.URLS["image"]}{end}'}
        glance = Glance(fake_optional.adapter('image', urls))
        self.assertIsNotNone(glance.properties(CIRROS))


class TestCinder(TestCase):
    def test_volume(self):
        self.fake.add_volume('root', {'hw_numa_nodes': '2'}, web_1='/dev/vda')
        self.assertEqual(
            Volume(
                uuid=ROOT,
                properties={'hw_numa_nodes': '2'},
                devices={uuid_of('web-1'): '/dev/vda'},
            ),
            self.services.cinder.volume(ROOT),
        )

    def test_of_no_image(self):
        self.fake.add_volume('root')
        self.assertEqual({}, self.services.cinder.volume(ROOT).properties)

    def test_gone(self):
        self.assertIsNone(self.services.cinder.volume(ROOT))


@ddt.ddt
class TestAsk(TestCase):
    def ask(self, service, *uuids):
        return ask(service, service and service.properties, uuids)

    def test_answers(self):
        self.fake.add_image()
        answers = self.ask(self.services.glance, CIRROS, 'gone', CIRROS)
        self.assertEqual('', answers.why_not)
        self.assertEqual({CIRROS, 'gone'}, set(answers.by_uuid))
        self.assertIsNone(answers.by_uuid['gone'])
        self.assertEqual(2, len(self.fake.requests))

    def test_nothing_to_ask(self):
        self.assertEqual(Answers(), self.ask(None))
        self.assertEqual(Answers(), self.ask(self.services.glance))
        self.assertEqual([], self.fake.requests)

    def test_off(self):
        self.assertEqual(Answers(why_not=OFF), self.ask(None, CIRROS))

    def test_absent(self):
        glance = Glance(fake_optional.adapter('image', {}))
        self.assertEqual(Answers(why_not=ABSENT), self.ask(glance, CIRROS))

    @ddt.data(403, 503)
    def test_no_answer(self, status):
        self.fake.fail('image', status_code=status)
        answers = self.ask(self.services.glance, CIRROS)
        self.assertEqual({}, answers.by_uuid)
        self.assertIn(f'Glance, GET /images/{CIRROS}: ', answers.why_not)
        self.assertIn(f'(HTTP {status})', answers.why_not)

    @ddt.data((), ('images',), ('volumes',), ('images', 'volumes'))
    def test_wanted(self, wanted):
        services = optional.connect(fake_optional.adapter, wanted)
        self.assertIs('images' in wanted, services.glance is not None)
        self.assertIs('volumes' in wanted, services.cinder is not None)
