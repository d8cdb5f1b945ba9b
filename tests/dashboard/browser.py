# SPDX-License-Identifier: Apache-2.0

"""Headless Chromium, as a fixture."""

import importlib.util
import shutil

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import fixtures


WIDTH, HEIGHT = 1280, 800

#: It looks for updates and more, as soon as it starts.
_ARGUMENTS = (
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-dev-shm-usage',
    '--no-first-run',
    '--no-proxy-server',
    '--hide-scrollbars',
    f'--window-size={WIDTH},{HEIGHT}',
)

#: Chromium's number for what a page may not do.
_BLOCK = 2

_PROGRAMS = {'chromium': 'chromium', 'chromedriver': 'chromium-driver'}
_MODULES = {
    'selenium': 'selenium',
    'axe_core_python': 'axe-core-python',
    'openstack_dashboard': 'horizon',
    'watcher_dashboard': 'watcher-dashboard',
}


def missing(
    programs: Iterable[str] = tuple(_PROGRAMS),
    modules: Iterable[str] = tuple(_MODULES),
) -> str:
    """Return in one line what is not installed; '' when nothing is missing."""
    return ', '.join(_missing(programs, modules))


def _missing(programs: Iterable[str], modules: Iterable[str]) -> Iterator[str]:
    for program in programs:
        if shutil.which(program) is None:
            yield f'{program} (Debian package {_PROGRAMS[program]})'
    for module in modules:
        if importlib.util.find_spec(module) is None:
            yield f'{module} (Python package {_MODULES[module]})'


class Browser(fixtures.Fixture):
    """A browser with nothing in it.

    :ivar driver: selenium's
    """

    def __init__(self, language: str = 'en', scripts: bool = True) -> None:
        """Prepare it.

        :param language: what it asks pages to be in
        :param scripts: False runs no JavaScript of any page
        """
        super().__init__()
        self._language = language
        self._scripts = scripts

    def _setUp(self) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome import service

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which('chromium')
        options.add_argument(f'--lang={self._language}')
        preferences: dict[str, Any] = {'intl.accept_languages': self._language}
        if not self._scripts:
            key = 'profile.managed_default_content_settings.javascript'
            preferences[key] = _BLOCK
        options.add_experimental_option('prefs', preferences)
        profile = self.useFixture(fixtures.TempDir()).path
        for argument in (*_ARGUMENTS, f'--user-data-dir={profile}'):
            options.add_argument(argument)
        self.driver: Any = webdriver.Chrome(
            options=options,
            service=service.Service(shutil.which('chromedriver')),
        )
        self.addCleanup(self.driver.quit)
        # The first page waits until all style sheets are compiled.
        self.driver.set_page_load_timeout(300)
