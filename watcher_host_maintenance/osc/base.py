# SPDX-License-Identifier: Apache-2.0

"""What all commands share: options, clients, errors, and output."""

import argparse
import functools
import math

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import ClassVar
from typing import NoReturn

from keystoneauth1.adapter import Adapter
from osc_lib import exceptions
from osc_lib.command import command

from watcher_host_maintenance.client.errors import ClientError
from watcher_host_maintenance.client.errors import NoAnswer
from watcher_host_maintenance.client.maintenance import Maintenance
from watcher_host_maintenance.client.maintenance import nova_errors
from watcher_host_maintenance.client.phases import Reasons
from watcher_host_maintenance.client.results import Result
from watcher_host_maintenance.client.waiting import Waiting
from watcher_host_maintenance.client.watcher import MICROVERSION
from watcher_host_maintenance.client.watcher import SERVICE_TYPE
from watcher_host_maintenance.client.watcher import Watcher
from watcher_host_maintenance.cloud import optional
from watcher_host_maintenance.cloud.nova import Nova
from watcher_host_maintenance.cloud.optional import OptionalServices
from watcher_host_maintenance.cloud.placement import Placement
from watcher_host_maintenance.cloud.sessions import limit_timeout
from watcher_host_maintenance.core.model.text import visible
from watcher_host_maintenance.core.model.text import visible_all
from watcher_host_maintenance.osc.columns import Count
from watcher_host_maintenance.osc.columns import Told
from watcher_host_maintenance.osc.options import not_empty
from watcher_host_maintenance.osc.options import read_config
from watcher_host_maintenance.osc.streams import write_error
from watcher_host_maintenance.osc.words import in_options
from watcher_host_maintenance.request import parameters


API_NAME = 'infra-optim'
"""The key of Watcher's API version in the client manager, with a hyphen."""

TIMEOUT_S = 60.0
"""Seconds to wait for one answer of an API, where nothing else is set."""

TEXT_FORMATS = frozenset({'csv', 'value'})
"""Formats that cannot tell None from a text."""

HOST_HELP = (
    'Compute node, by its service host, as "openstack compute service list '
    '--service nova-compute" prints it.'
)

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]
"""The names of columns, and rows."""

Record = tuple[Sequence[str], Sequence[Any]]
"""The names of fields, and their values."""


class Paragraphs(argparse.HelpFormatter):
    """Keeps the paragraphs of a description, and of an epilog, apart."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        fill = super()._fill_text
        paragraphs = text.split('\n\n')
        return '\n\n'.join(fill(p, width, indent) for p in paragraphs)


class Maintaining(command.Command):
    """A command on maintenances.

    stdout has the formatted output only; the rest goes to stderr. Text that
    others wrote is quoted on both.

    :ivar result: the exit status of a command that raises nothing
    :ivar example: a whole command line, for the help text
    """

    result = Result.DONE
    example: ClassVar[str]
    _watcher: Watcher | None = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        """Return the parser."""
        parser = super().get_parser(prog_name)
        parser.formatter_class = _with_paragraphs(parser.formatter_class)
        # argparse would exit with 2, which is "impossible" here.
        parser.error = functools.partial(  # type: ignore[method-assign]
            _refuse, parser
        )
        self.add_arguments(parser)
        return parser

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what this command takes."""

    def get_epilog(self) -> str:
        """Return what a help text ends with."""
        return f'Example: {self.example}\n\n{super().get_epilog()}'

    def run(self, parsed_args: argparse.Namespace) -> int:
        """Run the command.

        :returns: the exit status
        :raises osc_lib.exceptions.CommandError: it failed; exit status 1
        """
        try:
            return super().run(parsed_args) or self.result
        except ClientError as exc:
            text = in_options(visible(str(exc)))
            raise exceptions.CommandError(text) from exc
        finally:
            if self._watcher is not None and not self._watcher.has_messages:
                self.tell(
                    'Watcher shows no messages below its API version '
                    '{}.{}.'.format(*MICROVERSION)
                )

    def tell(self, *lines: str) -> None:
        """Write lines to stderr, with parameters as options."""
        for line in lines:
            write_error(f'{in_options(visible(line))}\n')

    def sign_in(self) -> None:
        """Sign in, as is done before a command with ``auth_required``."""
        self.auth_required = True
        self.app.prepare_to_run_command(self)

    def watcher(self) -> Watcher:
        """Return Watcher, as the person who signed in."""
        versions = self.app.client_manager._api_version
        newest = _microversion(versions.get(API_NAME, ''))
        self._watcher = Watcher(self.adapter(SERVICE_TYPE), newest)
        return self._watcher

    def maintenance(self, config_file: str | None = None) -> Maintenance:
        """Return what does the work, as the person who signed in.

        :param config_file: watcher.conf, for the meaning of disabled reasons
        """
        reasons = Reasons.of(read_config(config_file).values)
        watcher = self.watcher()
        with nova_errors():
            nova = Nova(self.adapter('compute'))
        return Maintenance(watcher, nova, reasons)

    def readers(
        self, values: Mapping[str, Any]
    ) -> tuple[Nova, Placement, OptionalServices]:
        """Return what a plan is read with, as the person who signed in.

        :param values: options of the plugin
        """
        wanted = parameters.to_wanted_reads(values)
        with nova_errors():
            return (
                Nova(self.adapter('compute')),
                Placement(self.adapter('placement')),
                optional.connect(self.adapter, wanted),
            )

    def adapter(self, service_type: str) -> Adapter:
        """Return an adapter by what the cloud's configuration says."""
        manager = self.app.client_manager
        config = manager._cli_options.config
        key = service_type.replace('-', '_')
        adapter = Adapter(
            manager.session,
            service_type=service_type,
            interface=config.get(f'{key}_interface') or manager.interface,
            region_name=manager.region_name,
            endpoint_override=config.get(f'{key}_endpoint_override'),
        )
        limit_timeout(adapter, TIMEOUT_S)
        return adapter

    def waiting(self, timeout_s: float | None) -> Waiting:
        """Return a wait that names an API that does not answer."""
        return Waiting(timeout_s, self._tell_outage)

    def _tell_outage(self, error: NoAnswer) -> None:
        self.tell(f'{str(error).rstrip(".")}. Trying again.')


class Listing(Maintaining, command.Lister):
    """A command whose output is a table."""

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Iterable[Sequence[Any]],
    ) -> int:
        """Write the table, with what others wrote quoted."""
        rows = [tuple(visible_all(row)) for row in data]
        if parsed_args.formatter in TEXT_FORMATS:
            rows = [tuple(map(_in_text, row)) for row in rows]
        return int(super().produce_output(parsed_args, column_names, rows))


class Showing(Maintaining, command.ShowOne):
    """A command whose output is one record."""

    def produce_output(
        self,
        parsed_args: argparse.Namespace,
        column_names: Sequence[str],
        data: Sequence[Any],
    ) -> int:
        """Write the record, with what others wrote quoted."""
        values = visible_all(data)
        return int(super().produce_output(parsed_args, column_names, values))


def add_hosts(parser: argparse.ArgumentParser, several: bool = True) -> None:
    """Add the compute nodes that a command is about."""
    parser.add_argument(
        'hosts' if several else 'host',
        metavar='HOST',
        type=not_empty,
        nargs='+' if several else None,
        help=HOST_HELP,
    )


def add_timeout(parser: argparse.ArgumentParser) -> None:
    """Add how long a command waits."""
    parser.add_argument(
        '--timeout',
        metavar='SECONDS',
        type=_seconds,
        help='Stop waiting after so long, with exit status 4. What is being '
        'done goes on. Default: wait as long as the APIs answer.',
    )


def unique(hosts: Sequence[str]) -> list[str]:
    """Return hosts in the order given, each once."""
    return list(dict.fromkeys(hosts))


def _with_paragraphs(formatter: Any) -> Any:
    return type(formatter.__name__, (Paragraphs, formatter), {})


def _in_text(value: Any) -> Any:
    return value.in_text() if isinstance(value, (Count, Told)) else value


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(
            f'must be a number of seconds, 0 or more, not {text!r}'
        )
    return value


def _refuse(parser: argparse.ArgumentParser, message: str) -> NoReturn:
    """Exit because of a wrong command line."""
    parser.exit(
        Result.ERROR,
        f'{parser.prog}: error: {visible(message)}. See its --help.\n',
    )


def _microversion(text: str) -> tuple[int, int]:
    """Return what a person wants of Watcher's API; the newest by default."""
    major, _, minor = text.partition('.')
    if major.isdecimal() and minor.isdecimal():
        return int(major), int(minor)
    return MICROVERSION
