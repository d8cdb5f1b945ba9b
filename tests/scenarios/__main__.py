# SPDX-License-Identifier: Apache-2.0

"""What to do with the scenarios; see README.rst."""

import argparse
import dataclasses
import json
import pathlib
import sys

from collections.abc import Sequence

from tests.scenarios import stories


def rewrite(arguments: argparse.Namespace) -> None:
    """Write all expected output anew, and name what has changed."""
    for name in stories.rewrite(arguments.directory):
        print(name)


def show(arguments: argparse.Namespace) -> None:
    """Print what the planner answers to some scenarios, or to all."""
    directory = arguments.directory
    for name in arguments.names or stories.names(directory):
        story = stories.load(name, directory)
        told = dataclasses.replace(story, words=True)
        for text in stories.answer(told).values():
            print(text)


def add(arguments: argparse.Namespace) -> None:
    """Make a scenario of what report_dir holds of an audit."""
    report = json.loads(arguments.report.read_text(encoding='utf-8'))
    snapshot = json.loads(arguments.snapshot.read_text(encoding='utf-8'))
    scenario = {
        'story': arguments.story,
        'request': report['request'],
        'snapshot': snapshot,
    }
    path = arguments.directory / f'{arguments.name}.json'
    with path.open('x', encoding='utf-8') as file:
        json.dump(scenario, file, indent=1, ensure_ascii=False)
        file.write('\n')
    rewrite(arguments)


def main(argv: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(
        prog='python -m tests.scenarios', description=__doc__
    )
    parser.add_argument(
        '--directory', type=pathlib.Path, default=stories.DIRECTORY
    )
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser('rewrite', help=rewrite.__doc__)
    command.set_defaults(run=rewrite)
    command = commands.add_parser('show', help=show.__doc__)
    command.add_argument('names', nargs='*', metavar='NAME')
    command.set_defaults(run=show)
    command = commands.add_parser('add', help=add.__doc__)
    command.add_argument('name')
    command.add_argument('snapshot', type=pathlib.Path)
    command.add_argument('report', type=pathlib.Path)
    command.add_argument('story')
    command.set_defaults(run=add)
    arguments = parser.parse_args(argv)
    arguments.run(arguments)


if __name__ == '__main__':
    main(sys.argv[1:])
