# SPDX-License-Identifier: Apache-2.0

"""The description of a cloud: read, checked, and made complete."""

import copy
import dataclasses

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import jsonschema
import yaml

from minicloud import exceptions
from minicloud import schema


MOST_SERVERS = 1000
"""What Nova lists in one answer: a further one costs as much."""

_HOST_DEFAULTS = {
    'cpu_allocation_ratio': 1.0,
    'ram_allocation_ratio': 1.0,
    'disk_allocation_ratio': 1.0,
    'reserved_vcpus': 0,
    'reserved_memory_mb': 0,
    'reserved_disk_gb': 0,
}


@dataclasses.dataclass(frozen=True)
class Description:
    """What a cloud consists of, every default filled in.

    Each mapping goes from names to records of plain values; the fields are
    those of :mod:`minicloud.schema`. The order is that of the file. The
    filters are those of the scheduler beyond Nova's default ones.
    """

    hosts: Mapping[str, Mapping[str, Any]]
    aggregates: Mapping[str, Mapping[str, Any]]
    flavors: Mapping[str, Mapping[str, Any]]
    groups: Mapping[str, Mapping[str, Any]]
    servers: Mapping[str, Mapping[str, Any]]
    storage: Mapping[str, Mapping[str, Any]] = dataclasses.field(
        default_factory=dict
    )
    filters: Sequence[str] = ()
    images: Mapping[str, Mapping[str, Any]] = dataclasses.field(
        default_factory=dict
    )

    @property
    def projects(self) -> list[str]:
        """Ids of the projects that servers belong to, if not the common."""
        return sorted(
            {
                server['project']
                for server in self.servers.values()
                if 'project' in server
            }
        )


def load(path: str) -> Description:
    """Read a YAML or JSON file.

    :raises DescriptionError: not readable, or not valid
    """
    try:
        with open(path) as source:
            document = yaml.safe_load(source)
    except (OSError, yaml.YAMLError) as exc:
        raise exceptions.DescriptionError(f'{path}: {exc}') from exc
    return parse(document)


def parse(document: Any) -> Description:
    """Check a description and fill in what it leaves out.

    :param document: plain dictionaries, as JSON has them; left untouched
    :raises DescriptionError: not valid; one line for each field at fault
    """
    validator = jsonschema.Draft202012Validator(schema.DESCRIPTION)
    faults = [_line(error) for error in validator.iter_errors(document)]
    if not faults:
        faults = list(_unknown_names(document))
    if faults:
        raise exceptions.DescriptionError(
            'The description is not valid:\n  ' + '\n  '.join(sorted(faults))
        )
    document = copy.deepcopy(document)
    return Description(
        hosts={
            name: {**_HOST_DEFAULTS, **host}
            for name, host in document['hosts'].items()
        },
        aggregates=document.get('aggregates', {}),
        flavors=document.get('flavors', {}),
        groups=document.get('groups', {}),
        storage=document.get('storage', {}),
        images=document.get('images', {}),
        servers={
            name: {'state': 'ACTIVE', **server}
            for name, server in document.get('servers', {}).items()
        },
        # A list, as JSON has it: what is parsed can be parsed again.
        filters=list(document.get('filters', [])),
    )


def _line(error: jsonschema.ValidationError) -> str:
    """Name the field before saying what is wrong with it."""
    field = '.'.join(str(part) for part in error.absolute_path)
    return f'{field or "description"}: {error.message}'


def _unknown_names(document: Mapping[str, Any]) -> Iterator[str]:
    """Find references to what the description does not have."""

    def missing(kind: str, name: str, field: str) -> Iterator[str]:
        if name not in document.get(kind, {}):
            yield f'{field}: {name!r} is not in {kind}'

    for kind in ('aggregates', 'storage'):
        for name, record in document.get(kind, {}).items():
            for host in record['hosts']:
                yield from missing('hosts', host, f'{kind}.{name}.hosts')
    for name, server in document.get('servers', {}).items():
        field = f'servers.{name}.'
        yield from missing('hosts', server['host'], field + 'host')
        yield from missing('flavors', server['flavor'], field + 'flavor')
        if 'group' in server:
            yield from missing('groups', server['group'], field + 'group')
        if 'image' in server:
            yield from missing('images', server['image'], field + 'image')
        yield from _resize_faults(field, server, missing)


def _resize_faults(
    field: str, server: Mapping[str, Any], missing: Any
) -> Iterator[str]:
    """Check that VERIFY_RESIZE, and only that, says where it came from."""
    origin = server.get('resized_from')
    if (origin is None) == (server.get('state') == 'VERIFY_RESIZE'):
        yield (
            f'{field}resized_from: belongs to state VERIFY_RESIZE, '
            'and to no other'
        )
    elif origin:
        field += 'resized_from.'
        yield from missing('hosts', origin['host'], field + 'host')
        if 'flavor' in origin:
            yield from missing('flavors', origin['flavor'], field + 'flavor')


def names(name: str, server: Mapping[str, Any]) -> list[str]:
    """What the servers of one record are called.

    :returns: web-1 and web-2 for the record web with a count of 2; the
        name itself without a count
    """
    if 'count' not in server:
        return [name]
    return [f'{name}-{number}' for number in range(1, server['count'] + 1)]
