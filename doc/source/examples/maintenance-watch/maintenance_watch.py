#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0

"""Run a hook in the server when its host's maintenance is announced, moves on.

It reads the metadata service of Nova again and again. When what it tells of a
maintenance has changed, the executable file of the new state's name in the
directory of hooks is run: announced, moving, done, left, cancelled, or gone,
when the notice has disappeared without any of the last three.

A hook is run once for each change, even if the watch or the server is
restarted; one that was interrupted is run once more. Its environment has
MAINTENANCE_ID, _STATE, _STARTS, _ENDS, _ANSWER_BY, _EFFECT, _HOST and _WORD;
what is not known is not set.

Python 3.6 or later, without anything else.
"""

import argparse
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request


PREFIX = 'maintenance:'
TIME = r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ'
STATES = ('announced', 'moving', 'done', 'left', 'cancelled')
FORMS = {
    'id': r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
    'state': '|'.join(STATES),
    'starts': TIME,
    'ends': TIME,
    'answer_by': TIME,
    'effect': 'live|cold|stop|none',
    'host': 'returns|removed',
    'word': 'keep|stay|stop|stop-and-start|cold|move',
}
"""Key behind the prefix -> what its value has to look like.

Whoever may write metadata of the server can write anything: all else is
ignored, and nothing of it reaches a hook.
"""

GONE = 'gone'
AWAITED = ('announced', 'moving')
"""States that another one has to follow."""

MAX_BYTES = 1024 * 1024
ANSWER_S = 10
TRIES = 2
GONE_S = 900
"""Longer than a notice that was deleted by mistake is missing."""


class Watch:
    """Compares what is told with what was told, and runs hooks."""

    def __init__(self, url, hooks, path, timeout_s, clock=time.monotonic):
        """Go on where an earlier watch has ended.

        :param hooks: directory of the hooks
        :param path: of the file that remembers what was done
        :param timeout_s: for each hook, in seconds
        """
        self._url = url
        self._hooks = hooks
        self._path = path
        self._timeout_s = timeout_s
        self._clock = clock
        self._done = load(path)
        self._missing_since = None

    def look(self):
        """Read what is told now, and run a hook if that has changed."""
        try:
            notice = read(self._url)
        except (OSError, ValueError, http.client.HTTPException) as exc:
            log(f'No metadata: {exc}')
            return
        if notice:
            self._missing_since = None
            self._act(notice)
        elif self._done.get('notice', {}).get('state') in AWAITED:
            now = self._clock()
            if self._missing_since is None:
                self._missing_since = now
            if now - self._missing_since >= GONE_S:
                self._act({'state': GONE})

    def _act(self, notice):
        """Run the hook of a notice, unless it has been run."""
        tries = 0
        if self._done.get('notice') == notice:
            tries = self._done.get('tries', 0)
            if self._done.get('ended') or tries >= TRIES:
                return
        self._remember(notice, tries + 1, False)
        run(
            os.path.join(self._hooks, notice['state']), notice, self._timeout_s
        )
        self._remember(notice, tries + 1, True)

    def _remember(self, notice, tries, ended):
        """Write what was done; a power failure leaves the old or the new."""
        self._done = {'notice': notice, 'tries': tries, 'ended': ended}
        directory = os.path.dirname(os.path.abspath(self._path))
        handle, path = tempfile.mkstemp(dir=directory)
        with os.fdopen(handle, 'w') as stream:
            json.dump(self._done, stream)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(path, self._path)


def load(path):
    """Return what was done; nothing if that is not known."""
    try:
        with open(path) as stream:
            done = json.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        log(f'{path} is not read: {exc}')
        return {}
    is_ours = isinstance(done, dict) and isinstance(done.get('notice'), dict)
    return done if is_ours else {}


def read(url):
    """Return what the metadata service tells, each value as it has to be.

    :returns: key behind the prefix -> value; empty without a valid state
    :raises OSError: there is no answer
    :raises http.client.HTTPException: it is not HTTP, or not whole
    :raises ValueError: the answer is no JSON, or too long
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=ANSWER_S) as answer:
        body = answer.read(MAX_BYTES + 1)
    if len(body) > MAX_BYTES:
        raise ValueError(f'more than {MAX_BYTES} bytes')
    document = json.loads(body.decode('utf-8'))
    meta = document.get('meta') if isinstance(document, dict) else None
    return valid(meta if isinstance(meta, dict) else {})


def valid(meta):
    """Return key behind the prefix -> value of what is valid."""
    notice = {}
    for key, form in FORMS.items():
        value = meta.get(PREFIX + key)
        if isinstance(value, str) and re.fullmatch(form, value, re.ASCII):
            notice[key] = value
    return notice if 'state' in notice else {}


def run(hook, notice, timeout_s):
    """Run a hook to its end, or kill it with all that it has started."""
    if not os.access(hook, os.X_OK) or os.path.isdir(hook):
        log('{}: no hook {}'.format(notice['state'], hook))
        return
    environment = {'PATH': os.environ.get('PATH', os.defpath)}
    for key, value in notice.items():
        environment['MAINTENANCE_' + key.upper()] = value
    log('{}: running {}'.format(notice['state'], hook))
    try:
        process = subprocess.Popen(
            [hook],
            env=environment,
            cwd='/',
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as exc:
        log(f'{hook} does not start: {exc}')
        return
    try:
        status = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        status = f'killed after {timeout_s} s'
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    log(f'{hook}: {status}')


def log(text):
    """Write a line to the journal."""
    print(text, file=sys.stderr, flush=True)


def main():
    """Look at the metadata service for ever."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        '--url',
        default='http://169.254.169.254/openstack/latest/meta_data.json',
        help='of the metadata; default: %(default)s',
    )
    parser.add_argument(
        '--hooks',
        default='/etc/maintenance-watch',
        help='directory of the hooks; default: %(default)s',
    )
    parser.add_argument(
        '--state',
        default='/var/lib/maintenance-watch/state.json',
        help='file that remembers what was done; default: %(default)s',
    )
    parser.add_argument(
        '--interval',
        type=float,
        default=15,
        help='seconds between two looks; default: %(default)s. Nova itself '
        'may be 15 s late.',
    )
    parser.add_argument(
        '--timeout',
        type=float,
        default=600,
        help='seconds after which a hook is killed; default: %(default)s',
    )
    parser.add_argument('--once', action='store_true', help='look once')
    options = parser.parse_args()
    watch = Watch(options.url, options.hooks, options.state, options.timeout)
    watch.look()
    while not options.once:
        time.sleep(options.interval)
        watch.look()


if __name__ == '__main__':
    main()
