# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import a_request
from tests.unit.core.builders import a_snapshot
from tests.unit.core.builders import an_instance
from tests.unit.core.rules.test_leaving import only_fate
from watcher_host_maintenance.core.checking import owners as checking
from watcher_host_maintenance.core.checking.owners import Wish
from watcher_host_maintenance.core.model.notice import STANDING_WORDS
from watcher_host_maintenance.core.model.notice import Notice
from watcher_host_maintenance.core.model.notice import State
from watcher_host_maintenance.core.model.nova import VmState
from watcher_host_maintenance.core.model.request import OnKeep
from watcher_host_maintenance.core.model.request import Owners
from watcher_host_maintenance.core.rules import leaving
from watcher_host_maintenance.core.rules import owners


ID = '6f1a3c52-0b9e-4d57-8c21-9f00aa317be4'
OTHER = '00000000-0000-0000-0000-000000000000'


REMOVED = {'removed': True}
MOVES = {'on_keep': OnKeep.MOVE}
NO_LIVE = {'disable_live_migration': True}
NO_COLD = {'disable_cold_migration': True}
NEITHER = {**NO_LIVE, **NO_COLD}


def departures(instance, **flags):
    request = a_request(**{'owners': Owners.OBEY, **flags})
    return leaving.departures(
        (instance,), a_snapshot(instances=[instance]), request
    )


def with_words(words, default, project):
    """Return an instance; its flavor has a default unless that is None."""
    specs = {'maintenance:default': default} if default else {}
    return an_instance(
        owner_words=words, extra_specs=specs, project_id=project
    )


@ddt.ddt
class TestWords(base.TestCase):
    @ddt.named_data(
        # name, word, vm_state, flags, expected
        ('move',            'move', 'active',  {},      'live'),
        ('move_cold',       'move', 'active',  NO_LIVE, 'cold'),
        ('go',              'go',   'active',  {},      'live'),
        ('cold',            'cold', 'active',  {},      'cold'),
        ('cold_stopped',    'cold', 'stopped', {},      'cold'),
        ('cold_paused',     'cold', 'paused',  {},      'live'),
        ('cold_off',        'cold', 'active',  NO_COLD, ['cold_is_disabled']),
        ('cold_off_moved',  'cold', 'active',  {**NO_COLD, **MOVES}, 'live'),
        ('cold_neither',    'cold', 'active',  NEITHER, 'stop'),
        ('stop',            'stop', 'active',  {},      'stop'),
        ('stop_no_cold',    'stop', 'active',  NO_COLD, 'stop'),
        ('stop_stopped',    'stop', 'stopped', {},      ['owner_leaves']),
        ('stop_suspended',  'stop', 'suspended', {},    ['owner_leaves']),
        ('stop_paused',     'stop', 'paused',  {},      'live'),
        ('stop_shelved',    'stop', 'shelved', {},      'offload'),
        ('stop_rescued',    'stop', 'rescued', {},      ['rescued']),
        ('restart',         'stop-and-start', 'active',  {}, 'stop'),
        ('restart_stopped', 'stop-and-start', 'stopped', {}, ['owner_leaves']),
        ('stay',            'stay', 'active',  {},      ['owner_leaves']),
        ('stay_rescued',    'stay', 'rescued', {},      ['owner_leaves']),
        ('stay_neither',    'stay', 'active',  NEITHER, ['owner_leaves']),
        ('stay_moved',      'stay', 'active',  MOVES,   ['owner_leaves']),
        ('keep',            'keep', 'active',  {},      ['owner_keeps']),
        ('keep_stopped',    'keep', 'stopped', {},      ['owner_keeps']),
        ('keep_left',       'keep', 'stopped', NO_COLD, ['cold_disabled']),
        ('keep_shelved',    'keep', 'shelved', {},      ['owner_keeps']),
        ('keep_rescued',    'keep', 'rescued', {},
         ['rescued', 'owner_keeps']),
        ('keep_neither',    'keep', 'active',  NEITHER, ['owner_keeps']),
        ('keep_moved',      'keep', 'active',  MOVES,   'live'),
        ('gone_move',       'move', 'active',  REMOVED, 'live'),
        ('gone_keep',       'keep', 'active',  REMOVED, 'live'),
        ('gone_stay',       'stay', 'active',  REMOVED, 'live'),
        ('gone_cold',       'cold', 'active',  REMOVED, 'cold'),
        ('gone_stop',       'stop', 'active',  REMOVED, 'cold'),
        ('gone_stopped',    'stop', 'stopped', REMOVED, 'cold'),
        ('gone_restart',    'stop-and-start', 'active', REMOVED, 'cold'),
        ('gone_no_cold',    'stop', 'active',  {**REMOVED, **NO_COLD},
         ['cold_is_disabled']),
        ('gone_suspended',  'stay', 'suspended', REMOVED, ['suspended']),
    )  # fmt: skip
    @ddt.unpack
    def test_what_becomes_of_a_server(self, word, vm_state, flags, expected):
        instance = an_instance(vm_state=vm_state, owner_words=(word,))
        self.assertEqual(expected, only_fate(departures(instance, **flags)))

    @ddt.data(*STANDING_WORDS)
    def test_nothing_counts_if_owners_are_ignored(self, word):
        instance = an_instance(owner_words=(word,))
        for flags in ({}, REMOVED, MOVES):
            fate = departures(instance, owners=Owners.IGNORE, **flags)
            self.assertEqual('live', only_fate(fate))

    @ddt.named_data(
        # name, word, flags, is stopped before it moves
        ('stop',     'stop',           REMOVED, True),
        ('returns',  'stop',           {},      False),
        ('restart',  'stop-and-start', REMOVED, False),
        ('cold',     'cold',           REMOVED, False),
        ('no_cold',  'stop',           {**REMOVED, **NO_COLD, **MOVES}, False),
    )  # fmt: skip
    @ddt.unpack
    def test_stopped_first(self, word, flags, expected):
        instance = an_instance(owner_words=(word,))
        first = departures(instance, **flags).stopped_first
        self.assertEqual({instance.uuid} if expected else set(), first)

    @ddt.named_data(
        # name, words, extra specs, project, word, origin
        ('nothing',  (),                None,     '',  '',     'tag'),
        ('own',      ('cold',),         'stay',   'p', 'cold', 'tag'),
        ('flavor',   (),                'stay',   'p', 'stay', 'flavor'),
        ('project',  (),                None,     'p', 'stop', 'project'),
        ('go_alone', ('go',),           None,     'p', 'stop', 'project'),
        ('other',    (),                None,     'q', '',     'tag'),
        ('nonsense', (),                'please', 'p', 'stop', 'project'),
        ('no_go',    (),                'go',     'q', '',     'tag'),
        ('careful',  ('move', 'keep'),  'stay',   'p', 'keep', 'tag'),
    )  # fmt: skip
    @ddt.unpack
    def test_who_says_it(self, words, default, project, word, origin):
        instance = with_words(words, default, project)
        request = a_request(owners=Owners.OBEY, owner_defaults={'p': 'stop'})
        self.assertEqual((word, origin), owners.wish(instance, request))
        self.assertEqual(word, checking.word(instance, request))

    @ddt.named_data(
        # name, words, extra spec of the flavor, project, reason, origin
        ('owner',         ('keep',), None,   'q', 'owner_keeps',   'tag'),
        ('owner_as_well', ('keep',), 'keep', 'p', 'owner_keeps',   'tag'),
        ('flavor',        ('go',),   'keep', 'p', 'default_keeps', 'flavor'),
        ('project',       (),        None,   'p', 'default_keeps', 'project'),
    )  # fmt: skip
    @ddt.unpack
    def test_who_keeps_it(self, words, default, project, reason, origin):
        instance = with_words(words, default, project)
        found = departures(instance, owner_defaults={'p': 'keep'})
        [finding] = found.staying[0].findings
        self.assertEqual(reason, finding.reason.value)
        self.assertEqual(origin, finding.facts['origin'])

    def test_stay_is_as_asked_and_keep_is_not(self):
        for word, expected in (('stay', True), ('keep', False)):
            [stay] = departures(an_instance(owner_words=(word,))).staying
            self.assertIs(expected, stay.as_asked)
            self.assertEqual(word, stay.findings[0].facts['word'])
            self.assertEqual('tag', stay.findings[0].facts['origin'])

    def test_no_word_is_of_a_server_that_has_left(self):
        for word in STANDING_WORDS:
            instance = an_instance(
                vm_state='resized',
                elsewhere='compute-2',
                migration='migration',
                owner_words=(word,),
            )
            self.assertEqual('confirm', only_fate(departures(instance)))

    @ddt.named_data(
        # name, words, default of the project, owners, may move
        ('none',     (),        {},            Owners.OBEY,   True),
        ('willing',  ('move',), {},            Owners.OBEY,   True),
        ('go',       ('go',),   {},            Owners.OBEY,   True),
        ('ignored',  ('keep',), {},            Owners.IGNORE, False),
        ('default',  (),        {'p': 'stop'}, Owners.OBEY,   False),
        ('own',      ('move',), {'p': 'stop'}, Owners.OBEY,   True),
        ('no_count', (),        {'p': 'stop'}, Owners.IGNORE, True),
    )  # fmt: skip
    @ddt.unpack
    def test_may_make_room(self, words, defaults, said, expected):
        instance = an_instance(owner_words=words, project_id='p')
        request = a_request(owners=said, owner_defaults=defaults)
        self.assertIs(expected, owners.may_make_room(instance, request))

    @ddt.data(
        (ID, Owners.OBEY, True),
        (OTHER, Owners.OBEY, False),
        (OTHER, Owners.IGNORE, True),
    )
    @ddt.unpack
    def test_nobody_makes_room_in_another_maintenance(self, uuid, said, may):
        notice = Notice(maintenance_id=uuid, state=State.DONE)
        request = a_request(owners=said, maintenance_id=ID)
        self.assertIs(
            may, owners.may_make_room(an_instance(notice=notice), request)
        )


class TestChecker(base.TestCase):
    """The checker's table says what the planner does, in every case."""

    def test_agrees(self):
        for word in (*STANDING_WORDS, 'go'):
            for vm_state in VmState:
                for flags in (
                    {**a, **b, **c, **d}
                    for a in ({}, REMOVED)
                    for b in ({}, MOVES)
                    for c in ({}, NO_LIVE)
                    for d in ({}, NO_COLD)
                ):
                    self.compare(word, vm_state.value, flags)

    def compare(self, word, vm_state, flags):
        instance = an_instance(vm_state=vm_state, owner_words=(word,))
        request = a_request(owners=Owners.OBEY, **flags)
        wish = checking.wish(instance, request)
        found = departures(instance, **flags)
        reasons = {f.reason.value for s in found.staying for f in s.findings}
        case = (word, vm_state, flags, wish)
        blocked = {'owner_keeps', 'cold_is_disabled'} & reasons
        by_flag = {'cold_disabled', 'live_and_cold_disabled'} & reasons
        if not by_flag:
            self.assertEqual(
                wish is Wish.LEFT, 'owner_leaves' in reasons, case
            )
            self.assertEqual(wish is Wish.BLOCKED, bool(blocked), case)
        self.assertEqual(
            wish is Wish.STOPPED_AND_COLD and bool(found.moving),
            bool(found.stopped_first),
            case,
        )
        if wish is Wish.STOPPED and vm_state == 'active':
            self.assertEqual('stop', only_fate(found), case)
