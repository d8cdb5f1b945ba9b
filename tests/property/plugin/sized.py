# SPDX-License-Identifier: Apache-2.0

"""Clouds of any number of nodes, with a server that asks for all there is."""

from tests.unit.plugin import clouds
from tests.unit.plugin import fake_optional
from tests.unit.plugin import fake_placement
from tests.unit.plugin.builders import a_model
from tests.unit.plugin.builders import a_node
from tests.unit.plugin.builders import a_server
from tests.unit.plugin.builders import a_service
from tests.unit.plugin.builders import uuid_of
from tests.unit.plugin.nova_answers import a_group
from tests.unit.plugin.nova_answers import an_aggregate


SERVERS = 6
"""On the node to empty; one has its group, trait and resource class."""


TRAIT = 'HW_CPU_X86_AVX2'


def hostname(number):
    return f'compute-{number:04}'


def a_cloud(test, size, used):
    """The model of a cloud of this size; Nova and Placement know it.

    :param used: VCPU in use on each node but the first, of 16
    """
    first = [a_server(f'web-{n}') for n in range(SERVERS)]
    model = a_model(
        (a_node(hostname(0)), first),
        *(
            (a_node(hostname(n)), [a_server(f'other-{n}', vcpus=used)])
            for n in range(1, size)
        ),
    )
    cloud = clouds.Cloud(test)
    services = [a_service(hostname(n)) for n in range(size)]
    cloud.follow(services, clouds.of_model(model))
    make_demanding(cloud, 'web-0')
    cloud.nova.aggregates = [an_aggregate(1, 'rack-1', [hostname(0)])]
    cloud.optional = fake_optional.FakeOptional(cloud.nova._mocker)
    for n in range(1, size):
        cloud.optional.add_agent(hostname(n))
    cloud.optional.add_image()
    cloud.optional.add_port('web-0', hostname(0))
    cloud.optional.add_volume('root')
    by_name = {server['name']: server for server in cloud.nova.servers}
    by_name['web-0']['addresses'] = {'lan': []}
    by_name['web-1']['image'] = ''
    by_name['web-1']['os-extended-volumes:volumes_attached'] = [
        {'id': uuid_of('root')}
    ]
    return model, cloud


def make_demanding(cloud, name):
    """Let a server ask for all that costs a call."""
    for provider in cloud.placement.providers.values():
        provider.traits = (TRAIT,)
        provider.inventories['CUSTOM_SEAT'] = fake_placement.an_inventory(9)
    cloud.placement.hold(name, uuid_of(hostname(0)), CUSTOM_SEAT=1)
    [server] = [s for s in cloud.nova.servers if s['name'] == name]
    server['flavor']['extra_specs'] = {f'trait:{TRAIT}': 'required'}
    members = [name, 'other-1', 'other-2']
    cloud.nova.groups = [a_group('db', members=members), a_group('other')]
