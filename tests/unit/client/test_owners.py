# SPDX-License-Identifier: Apache-2.0

"""What the owner of servers sees and answers."""

import ddt

from tests.unit import base
from tests.unit.plugin import fake_nova
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_server
from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NotFound
from watcher_host_maintenance.client.owners import MAY_BE_LATE
from watcher_host_maintenance.client.owners import Owners
from watcher_host_maintenance.cloud.nova import Nova


ANNOUNCED = {
    'maintenance:id': uuid_of('audit'),
    'maintenance:state': 'announced',
    'maintenance:starts': '2999-12-01T21:00:00Z',
    'maintenance:answer_by': '2999-12-01T18:00:00Z',
}
LATE = ANNOUNCED | dict.fromkeys(
    ('maintenance:starts', 'maintenance:answer_by'), '2026-01-01T21:00:00Z'
)
UNTOLD = 'It has no notice. The answer counts in later maintenances.'
MAX_TAGS = fake_nova.MAX_TAGS
LIVE = {'os-migrateLive': {'host': None, 'block_migration': 'auto'}}
COLD = {'migrate': {}}


class OwnersTestCase(base.TestCase):
    """A Nova with the servers of one project."""

    def setUp(self):
        super().setUp()
        self.nova = fake_nova.FakeNova(fake_nova.mocker_for(self))

    def given(self, name, metadata=(), words=(), **fields):
        tags = [w if ':' in w else f'maintenance:{w}' for w in words]
        self.nova.servers.append(
            a_server(name)
            | {'metadata': dict(metadata), 'tags': tags}
            | fields
        )

    def words(self, name='web'):
        """What the tags of a server say."""
        [server] = [s for s in self.nova.servers if s['name'] == name]
        return [t.removeprefix('maintenance:') for t in server['tags']]

    @property
    def owners(self):
        return Owners(Nova(fake_nova.adapter()))

    def answer(self, *arguments):
        *names, word = arguments
        return self.owners.answer(names, word)


@ddt.ddt
class TestServers(OwnersTestCase):
    def test_earliest_first(self):
        later = {**ANNOUNCED, 'maintenance:starts': '2999-12-02T21:00:00Z'}
        self.given('none')
        self.given('b', later)
        self.given('a', later)
        self.given('first', ANNOUNCED)
        self.assertEqual(
            [('first', True), ('a', True), ('b', True), ('none', False)],
            [(s.name, s.is_told) for s in self.owners.servers()],
        )

    @ddt.named_data(
        # name, tags, what counts
        ('none',      [],                           ()),
        ('foreign',   ['blue:green', 'keep', 'Go'], ('keep',)),
        ('go',        ['go'],                       ('go',)),
        ('careful',   ['move', 'stop', 'go'],       ('stop', 'go')),
        ('uppercase', ['KEEP'],                     ()),
    )  # fmt: skip
    @ddt.unpack
    def test_words(self, tags, expected):
        self.given('web', words=tags)
        [server] = self.owners.servers()
        self.assertEqual(expected, server.counting_words)

    @ddt.named_data(
        ('other_keys', {'owner': 'me'},                             False),
        ('wild',       {'maintenance:state': 'x' * 255,
                        'maintenance:id': '../etc'},                False),
        ('state',      {'maintenance:state': 'moving'},             True),
    )  # fmt: skip
    @ddt.unpack
    def test_is_told(self, metadata, expected):
        self.given('web', metadata)
        [server] = self.owners.servers()
        self.assertEqual(expected, server.is_told)

    def test_cell_is_down(self):
        """Nova shows no more than this of its servers."""
        self.nova.servers = [{'id': uuid_of('web'), 'status': 'UNKNOWN'}]
        [server] = self.owners.servers()
        self.assertEqual(('', False), (server.name, server.is_told))

    def test_one(self):
        self.given('web', ANNOUNCED, ['keep'], status='ACTIVE')
        server = self.owners.server(uuid_of('web'))
        self.assertEqual(
            ('web', 'ACTIVE', ('keep',), True),
            (server.name, server.status, server.words, server.is_awaited),
        )

    @ddt.named_data(
        ('of_another', uuid_of('of another')),
        ('no_uuid', '../os-services'),
    )
    @ddt.unpack
    def test_none(self, uuid):
        error = self.assertRaises(NotFound, self.owners.server, uuid)
        self.assertIn('no such server in this project', str(error))
        self.assertEqual([], self.nova.asked('/os-services'))

    def test_no_nova(self):
        self.nova.fail('/v2.1/servers/detail')
        error = self.assertRaises(ClientError, self.owners.servers)
        self.assertIn('GET /servers/detail', str(error))


@ddt.ddt
class TestAnswer(OwnersTestCase):
    @ddt.named_data(
        # name, words before, word, words after
        ('new',            [],                'keep', ['keep']),
        ('again',          ['keep'],          'keep', ['keep']),
        ('another',        ['keep'],          'move', ['move']),
        ('of_several',     ['keep', 'stop'],  'cold', ['cold']),
        ('go',             ['stop'],          'go',   ['go', 'stop']),
        ('after_go',       ['go', 'keep'],    'stop', ['go', 'stop']),
        ('keep_after_go',  ['go', 'move'],    'keep', ['keep']),
        ('stay_after_go',  ['go'],            'stay', ['stay']),
        ('others_tags',    ['a:b', 'keep'],   'move', ['a:b', 'move']),
        ('other_products', ['x', 'keeper:'],  'stop',
         ['keeper:', 'stop', 'x']),
    )  # fmt: skip
    @ddt.unpack
    def test_replaces(self, before, word, after):
        self.given('web', ANNOUNCED, before)
        if 'x' in before:
            self.nova.servers[0]['tags'] = list(before)
        [answered] = self.answer('web', word)
        late = (MAY_BE_LATE,) if 'go' in before and word != 'go' else ()
        self.assertEqual(('', late), (answered.error, answered.remarks))
        self.assertEqual(sorted(after), sorted(self.words()))
        self.assertIn(word, answered.words)

    def test_new_word_first(self):
        """At no time is there no word."""
        self.given('web', ANNOUNCED, ['keep'])
        self.answer('web', 'move')
        uuid = uuid_of('web')
        self.assertEqual(
            [
                f'/v2.1/servers/{uuid}/tags/maintenance:move',
                f'/v2.1/servers/{uuid}/tags/maintenance:keep',
            ],
            self.nova.asked(f'/servers/{uuid}/tags'),
        )

    @ddt.named_data(
        # name, metadata, word, remark
        ('announced', ANNOUNCED, 'keep', ''),
        ('untold', {}, 'keep', UNTOLD),
        ('moving', ANNOUNCED | {'maintenance:state': 'moving'}, 'keep',
         'Its maintenance has begun. The answer counts in later ones.'),
        ('late_go', ANNOUNCED | {'maintenance:state': 'moving'}, 'go',
         'Its maintenance has begun.'),
        ('over', ANNOUNCED | {'maintenance:state': 'left'}, 'move',
         'Its maintenance is over: left. The answer counts in later ones.'),
        ('late', LATE, 'keep', MAY_BE_LATE),
        ('no_time', {'maintenance:state': 'announced'}, 'move', MAY_BE_LATE),
        ('time_to_answer', LATE | {'maintenance:answer_by':
                                   '2999-12-01T21:00:00Z'}, 'keep', ''),
        ('go_late', LATE, 'go', ''),
        ('removed', ANNOUNCED | {'maintenance:host': 'removed'}, 'keep',
         'Its host is removed for good'),
        ('removed_and_moved', ANNOUNCED | {'maintenance:host': 'removed'},
         'cold', ''),
        ('returns', ANNOUNCED | {'maintenance:host': 'returns'}, 'stop', ''),
        ('another_counts', ANNOUNCED | {'maintenance:word': 'stop'}, 'cold',
         'So far "stop" counts, by a default or a tag of another product'),
        ('same_counts', ANNOUNCED | {'maintenance:word': 'stop'}, 'stop', ''),
        ('gives_way', ANNOUNCED | {'maintenance:word': 'move'}, 'stop', ''),
        ('own_counts', ANNOUNCED | {'maintenance:word': 'stop'}, 'cold', '',
         ('stop',)),
        ('go_beside', ANNOUNCED | {'maintenance:word': 'stop'}, 'go', ''),
    )  # fmt: skip
    @ddt.unpack
    def test_remarks(self, metadata, word, remark, before=()):
        self.given('web', metadata, before)
        [answered] = self.answer('web', word)
        self.assertEqual(('', [word]), (answered.error, self.words()))
        self.assertIn(remark, ' '.join(answered.remarks))
        self.assertEqual(bool(remark), bool(answered.remarks))

    @ddt.named_data(
        # name, metadata, error
        ('untold',    {},                                  'has no notice'),
        ('announced', ANNOUNCED,                           ''),
        ('obeyed',    {'maintenance:state': 'announced'},
         'waits for no answer'),
        ('unknown',   {'maintenance:id': uuid_of('audit')}, ''),
        ('moving',    {'maintenance:state': 'moving'},     ''),
        ('done',      {'maintenance:state': 'done'},       'is over: done'),
        ('left',      {'maintenance:state': 'left'},       'is over: left'),
        ('cancelled', {'maintenance:state': 'cancelled'},
         'is over: cancelled'),
    )  # fmt: skip
    @ddt.unpack
    def test_go(self, metadata, error):
        self.given('web', metadata)
        [answered] = self.answer('web', 'go')
        self.assertIn(error, answered.error)
        self.assertEqual(bool(error), bool(answered.error))
        self.assertEqual([] if error else ['go'], self.words())

    def test_names_and_uuids(self):
        self.given('web', ANNOUNCED)
        self.given('db', ANNOUNCED)
        names = ['db', uuid_of('web'), 'web-9', uuid_of('of another')]
        self.assertEqual(
            [
                ('db', ('go',), ''),
                ('web', ('go',), ''),
                ('web-9', (), 'There is no such server in this project.'),
                (
                    uuid_of('of another'),
                    (),
                    'There is no such server in this project.',
                ),
            ],
            [(a.name, a.words, a.error) for a in self.answer(*names, 'go')],
        )

    def test_two_words(self):
        self.given('web', ANNOUNCED)
        answered, other = self.answer('web', 'keep', 'go')
        self.assertEqual('', answered.error)
        self.assertEqual(
            'There is no such server in this project. To give two words, '
            'answer twice.',
            other.error,
        )

    def test_one_name_of_two(self):
        self.given('web', ANNOUNCED)
        self.given('web', ANNOUNCED, id=uuid_of('web again'))
        [answered] = self.answer('web', 'go')
        self.assertIn('2 servers have this name', answered.error)
        self.assertIn(uuid_of('web again'), answered.error)
        self.assertEqual([], [s['id'] for s in self.nova.servers if s['tags']])
        [answered] = self.answer(uuid_of('web again'), 'go')
        self.assertEqual('', answered.error)

    def test_name_that_is_the_uuid_of_another(self):
        self.given('web', ANNOUNCED)
        other = uuid_of('other')
        self.given(uuid_of('web'), ANNOUNCED, id=other)
        for uuid, name in (
            (uuid_of('web'), 'web'), (other, uuid_of('web')),
        ):  # fmt: skip
            [answered] = self.answer(uuid, 'go')
            self.assertEqual(
                (name, uuid, ''),
                (answered.name, answered.uuid, answered.error),
            )

    @ddt.named_data(
        ('full',  MAX_TAGS,     'Too many tags'),
        ('room',  MAX_TAGS - 1, ''),
    )  # fmt: skip
    @ddt.unpack
    def test_most_tags(self, count, error):
        others = [f'x:{number}' for number in range(count - 1)]
        self.given('web', ANNOUNCED, [*others, 'keep'])
        [answered] = self.answer('web', 'move')
        self.assertIn(error, answered.error)
        self.assertEqual(('keep',) if error else ('move',), answered.words)

    def test_reader(self):
        self.given('web', ANNOUNCED)
        path = f'/v2.1/servers/{uuid_of("web")}/tags/maintenance:go'
        self.nova._mocker.put(
            f'{self.nova.url}{path}',
            status_code=403,
            json={'forbidden': {'message': "Policy doesn't allow it"}},
        )
        [answered] = self.answer('web', 'go')
        self.assertEqual(
            "Nova: Policy doesn't allow it (HTTP 403). This needs the role "
            "member in the server's project.",
            answered.error,
        )
        self.assertEqual((), answered.words)


@ddt.ddt
class TestMove(OwnersTestCase):
    """Moves by owners with the role manager."""

    def move(self, *names, **answer):
        """Answer of the client, and what Nova was asked for."""
        asked = self.nova._mocker.post(
            f'{self.nova.url}/v2.1/servers/{uuid_of("web")}/action',
            **answer or {'status_code': 202},
        )
        answered = self.owners.move(names or ('web',))
        return answered, [r.json() for r in asked.request_history]

    @ddt.named_data(
        # name, status, effect, words, expected
        ('running',   'ACTIVE',  'live', [],              LIVE),
        ('paused',    'PAUSED',  'cold', ['cold'],        LIVE),
        ('stopped',   'SHUTOFF', 'live', [],              COLD),
        ('no_live',   'ACTIVE',  'cold', [],              COLD),
        ('word_cold', 'ACTIVE',  'live', ['cold'],        COLD),
        ('careful',   'ACTIVE',  'live', ['cold', 'keep'], LIVE),
    )  # fmt: skip
    @ddt.unpack
    def test_how(self, status, effect, words, expected):
        self.given(
            'web',
            ANNOUNCED | {'maintenance:effect': effect},
            words,
            status=status,
        )
        [answered], bodies = self.move()
        self.assertEqual([expected], bodies)
        self.assertEqual('', answered.error)
        self.assertEqual(
            expected == COLD, 'Confirm the migration' in repr(answered)
        )

    @ddt.named_data(
        # name, status, metadata, error
        ('untold',  'ACTIVE',    {},                             'no notice'),
        ('moving',  'ACTIVE',    {'maintenance:state': 'moving'},
         'moving it already'),
        ('over',    'ACTIVE',    {'maintenance:state': 'done'},  'is over'),
        ('asleep',  'SUSPENDED', ANNOUNCED,                      'SUSPENDED'),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, status, metadata, error):
        self.given('web', metadata, status=status)
        [answered], bodies = self.move()
        self.assertIn(error, answered.error)
        self.assertEqual([], bodies)

    def test_each_for_itself(self):
        self.given('web', ANNOUNCED, status='ACTIVE')
        answered, bodies = self.move('db', 'web')
        self.assertEqual([True, False], [bool(a.error) for a in answered])
        self.assertEqual([LIVE], bodies)

    def test_member(self):
        self.given('web', ANNOUNCED, status='ACTIVE')
        [answered], _bodies = self.move(
            status_code=403, json={'forbidden': {'message': 'No'}}
        )
        self.assertEqual(
            'Nova: No (HTTP 403). This needs the role manager in the '
            "server's project.",
            answered.error,
        )
        self.assertEqual((), answered.remarks)
