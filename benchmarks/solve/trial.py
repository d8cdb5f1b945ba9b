# SPDX-License-Identifier: Apache-2.0

"""One case, solved by us and by others, every answer verified."""

import concurrent.futures
import dataclasses
import functools
import importlib.util
import multiprocessing
import time

from collections.abc import Callable
from collections.abc import Mapping
from typing import NamedTuple

from benchmarks.solve import cases
from benchmarks.solve import cp_sat
from benchmarks.solve import greedies
from benchmarks.solve import hail
from benchmarks.solve import optimum
from benchmarks.solve import solvers
from benchmarks.solve.cases import Case
from benchmarks.solve.clock import timed
from benchmarks.solve.verify import verify
from watcher_host_maintenance.core.packing import solve
from watcher_host_maintenance.core.packing.board import Board
from watcher_host_maintenance.core.packing.problem import Problem
from watcher_host_maintenance.core.packing.proofs import quick_proofs
from watcher_host_maintenance.core.packing.result import Limits
from watcher_host_maintenance.core.packing.result import Result
from watcher_host_maintenance.core.packing.result import Status


Timed = Callable[[Problem], tuple[Result, float]]

PEER_S = 10.0
"""Processor seconds within which a peer has to decide."""

QUICK_S = 0.01

LARGEST = (50, 100)
"""Instances and hosts up to which the optimum of a spread is looked for."""


class Peer(NamedTuple):
    """What came of a case by a peer, who has to decide in time."""

    decided: bool
    taken_s: float


@dataclasses.dataclass(frozen=True)
class Trial:
    """What came of one case.

    :ivar status: our answer
    :ivar taken_s: processor seconds until that
    :ivar proof: kind of our proof; '' is none
    :ivar quick: what needs no search proves it within 10 ms
    :ivar peers: name of each -> what it did
    :ivar gap: how much higher our highest utilisation is than the optimum,
        as a share of that; None where the optimum is not known
    """

    case: Case
    status: Status
    taken_s: float
    proof: str
    quick: bool
    peers: Mapping[str, Peer]
    gap: float | None

    def decided(self, within_s: float) -> bool:
        """Tell whether we decided in so many processor seconds."""
        return self.status is not Status.UNDECIDED and self.taken_s <= within_s


def attempt(
    case: Case, limits: Limits, peers: Mapping[str, Timed], optima: bool
) -> Trial:
    """Solve a case.

    :param optima: look for the optimum of small ones
    :raises benchmarks.solve.verify.WrongAnswer: by whomever
    """
    problem = cases.build(case)
    result, taken_s = timed(
        functools.partial(solve.solve, limits=limits), problem
    )
    verify(problem, result, case.kind == 'planted')
    return Trial(
        case,
        result.status,
        taken_s,
        result.proof.kind.value if result.proof else '',
        result.proof is not None and _is_quick(problem),
        {name: _by_peer(case, problem, p) for name, p in peers.items()},
        _gap(case, problem, result) if optima else None,
    )


def peers() -> dict[str, Timed]:
    """Return name -> peer, of those that are installed."""
    found: dict[str, Timed] = {
        name: functools.partial(timed, functools.partial(_greedy, name))
        for name in greedies.PEERS
    }
    if hail.program() is not None:
        found['hail'] = functools.partial(timed, hail.place)
    found['HiGHS'] = functools.partial(timed, solvers.by_highs)
    if importlib.util.find_spec('ortools') is not None:
        found['CP-SAT'] = functools.partial(
            _elsewhere, functools.partial(timed, cp_sat.by_cp_sat)
        )
    return found


def _greedy(name: str, problem: Problem) -> Result:
    where = greedies.place(problem, *greedies.PEERS[name])
    if where is None:
        return Result()
    return Result(where, complete=True)


@functools.cache
def _process() -> concurrent.futures.Executor:
    context = multiprocessing.get_context('spawn')
    process = concurrent.futures.ProcessPoolExecutor(1, context)
    # What an import costs is no part of any case.
    process.submit(importlib.import_module, 'ortools.sat.python.cp_model')
    return process


def _elsewhere(solver: Timed, problem: Problem) -> tuple[Result, float]:
    return _process().submit(solver, problem).result()


def _by_peer(case: Case, problem: Problem, peer: Timed) -> Peer:
    result, taken_s = peer(problem)
    verify(problem, result, case.kind == 'planted')
    decided = result.status is not Status.UNDECIDED and taken_s <= PEER_S
    return Peer(decided, taken_s)


def _is_quick(problem: Problem) -> bool:
    started = time.process_time()
    proof = next(quick_proofs(Board(problem)), None)
    return proof is not None and time.process_time() - started <= QUICK_S


def _gap(case: Case, problem: Problem, result: Result) -> float | None:
    small = case.instances <= LARGEST[0] and case.hosts <= LARGEST[1]
    if result.status is not Status.PLACED or not small:
        return None
    lowest = optimum.lowest(problem, result.placement)
    if not lowest:
        return None
    return optimum.highest(problem, result.placement) / lowest - 1
