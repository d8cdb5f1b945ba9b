# SPDX-License-Identifier: Apache-2.0

import contextlib
import io

import ddt

from demo import __main__ as demo
from demo import judge
from minicloud import exceptions
from tests.unit import base


def run(error=None, arguments=()):
    """Run the demo with a story that ends so.

    :returns: exit status, what went to standard error
    """

    def tell(screen, options):
        if error:
            raise error

    with contextlib.redirect_stderr(io.StringIO()) as stderr:
        return demo.main(list(arguments), tell), stderr.getvalue()


@ddt.ddt
class TestMain(base.TestCase):
    @ddt.named_data(
        # name, how the story ends, exit status, what is said
        ('as_told', None, 0, ''),
        (
            'not_as_told',
            judge.NotAsTold('web is still on a'),
            1,
            '\nNot as told:\nweb is still on a\n',
        ),
        (
            'no_cloud',
            exceptions.CloudError('nova did not start'),
            1,
            '\nThe cloud did not work:\nnova did not start\n',
        ),
        (
            'interrupted',
            KeyboardInterrupt(),
            130,
            '\nStopped. The cloud is gone.\n',
        ),
    )
    @ddt.unpack
    def test_exit_status(self, error, status, said):
        self.assertEqual((status, said), run(error))

    def test_a_bug_is_not_hidden(self):
        self.assertRaises(ZeroDivisionError, run, ZeroDivisionError())

    def test_unknown_arguments(self):
        for unknown in ('--fast', 'sail'):
            raised = self.assertRaises(SystemExit, run, None, [unknown])
            self.assertEqual(2, raised.code)
