# SPDX-License-Identifier: Apache-2.0

"""Print a line for each compute node that is ready for maintenance."""

import sys
import threading

import oslo_messaging

from oslo_config import cfg


class Ready:
    """Prints the node of each successful ``verify_host_empty`` action."""

    filter_rule = oslo_messaging.NotificationFilter(
        event_type=r'action\.execution\.end$'
    )

    def info(self, context, publisher, event_type, payload, metadata):
        """Handle a notification from Watcher's applier."""
        action = payload['watcher_object.data']
        parameters = action['input_parameters']
        if (
            action['action_type'] == 'verify_host_empty'
            and action['state'] == 'SUCCEEDED'
            # Servers that the plan leaves there, such as stopped ones.
            and not parameters['remaining']
        ):
            print(f'{parameters["resource_name"]} is ready', flush=True)


def listen(transport_url, topic='notifications', pool='when-ready'):
    """Start to listen; each pool receives all notifications."""
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
