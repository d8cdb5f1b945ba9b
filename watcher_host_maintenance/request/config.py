# SPDX-License-Identifier: Apache-2.0

"""The options from a file, without Watcher."""

from typing import Any
from typing import NamedTuple

from oslo_config import cfg

from watcher_host_maintenance.request.options import GROUP
from watcher_host_maintenance.request.options import RETURN_GROUP
from watcher_host_maintenance.request.options import RETURN_OPTIONS
from watcher_host_maintenance.request.options import ROLL_GROUP
from watcher_host_maintenance.request.options import ROLL_OPTIONS
from watcher_host_maintenance.request.options import STRATEGY_OPTIONS


OPTIONS = {
    GROUP: STRATEGY_OPTIONS,
    RETURN_GROUP: RETURN_OPTIONS,
    ROLL_GROUP: ROLL_OPTIONS,
}
"""Section of watcher.conf -> its options; no name is in two."""


class Options(NamedTuple):
    """The options of the plugin.

    :ivar values: option -> value
    :ivar given: names of the options that the file has set, in order
    """

    values: dict[str, Any]
    given: tuple[str, ...] = ()


def read(path: str | None = None) -> Options:
    """Read the options from a watcher.conf; the rest has its defaults.

    :param path: of the file; None reads none
    :raises oslo_config.cfg.Error: it cannot be read, or has a bad value
    """
    config = cfg.ConfigOpts()
    for group, options in OPTIONS.items():
        config.register_opts(options, group=group)
    config(
        args=[],
        project='',
        default_config_files=[path] if path else [],
        default_config_dirs=[],
    )
    groups = {o.dest: group for group, opts in OPTIONS.items() for o in opts}
    # Each is read here: a bad value is found no sooner.
    values = {name: config[group][name] for name, group in groups.items()}
    locations = {
        n: config.get_location(n, group) for n, group in groups.items()
    }
    given = (
        name
        for name, found in locations.items()
        if found is not None and found.location is cfg.Locations.user
    )
    return Options(values, tuple(given))
