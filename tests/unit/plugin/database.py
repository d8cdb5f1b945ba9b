# SPDX-License-Identifier: Apache-2.0


"""Watcher's real tables, empty, in the memory of a test."""

from typing import Any

import fixtures

from oslo_db.sqlalchemy import enginefacade
from oslo_db.sqlalchemy import test_fixtures
from watcher import objects
from watcher.common import context
from watcher.common import utils
from watcher.db.sqlalchemy import models

from watcher_host_maintenance.plugin import names


class Database(fixtures.Fixture):
    """What Watcher's objects are read from and written to.

    :ivar context: Watcher's, for its objects
    """

    def __init__(self, url: str = 'sqlite://') -> None:
        super().__init__()
        self._url = url

    def _setUp(self) -> None:
        database = enginefacade.transaction_context()
        database.configure(connection=self._url)
        self.useFixture(
            test_fixtures.ReplaceEngineFacadeFixture(
                enginefacade._context_manager, database
            )
        )
        models.Base.metadata.create_all(database.writer.get_engine())
        for kind in ('action', 'action_plan', 'audit'):
            for when in ('create', 'update', 'delete'):
                self.useFixture(
                    fixtures.MonkeyPatch(
                        f'watcher.notifications.{kind}.send_{when}',
                        lambda *args, **kwargs: None,
                    )
                )
        self.context = context.make_context()

    def create(self, kind: type, **fields: Any) -> Any:
        """Write an object of Watcher's with a UUID of its own."""
        made = kind(self.context, uuid=utils.generate_uuid(), **fields)
        made.create()
        return made

    def audit(self) -> int:
        """Write an audit with its goal and strategy; return its number."""
        goal = self.create(
            objects.Goal,
            name=names.GOAL,
            display_name=names.GOAL,
            efficacy_specification=[],
        )
        strategy = self.create(
            objects.Strategy,
            name=names.STRATEGY,
            goal_id=goal.id,
            display_name=names.STRATEGY,
            parameters_spec={},
        )
        audit = self.create(
            objects.Audit,
            name='drain',
            audit_type='ONESHOT',
            parameters={},
            goal_id=goal.id,
            strategy_id=strategy.id,
            state='ONGOING',
            scope=[],
            auto_trigger=False,
        )
        return int(audit.id)
