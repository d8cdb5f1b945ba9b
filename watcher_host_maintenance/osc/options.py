# SPDX-License-Identifier: Apache-2.0

"""Options of several commands: the strategy's parameters, watcher.conf."""

import argparse

from typing import Any

from oslo_config import cfg

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import Parameter
from watcher_host_maintenance.request import config
from watcher_host_maintenance.request.config import Options


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Add an option for each parameter of the strategy."""
    group = parser.add_argument_group('how to empty the nodes')
    for parameter in PARAMETERS:
        group.add_argument(
            option(parameter),
            dest=parameter.name,
            help=_help(parameter),
            **_arguments(parameter),
        )


def parameters_of(parsed_args: argparse.Namespace) -> dict[str, Any]:
    """Return the parameters that were given; absent ones take defaults."""
    given = {p.name: getattr(parsed_args, p.name) for p in PARAMETERS}
    return {n: v for n, v in given.items() if v is not None and v is not False}


def add_config_file(parser: argparse.ArgumentParser) -> None:
    """Add where the options of the plugin are read from."""
    parser.add_argument(
        '--config-file',
        metavar='FILE',
        help='watcher.conf of the decision engine, for the options of the '
        'plugin. Default: their defaults.',
    )


def read_config(path: str | None) -> Options:
    """Read the options of the plugin.

    :raises ClientError: the file cannot be read, or has a bad value
    """
    try:
        return config.read(path)
    except (cfg.Error, OSError, ValueError) as exc:
        text = str(exc).strip().splitlines()[0]
        raise ClientError(f'Cannot read {path}: {text}') from exc


def option(parameter: Parameter) -> str:
    """Return the name of a parameter's option."""
    return f'--{parameter.name.replace("_", "-")}'


def _arguments(parameter: Parameter) -> dict[str, Any]:
    if parameter.kind is bool:
        return {'action': 'store_true'}
    if parameter.choices:
        # As in the option's own name, a hyphen; Watcher's name works too.
        return {
            'choices': parameter.choices,
            'type': _choice,
            'metavar': '{' + ','.join(map(_spelled, parameter.choices)) + '}',
        }
    return {'type': parameter.kind, 'metavar': parameter.metavar}


def _help(parameter: Parameter) -> str:
    if not parameter.default:
        return parameter.help
    return f'{parameter.help} Default: {_spelled(str(parameter.default))}.'


def _choice(text: str) -> str:
    return text.replace('-', '_')


def _spelled(choice: str) -> str:
    return choice.replace('_', '-')
