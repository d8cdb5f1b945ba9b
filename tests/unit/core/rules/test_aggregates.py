# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tests.unit.core.builders import an_aggregate
from tests.unit.core.rules import asking
from watcher_host_maintenance.core.model.reasons import Finding
from watcher_host_maintenance.core.rules import aggregates
from watcher_host_maintenance.core.rules.aggregates import EXTRA_SPEC_UNMATCHED
from watcher_host_maintenance.core.rules.aggregates import OTHER_DOMAIN
from watcher_host_maintenance.core.rules.aggregates import OTHER_FLAVORS
from watcher_host_maintenance.core.rules.aggregates import OTHER_PROJECTS


SCOPED = 'aggregate_instance_extra_specs:disk'
NO_SCOPED = {'aggregate_extra_specs': False}
UNSCOPED = {'unscoped_extra_specs': True}

RED = [an_aggregate(filter_tenant_id='red')]
SMALL = [an_aggregate(instance_type='m1.small')]
AFFINITY = {'type_affinity': True}
CELLS = {'migration_domain_keys': ('cell',)}

ISOLATES = {'scheduler_prefilters': ('enable_isolated_aggregate_filtering',)}

ROWS = (
    # name, case, reasons given
    (
        'metadata',
        {
            'extra_specs': {SCOPED: 'ssd'},
            'aggregates': [an_aggregate(disk='ssd')],
        },
        [],
    ),
    (
        'other_metadata',
        {
            'extra_specs': {SCOPED: 'ssd'},
            'aggregates': [an_aggregate(disk='hdd')],
        },
        ['extra_spec_unmatched'],
    ),
    (
        'unscoped',
        {'extra_specs': {'disk': 'ssd'}, 'request': UNSCOPED},
        ['extra_spec_unmatched'],
    ),
    ('project', {'project_id': 'red', 'aggregates': RED}, []),
    (
        'other_project',
        {'project_id': 'blue', 'aggregates': RED},
        ['other_projects'],
    ),
    (
        'flavor',
        {'flavor': 'm1.small', 'aggregates': SMALL, 'request': AFFINITY},
        [],
    ),
    (
        'other_flavor',
        {'flavor': 'm1.large', 'aggregates': SMALL, 'request': AFFINITY},
        ['other_flavors'],
    ),
    (
        'isolated',
        {
            'aggregates': [an_aggregate(**{'trait:CUSTOM_X': 'required'})],
            'request': ISOLATES,
        },
        ['isolated'],
    ),
    (
        'isolated_off',
        {'aggregates': [an_aggregate(**{'trait:CUSTOM_X': 'required'})]},
        [],
    ),
    (
        'isolated_for_it',
        {
            'aggregates': [an_aggregate(**{'trait:CUSTOM_X': 'required'})],
            'extra_specs': {'trait:CUSTOM_X': 'required'},
            'node': {'traits': ('CUSTOM_X',)},
            'request': ISOLATES,
        },
        [],
    ),
    (
        'not_isolated',
        {
            'aggregates': [an_aggregate(**{'trait:CUSTOM_X': 'forbidden'})],
            'request': ISOLATES,
        },
        [],
    ),
    (
        'domain',
        {
            'aggregates': [an_aggregate('compute-1', 'compute-2', cell='one')],
            'request': CELLS,
        },
        [],
    ),
    (
        'other_domain',
        {'aggregates': [an_aggregate(cell='two')], 'request': CELLS},
        ['other_domain'],
    ),
)


@ddt.ddt
class TestSatisfiesExtraSpecs(base.TestCase):
    def findings(self, specs, *there, **request):
        return asking.findings(
            aggregates.satisfies_extra_specs,
            extra_specs=specs,
            aggregates=there,
            request=request,
        )

    @ddt.named_data(
        # name, wanted, values of the aggregates, values told
        ('has_it',          'ssd',      ['ssd'],            None),
        ('has_another',     'ssd',      ['hdd'],            ('hdd',)),
        ('has_none',        'ssd',      [],                 ()),
        ('one_of_its_own',  'ssd',      ['hdd, ssd'],       None),
        ('one_of_many',     'ssd',      ['hdd', 'ssd'],     None),
        ('none_of_many',    'nvme',     ['ssd', 'hdd'],     ('hdd', 'ssd')),
        ('by_an_operator',  's!= ssd',  ['hdd'],            None),
        ('not_by_it',       's!= ssd',  ['ssd'],            ('ssd',)),
        ('number',          '>= 4',     ['4'],              None),
        ('number_too_small', '>= 4',    ['3'],              ('3',)),
        ('empty',           '',         [''],               None),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, wanted, values, said):
        there = [
            an_aggregate(name=f'a-{n}', disk=v) for n, v in enumerate(values)
        ]
        self.assertEqual(
            [
                Finding(
                    EXTRA_SPEC_UNMATCHED,
                    'compute-2',
                    {'key': 'disk', 'expected': wanted, 'values': said},
                )
            ]
            if said is not None
            else [],
            self.findings({SCOPED: wanted}, *there),
        )

    def test_another_host_s_aggregate(self):
        found = self.findings(
            {SCOPED: 'ssd'}, an_aggregate('compute-1', disk='ssd')
        )
        self.assertEqual((), found[0].facts['values'])

    @ddt.named_data(
        # name, extra spec, request, is it looked at
        ('scoped',           SCOPED, {},                       True),
        ('scoped_off',       SCOPED, NO_SCOPED,                False),
        ('unscoped',         'disk', UNSCOPED,                 True),
        ('unscoped_off',     'disk', {},                       False),
        ('only_unscoped',    SCOPED, {**NO_SCOPED, **UNSCOPED}, False),
        ('another_scope',    'hw:disk', UNSCOPED,              False),
        ('trait',            'trait:CUSTOM_DISK', UNSCOPED,    False),
    )  # fmt: skip
    @ddt.unpack
    def test_which(self, name, request, looked_at):
        found = self.findings({name: 'ssd'}, **request)
        self.assertEqual(1 if looked_at else 0, len(found))

    def test_every_one_by_name(self):
        found = self.findings(
            {'b': '1', SCOPED: 'ssd', 'a': '1'},
            an_aggregate(b='1'),
            **UNSCOPED,
        )
        self.assertEqual(['a', 'disk'], [f.facts['key'] for f in found])

    def test_a_key_with_a_colon(self):
        found = self.findings(
            {f'{SCOPED}:speed': 'fast'}, an_aggregate(**{'disk:speed': 'slow'})
        )
        self.assertEqual(['disk:speed'], [f.facts['key'] for f in found])


@ddt.ddt
class TestTakesProject(base.TestCase):
    @ddt.named_data(
        # name, metadata of the aggregates, is project red refused
        ('no_aggregate',     [],                                   False),
        ('other_metadata',   [{'disk': 'ssd'}],                    False),
        ('its_own',          [{'filter_tenant_id': 'red'}],        False),
        ('another',          [{'filter_tenant_id': 'blue'}],       True),
        ('longer_name',      [{'filter_tenant_id': 'reddish'}],    True),
        ('in_a_list',        [{'filter_tenant_id': 'blue, red'}],  False),
        ('not_in_a_list',    [{'filter_tenant_id': 'blue,green'}], True),
        ('numbered_key',     [{'filter_tenant_id_2': 'blue'}],     True),
        ('by_another_key',   [{'filter_tenant_id': 'blue',
                               'filter_tenant_id_2': 'red'}],      False),
        ('by_another_aggregate', [{'filter_tenant_id': 'blue'},
                                  {'filter_tenant_id': 'red'}],    False),
        ('by_none',          [{'filter_tenant_id': 'blue'},
                              {'filter_tenant_id': 'green'}],      True),
        ('isolated_and_not', [{'filter_tenant_id': 'blue'}, {}],   True),
        ('key_inside',       [{'my_filter_tenant_id': 'blue'}],    False),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, metadata, refused):
        there = [
            an_aggregate(name=f'a-{n}', **m) for n, m in enumerate(metadata)
        ]
        found = asking.findings(
            aggregates.takes_project, project_id='red', aggregates=there
        )
        self.assertEqual(
            [Finding(OTHER_PROJECTS, 'compute-2', {'project': 'red'})]
            if refused
            else [],
            found,
        )

    @ddt.named_data(
        # name, fields
        (
            'another_host',
            {
                'aggregates': [
                    an_aggregate('compute-1', filter_tenant_id='blue')
                ]
            },
        ),
        (
            'filter_off',
            {
                'aggregates': [an_aggregate(filter_tenant_id='blue')],
                'request': {'tenant_isolation': False},
            },
        ),
    )
    def test_is_not_asked(self, fields):
        self.assertEqual(
            [],
            asking.findings(
                aggregates.takes_project, project_id='red', **fields
            ),
        )


@ddt.ddt
class TestTakesFlavor(base.TestCase):
    @ddt.named_data(
        # name, instance_type of the aggregates, is the flavor refused
        ('none',      [],                       False),
        ('its_own',   ['m1.small'],             False),
        ('another',   ['m1.large'],             True),
        ('in_a_list', ['m1.large, m1.small'],   False),
        ('part',      ['m1.small.hp'],          True),
        ('empty',     [''],                     True),
        ('one_of_two', ['m1.large', 'm1.small'], False),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, kept_for, refused):
        there = [
            an_aggregate(name=f'a-{n}', instance_type=names)
            for n, names in enumerate(kept_for)
        ]
        found = asking.findings(
            aggregates.takes_flavor,
            flavor='m1.small',
            aggregates=there,
            request=AFFINITY,
        )
        self.assertEqual(
            [Finding(OTHER_FLAVORS, 'compute-2', {'flavor': 'm1.small'})]
            if refused
            else [],
            found,
        )

    @ddt.named_data(
        # name, fields
        (
            'another_host',
            {
                'aggregates': [an_aggregate('compute-1', instance_type='x')],
                'request': AFFINITY,
            },
        ),
        ('filter_off', {'aggregates': [an_aggregate(instance_type='x')]}),
        (
            'other_key',
            {'aggregates': [an_aggregate(flavor='x')], 'request': AFFINITY},
        ),
    )
    @ddt.unpack
    def test_is_not_asked(self, fields):
        self.assertEqual(
            [],
            asking.findings(
                aggregates.takes_flavor, flavor='m1.small', **fields
            ),
        )

    def test_unknown_flavor(self):
        [found] = asking.findings(
            aggregates.takes_flavor, aggregates=SMALL, request=AFFINITY
        )
        self.assertEqual({'flavor': None}, found.facts)


DOMAINS = {'migration_domain_keys': ('cell', 'cpu')}


@ddt.ddt
class TestStaysInDomain(base.TestCase):
    @ddt.named_data(
        # name, cell of the source, of the node, both as said if refused
        ('none',         [],             [],      None),
        ('same',         ['one'],        ['one'], None),
        ('other',        ['one'],        ['two'], (('one',), ('two',))),
        ('only_source',  ['one'],        [],      (('one',), ())),
        ('only_node',    [],             ['one'], ((), ('one',))),
        ('same_many',    ['two, one'],   ['one', 'two'], None),
        ('some_of_many', ['one', 'two'], ['two'], (('one', 'two'), ('two',))),
    )  # fmt: skip
    @ddt.unpack
    def test_refused(self, source, node, said):
        there = [
            an_aggregate(host, name=f'{host}-{n}', cell=value)
            for host, values in (('compute-1', source), ('compute-2', node))
            for n, value in enumerate(values)
        ]
        facts = dict(
            zip(
                ('key', 'source', 'destination'),
                ('cell', *(said or ())),
                strict=False,
            )
        )
        self.assertEqual(
            [Finding(OTHER_DOMAIN, 'compute-2', facts)] if said else [],
            asking.findings(
                aggregates.stays_in_domain, aggregates=there, request=DOMAINS
            ),
        )

    def test_every_key_by_name(self):
        found = asking.findings(
            aggregates.stays_in_domain,
            aggregates=[an_aggregate(cpu='x', cell='y', disk='z')],
            request={'migration_domain_keys': ('cpu', 'cell')},
        )
        self.assertEqual(['cell', 'cpu'], [f.facts['key'] for f in found])

    def test_no_keys(self):
        self.assertEqual(
            [],
            asking.findings(
                aggregates.stays_in_domain,
                aggregates=[an_aggregate(cell='one')],
            ),
        )
