# SPDX-License-Identifier: Apache-2.0

"""The options from a file, without Watcher."""

from typing import Any
from typing import NamedTuple

from oslo_config import cfg

from watcher_host_maintenance.request.options import GROUP
from watcher_host_maintenance.request.options import STRATEGY_OPTIONS


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
    config.register_opts(STRATEGY_OPTIONS, group=GROUP)
    config(
        args=[],
        project='',
        default_config_files=[path] if path else [],
        default_config_dirs=[],
    )
    names = [option.dest for option in STRATEGY_OPTIONS]
    # Each is read here: a bad value is found no sooner.
    values = {name: config[GROUP][name] for name in names}
    locations = {name: config.get_location(name, GROUP) for name in names}
    given = (
        name
        for name, found in locations.items()
        if found is not None and found.location is cfg.Locations.user
    )
    return Options(values, tuple(given))
