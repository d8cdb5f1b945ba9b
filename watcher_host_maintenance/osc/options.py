# SPDX-License-Identifier: Apache-2.0

"""Options of several commands: the strategy's parameters, watcher.conf."""

import argparse
import re

from collections.abc import Mapping
from typing import Any

from oslo_config import cfg

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.core.model.times import format_time
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request import times
from watcher_host_maintenance.request.config import Options
from watcher_host_maintenance.request.parameters import SCHEMA
from watcher_host_maintenance.request.texts import is_text


METAVARS = {
    'backup_node': 'HOST',
    'cron': 'ENTRY',
    'headroom_percent': 'PERCENT',
    'hook': 'NAME',
    'hook_timeout': 'SECONDS',
    'max_secondary_moves': 'NUMBER',
    'parallel': 'NUMBER',
    'reason': 'TEXT',
    'stop_after': 'NUMBER',
}
"""Parameter -> what stands for its value in a help text."""

NUMBERS = {'integer': int, 'number': float}
"""Type in the schema -> what reads the value of an argument."""

MAX_NAME = 63
"""Length of the longest name that Watcher gives an audit, in characters."""

_NAMES = '|'.join(n for n in SCHEMA['properties'] if '_' in n)
_NAME = re.compile(rf'\b({_NAMES})\b')


Parameters = Mapping[str, Mapping[str, Any]]


def add_parameters(
    parser: argparse.ArgumentParser,
    parameters: Parameters = PARAMETERS,
    title: str = 'how to empty the nodes',
) -> None:
    """Add an option for each parameter of a strategy."""
    group = parser.add_argument_group(title)
    for name, field in parameters.items():
        group.add_argument(
            option(name), dest=name, help=_help(field), **_kind(name, field)
        )


def parameters_of(
    parsed_args: argparse.Namespace, parameters: Parameters = PARAMETERS
) -> dict[str, Any]:
    """Return the parameters that were given; absent ones take defaults."""
    given = {name: getattr(parsed_args, name) for name in parameters}
    return {n: v for n, v in given.items() if v is not None and v is not False}


def add_config_file(parser: argparse.ArgumentParser) -> None:
    """Add where the options of the plugin are read from."""
    parser.add_argument(
        '--config-file',
        metavar='FILE',
        type=not_empty,
        help='watcher.conf of the decision engine, for the options of the '
        'plugin. Default: their defaults.',
    )


def add_interval(parser: argparse.ArgumentParser, default_s: int) -> None:
    """Add what an audit that is run again and again is created with."""
    parser.add_argument(
        '--interval',
        metavar='SECONDS',
        type=_interval,
        default=default_s,
        help='How often the cloud is looked at to take the next step. '
        f'Default: {default_s}.',
    )
    parser.add_argument(
        '--name',
        type=_name,
        help=f'Name of the audit, at most {MAX_NAME} characters.',
    )


def not_empty(text: str) -> str:
    """Return the value of an argument that has no empty one."""
    if not text:
        raise argparse.ArgumentTypeError('must not be empty')
    return text


def read_config(path: str | None) -> Options:
    """Read the options of the plugin.

    :raises ClientError: the file cannot be read, or has a bad value
    """
    try:
        return config.read(path)
    except (cfg.Error, OSError, ValueError) as exc:
        text = str(exc).strip().splitlines()[0]
        raise ClientError(f'Cannot read {path}: {text}') from exc


def option(name: str) -> str:
    """Return the name of a parameter's option."""
    return f'--{_spelled(name)}'


def _kind(name: str, field: Mapping[str, Any]) -> dict[str, Any]:
    if field['type'] == 'boolean':
        return {'action': 'store_true'}
    if 'enum' in field:
        # As in the option's own name, a hyphen; Watcher's name works too.
        return {
            'choices': field['enum'],
            'type': _choice,
            'metavar': '{' + ','.join(map(_spelled, field['enum'])) + '}',
        }
    if field.get('format') == 'date-time':
        return {'type': _time, 'metavar': 'TIME'}
    if field.get('format') == 'duration':
        return {'type': not_empty, 'metavar': 'DURATION'}
    kind = str if is_text(field) else NUMBERS[field['type']]
    return {'type': kind, 'metavar': METAVARS.get(name)}


def _help(field: Mapping[str, Any]) -> str:
    text = _NAME.sub(lambda m: option(m[0]), field['description'])
    default = field.get('default', False)
    if default is False:
        return text
    return f'{text} Default: {_spelled(str(default))}.'


def _time(text: str) -> str:
    """Return a time in UTC; a person may name its zone."""
    try:
        return format_time(times.local_to_seconds(text))
    except times.BadTime as exc:
        raise argparse.ArgumentTypeError(str(exc)) from exc


def _interval(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(
            f'must be a number of seconds, 1 or more, not {text!r}'
        )
    return int(text)


def _name(text: str) -> str:
    if len(text) > MAX_NAME:
        raise argparse.ArgumentTypeError(
            f'must be at most {MAX_NAME} characters, not {len(text)}'
        )
    return not_empty(text)


def _choice(text: str) -> str:
    return text.replace('-', '_')


def _spelled(name: str) -> str:
    return name.replace('_', '-')
