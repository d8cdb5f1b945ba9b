# SPDX-License-Identifier: Apache-2.0

"""Tests of what all our actions do."""

import itertools

import ddt
import jsonschema

from tests.unit.plugin import base
from tests.unit.plugin import database
from watcher_host_maintenance.plugin.actions import base as actions


UUID = '5d1bd63d-3b2e-4b0e-9d61-0d5b6f9a6a52'


class Nothing(actions.Action):
    """The least that an action can be."""

    SCHEMA = actions.strict(resource_id=actions.UUID, name=actions.NAME)

    def execute(self):
        return True

    def get_description(self):
        return 'Nothing.'


@ddt.ddt
class TestSchema(base.TestCase):
    def validate(self, parameters):
        action = Nothing({})
        action.input_parameters = parameters
        return action.validate_parameters()

    def test_good(self):
        self.assertTrue(self.validate({'resource_id': UUID, 'name': 'x'}))

    @ddt.named_data(
        ('nothing', {}),
        ('one_is_missing', {'resource_id': UUID}),
        ('one_too_many', {'resource_id': UUID, 'name': 'x', 'host': 'y'}),
        ('empty_name', {'resource_id': UUID, 'name': ''}),
        ('no_text', {'resource_id': UUID, 'name': 1}),
        ('no_uuid', {'resource_id': 'compute-1', 'name': 'x'}),
        ('longer', {'resource_id': UUID + '0', 'name': 'x'}),
        ('no_hyphens', {'resource_id': UUID.replace('-', ''), 'name': 'x'}),
    )
    def test_bad(self, parameters):
        self.assertRaises(
            jsonschema.ValidationError, self.validate, parameters
        )


@ddt.ddt
class TestPolls(base.TestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(database.Database())
        self.limit(3)

    def limit(self, looks):
        self.conf.config(
            group='nova', migration_interval=0.1, migration_max_retries=looks
        )

    @ddt.data((1, [0]), (3, [0, 1, 2]))
    @ddt.unpack
    def test_number(self, looks, expected):
        self.limit(looks)
        self.assertEqual(expected, list(Nothing({}).polls()))

    def test_abort(self):
        action = Nothing({})
        polls = action.polls()
        self.assertEqual(0, next(polls))
        self.assertIs(True, action.abort())
        self.assertEqual([], list(polls))

    def test_aborted_before(self):
        action = Nothing({})
        action.abort()
        self.assertEqual([0], list(itertools.islice(action.polls(), 9)))

    def test_never_undone(self):
        self.assertIs(False, Nothing({}).revert())
