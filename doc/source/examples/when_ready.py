# SPDX-License-Identifier: Apache-2.0

"""Print a line for each compute node that is ready for maintenance."""

import sys
import threading

import oslo_messaging

from oslo_config import cfg


class Ready:
    """Looks for the last action of a plan that has emptied a node."""

    filter_rule = oslo_messaging.NotificationFilter(
        event_type=r'action\.execution\.end$'
    )

    def info(self, context, publisher, event_type, payload, metadata):
        """Take a notification of Watcher's applier."""
        action = payload['watcher_object.data']
        asked = action['input_parameters']
        if (
            action['action_type'] == 'verify_host_empty'
            and action['state'] == 'SUCCEEDED'
            # What was to stay by on_blocked=leave, or stopped there.
            and not asked['remaining']
        ):
            print(f'{asked["resource_name"]} is ready', flush=True)


def listen(transport_url, topic='notifications', pool='when-ready'):
    """Start to listen; the pool gives us a copy of each notification."""
    conf = cfg.ConfigOpts()
    conf([], project='when-ready')
    listener = oslo_messaging.get_notification_listener(
        oslo_messaging.get_notification_transport(conf, transport_url),
        [oslo_messaging.Target(exchange='watcher', topic=topic)],
        [Ready()],
        executor='threading',
        pool=pool,
    )
    listener.start()
    return listener


if __name__ == '__main__':
    listen(*sys.argv[1:])
    threading.Event().wait()
