# SPDX-License-Identifier: Apache-2.0


"""What an audit asks of Nova and Placement, in clouds of every size.

The figures are those of the documentation.
"""

import collections
import math
import pathlib
import re

import ddt

from tests.property.plugin.sized import SERVERS
from tests.property.plugin.sized import a_cloud
from tests.property.plugin.sized import hostname
from tests.unit.plugin import base
from tests.unit.plugin import clouds
from tests.unit.plugin import fake_optional
from tests.unit.plugin.builders import uuid_of
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.reading import decisions
from watcher_host_maintenance.cloud.reading.refresh import Refresh
from watcher_host_maintenance.core import drain
from watcher_host_maintenance.core.model.request import Request
from watcher_host_maintenance.core.packing import solve


SOURCE = pathlib.Path(__file__).resolve().parents[3] / 'doc' / 'source'
PAGE = (SOURCE / 'reference' / 'api-calls.rst').read_text()

SIZES = (10, 100, 1000, 3000)
"""Compute nodes of a cloud."""


DESTINATIONS = 6
"""That the plan uses: it spreads the servers over as many."""

FULLER = (1, 2, 3)
"""Nodes that the model has room on, and Placement has none on."""


WITH_DEVICE = 21
"""Requests about a device that one node has, and about other nodes for it."""

PAGED = 'GET /os-hypervisors/detail'
"""What grows with the cloud, by a page for each 1,000 records."""


def drift(cloud):
    """Let the model be wrong about nodes that look best, and a server."""
    for number in FULLER:
        node = uuid_of(hostname(number))
        cloud.placement.hold(f'new-{number}', node, VCPU=15)
    [left] = [s for s in cloud.nova.servers if s['name'] == 'web-5']
    cloud.nova.servers.remove(left)
    cloud.placement.free('web-5')
    new = {**left, 'id': uuid_of('new-5'), 'name': 'new-5'}
    cloud.nova.servers.append(new)
    cloud.placement.hold('new-5', uuid_of(hostname(0)), VCPU=1, DISK_GB=10)


def kind(request):
    """The call, without what it is about."""
    path = request.partition('?')[0].removeprefix('/v2.1') or '/'
    path = re.sub(r'^/(v2|v2.0|v3/[0-9a-f]+)/', '/', path)
    return 'GET ' + re.sub(r'/[0-9a-f-]{36}', '/{uuid}', path)


def give_devices(cloud, *numbers):
    """Let a server hold a device, which these nodes have one of each."""
    for number in (0, *numbers):
        parent = uuid_of(hostname(number))
        cloud.placement.add(f'gpu-{number}', parent=parent, VGPU=1)
    cloud.placement.hold('web-2', uuid_of('gpu-0'), VGPU=1)
    [server] = [s for s in cloud.nova.servers if s['name'] == 'web-2']
    server['flavor']['extra_specs'] = {'resources:VGPU': '1'}


def audited(test, size, used, change=None, **fields):
    """Read and decide; return the outcome, and call -> how often.

    :param change: what happens to the cloud after the model was built
    :param fields: of the request
    """
    model, cloud = a_cloud(test, size, used)
    if change:
        change(cloud)
    nova, placement = clouds.connect()
    request = Request((hostname(0),), failed_migrations_hours=24, **fields)
    services = optional.connect(
        fake_optional.adapter, {'images', 'ports', 'volumes'}
    )
    known = clouds.collected(
        model, request, readers=(nova, placement), services=services
    )
    _known, outcome = decisions.decide(
        drain.decide,
        known,
        request,
        solve.DEFAULT,
        Refresh(nova, placement, request, services=services),
    )
    calls = (
        *cloud.nova.requests,
        *cloud.placement.requests,
        *(r.removeprefix('GET ') for r in cloud.optional.requests),
    )
    return outcome, {
        **collections.Counter(map(kind, calls)),
        'all': len(calls),
    }


def documented(title):
    """The table below a title: call -> size -> how often."""
    _before, found, rest = PAGE.partition(f'\n{title}\n{"=" * len(title)}\n')
    if not found:
        raise AssertionError(f'{title} is no title')
    text = re.split(r'\n.+\n={3,}\n(?!=)', rest)[0]
    rows = re.findall(r'^(``GET .+?``|all) +(\d[\d, ]*)$', text, re.MULTILINE)
    return {
        call.strip('`'): dict(
            zip(
                SIZES,
                (int(n.replace(',', '')) for n in numbers.split()),
                strict=True,
            )
        )
        for call, numbers in rows
    }


@ddt.ddt
class TestPlan(base.TestCase):
    @ddt.data(*SIZES)
    def test_is_as_documented(self, size):
        outcome, calls = audited(self, size, used=1)
        self.assertFalse(outcome.failed)
        self.assertEqual(SERVERS, len(outcome.moves))
        self.assertEqual(
            DESTINATIONS, len({m.destination for m in outcome.moves})
        )
        told = documented('Calls of a plan')
        self.assertEqual({call: of[size] for call, of in told.items()}, calls)

    def test_is_the_same_but_for_the_pages_of_lists(self):
        told = documented('Calls of a plan')
        grows = {c for c, of in told.items() if len(set(of.values())) > 1}
        self.assertEqual({PAGED, 'all'}, grows)
        for size in SIZES:
            # One more page finds the end.
            self.assertEqual(math.ceil(size / 1000) + 1, told[PAGED][size])


@ddt.ddt
class TestStale(base.TestCase):
    @ddt.data(*SIZES)
    def test_is_as_documented(self, size):
        outcome, calls = audited(self, size, used=1, change=drift)
        self.assertFalse(outcome.failed)
        self.assertEqual(
            ['new-5', *(f'web-{n}' for n in range(SERVERS - 1))],
            sorted(m.instance_name for m in outcome.moves),
        )
        places = {m.destination for m in outcome.moves}
        self.assertEqual(DESTINATIONS, len(places))
        self.assertEqual(set(), places & set(map(hostname, FULLER)))
        told = documented('Calls of a plan on a stale model')
        self.assertEqual({call: of[size] for call, of in told.items()}, calls)

    def test_asks_about_those_that_are_fuller_besides(self):
        plan, stale = map(
            documented, ('Calls of a plan', 'Calls of a plan on a stale model')
        )
        for thing in ('inventories', 'usages'):
            call = f'GET /resource_providers/{{uuid}}/{thing}'
            self.assertEqual(
                {
                    size: count + len(FULLER)
                    for size, count in plan[call].items()
                },
                stale[call],
            )
        self.assertEqual(
            {
                call: of
                for call, of in plan.items()
                if 'providers/' not in call and call != 'all'
            },
            {
                call: of
                for call, of in stale.items()
                if 'providers/' not in call and call != 'all'
            },
        )


@ddt.ddt
class TestRefusal(base.TestCase):
    @ddt.data(*SIZES)
    def test_is_as_documented(self, size):
        outcome, calls = audited(self, size, used=16)
        self.assertTrue(outcome.failed)
        self.assertTrue(outcome.lacks_room)
        told = documented('Calls of a refusal')
        self.assertEqual({call: of[size] for call, of in told.items()}, calls)

    def test_asks_about_every_candidate_once(self):
        told = documented('Calls of a refusal')
        for thing in ('inventories', 'usages'):
            self.assertEqual(
                {size: size - 1 for size in SIZES},
                told[f'GET /resource_providers/{{uuid}}/{thing}'],
            )

    def test_the_rest_is_that_of_a_plan(self):
        plan, refusal = map(
            documented, ('Calls of a plan', 'Calls of a refusal')
        )
        self.assertEqual(
            {call for call, of in plan.items() if of != refusal.get(call)},
            {
                'all',
                'GET /allocation_candidates',
                *(
                    f'GET /resource_providers/{{uuid}}/{thing}'
                    for thing in ('inventories', 'usages')
                ),
            },
        )


@ddt.ddt
class TestDevice(base.TestCase):
    """One server holds a device, and its moves may be unproved.

    Nothing but Placement knows which nodes have one.
    """

    def audited(self, size, *numbers):
        return audited(
            self,
            size,
            used=1,
            change=lambda cloud: give_devices(cloud, *numbers),
            allow_unproved_moves=True,
        )

    @ddt.data(*SIZES[1:])
    def test_one_node_has_it(self, size):
        """It is found by one request about all, not node by node."""
        outcome, calls = self.audited(size, size - 1)
        [move] = [m for m in outcome.moves if m.instance_name == 'web-2']
        self.assertEqual(hostname(size - 1), move.destination)
        extra = calls['all'] - documented('Calls of a plan')['all'][size]
        self.assertEqual(WITH_DEVICE, extra)

    @ddt.data(*SIZES[:2])
    def test_no_node_has_it(self, size):
        outcome, calls = self.audited(size)
        self.assertTrue(outcome.failed)
        # One for each destination of the only plan that was asked about.
        self.assertEqual(DESTINATIONS, calls['GET /allocation_candidates'])
