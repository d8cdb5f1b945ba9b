# SPDX-License-Identifier: Apache-2.0

"""What the example program of the documentation prints, and ignores."""

import contextlib
import importlib.util
import io
import pathlib
import types

import ddt
import oslo_messaging

from oslo_messaging.notify import dispatcher

from tests.unit import base


EXAMPLE = (
    pathlib.Path(__file__).resolve().parents[2]
    / 'doc'
    / 'source'
    / 'examples'
    / 'when_ready.py'
)

spec = importlib.util.spec_from_file_location('when_ready', EXAMPLE)
when_ready = importlib.util.module_from_spec(spec)
spec.loader.exec_module(when_ready)

END = 'action.execution.end'


def an_action(
    action_type='verify_host_empty', state='SUCCEEDED', remaining=()
):
    """What Watcher tells of an action."""
    return {
        'action_type': action_type,
        'state': state,
        'input_parameters': {
            'resource_name': 'compute-1',
            'remaining': list(remaining),
        },
    }


#: What Watcher tells of audits and action plans.
OTHER = {'uuid': 'c0ffee', 'state': 'SUCCEEDED'}
MIGRATE = {
    'action_type': 'migrate',
    'state': 'SUCCEEDED',
    'input_parameters': {'resource_name': 'web'},
}


@ddt.ddt
class TestReady(base.TestCase):
    @ddt.named_data(
        # name, event type, what is told of, printed
        ('ready',     END, an_action(), 'compute-1 is ready\n'),
        ('failed',    END, an_action(state='FAILED'), ''),
        ('remaining', END, an_action(remaining=['db']), ''),
        ('migrated',  END, MIGRATE, ''),
        ('started',   'action.execution.start', an_action(), ''),
        ('updated',   'action.update', an_action(), ''),
        ('audit',     'audit.strategy.end', OTHER, ''),
        ('plan',      'action_plan.execution.end', OTHER, ''),
        ('endless',   'action.execution.endless', OTHER, ''),
    )  # fmt: skip
    @ddt.unpack
    def test_print(self, event_type, told, printed):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            result = self.dispatch(event_type, told)
        self.assertEqual(printed, out.getvalue())
        # An exception would be logged only, and lead to REQUEUE.
        self.assertEqual(oslo_messaging.NotificationResult.HANDLED, result)

    def dispatch(self, event_type, told):
        """Give it a notification as oslo.messaging does."""
        return dispatcher.NotificationDispatcher(
            [when_ready.Ready()],
            oslo_messaging.NoOpSerializer(),
        ).dispatch(
            types.SimpleNamespace(
                ctxt={},
                message={
                    'publisher_id': 'watcher-applier:here',
                    'priority': 'INFO',
                    'event_type': event_type,
                    'payload': {'watcher_object.data': told},
                },
            )
        )
