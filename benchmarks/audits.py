# SPDX-License-Identifier: Apache-2.0

"""Strategies as the decision engine loads them, on a made-up model.

Watcher's loaders, its collector with its copies of the model, its scope
handler and its solutions are real; Nova, Placement and metrics answer at no
cost.
"""

import contextlib

from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any
from unittest import mock

from watcher import conf
from watcher import objects
from watcher.common import utils
from watcher.decision_engine.loading import default as loading
from watcher.decision_engine.model import element
from watcher.decision_engine.model import model_root
from watcher.decision_engine.model.collector import manager
from watcher.decision_engine.model.collector import nova as collectors
from watcher.decision_engine.strategy import strategies

from benchmarks import answers
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.watcher import connections


OURS = names.STRATEGY
MAINTENANCE = 'host_maintenance'
CONSOLIDATION = 'vm_workload_consolidation'

NOWHERE = 'http://127.0.0.1:9'
"""Watcher's Nova helper wants an endpoint, and calls it for no audit here."""


class Metrics:
    """In place of a datasource: instances use a part of what they have."""

    CPU_PERCENT = 40.0

    def get_instance_cpu_usage(self, **_asked: object) -> float:
        return self.CPU_PERCENT

    def get_instance_ram_usage(
        self, resource: element.Instance, **_asked: object
    ) -> int:
        return int(resource.memory)

    def get_instance_root_disk_size(
        self, resource: element.Instance, **_asked: object
    ) -> int:
        return int(resource.disk)

    def get_host_cpu_usage(self, *_asked: object) -> None:
        """Return nothing, so that instances are added up."""

    def get_host_ram_usage(self, *_asked: object) -> None:
        """Return nothing, so that instances are added up."""


def configure() -> None:
    """Do what each of Watcher's services does first, with its defaults."""
    objects.register_all()
    with mock.patch('sys.argv', ['watcher']):
        conf.CONF(
            [],
            project='watcher',
            default_config_files=[],
            default_config_dirs=[],
        )
    conf.CONF.set_override('auth_type', 'none', 'nova')
    conf.CONF.set_override('endpoint_override', NOWHERE, 'nova')


@contextlib.contextmanager
def cloud(root: model_root.ModelRoot, copied: bool = True) -> Iterator[None]:
    """Let all strategies find a model, and services that agree with it.

    :param copied: each strategy gets a copy, as from Watcher's collector
    """
    nova, placement = answers.Nova(root), answers.Placement(root)

    class Collector(collectors.NovaClusterDataModelCollector):
        # Collectors are singletons: a class of its own is one of its own.
        def execute(self) -> model_root.ModelRoot:
            return root

        def get_latest_cluster_data_model(self) -> model_root.ModelRoot:
            return super().get_latest_cluster_data_model() if copied else root

    collector = Collector(utils.Struct(check_optimize_metadata=False))
    with contextlib.ExitStack() as stack:
        for where, name, stands_in in (
            (
                manager.CollectorManager,
                'get_cluster_model_collector',
                lambda *_asked, **_more: collector,
            ),
            (
                strategies.VMWorkloadConsolidation,
                'datasource_backend',
                Metrics(),
            ),
            (connections, 'connect_nova', lambda *_given: nova),
            (connections, 'connect_placement', lambda *_given: placement),
            (connections, 'connect_optional', lambda *_given: NOTHING),
        ):
            stack.enter_context(mock.patch.object(where, name, stands_in))
        yield


def loaded(name: str, hostname: str, scope: Sequence[object] = ()) -> Any:
    """Load a strategy that is to empty a node, if it is of that kind.

    :param scope: the audit's
    """
    strategy = loading.DefaultStrategyLoader().load(name)
    strategy.audit_scope = list(scope)
    if name != CONSOLIDATION:
        strategy.input_parameters.update(maintenance_node=hostname)
    return strategy
