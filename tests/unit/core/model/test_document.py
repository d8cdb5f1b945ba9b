# SPDX-License-Identifier: Apache-2.0

import dataclasses
import enum
import json

from collections.abc import Mapping

import ddt

from tests.unit import base
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.core.model.document import InvalidDocument


class Colour(enum.Enum):
    RED = 'red'
    BLUE = 'blue'


@dataclasses.dataclass(frozen=True)
class Wheel:
    inches: int
    pressure: float = 2.5
    spare: bool = False

    def __post_init__(self):
        if self.inches < 1:
            raise InvalidDocument('inches', 'must be at least 1')


@dataclasses.dataclass(frozen=True)
class Car:
    name: str
    wheels: tuple[Wheel, ...] = ()
    tools: Mapping[str, Wheel] = dataclasses.field(default_factory=dict)
    colour: Colour = Colour.RED
    owner: str | None = None
    seats: Mapping[str, int] = dataclasses.field(default_factory=dict)


KNOWN_FIELDS = 'name, wheels, tools, colour, owner, seats'


def a_car(**fields):
    """A document of a car, right but for the fields given."""
    return {'name': 'Herbie', **fields}


@ddt.ddt
class TestDecode(base.TestCase):
    def test_defaults(self):
        self.assertEqual(
            Car('Herbie', (), {}, Colour.RED, None, {}),
            document.from_plain(Car, a_car()),
        )

    def test_everything(self):
        plain = a_car(
            wheels=[{'inches': 15}, {'inches': 16, 'spare': True}],
            tools={'jack': {'inches': 3, 'pressure': 0}},
            colour='blue',
            owner='Jim',
            seats={'rear': 3, 'front': 2},
        )
        car = document.from_plain(Car, plain)
        self.assertEqual(
            Car(
                'Herbie',
                (Wheel(15, 2.5, False), Wheel(16, 2.5, True)),
                {'jack': Wheel(3, 0.0, False)},
                Colour.BLUE,
                'Jim',
                {'front': 2, 'rear': 3},
            ),
            car,
        )
        self.assertEqual(['front', 'rear'], list(car.seats))

    def test_a_whole_number_is_a_number(self):
        wheel = document.from_plain(Wheel, {'inches': 1, 'pressure': 3})
        self.assertEqual(3.0, wheel.pressure)
        self.assertIs(float, type(wheel.pressure))

    def test_null_where_it_may_be(self):
        self.assertIsNone(document.from_plain(Car, a_car(owner=None)).owner)

    @ddt.named_data(
        # name, document, expected path and problem
        ('not_an_object', [], '', 'expected an object, got []'),
        ('null', None, '', 'expected an object, got null'),
        ('missing', {}, 'name', 'is missing'),
        (
            'missing_inside',
            a_car(wheels=[{}]),
            'wheels[0].inches',
            'is missing',
        ),
        (
            'unknown',
            a_car(Color='red'),
            'Color',
            f'unknown field; known are {KNOWN_FIELDS}',
        ),
        (
            'first_unknown',
            a_car(b=1, a=1),
            'a',
            f'unknown field; known are {KNOWN_FIELDS}',
        ),
        (
            'unknown_before_missing',
            {'nmae': 'Herbie'},
            'nmae',
            f'unknown field; known are {KNOWN_FIELDS}',
        ),
        ('not_text', a_car(name=53), 'name', 'expected a string, got 53'),
        ('null_text', {'name': None}, 'name', 'expected a string, got null'),
        ('not_a_list', a_car(wheels={}), 'wheels', 'expected a list, got {}'),
        (
            'text_is_no_list',
            a_car(wheels='four'),
            'wheels',
            'expected a list, got "four"',
        ),
        (
            'in_a_list',
            a_car(wheels=[{'inches': 1}, {'inches': 'x'}]),
            'wheels[1].inches',
            'expected an integer, got "x"',
        ),
        (
            'not_a_mapping',
            a_car(tools=[1]),
            'tools',
            'expected an object, got [1]',
        ),
        (
            'in_a_mapping',
            a_car(tools={'jack': 7}),
            'tools.jack',
            'expected an object, got 7',
        ),
        (
            'first_in_a_mapping',
            a_car(seats={'rear': 'x', 'front': 'y'}),
            'seats.front',
            'expected an integer, got "y"',
        ),
        (
            'bad_choice',
            a_car(colour='green'),
            'colour',
            'expected one of blue, red, got "green"',
        ),
        (
            'choice_of_another_type',
            a_car(colour=['red']),
            'colour',
            'expected one of blue, red, got ["red"]',
        ),
        (
            'optional_of_another_type',
            a_car(owner=1),
            'owner',
            'expected a string, got 1',
        ),
        (
            'bool_for_integer',
            a_car(seats={'rear': True}),
            'seats.rear',
            'expected an integer, got true',
        ),
        (
            'no_service_stores_it',
            a_car(seats={'rear': 2**63}),
            'seats.rear',
            'expected an integer of at most 63 bits, got 9223372036854775808',
        ),
        (
            'no_float_holds_it',
            a_car(seats={'rear': -(10**400)}),
            'seats.rear',
            'expected an integer of at most 63 bits, got -1'
            + '0' * 35
            + '...',
        ),
        (
            'number_for_integer',
            a_car(seats={'rear': 2.0}),
            'seats.rear',
            'expected an integer, got 2.0',
        ),
        (
            'bool_for_number',
            a_car(wheels=[{'inches': 1, 'pressure': True}]),
            'wheels[0].pressure',
            'expected a number, got true',
        ),
        (
            'not_a_number',
            a_car(wheels=[{'inches': 1, 'pressure': float('nan')}]),
            'wheels[0].pressure',
            'expected a finite number, got NaN',
        ),
        (
            'infinite',
            a_car(wheels=[{'inches': 1, 'pressure': float('inf')}]),
            'wheels[0].pressure',
            'expected a finite number, got Infinity',
        ),
        (
            'too_large',
            a_car(wheels=[{'inches': 1, 'pressure': 10**400}]),
            'wheels[0].pressure',
            'expected a finite number, got 1000000000000000000000000000000000000...',
        ),
        (
            'integer_for_bool',
            a_car(wheels=[{'inches': 1, 'spare': 1}]),
            'wheels[0].spare',
            'expected true or false, got 1',
        ),
        (
            'refused_by_the_record',
            a_car(tools={'jack': {'inches': 0}}),
            'tools.jack.inches',
            'must be at least 1',
        ),
    )
    @ddt.unpack
    def test_names_the_field(self, plain, path, problem):
        error = self.assertRaises(
            InvalidDocument, document.from_plain, Car, plain
        )
        self.assertEqual((path, problem), (error.path, error.problem))
        self.assertEqual(f'{path or "document"}: {problem}', str(error))

    def test_nested_too_deep(self):
        error = self.assertRaises(
            InvalidDocument, document.loads, Car, 100_000 * '['
        )
        self.assertEqual('', error.path)
        self.assertIn('not JSON: ', error.problem)

    def test_refused_without_a_path_before(self):
        error = self.assertRaises(
            InvalidDocument, document.from_plain, Wheel, {'inches': 0}
        )
        self.assertEqual('inches: must be at least 1', str(error))

    @ddt.named_data(
        # name, characters with both quotes, expected
        ('whole', 40, '"' + 38 * 'x' + '"'),
        ('cut', 41, '"' + 36 * 'x' + '...'),
    )
    @ddt.unpack
    def test_what_is_shown_is_cut(self, length, shown):
        text = (length - 2) * 'x'
        error = self.assertRaises(
            InvalidDocument, document.from_plain, Car, text
        )
        self.assertEqual(f'expected an object, got {shown}', error.problem)

    def test_shows_text_as_it_was_written(self):
        error = self.assertRaises(
            InvalidDocument, document.from_plain, Car, 'Käfer'
        )
        self.assertEqual('expected an object, got "Käfer"', error.problem)


class TestText(base.TestCase):
    CAR = Car('Käfer', (Wheel(15),), seats={'rear': 3, 'front': 2})

    def test_dumps(self):
        self.assertEqual(
            '{"name": "Käfer", "wheels": [{"inches": 15, "pressure": 2.5, '
            '"spare": false}], "tools": {}, "colour": "red", "owner": null, '
            '"seats": {"front": 2, "rear": 3}}',
            document.dumps(self.CAR, indent=None),
        )

    def test_dumps_is_indented(self):
        self.assertEqual(
            '{\n  "inches": 1,\n  "pressure": 2.5,\n  "spare": true\n}',
            document.dumps(Wheel(1, spare=True)),
        )

    def test_loads_what_dumps_writes(self):
        self.assertEqual(
            self.CAR, document.loads(Car, document.dumps(self.CAR))
        )

    def test_plain(self):
        self.assertEqual(
            [1, 'x', None, 'blue', [2.5], {'3': 'red', '4': True}],
            document.to_plain(
                [1, 'x', None, Colour.BLUE, (2.5,), {4: True, 3: Colour.RED}]
            ),
        )

    def test_not_json(self):
        error = self.assertRaises(
            InvalidDocument, document.loads, Car, '{"name": '
        )
        self.assertEqual(
            'document: not JSON: Expecting value: line 1 column 10 (char 9)',
            str(error),
        )
        self.assertEqual('', error.path)
        self.assertIsInstance(error.__cause__, json.JSONDecodeError)
