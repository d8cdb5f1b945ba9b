# SPDX-License-Identifier: Apache-2.0

"""The strategy's parameters as options."""

import argparse

from typing import Any

from watcher_host_maintenance.client.parameters import PARAMETERS
from watcher_host_maintenance.client.parameters import Parameter


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
