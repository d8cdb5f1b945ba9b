# SPDX-License-Identifier: Apache-2.0

"""Tests of the last step of every plan."""

import dataclasses

from unittest import mock

import ddt
import fixtures
import jsonschema

from watcher.applier.loading import default as loading

from tests.unit.plugin import base
from tests.unit.plugin import database
from tests.unit.plugin import fake_nova
from tests.unit.plugin import nova_answers
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.contents import WEB
from tests.unit.plugin.contents import a_server
from tests.unit.plugin.contents import contents
from watcher_host_maintenance.cloud.errors import CALL_FAILED
from watcher_host_maintenance.cloud.errors import NotPlanned
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.reading import hosts
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules.leaving import BUSY as BUSY_REASON
from watcher_host_maintenance.core.rules.leaving import left_allocation
from watcher_host_maintenance.core.telling import words
from watcher_host_maintenance.core.telling.brevity import MORE_ITEMS
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.actions.emptiness import node_obstacles
from watcher_host_maintenance.plugin.actions.verify_host_empty import NOT_READY
from watcher_host_maintenance.plugin.errors import ActionFailed
from watcher_host_maintenance.plugin.watcher import connections


BUSY = a_server(task_state='rebooting')
SILENT = NotPlanned(
    Finding(
        CALL_FAILED,
        facts={'service': 'Nova', 'call': 'GET /', 'error': 'Overloaded'},
    )
)
TWIN = a_server('twin')
WAITS, CACHE = a_server('waits'), a_server('cache')
MUTE = NotPlanned(
    Finding(
        CALL_FAILED,
        facts={'service': 'Placement', 'call': 'GET /', 'error': 'Overloaded'},
    )
)
SEVERAL = [a_server(f'web-{n}') for n in range(20)]
LONG = a_server('long')
WHYS = {
    LONG.uuid: 'No room. ' * 20,
    WEB.uuid: 'No valid host',
    TWIN.uuid: 'No valid host',
    CACHE.uuid: 'No room at all',
    **{s.uuid: f'because {s.name}' for s in SEVERAL},
}
AGAIN = node_obstacles.REMAINS.helps
WAIT = BUSY_REASON.helps
STILL = f'{words.say(node_obstacles.SERVICE_ENABLED.about())}.'
ALLOCATION = left_allocation('c', None, 'compute-1', uuid_of('compute-1'))
ALLOCATED = f'{words.say(ALLOCATION)}.'
LEFTOVER = (contents(), {'c'})


def remains(name, why, *more):
    finding = node_obstacles.REMAINS.about(name, states=('active', *more))
    return f'{words.say(finding)}: {why}.'


def and_more(count):
    return MORE_ITEMS.format(count=count)


def first(count):
    """What is said of the first servers of several."""
    names = [s.name for s in SEVERAL[:count]]
    return ' '.join(remains(name, f'because {name}') for name in names)


def raised(answer):
    """Return an answer, or raise it."""
    if isinstance(answer, Exception):
        raise answer
    return answer


@ddt.ddt
class TestVerifyHostEmpty(base.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(database.Database())
        self.conf.config(
            group='nova', migration_interval=0.1, migration_max_retries=5
        )
        self.useFixture(base.StoppedClock())
        self.useFixture(
            fixtures.MonkeyPatch(f'{node_obstacles.__name__}.SETTLING', 3)
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                'watcher_host_maintenance.plugin.actions.nova_reasons.why',
                lambda nova, uuid, since: WHYS.get(uuid, ''),
            )
        )
        self.action = loading.DefaultActionLoader().load(
            names.VERIFY_HOST_EMPTY
        )
        self.action.input_parameters = {
            'resource_id': uuid_of('compute-1'),
            'resource_name': 'compute-1',
            'remaining': [],
        }

    def see(self, *sights):
        """Show these, one by one; the last one again and again.

        :param sights: contents of the node, or a pair of them and the
            consumers; an error in the place of either is raised
        """
        shown = iter(sights)
        self.looks = 0

        def consumers(uuid):
            self.assertEqual(uuid_of('compute-1'), uuid)
            self.looks += 1
            sight = next(shown, sights[-1])
            self.there, held = (
                sight if isinstance(sight, tuple) else (sight, ())
            )
            return dict.fromkeys(raised(held), uuid)

        def read_contents(nova, hostname, uuid):
            self.assertIs(self.action.nova, nova)
            self.assertEqual(
                ('compute-1', uuid_of('compute-1')), (hostname, uuid)
            )
            return raised(self.there)

        placement = mock.create_autospec(Placement, instance=True)
        placement.consumers.side_effect = consumers
        nova = mock.create_autospec(Nova, instance=True)
        nova.server.return_value = None
        for module, name, stands_in in (
            (
                connections,
                'connect_placement',
                lambda osc, settings: placement,
            ),
            (connections, 'connect_nova', lambda settings: nova),
            (hosts, 'read_contents', read_contents),
        ):
            self.useFixture(fixtures.MockPatchObject(module, name, stands_in))

    @ddt.named_data(
        # name, what is seen, number of looks
        ('at_once',  (contents(),), 1),
        ('busy',     (contents(servers=(BUSY,)), contents()), 2),
        ('settles',  (LEFTOVER, LEFTOVER, contents()), 3),
        ('silent',   (SILENT, SILENT, contents()), 3),
    )  # fmt: skip
    @ddt.unpack
    def test_ready(self, sights, looks):
        self.see(*sights)
        self.assertIs(True, self.action.execute())
        self.assertEqual(looks, self.looks)

    @ddt.named_data(
        # name, where the server is that was to make room, what is said
        ('failed', 'compute-4',
         'cache has not left compute-4 to make room: No room at all'),
        ('has_left', 'compute-5', ''),
        ('deleted', None, ''),
    )  # fmt: skip
    @ddt.unpack
    def test_whose_room_is_missing(self, host, said):
        self.see(contents(servers=(WAITS,)))
        cache = host and dataclasses.replace(CACHE, host=host)
        self.action.nova.server.return_value = cache
        self.action.input_parameters['waiting'] = [
            {
                'resource_id': WAITS.uuid,
                'destination_node': 'compute-4',
                'room_of': [
                    {'resource_id': CACHE.uuid, 'resource_name': 'cache'}
                ],
            }
        ]
        error = self.assertRaises(ActionFailed, self.action.execute)
        finding = node_obstacles.REMAINS.about('waits', states=('active',))
        text = ': '.join(filter(None, (words.say(finding), said)))
        self.assertEqual(
            f'{NOT_READY % "compute-1"} {text}. {AGAIN}', str(error)
        )

    def test_remaining(self):
        self.action.input_parameters['remaining'] = [WEB.uuid]
        self.see(contents(servers=(WEB,)))
        self.assertIs(True, self.action.execute())

    @ddt.named_data(
        # name, what is seen, number of looks, what is said
        (
            'server',
            (contents(servers=(WEB,)),),
            1,
            f'{remains("web", "No valid host")} {AGAIN}',
        ),
        (
            'busy_for_ever',
            (contents(servers=(BUSY,)),),
            5,
            f'{remains("web", "No valid host", "rebooting")} {WAIT}',
        ),
        (
            'leftover',
            (LEFTOVER,),
            3,
            f'{ALLOCATED} {words.help_for(ALLOCATION)}',
        ),
        (
            'beside_what_settles',
            (
                (contents('enabled'), {'c'}),
                contents('enabled'),
            ),
            2,
            f'{STILL} {AGAIN}',
        ),
        (
            'beside_leftover',
            ((contents('enabled'), {'c'}),),
            3,
            f'{STILL} {ALLOCATED} {AGAIN}',
        ),
        (
            'beside_what_moves',
            (contents('enabled', servers=(BUSY,)),),
            1,
            f'{STILL} {remains("web", "No valid host", "rebooting")} {AGAIN}',
        ),
        (
            'silent',
            (SILENT,),
            5,
            f'{words.sentence(SILENT.finding)} '
            f'{words.help_for(SILENT.finding)}',
        ),
        (
            'placement_is_silent',
            ((contents(servers=(WEB,)), MUTE),),
            1,
            f'{remains("web", "No valid host")} {words.sentence(MUTE.finding)} '
            f'{AGAIN} {words.help_for(MUTE.finding)}',
        ),
        (
            'several',
            (contents(servers=tuple(SEVERAL[:3])),),
            1,
            f'{first(3)} {AGAIN}',
        ),
        (
            'one_too_many',
            (contents(servers=tuple(SEVERAL[:5])),),
            1,
            f'{first(4)} {and_more(1)}',
        ),
        (
            'many',
            (contents(servers=tuple(SEVERAL)),),
            1,
            f'{first(4)} {and_more(16)}',
        ),
        (
            'long',
            (contents(servers=(LONG, WEB)),),
            1,
            f'long remains (active): {"No room. " * 14}No roo... '
            f'{and_more(1)}',
        ),
        (
            'likewise',
            (contents(servers=(TWIN, WEB)),),
            1,
            f'{remains("twin", "No valid host")} {remains("web", "likewise")} '
            f'{AGAIN}',
        ),
    )
    @ddt.unpack
    def test_not_ready(self, sights, looks, said):
        self.see(*sights)
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(f'{NOT_READY % "compute-1"} {said}', str(error))
        self.assertEqual(looks, self.looks)

    def test_abort(self):
        self.see(contents(servers=(BUSY,)))
        self.action.abort()
        error = self.assertRaises(ActionFailed, self.action.execute)
        self.assertEqual(1, self.looks)
        self.assertIn('The plan was cancelled.', str(error))

    @ddt.data(
        {'remaining': ['web']},
        {'remaining': [uuid_of('web'), uuid_of('web')]},
        {'remaining': None},
        {'resource_name': ''},
        {'resource_id': 'compute-1'},
        {'more': 1},
        {'enable_on_failure': 'yes'},
        {'disable_on_failure': 'compute-5'},
        {'disable_on_failure': [{'resource_name': 'compute-5'}]},
        {
            'disable_on_failure': [
                {'resource_name': 'compute-5', 'disabled_reason': ''}
            ]
        },
        {
            'disable_on_failure': [
                {
                    'resource_name': 'compute-5',
                    'disabled_reason': 'x',
                    'more': 1,
                }
            ]
        },
    )
    def test_bad_parameters(self, changes):
        self.action.input_parameters.update(changes)
        self.assertRaises(
            jsonschema.ValidationError, self.action.validate_parameters
        )


ENABLED = nova_answers.a_service('compute-1')
DISABLED = nova_answers.a_service(
    'compute-1', status='disabled', disabled_reason='PSU broken'
)
MAINTAINED = nova_answers.a_service(
    'compute-1', status='disabled', disabled_reason='watcher_maintaining'
)
TICKET = 'watcher_maintaining: ticket 4711'
WITH_TICKET = nova_answers.a_service(
    'compute-1', status='disabled', disabled_reason=TICKET
)
OURS = {'disabled_reason': TICKET}


@ddt.ddt
class TestRestore(base.TestCase):
    def setUp(self):
        super().setUp()
        mocker = fake_nova.mocker_for(self)
        self.nova = fake_nova.FakeNova(mocker)
        self.conf.config(
            group='nova',
            auth_type='none',
            endpoint_override=f'{self.nova.url}/v2.1',
        )
        self.put = mocker.put(
            f'{self.nova.url}/v2.1/os-services/{uuid_of("service compute-1")}',
            json={'service': {}},
        )
        self.action = loading.DefaultActionLoader().load(
            names.VERIFY_HOST_EMPTY
        )
        self.action.input_parameters = {'resource_name': 'compute-1'}

    def asked(self):
        """What Nova was asked for."""
        return [r.json() for r in self.put.request_history]

    @ddt.named_data(
        # name, services, servers, whether the spare is disabled again
        ('idle',     [ENABLED],  [],                             True),
        ('busy',     [ENABLED],  [nova_answers.a_server('web', 'compute-1')], False),
        ('disabled', [DISABLED], [],                             False),
        ('gone',     [],         [],                             False),
    )  # fmt: skip
    @ddt.unpack
    def test_disable(self, services, servers, done):
        self.nova.services, self.nova.servers = services, servers
        said = list(self.action._disable('compute-1', 'spare'))
        self.assertEqual(
            ['compute-1 is disabled again.'] if done else [], said
        )
        wanted = {'status': 'disabled', 'disabled_reason': 'spare'}
        self.assertEqual([wanted] if done else [], self.asked())

    def test_disable_reads_the_service_once(self):
        # Between two reads it could go.
        self.nova.services = [ENABLED]
        self.nova.afterwards['/v2.1/os-services'] = [self.nova.services.clear]
        self.assertEqual(
            ['compute-1 is disabled again.'],
            list(self.action._disable('compute-1', 'spare')),
        )

    @ddt.named_data(
        # name, services, further arguments, whether it is enabled again
        ('maintained',   [MAINTAINED], {},           True),
        ('other_ticket', [MAINTAINED], OURS,     False),
        ('same_ticket',  [WITH_TICKET], OURS,    True),
        ('their_ticket', [WITH_TICKET], {},          False),
        ('theirs',       [DISABLED],   {},           False),
        ('enabled',      [ENABLED],    {},           False),
        ('gone',         [],           {},           False),
    )  # fmt: skip
    @ddt.unpack
    def test_enable(self, services, more, done):
        self.nova.services = services
        self.action.input_parameters.update(more)
        said = list(self.action._enable())
        self.assertEqual(['compute-1 is enabled again.'] if done else [], said)
        self.assertEqual([{'status': 'enabled'}] if done else [], self.asked())
