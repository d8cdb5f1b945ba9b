# SPDX-License-Identifier: Apache-2.0

"""Audits of a cloud that a test changes before it runs one."""

import json

from watcher.decision_engine.loading import default as loading
from watcher.decision_engine.model import model_root

from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin.builders import a_collector
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import an_audit
from tests.unit.plugin.builders import connect
from watcher_host_maintenance.plugin import names
from watcher_host_maintenance.plugin.errors import DrainRefused


def a_cloud(servers=(), *others):
    """The model of compute-1 with these servers, and compute-2, empty."""
    return a_model(
        (a_node('compute-1'), servers), (a_node('compute-2'), ()), *others
    )


class TestCase(base.TestCase):
    """A cloud that a test changes before it runs an audit.

    :ivar model: what Watcher's collector builds
    :ivar services: Nova's; its servers are those of the model
    :ivar cloud: the fake Nova and Placement
    :ivar scope: the audit's
    """

    def setUp(self):
        super().setUp()
        self.model = a_cloud([a_server('web-1')])
        self.services = (a_service('compute-1'), a_service('compute-2'))
        self.scope = []
        self.cloud = clouds.Cloud(self)
        self.configure_strategy(transient_wait_s=0)

    def strategy(self, **given):
        """The strategy as Watcher loads it, with these parameters."""
        built = isinstance(self.model, model_root.ModelRoot)
        self.cloud.follow(
            self.services, clouds.of_model(self.model) if built else ()
        )
        strategy = loading.DefaultStrategyLoader().load(names.STRATEGY)
        self.collector = a_collector(self.model)
        self.collectors = connect(strategy, self.collector)
        strategy.audit_scope = self.scope
        strategy.input_parameters.update(given)
        return strategy

    def run_audit(self, audit=None, **given):
        return self.strategy(**given).execute(audit)

    def refusal(self, audit=None, **given):
        """Run an audit that fails; return its findings and its message."""
        audit = audit or an_audit()
        error = self.assertRaises(DrainRefused, self.run_audit, audit, **given)
        self.assertIsNotNone(audit.status_message)
        self.assertTrue(
            str(error).startswith(audit.status_message.removesuffix('...'))
        )
        return error.findings, audit.status_message

    def reported(self):
        """The last report in the log."""
        lines = [
            line.removeprefix('Drain report: ')
            for line in self.log.output.splitlines()
            if line.startswith('Drain report: ')
        ]
        return json.loads(lines[-1])
