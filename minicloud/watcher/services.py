# SPDX-License-Identifier: Apache-2.0

"""The real Watcher services, all in this process."""

import contextlib
import functools
import importlib
import os
import sys
import threading
import warnings

from collections.abc import Iterator
from importlib import metadata
from typing import Any

import stevedore

from oslo_config import cfg
from sqlalchemy import orm
from watcher import objects
from watcher.api import app
from watcher.applier import service as applier_service
from watcher.applier import sync as applier_sync
from watcher.common import service as watcher_service
from watcher.common.loader import default as loader
from watcher.db.sqlalchemy import models
from watcher.decision_engine import service as decision_engine_service
from watcher.decision_engine import sync as decision_engine_sync

from minicloud import database
from minicloud import files
from minicloud import settings
from minicloud import wsgi
from minicloud.watcher import config
from minicloud.watcher import model


#: Entry point groups of what Watcher loads whenever it starts.
_PLUGINS = (
    'watcher_actions',
    'watcher_cluster_data_model_collectors',
    'watcher_goals',
    'watcher_planners',
    'watcher_strategies',
    'watcher_workflow_engines',
)


_DATABASE = 'watcher.sqlite'
#: The same before the first audit.
_EMPTY = 'watcher-empty.sqlite'


def preload() -> None:
    """Do what is the same for all clouds, and begins no thread.

    What Watcher loads by name, it would load in each cloud.
    """
    objects.register_all()
    importlib.import_module('watcher.api.controllers.root')
    for group in _PLUGINS:
        for entry in metadata.entry_points(group=group):
            # One that cannot be loaded is Watcher's to tell of.
            with contextlib.suppress(Exception):
                entry.load()
    # Pecan looks at the same signatures at each request.
    util: Any = importlib.import_module('pecan.util')
    util._getargspec = functools.lru_cache(util._getargspec)
    database.image(models.Base.metadata)
    orm.configure_mappers()


def configure(cloud: settings.Settings) -> None:
    """Create the database and read the configuration."""
    # Watcher turns warnings on when it is imported: of other libraries too.
    warnings.simplefilter('ignore')
    if cloud.without:
        _hide(cloud.without)
    url = database.create(cloud.path(_DATABASE), models.Base.metadata)
    path = cloud.write_config(config.sections(cloud, url))
    sys.argv[1:] = ['--config-file', path]
    watcher_service.prepare_service(sys.argv, cfg.CONF)
    # Whenever Watcher 16 loads a plugin it begins anew, and has no options for
    # a moment: the API, elsewhere in a process of its own, would answer 500.
    # Watcher 17 does it like this.
    loader.DefaultLoader._reload_config = lambda self: (
        self.conf.reload_config_files()
    )


def _hide(package: str) -> None:
    """Let no loader find the plugins of a package."""
    find = stevedore.ExtensionManager.list_entry_points

    def find_others(self: Any) -> list[metadata.EntryPoint]:
        return [
            entry
            for entry in find(self)
            if not entry.value.startswith(f'{package}.')
        ]

    vars(stevedore)['ExtensionManager'].list_entry_points = find_others


def start(cloud: settings.Settings) -> None:
    """Sync goals, strategies and actions; start applier, decision engine.

    The decision engine comes last: its jobs are stored under the name of
    the service that was made last in the process.
    """
    applier_sync.Syncer().sync()
    applier_service.ApplierService().start()
    decision_engine_sync.Syncer().sync()
    engine = decision_engine_service.DecisionEngineService()
    with first_look_held_back(engine.continuous_handler):
        engine.start()
    # It is there when Watcher was killed, and starts again.
    if not os.path.exists(cloud.path(_EMPTY)):
        files.copy_database(cloud.path(_DATABASE), cloud.path(_EMPTY))


@contextlib.contextmanager
def first_look_held_back(handler: Any) -> Iterator[None]:
    """Let a handler of CONTINUOUS audits look for them after this only.

    Watcher starts that look, and then the scheduler of the audits. The look
    starts a scheduler that does not run: if it comes first, Watcher's own
    start fails with SchedulerAlreadyRunningError, and the engine ends.
    """
    may_look = threading.Event()
    look = handler.launch_audits_periodically

    @functools.wraps(look)
    def look_later() -> None:
        may_look.wait()
        look()

    handler.launch_audits_periodically = look_later
    try:
        yield
    finally:
        may_look.set()


def renew(cloud: settings.Settings) -> None:
    """Forget all audits, and the model; nothing may be running."""
    files.copy_database(cloud.path(_EMPTY), cloud.path(_DATABASE))
    model.forget()


def api() -> wsgi.Application:
    """The WSGI application of the Infrastructure Optimization API."""
    served = app.VersionSelectorApplication()
    return served if cfg.CONF.enable_authentication else wsgi.as_admin(served)
