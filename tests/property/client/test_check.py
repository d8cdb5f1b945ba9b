# SPDX-License-Identifier: Apache-2.0

"""A check and an audit of one cloud give one answer."""

import pathlib
import random
import re

from unittest import mock

import ddt

from tests.property.plugin.sized import a_cloud
from tests.property.plugin.sized import hostname
from tests.unit.client.fake_config import OPTIONS
from tests.unit.plugin import audits
from tests.unit.plugin import clouds
from tests.unit.plugin import fake_optional
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import an_audit
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import an_aggregate
from watcher_host_maintenance.client.check import check_cloud
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.optional import NOTHING
from watcher_host_maintenance.core.model import document
from watcher_host_maintenance.plugin.errors import DrainRefused
from watcher_host_maintenance.plugin.watcher import connections


PAGE = pathlib.Path(__file__).resolve().parents[3] / 'doc/source/cli'
PAGE_ROWS = tuple(
    tuple(int(cell.replace(',', '')) for cell in cells)
    for cells in re.findall(
        r'^([\d,]+) +(\d+) +(\d+)$',
        PAGE.joinpath('maintenance.rst').read_text(),
        re.MULTILINE,
    )
)
"""Nodes, requests of an audit, requests of a check."""

CLOUDS = 120
"""How many are drawn."""

STATES = 12 * ['active'] + 4 * ['stopped'] + ['paused', 'suspended', 'error']
SERVICES = (
    12 * [{}]
    + 2 * [{'status': 'disabled', 'disabled_reason': 'watcher_disabled'}]
    + [
        {'status': 'disabled', 'disabled_reason': 'watcher_maintaining'},
        {'status': 'disabled', 'disabled_reason': 'broken fan'},
        {'state': 'down'},
        {'zone': 'az-2'},
    ]
)
RATIOS = [1.0, 1.0, 1.5, 0.9, 4.0, 16.0]
SIZES = (1, 2, 4, 8)


def a_case(seed):
    """Draw a cloud and what is asked of it.

    :returns: services, pairs of a node and its servers, groups, aggregates,
        and the parameters of an audit
    """
    rng = random.Random(seed)
    hosts = [f'compute-{n}' for n in range(1, rng.randint(3, 9))]
    services = [a_service(host, **rng.choice(SERVICES)) for host in hosts]
    numbers = iter(range(1000))
    pairs = [
        (a_drawn_node(rng, host), servers_of(rng, host, numbers))
        for host in hosts
    ]
    names = [s.name for _node, servers in pairs for s in servers]
    groups = []
    if len(names) > 2 and rng.random() < 0.5:
        policy = rng.choice(('affinity', 'anti-affinity'))
        members = rng.sample(names, 3)
        groups.append(a_group('group', members=members, policy=policy))
    aggregates = [an_aggregate(1, 'az-1', rng.sample(hosts, 2))]
    return services, pairs, groups, aggregates, asked(rng, hosts)


def a_drawn_node(rng, host):
    return a_node(
        host,
        vcpus=rng.choice((4, 8, 16)),
        vcpu_ratio=rng.choice(RATIOS),
        memory=rng.choice((8192, 16384, 32768)),
        memory_mb_reserved=rng.choice((0, 512)),
        memory_ratio=rng.choice(RATIOS[:4]),
        disk=rng.choice((100, 200, 401)),
        disk_ratio=rng.choice(RATIOS[:3]),
    )


def servers_of(rng, host, numbers):
    servers = []
    for _count in range(rng.choice((0, 1, 2, 4, 8))):
        size = rng.choice(SIZES)
        servers.append(
            a_server(
                f'server-{next(numbers)}',
                state=rng.choice(STATES),
                vcpus=size,
                memory=1024 * size,
                disk=10 * size,
            )
        )
    return servers


def asked(rng, hosts):
    nodes = rng.sample(hosts, rng.choice((1, 1, 1, 2)))
    parameters = {'maintenance_nodes': nodes}
    if rng.random() < 0.3:
        parameters['on_blocked'] = 'leave'
    if rng.random() < 0.2:
        parameters['headroom_percent'] = rng.choice((5.0, 12.5))
    if rng.random() < 0.2:
        parameters['backup_node'] = rng.choice(hosts)
    return parameters


@ddt.ddt
class TestCheck(audits.TestCase):
    @ddt.data(*range(CLOUDS))
    def test_is_the_answer_of_an_audit(self, seed):
        services, pairs, groups, aggregates, parameters = a_case(seed)
        self.model, self.services = a_model(*pairs), services
        self.cloud.nova.groups = groups
        self.cloud.nova.aggregates = aggregates
        audit = an_audit()
        try:
            self.run_audit(audit, **parameters)
        except DrainRefused:
            self.assertIsNotNone(audit.status_message)
        expected = self.reported()['outcome']
        answer = check_cloud(*clouds.connect(), NOTHING, parameters, OPTIONS)
        self.assertEqual(expected, document.to_plain(answer.outcome))


@ddt.ddt
class TestCost(audits.TestCase):
    """How many requests a check makes, beside an audit of the same cloud."""

    @ddt.data(*PAGE_ROWS)
    @ddt.unpack
    def test_requests(self, size, audit, check):
        self.model, self.cloud = a_cloud(self, size, used=8)
        self.services = [a_service(hostname(n)) for n in range(size)]
        # It follows the model already, with what makes servers demanding.
        self.cloud.follow = lambda *_arguments: None
        self.enterContext(
            mock.patch.object(
                connections, '_adapter_beside_nova', fake_optional.adapter
            )
        )
        services = optional.connect(
            fake_optional.adapter, {'images', 'ports', 'volumes'}
        )
        node = hostname(0)
        self.assertEqual(
            audit, self.made(lambda: self.run_audit(maintenance_node=node))
        )
        parameters = {'maintenance_node': node}
        self.assertEqual(
            check,
            self.made(
                lambda: check_cloud(
                    *clouds.connect(), services, parameters, OPTIONS
                )
            ),
        )

    def made(self, call):
        """Count the requests to all services, but for discovery."""
        fakes = (self.cloud.nova, self.cloud.placement, self.cloud.optional)
        before = sum(len(fake.requests) for fake in fakes)
        call()
        return sum(len(fake.requests) for fake in fakes) - before

    def test_page_has_every_size(self):
        self.assertEqual(
            ['1,000', '5,000'], [f'{row[0]:,}' for row in PAGE_ROWS]
        )
