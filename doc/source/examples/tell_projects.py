# SPDX-License-Identifier: Apache-2.0

"""POST what the owners of servers are told to a URL of their project.

``hooks.json`` has the URL and the secret of each project:
``{"PROJECT_ID": {"url": "https://...", "secret": "..."}}``.
"""

import argparse
import hashlib
import hmac
import http.client
import json
import queue
import sys
import threading
import time
import urllib.request

import oslo_messaging

from oslo_config import cfg


SIGNATURE = 'X-Maintenance-Signature'
PAUSES_S = (1, 5)
TIMEOUT_S = 10
MOST_WAITING = 1000
SCHEMES = ('http://', 'https://')


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Does not follow an answer that leads elsewhere."""

    def redirect_request(self, *arguments):
        """Take the answer for an error."""


class Projects:
    """Sends each notification to its project, and to no other.

    Each project has a thread of its own, so that its messages keep their order
    and a URL that does not answer delays no other project.
    """

    filter_rule = oslo_messaging.NotificationFilter(
        event_type=r'maintenance\.(planned|moving|done|cancelled)$'
    )

    def __init__(self, hooks):
        self._hooks = hooks
        self._opener = urllib.request.build_opener(NoRedirect)
        self._waiting = {}
        for project_id in hooks:
            self._waiting[project_id] = queue.Queue(MOST_WAITING)
            threading.Thread(
                target=self._work, args=(project_id,), daemon=True
            ).start()

    def info(self, context, publisher, event_type, payload, metadata):
        """Have the thread of its project POST what an owner was told."""
        waiting = self._waiting.get(payload['project_id'])
        if waiting is None:
            return
        body = json.dumps(
            {
                'id': metadata['message_id'],
                'time': metadata['timestamp'],
                'event': event_type,
                **payload,
            }
        ).encode()
        name = f'{event_type} of {payload["server_id"]}'
        try:
            waiting.put_nowait((name, body))
        except queue.Full:
            log(f'{name}: {MOST_WAITING} messages wait')

    def _work(self, project_id):
        """POST the messages of a project, one after the other."""
        waiting = self._waiting[project_id]
        while True:
            self._send(self._hooks[project_id], *waiting.get())
            waiting.task_done()

    def _send(self, hook, name, body):
        """POST a message, some times if need be."""
        headers = {
            'Content-Type': 'application/json',
            SIGNATURE: sign(hook['secret'], body),
        }
        for pause_s in (*PAUSES_S, None):
            try:
                request = urllib.request.Request(hook['url'], body, headers)
                self._opener.open(request, timeout=TIMEOUT_S).close()
            except (OSError, ValueError, http.client.HTTPException) as exc:
                # Without the URL, which may have a secret of its own.
                log(f'{name}: {type(exc).__name__}')
            else:
                return
            if pause_s is not None:
                time.sleep(pause_s)


def load(path):
    """Read the hooks; end the program if one of them cannot be used."""
    try:
        with open(path, encoding='utf-8') as stream:
            hooks = json.load(stream)
    except (OSError, ValueError) as exc:
        sys.exit(f'Cannot read {path}: {exc}')
    problems = list(mistakes(hooks))
    if problems:
        sys.exit(f'Correct {path}: {"; ".join(problems)}')
    return hooks


def mistakes(hooks):
    """Yield what is wrong with the hooks, without a URL or a secret."""
    if not isinstance(hooks, dict):
        yield 'it has to be an object: project ID -> "url" and "secret"'
        return
    for project_id, hook in hooks.items():
        if not isinstance(hook, dict):
            yield f'{project_id} has to be an object'
            continue
        for key in ('url', 'secret'):
            text = hook.get(key)
            if not isinstance(text, str) or not text.isprintable() or not text:
                yield f'{project_id} has no text as "{key}"'
            elif key == 'url' and not text.startswith(SCHEMES):
                yield f'{project_id} has no http or https URL as "url"'


def log(text):
    """Write a line to stderr."""
    print(text, file=sys.stderr, flush=True)


def sign(secret, body):
    """Return what the receiver compares, by hmac.compare_digest()."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return f'sha256={digest}'


def listen(transport_url, hooks, topic='notifications', pool='tell-projects'):
    """Start to listen; each pool receives all notifications."""
    conf = cfg.ConfigOpts()
    conf([], project='tell-projects')
    listener = oslo_messaging.get_notification_listener(
        oslo_messaging.get_notification_transport(conf, transport_url),
        [oslo_messaging.Target(exchange='watcher', topic=topic)],
        [Projects(hooks)],
        executor='threading',
        pool=pool,
    )
    # With more threads, messages may overtake each other.
    listener.start(override_pool_size=1)
    return listener


def main():
    """Listen for ever."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('transport_url', help='that of the notifications')
    parser.add_argument('hooks', type=load, help='such as hooks.json')
    parser.add_argument('topic', nargs='?', default='notifications')
    arguments = parser.parse_args()
    listen(arguments.transport_url, arguments.hooks, arguments.topic)
    threading.Event().wait()


if __name__ == '__main__':
    main()
