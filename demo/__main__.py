# SPDX-License-Identifier: Apache-2.0

"""Run the demo: ``python -m demo [drain|roll]``."""

import argparse
import contextlib
import logging
import pathlib
import signal
import sys
import tempfile
import time
import warnings

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from demo import judge
from demo import rolling
from demo import story
from demo.operator import Operator
from demo.screen import Screen
from minicloud import cloud
from minicloud import description
from minicloud import exceptions


_CLOUD = pathlib.Path(__file__).with_name('cloud.yaml')
_ROLL = pathlib.Path(__file__).with_name('roll.yaml')

#: What the demo can tell.
DRAIN, ROLL = 'drain', 'roll'

OK, FAILED, INTERRUPTED = 0, 1, 130

#: Tells a story on a screen.
Story = Callable[[Screen, argparse.Namespace], None]


def main(arguments: list[str] | None = None, tell: Story | None = None) -> int:
    """Run the demo and return its exit status.

    :param tell: takes the place of the story, in tests
    """
    options = _parser().parse_args(arguments)
    try:
        (tell or _tell)(Screen(), options)
    except judge.NotAsTold as exc:
        return _failed(f'Not as told:\n{exc}')
    except exceptions.MinicloudError as exc:
        return _failed(f'The cloud did not work:\n{exc}')
    except KeyboardInterrupt:
        print('\nStopped. The cloud is gone.', file=sys.stderr)
        return INTERRUPTED
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='python -m demo',
        description='Start a small OpenStack here, '
        'empty hosts of it with Watcher, and tell what happens. The exit '
        'status is 0 when all came out as told, 1 when not.',
    )
    parser.add_argument(
        'story',
        nargs='?',
        choices=(DRAIN, ROLL),
        default=DRAIN,
        help='drain, the default: three hosts are to be emptied, one after '
        'the other; roll: four hosts are maintained, at most two at a time',
    )
    parser.add_argument(
        '--log',
        metavar='FILE',
        type=pathlib.Path,
        help='write into FILE what the services have logged',
    )
    return parser


def _tell(screen: Screen, options: argparse.Namespace) -> None:
    """Tell the whole story."""
    started = time.monotonic()
    screen.title('Empty compute hosts with OpenStack Watcher')
    screen.say(
        'A small OpenStack starts on this machine. Nova, Placement and '
        'Watcher are the real ones, only the hypervisors pretend. Nothing '
        'else is touched, and nothing is left behind.'
    )
    tell = _tell_roll if options.story == ROLL else _tell_drains
    tell(screen, options.log)
    seconds = time.monotonic() - started
    screen.title(f'All came out as told, in {seconds:.0f} seconds')


def _tell_drains(screen: Screen, log: pathlib.Path | None) -> None:
    lab = cloud.Cloud(description.load(str(_CLOUD)), timeout_s=300)
    with _operator(screen, log, lab) as operator:
        story.introduce(operator)
        story.spread(operator, 'compute-1')
        story.refuse(operator, 'compute-2', 'erp')
        story.onto_spare(operator, 'compute-4', 'compute-5')


def _tell_roll(screen: Screen, log: pathlib.Path | None) -> None:
    with tempfile.TemporaryDirectory() as directory:
        lab = cloud.Cloud(
            description.load(str(_ROLL)),
            rolling.NOVA_OPTIONS,
            rolling.watcher_options(pathlib.Path(directory)),
            timeout_s=300,
        )
        with _operator(screen, log, lab) as operator:
            story.introduce(operator)
            rolling.roll(operator)


@contextlib.contextmanager
def _operator(
    screen: Screen, log: pathlib.Path | None, lab: cloud.Cloud
) -> Iterator[Operator]:
    """Start the cloud, and end it in any case."""
    with contextlib.ExitStack() as stack:
        with screen.busy('Starting'):
            stack.enter_context(lab)
        if log:
            stack.callback(
                lambda: log.write_text(
                    '\n'.join(lab.logs().values()), encoding='utf-8'
                )
            )
        yield Operator(lab, screen)


def _failed(text: str) -> int:
    print(f'\n{text}', file=sys.stderr)
    return FAILED


def _stop(number: int, frame: Any) -> None:
    """Stop for a signal, and let no other disturb the tidying up."""
    for each in _STOPPING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


if __name__ == '__main__':
    for each in _STOPPING:
        signal.signal(each, _stop)
    # What libraries have to say to developers.
    warnings.simplefilter('ignore')
    logging.disable(logging.CRITICAL)
    sys.exit(main())
