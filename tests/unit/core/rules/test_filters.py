# SPDX-License-Identifier: Apache-2.0

import ast
import pathlib

from importlib import metadata

import ddt

from tests.unit import base
from tests.unit.core.builders import a_request
from tests.unit.core.rules.test_placement import source_of
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.rules import filters


HINTS = {'same_host': False, 'different_host': False, 'cidr_affinity': False}
NONE = {
    'aggregate_extra_specs': False,
    'unscoped_extra_specs': False,
    'tenant_isolation': False,
    'type_affinity': False,
    **HINTS,
}


@ddt.ddt
class TestSwitches(base.TestCase):
    @ddt.named_data(
        # name, enabled filters, fields that are on
        ('none',     (), ()),
        ('default',  filters.DEFAULT_FILTERS, ()),
        ('specs',    ('AggregateInstanceExtraSpecsFilter',),
         ('aggregate_extra_specs', 'unscoped_extra_specs')),
        ('projects', ('AggregateMultiTenancyIsolation',),
         ('tenant_isolation',)),
        ('flavors',  ('AggregateTypeAffinityFilter',), ('type_affinity',)),
        ('same',     ('SameHostFilter', 'ComputeFilter'), ('same_host',)),
        ('away',     ('DifferentHostFilter',), ('different_host',)),
        ('address',  ('SimpleCIDRAffinityFilter',), ('cidr_affinity',)),
        ('no_rule',  ('JsonFilter',), ()),
    )  # fmt: skip
    @ddt.unpack
    def test_on(self, enabled, fields):
        expected = NONE | dict.fromkeys(fields, True)
        self.assertEqual(expected, filters.switches(enabled))

    def test_are_fields_of_a_request(self):
        every = filters.switches(filters.SWITCHES)
        self.assertEqual({True}, {*every.values()})
        self.assertTrue(all(getattr(Request(**every), n) for n in every))


@ddt.ddt
class TestWithoutRule(base.TestCase):
    @ddt.named_data(
        # name, enabled filters, those that have no rule
        ('default',  filters.DEFAULT_FILTERS, ()),
        ('switched', filters.SWITCHES, ()),
        ('unproved', ('NUMATopologyFilter', 'PciPassthroughFilter'), ()),
        ('all_known', ('AllHostsFilter',), ()),
        ('several',  ('NumInstancesFilter', 'ComputeFilter', 'IoOpsFilter'),
         ('IoOpsFilter', 'NumInstancesFilter')),
        ('twice',    ('JsonFilter', 'JsonFilter'), ('JsonFilter',)),
        ('own',      ('RackFilter',), ('RackFilter',)),
    )  # fmt: skip
    @ddt.unpack
    def test_named(self, enabled, names):
        self.assertEqual(names, filters.without_rule(enabled))

    def test_notes(self):
        request = a_request(other_filters=('IoOpsFilter', 'JsonFilter'))
        self.assertEqual(
            [
                ('filter_without_rule', 'IoOpsFilter'),
                ('filter_without_rule', 'JsonFilter'),
            ],
            [(n.reason.value, n.subject) for n in filters.notes(request)],
        )
        self.assertEqual((), filters.notes(a_request()))


class TestNova(base.TestCase):
    """Nova's own list, from its source: to import it registers options."""

    def test_default(self):
        [default] = [
            ast.literal_eval(keyword.value)
            for call in ast.walk(ast.parse(source_of('conf/scheduler')))
            if isinstance(call, ast.Call)
            and call.args
            and ast.unparse(call.args[0]) == "'enabled_filters'"
            for keyword in call.keywords
            if keyword.arg == 'default'
        ]
        self.assertEqual(default, list(filters.DEFAULT_FILTERS))

    def test_every_filter_is_known_or_named(self):
        nova = metadata.distribution('nova')
        directory = pathlib.Path(nova.locate_file('nova/scheduler/filters'))
        classes = {
            node.name
            for path in directory.glob('[!_]*.py')
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.ClassDef) and node.name[0] != '_'
        }
        self.assertEqual(
            set(), (filters.ALWAYS_ON | filters.SWITCHES.keys()) - classes
        )
        self.assertEqual(
            (
                'AggregateImagePropertiesIsolation',
                'AggregateIoOpsFilter',
                'AggregateNumInstancesFilter',
                'IoOpsFilter',
                'IsolatedHostsFilter',
                'JsonFilter',
                'MetricsFilter',
                'NumInstancesFilter',
            ),
            filters.without_rule(classes),
        )
