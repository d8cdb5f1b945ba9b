# SPDX-License-Identifier: Apache-2.0

"""The strategies: their names, their parameters, and their doors of core."""

from typing import Any

from oslo_config import cfg
from watcher import conf

from watcher_host_maintenance.cloud.reading.decisions import Door
from watcher_host_maintenance.cloud.reading.departures import History
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core import returning
from watcher_host_maintenance.core.model.pace import Pace
from watcher_host_maintenance.core.model.plan import Purpose
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import history
from watcher_host_maintenance.plugin.watcher.audit import AuditStrategy
from watcher_host_maintenance.request import options
from watcher_host_maintenance.request import parameters
from watcher_host_maintenance.request import return_parameters


class ClusterHostMaintenance(AuditStrategy):
    """Empty compute nodes, by a plan that is proved to fit or not at all."""

    KEY = names.STRATEGY
    DISPLAY_NAME = names.STRATEGY_DISPLAY_NAME
    GOAL = names.GOAL

    @classmethod
    def get_schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the audit's parameters."""
        return parameters.SCHEMA

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Return the options, which Watcher registers in our group."""
        return options.STRATEGY_OPTIONS

    @property
    def decide(self) -> Door:
        """The door of core that it plans with."""
        return drain.decide

    def to_request(self) -> Request:
        """Return the request that the audit's parameters make."""
        return parameters.to_request(
            self.input_parameters, self.config, interval=self.interval
        )


class ClusterHostReturn(AuditStrategy):
    """Return compute nodes to service, with what has left them or without."""

    purpose = Purpose.RETURN

    KEY = names.RETURN_STRATEGY
    DISPLAY_NAME = names.RETURN_STRATEGY_DISPLAY_NAME
    GOAL = names.RETURN_GOAL

    @classmethod
    def get_schema(cls) -> dict[str, Any]:
        """Return the JSON schema of the audit's parameters."""
        return return_parameters.SCHEMA

    @classmethod
    def get_config_opts(cls) -> list[cfg.Opt]:
        """Return the options that a return alone needs.

        Those of a drain hold as well, and a drain need not have been loaded.
        """
        conf.CONF.register_opts(options.STRATEGY_OPTIONS, options.GROUP)
        return options.RETURN_OPTIONS

    @property
    def decide(self) -> Door:
        """The door of core that it plans with."""
        return returning.decide

    @property
    def history(self) -> History:
        """What Watcher's database has of the nodes."""
        return history.recorded

    @property
    def options(self) -> dict[str, Any]:
        """The options of both strategies."""
        shared = conf.CONF[options.GROUP]
        keys = [option.dest for option in options.STRATEGY_OPTIONS]
        return {key: shared[key] for key in keys} | dict(self.config)

    @property
    def pace(self) -> Pace:
        """How fast a plan is carried out."""
        return return_parameters.to_pace(self.options)

    def to_request(self) -> Request:
        """Return the request that the audit's parameters make."""
        return return_parameters.to_request(
            self.input_parameters, self.options
        )
