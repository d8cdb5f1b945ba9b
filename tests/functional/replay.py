# SPDX-License-Identifier: Apache-2.0

"""Send notifications by Watcher's own notifier, to a listener beside it.

``python -m tests.functional.replay watcher.conf when_ready.py`` reads them
from standard input, as Watcher logs them, one a line. It is a process of its
own, for Watcher has one configuration in a process.
"""

import contextlib
import importlib.util
import io
import json
import sys

from watcher.common import config as watcher_config
from watcher.common import context
from watcher.common import rpc

# It registers an option.
from watcher.common import service  # noqa: F401

from minicloud import waiting


#: What the example prints when it has taken the last one.
END = 'the end is ready\n'

LAST = {
    'publisher_id': 'replay',
    'priority': 'INFO',
    'event_type': 'action.execution.end',
    'payload': {
        'watcher_object.data': {
            'action_type': 'verify_host_empty',
            'state': 'SUCCEEDED',
            'input_parameters': {'resource_name': 'the end', 'remaining': []},
        }
    },
}


def main(config, path):
    """Send each line and LAST, and print what the example prints."""
    watcher_config.parse_args(['replay', '--config-file', config])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        listener = _example(path).listen('fake:///')
        for line in sys.stdin:
            _send(json.loads(line))
        _send(LAST)
        waiting.until(lambda: END in printed.getvalue(), 30, printed.getvalue)
        listener.stop()
        # Of those before it, some may be under way still.
        listener.wait()
    sys.stdout.write(printed.getvalue())


def _example(path):
    spec = importlib.util.spec_from_file_location('example', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _send(one):
    notifier = rpc.get_notifier(one['publisher_id'])
    getattr(notifier, one['priority'].lower())(
        context.make_context(), one['event_type'], one['payload']
    )


if __name__ == '__main__':
    main(*sys.argv[1:])
