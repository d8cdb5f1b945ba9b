# SPDX-License-Identifier: Apache-2.0

"""A Nova that answers by requests-mock, as the real one does."""

import re

from urllib import parse

import requests_mock

from keystoneauth1.adapter import Adapter
from keystoneauth1.noauth import NoAuth
from keystoneauth1.session import Session

from tests.unit.plugin.nova_answers import a_hypervisor
from tests.unit.plugin.nova_answers import a_service


URL = 'http://nova.test'

MAX_LIMIT = 1000
"""What Nova gives at most in one answer, by default."""


MAX_TAGS = 50
"""How many tags a server may have."""


class FakeNova:
    """Nova's version documents and what is read of it.

    The records are those of the latest microversion; a request in an older
    one gets what Nova told then.

    :ivar requests: path and query of each request, in order
    :ivar microversions: what was asked for, in the same order
    :ivar hidden: UUID of a group -> UUIDs of members that it does not list
    :ivar before: path of metadata -> what happens before the first answer,
        the second, ...
    :ivar written: the metadata of each request that writes some, in order
    :ivar afterwards: path -> what happens after the first answer, the
        second, ...
    """

    def __init__(self, mocker, url=URL, offered='2.100'):
        self.url = url
        self.offered = offered
        self.hypervisors = [a_hypervisor('compute-1')]
        self.services = [a_service('compute-1')]
        self.servers = []
        self.groups = []
        self.hidden = {}
        self.aggregates = []
        self.migrations = []
        self.filters = True
        self.is_administrator = True
        self.requests = []
        self.microversions = []
        self.afterwards = {}
        self.before = {}
        self.written = []
        self._mocker = mocker
        for path, answer in {
            '/': self._versions,
            '/v2.1': self._redirect,
            '/v2.1/': self._version,
            '/v2.1/os-hypervisors/detail': self._hypervisors,
            '/v2.1/os-services': self._services,
            '/v2.1/os-server-groups': self._groups,
            '/v2.1/os-aggregates': self._aggregates,
            '/v2.1/os-migrations': self._migrations,
            '/v2.1/servers': self._gone,
            '/v2.1/servers/detail': self._servers,
        }.items():
            mocker.get(url + path, json=self._judged(answer))
        one = re.compile(re.escape(url) + '/v2.1/servers/[0-9a-f-]{36}$')
        mocker.get(one, json=self._judged(self._server))
        mocker.get(
            re.compile(re.escape(url) + '/v2.1/servers/[^/]*/diagnostics$'),
            json=self._judged(self._diagnostics),
        )
        metadata = re.compile(re.escape(url) + '/v2.1/servers/[^/]*/metadata$')
        mocker.get(metadata, json=self._judged(self._metadata))
        mocker.post(metadata, json=self._judged(self._set_metadata))
        key = re.compile(re.escape(url) + '/v2.1/servers/[^/]*/metadata/.*')
        mocker.delete(key, text=self._judged(self._delete_metadata))
        tag = re.compile(re.escape(url) + '/v2.1/servers/.*/tags/.*')
        mocker.put(tag, text=self._judged(self._add_tag))
        mocker.delete(tag, text=self._judged(self._delete_tag))
        one = re.compile(re.escape(url) + '/v2.1/os-hypervisors/[0-9a-f-]{36}')
        mocker.get(one, json=self._judged(self._hypervisor))

    def fail(self, path, method='GET', **answer):
        """Answer this path so from now on; by default it is out of order."""
        answer = answer or {'status_code': 503}
        self._mocker.register_uri(method, f'{self.url}{path}', **answer)

    def asked(self, path):
        """The requests of a path below the version, in order."""
        return [r for r in self.requests if r.startswith(f'/v2.1{path}')]

    def _judged(self, answer):
        """Answer after what Nova does to every request."""

        def judge(request, context):
            asked = request.headers.get('X-OpenStack-Nova-API-Version')
            self.requests.append(
                parse.unquote(request.url.removeprefix(self.url))
            )
            self.microversions.append(asked)
            if minor(asked) > minor(self.offered):
                context.status_code = 406
                return {'computeFault': {'message': 'Not offered'}}
            document = answer(request, context)
            later = self.afterwards.get(request.path)
            if later:
                later.pop(0)()
            return document

        return judge

    def _document(self):
        return {
            'id': 'v2.1',
            'status': 'CURRENT',
            'version': self.offered,
            'min_version': '2.1' if self.offered else '',
            'links': [{'rel': 'self', 'href': f'{self.url}/v2.1/'}],
        }

    def _diagnostics(self, request, context):
        return {'state': 'running'}

    def _versions(self, request, context):
        old = {
            'id': 'v2.0',
            'status': 'SUPPORTED',
            'version': '',
            'min_version': '',
            'links': [{'rel': 'self', 'href': f'{self.url}/v2/'}],
        }
        return {'versions': [old, self._document()]}

    def _version(self, request, context):
        return {'version': self._document()}

    def _redirect(self, request, context):
        context.status_code = 302
        context.headers['Location'] = f'{self.url}/v2.1/'

    def _hypervisors(self, request, context):
        [pattern] = request.qs.get('hypervisor_hostname_pattern', [''])
        if not pattern:
            return {'hypervisors': _page(request, self.hypervisors, 'id')}
        listed = [
            hypervisor
            for hypervisor in self.hypervisors
            if pattern in hypervisor['hypervisor_hostname']
        ]
        if not listed:
            context.status_code = 404
            return {'itemNotFound': {'message': 'No hypervisor matching'}}
        return {'hypervisors': listed}

    def _hypervisor(self, request, context):
        assert request.qs['with_servers'] == ['true'], request.qs
        uuid = request.path.rpartition('/')[2]
        [hypervisor] = [h for h in self.hypervisors if h['id'] == uuid]
        # Nova leaves the list out when it is empty.
        servers = [
            {'uuid': s['id'], 'name': s['name']}
            for s in self.servers
            if s['OS-EXT-SRV-ATTR:host'] == hypervisor['service']['host']
        ]
        return {
            'hypervisor': {
                **hypervisor,
                **({'servers': servers} if servers else {}),
            }
        }

    def _services(self, request, context):
        binary = request.qs['binary'][0]
        hosts = request.qs.get('host', [s['host'] for s in self.services])
        return {
            'services': [
                s
                for s in self.services
                if s['binary'] == binary and s['host'] in hosts
            ]
        }

    def _gone(self, request, context):
        [status] = request.qs['status']
        if status == 'deleted' and not self.is_administrator:
            context.status_code = 403
            return {'forbidden': {'message': 'Only administrators'}}
        gone = [
            s
            for s in self.servers
            if s.get('OS-EXT-STS:vm_state') == 'soft-delete'
            and [s['tenant_id']] == request.qs.get('project_id')
        ]
        assert not gone or 'soft_deleted' in request.qs, request.qs
        return {
            'servers': [{'id': s['id']} for s in _page(request, gone, 'id')]
        }

    def _servers(self, request, context):
        if 'host' not in request.qs:
            assert 'all_tenants' not in request.qs, request.qs
            return {'servers': _page(request, self.servers, 'id')}
        [host] = request.qs['host']
        assert request.qs['all_tenants'], request.qs
        # Of a cell that is down there is nothing to filter by.
        there = [
            s
            for s in self.servers
            if not self.filters
            or (
                s.get('OS-EXT-SRV-ATTR:host') == host
                and (
                    s['OS-EXT-STS:vm_state'] != 'soft-delete'
                    or 'soft_deleted' in request.qs
                )
            )
        ]
        return {
            'servers': [
                _told(s, request, SERVER_FIELDS)
                for s in _page(request, there, 'id')
            ]
        }

    def _server(self, request, context):
        asked = request.path.rpartition('/')[2]
        for server in self.servers:
            if server['id'] == asked:
                told = {**server, 'server_groups': self._groups_of(asked)}
                return {'server': _told(told, request, SERVER_FIELDS)}
        context.status_code = 404
        return {'itemNotFound': {'message': 'Not found'}}

    def _metadata(self, request, context):
        servers = self._named(request)
        if not servers:
            context.status_code = 404
            return {'itemNotFound': {'message': 'Not found'}}
        earlier = self.before.get(request.path)
        if earlier:
            earlier.pop(0)()
        return {'metadata': servers[0].setdefault('metadata', {})}

    def _set_metadata(self, request, context):
        values = request.json()['metadata']
        self.written.append(values)
        [server] = self._named(request)
        server.setdefault('metadata', {}).update(values)
        return {'metadata': values}

    def _delete_metadata(self, request, context):
        [server] = self._named(request)
        key = request.path.rpartition('/')[2]
        found = server['metadata'].pop(key, None)
        context.status_code = 404 if found is None else 204
        return ''

    def _named(self, request):
        uuid = request.path.split('/')[3]
        return [s for s in self.servers if s['id'] == uuid]

    def _add_tag(self, request, context):
        tags = self._tags(request)
        tag = request.path.rpartition('/')[2]
        if tag not in tags and len(tags) == MAX_TAGS:
            context.status_code = 400
            return '{"badRequest": {"message": "Too many tags"}}'
        context.status_code = 204 if tag in tags else 201
        tags[:] = sorted({*tags, tag})
        return ''

    def _delete_tag(self, request, context):
        tags = self._tags(request)
        tag = request.path.rpartition('/')[2]
        context.status_code = 204 if tag in tags else 404
        tags[:] = [t for t in tags if t != tag]
        return ''

    def _tags(self, request):
        [server] = self._named(request)
        return server.setdefault('tags', [])

    def _groups_of(self, uuid):
        return [
            g['id']
            for g in self.groups
            if uuid in (*g['members'], *self.hidden.get(g['id'], ()))
        ]

    def _groups(self, request, context):
        assert request.qs['all_projects'], request.qs
        first = int(request.qs.get('offset', ['0'])[0])
        # Nova says nothing: there are none of the own project.
        groups = self.groups if self.is_administrator else []
        page = groups[first : first + MAX_LIMIT]
        if spoken(request) >= 64:
            return {'server_groups': page}
        return {
            'server_groups': [
                {**_told(g, request, GROUP_FIELDS), 'policies': [g['policy']]}
                for g in page
            ]
        }

    def _aggregates(self, request, context):
        return {'aggregates': self.aggregates}

    def _migrations(self, request, context):
        asked = {
            'status': lambda migration: (migration['status'],),
            'source_compute': lambda migration: (migration['source_compute'],),
            'instance_uuid': lambda migration: (migration['instance_uuid'],),
            'host': lambda migration: (
                migration['source_compute'],
                migration['dest_compute'],
            ),
        }
        found = [
            migration
            for migration in self.migrations
            if all(
                value in asked[key](migration)
                for key, [value] in request.qs.items()
                if key in asked
            )
        ]
        if spoken(request) >= 59:
            found = _page(request, found, 'uuid')
        return {'migrations': [_told(m, request, {'uuid': 59}) for m in found]}


SERVER_FIELDS = {
    'pinned_availability_zone': 96,
    'scheduler_hints': 100,
    'server_groups': 71,
}
GROUP_FIELDS = {'policy': 64, 'rules': 64}


def adapter(url=URL):
    """What leads to it, without Keystone."""
    return Adapter(
        Session(NoAuth()),
        service_type='compute',
        endpoint_override=f'{url}/v2.1',
    )


def minor(version):
    """The number behind the dot; 0 for none."""
    return int(version.split('.')[1]) if version else 0


def spoken(request):
    """The minor microversion that a request asks for."""
    return minor(request.headers['X-OpenStack-Nova-API-Version'])


def _told(record, request, since):
    """Leave out the fields that came in a later microversion."""
    told = {
        field: value
        for field, value in record.items()
        if since.get(field, 0) <= spoken(request)
    }
    if told.get('image') and spoken(request) < 98:
        told['image'] = {'id': told['image']['id']}
    return told


def _page(request, records, key):
    first = 0
    if 'marker' in request.qs:
        [marker] = request.qs['marker']
        first = [r[key] for r in records].index(marker) + 1
    return records[first : first + MAX_LIMIT]


def mocker_for(test):
    """What answers the requests of a test; nobody is there at first."""
    mocker = requests_mock.Mocker()
    mocker.start()
    test.addCleanup(mocker.stop)
    mocker.get(requests_mock.ANY, status_code=404)
    return mocker
