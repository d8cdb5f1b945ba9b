# SPDX-License-Identifier: Apache-2.0

"""A Placement that answers by requests-mock, as the real one does."""

import dataclasses
import re

from urllib import parse

from keystoneauth1.adapter import Adapter
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session

from tests.unit.plugin.builders import uuid_of


URL = 'http://placement.test'

WITHOUT_LIMIT = 2147483647
"""What Placement tells as max_unit when nobody set one."""


@dataclasses.dataclass
class Provider:
    """A resource provider.

    :ivar inventories: resource class -> inventory
    :ivar parent: UUID of the provider above; None for a compute node
    :ivar used: resource class -> what is held
    :ivar aggregates: UUIDs of the aggregates that it is in
    """

    inventories: dict
    traits: tuple = ()
    parent: str | None = None
    used: dict = dataclasses.field(default_factory=dict)
    name: str = ''
    aggregates: set = dataclasses.field(default_factory=set)

    def left(self, resource_class):
        found = self.inventories.get(resource_class)
        if found is None:
            return 0
        capacity = (found['total'] - found['reserved']) * found[
            'allocation_ratio'
        ]
        return capacity - self.used.get(resource_class, 0)

    def has_left(self, resource):
        """Return True if so much of a class is left, as ``CLASS:AMOUNT``."""
        resource_class, _, amount = resource.partition(':')
        return self.left(resource_class) >= int(amount)


def an_inventory(total=16, **fields):
    return {
        'total': total,
        'reserved': 0,
        'allocation_ratio': 1.0,
        'min_unit': 1,
        'max_unit': WITHOUT_LIMIT,
        'step_size': 1,
        **fields,
    }


class FakePlacement:
    """Placement with what is read of it.

    :ivar providers: UUID -> provider
    :ivar requests: path and query of each request, in order
    :ivar versions: the microversions that were asked for
    """

    def __init__(self, mocker, url=URL):
        self.url = url
        self.providers = {}
        self.requests = []
        self.versions = set()
        self._allocations = {}
        self._mocker = mocker
        mocker.get(re.compile(f'^{re.escape(url)}/'), json=self._answer)

    def add(self, name, traits=(), parent=None, **totals):
        """Add a provider with these totals; return its UUID."""
        uuid = uuid_of(name)
        inventories = {c: an_inventory(n) for c, n in totals.items()}
        self.providers[uuid] = Provider(inventories, traits, parent, name=name)
        return uuid

    def clear(self):
        """Have no provider, of which nobody holds anything."""
        self.providers.clear()
        self._allocations.clear()

    def hold(self, name, provider, **amounts):
        """Let a consumer hold these amounts; the provider is a UUID."""
        held = self._allocations.setdefault(uuid_of(name), {})
        held.setdefault(provider, {}).update(amounts)
        used = self.providers[provider].used
        for resource_class, amount in amounts.items():
            used[resource_class] = used.get(resource_class, 0) + amount

    def free(self, name):
        """Let a consumer hold nothing any more."""
        for provider, amounts in self._allocations.pop(uuid_of(name)).items():
            used = self.providers[provider].used
            for resource_class, amount in amounts.items():
                used[resource_class] -= amount

    def fail(self, path, **answer):
        """Answer this path so from now on; by default it is out of order."""
        self._mocker.get(f'{self.url}{path}', **answer or {'status_code': 503})

    def asked(self, pattern):
        """The requests that match, in order."""
        return [r for r in self.requests if re.search(pattern, r)]

    def _answer(self, request, context):
        asked = parse.unquote(request.url.removeprefix(self.url))
        self.requests.append(asked)
        self.versions.add(request.headers.get('OpenStack-API-Version'))
        for pattern, answer in ANSWERS.items():
            found = re.fullmatch(pattern, asked)
            if found:
                document = answer(self, *found.groups())
                break
        else:
            document = None
        context.status_code = 404 if document is None else 200
        return document

    def inventories(self, uuid):
        if uuid not in self.providers:
            return None
        return {'inventories': self.providers[uuid].inventories}

    def usages(self, uuid):
        if uuid not in self.providers:
            return None
        provider = self.providers[uuid]
        return {
            'usages': dict.fromkeys(provider.inventories, 0) | provider.used
        }

    def provider(self, uuid):
        if uuid not in self.providers:
            return None
        return {'uuid': uuid, 'name': self.providers[uuid].name}

    def in_tree(self, uuid):
        return self._listed(
            u for u, p in self.providers.items() if uuid in (u, p.parent)
        )

    def required(self, traits):
        wanted = set(traits.split(','))
        return self._listed(
            u for u, p in self.providers.items() if wanted <= set(p.traits)
        )

    def every(self):
        return self._listed(self.providers)

    def with_room(self, resources, traits):
        return self._listed(
            u
            for u, p in self.providers.items()
            if all(map(p.has_left, resources.split(',')))
            and all(
                (t.lstrip('!') in p.traits) is not t.startswith('!')
                for t in (traits.split(',') if traits else ())
            )
        )

    def candidates_in(self, uuid, query):
        """Those on one node: any provider of it gives resources.

        Traits and aggregates are those of its own, but of a group with a
        suffix.
        """
        provider = self.providers[uuid]
        tree = [p for u, p in self.providers.items() if uuid in (u, p.parent)]
        asked = {}
        for part in query.split('&'):
            name, _, text = part.partition('=')
            asked.setdefault(name, []).append(text)
        has_room = all(
            any(p.has_left(resource) for p in tree)
            for resource in asked['resources'][0].split(',')
        ) and all(
            any(
                all(map(p.has_left, texts[0].split(',')))
                and set(asked.get(f'required{name[9:]}', ())) <= set(p.traits)
                for p in tree
            )
            for name, texts in asked.items()
            if name.startswith('resources') and name != 'resources'
        )
        traits = [
            trait
            for name in ('required', 'root_required')
            for text in asked.get(name, ())
            for trait in text.split(',')
        ]
        has_traits = all(
            (t.lstrip('!') in provider.traits) is not t.startswith('!')
            for t in traits
        )
        is_member = all(
            provider.aggregates.intersection(
                text.removeprefix('in:').split(',')
            )
            for text in asked.get('member_of', ())
        )
        found = has_room and has_traits and is_member
        return {'allocation_requests': [{}] if found else []}

    def members(self, uuids):
        wanted = set(uuids.split(','))
        return self._listed(
            u for u, p in self.providers.items() if p.aggregates & wanted
        )

    def candidates(self, resource_class, amount):
        summaries = {
            uuid: {
                'resources': {
                    c: {
                        'capacity': int(
                            (i['total'] - i['reserved'])
                            * i['allocation_ratio']
                        ),
                        'used': p.used.get(c, 0),
                    }
                    for c, i in p.inventories.items()
                }
            }
            for uuid, p in self.providers.items()
            if p.left(resource_class) >= int(amount)
        }
        return {'allocation_requests': [], 'provider_summaries': summaries}

    def traits(self, names):
        known = {t for p in self.providers.values() for t in p.traits}
        return {'traits': sorted(known & set(names.split(',')))}

    def traits_of(self, uuid):
        if uuid not in self.providers:
            return None
        return {'traits': sorted(self.providers[uuid].traits)}

    def aggregates_of(self, uuid):
        if uuid not in self.providers:
            return None
        return {'aggregates': sorted(self.providers[uuid].aggregates)}

    def held(self, uuid):
        return {
            'allocations': {
                consumer: {'resources': held[uuid]}
                for consumer, held in self._allocations.items()
                if uuid in held
            }
        }

    def allocations(self, consumer):
        held = self._allocations.get(consumer, {})
        return {
            'allocations': {
                uuid: {'resources': amounts} for uuid, amounts in held.items()
            }
        }

    def _listed(self, uuids):
        return {
            'resource_providers': [
                {
                    'uuid': uuid,
                    'root_provider_uuid': self.providers[uuid].parent or uuid,
                }
                for uuid in uuids
            ]
        }


def adapter(url=URL):
    """What leads to it, without Keystone."""
    return Adapter(
        Session(NoAuth()), service_type='placement', endpoint_override=url
    )


ANSWERS = {
    '/resource_providers': FakePlacement.every,
    r'/resource_providers/([^/]+)/inventories': FakePlacement.inventories,
    r'/resource_providers/([^/]+)/usages': FakePlacement.usages,
    r'/resource_providers/([^/]+)/traits': FakePlacement.traits_of,
    r'/resource_providers/([^/]+)/allocations': FakePlacement.held,
    r'/resource_providers/([^/]+)/aggregates': FakePlacement.aggregates_of,
    r'/resource_providers/([^/]+)': FakePlacement.provider,
    r'/resource_providers\?in_tree=(.+)': FakePlacement.in_tree,
    r'/resource_providers\?required=(.+)': FakePlacement.required,
    r'/resource_providers\?resources=([^&]+)(?:&required=(.+))?': (
        FakePlacement.with_room
    ),
    r'/resource_providers\?member_of=in:(.+)': FakePlacement.members,
    r'/allocation_candidates\?in_tree=([^&]+)&limit=1&(.+)': (
        FakePlacement.candidates_in
    ),
    r'/allocation_candidates\?resources=(.+):(\d+)': FakePlacement.candidates,
    r'/traits\?name=in:(.+)': FakePlacement.traits,
    r'/allocations/([^/]+)': FakePlacement.allocations,
}
