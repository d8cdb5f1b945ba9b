# SPDX-License-Identifier: Apache-2.0

import ddt

from tests.unit import base
from tools import mutants


@ddt.ddt
class TestMutants(base.TestCase):
    @ddt.named_data(
        # name, source, what it becomes
        ('compare',     'x = a < b',               ['x = a <= b']),
        ('arithmetic',  'x = a + b',               ['x = a - b']),
        ('and',         'x = a and b',             ['x = a or b']),
        ('not',         'x = not a',               ['x = a']),
        ('number',      'x = 1',                   ['x = 2']),
        ('truth',       'x = True',                ['x = False']),
        ('text',        "x = 'a'",                 ["x = 'XXaXX'"]),
        ('nothing',     'x = None',                []),
        ('choice',      'x = a if b else c',       ['x = c if b else a']),
        ('filter',      'x = [a for a in b if a]', ['x = [a for a in b]']),
    )  # fmt: skip
    @ddt.unpack
    def test_expression(self, source, expected):
        found = mutants.mutants(source, 'toy.py')
        self.assertEqual(expected, [mutant.after for mutant in found])

    @ddt.named_data(
        ('condition', 'if a:\n        b = c',   ['if not a:']),
        ('call',      'a()',                    ['pass']),
        ('raise',     'raise a',                ['pass']),
        ('return',    'return a',               ['return None']),
        ('returns',   'return 1',               ['return 2']),
        ('docstring', '"""Words."""',           []),
    )  # fmt: skip
    @ddt.unpack
    def test_statement(self, body, expected):
        source = f'def f(a: 1, b: "b") -> 1:\n    {body}\n'
        found = mutants.mutants(source, 'toy.py')
        self.assertEqual(expected, [mutant.after for mutant in found])

    def test_one_fault_each(self):
        ran = []
        for mutant in mutants.mutants('x = 1\ny = 2\n', 'toy.py'):
            names = {}
            exec(mutant.code, names)
            ran.append((names['x'], names['y']))
        self.assertEqual([(2, 2), (1, 3)], ran)

    def test_lines_of_a_head(self):
        source = 'if (a\n        < b):\n    c = d\n'
        lines = {mutant.lines for mutant in mutants.mutants(source, 'toy.py')}
        self.assertEqual({range(1, 3)}, lines)

    def test_long_statement_is_cut(self):
        source = 'x = [\n' + '    a,\n' * 99 + '    1]\n'
        (mutant,) = mutants.mutants(source, 'toy.py')
        self.assertEqual(101, mutant.line)
        self.assertEqual('...' + ', a' * 11 + ', 1]', mutant.before)
        self.assertEqual('...' + ', a' * 11 + ', 2]', mutant.after)
