# SPDX-License-Identifier: Apache-2.0

"""The dashboard as a person at a browser has it."""

import os
import re

from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

from selenium.webdriver.common import by
from selenium.webdriver.support import ui

from tests.dashboard import images


_PATIENCE_S = 600
#: What a window is taller than its page.
_FRAME = 143
_UUID = re.compile('[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}')
#: Of a table, or of a list of a details page: heading -> text of each row.
Row = dict[str, str]

_CHOOSE = """
const option = [...arguments[0].options].find(
    o => o.text.trim() == arguments[1]);
$(arguments[0]).val(option.value).trigger('change');"""
_READ_TABLE = """
const read = cells => [...cells].map(c => c.innerText.trim());
const table = document.querySelector(arguments[0]);
if (!table) return [];
const head = read(table.querySelectorAll('thead tr:last-child th'));
return [...table.querySelectorAll('tbody tr[data-object-id]')].map(
    row => read(row.cells).map((text, n) => [head[n], text]));"""
_READ_DETAILS = """
return Object.fromEntries([...document.querySelectorAll('dl dt')].map(
    dt => [dt.innerText.trim(), dt.nextElementSibling.innerText.trim()]));"""
#: The schema of a strategy's parameters, on the strategy's page; the dashboard
#: has a narrow box for it.
_SCROLLED = '#content_body dd[style*="overflow: auto"] pre'
#: What is wider than the place it has, the page itself and what scrolls by
#: itself included. What stands in a line of text has no width of its own.
_OVERFLOWING = """
return [document.documentElement, ...document.querySelectorAll(
        ['#content_body', '#content_body table', '#content_body dd',
         '#content_body dd *', '.modal-body', '.modal-body *'].join())]
    .filter(e => e.scrollWidth > e.clientWidth + 1
                 && !e.matches(arguments[0])
                 && getComputedStyle(e).display != 'inline')
    .map(e => `${e.tagName} ${e.id} ${e.className} `
              + `${e.scrollWidth} > ${e.clientWidth}`);"""
#: How tall the page would be if nothing had to be scrolled.
_TALL = """
const hidden = [...document.querySelectorAll('.modal-body *')]
    .filter(e => getComputedStyle(e).overflowY == 'auto')
    .map(e => e.scrollHeight - e.clientHeight);
const dialogue = document.querySelector('.modal');
return Math.max(document.documentElement.scrollHeight,
                dialogue ? dialogue.scrollHeight : 0)
    + Math.max(0, ...hidden);"""


class Dashboard:
    """One browser that is signed in, or is about to.

    :ivar directory: where screenshots go; '' keeps none
    """

    def __init__(self, driver: Any, url: str, directory: str) -> None:
        self._driver = driver
        self._url = url
        self._directory = directory

    def sign_in(self, user: str, password: str) -> None:
        """Fill the first page in, and wait until it lets us in."""
        self.open('auth/login/')
        self.fill(username=user, password=password)
        self._find('#loginBtn').click()
        self.wait(lambda: not self._all('#loginBtn'))

    def open(self, path: str) -> None:
        """Open a page: 'admin/audits/'."""
        self._driver.get(f'{self._url}/{path}')

    def click(self, selector: str) -> None:
        """Click what a CSS selector finds."""
        self._find(selector).click()

    def follow(self, text: str) -> None:
        """Click a link by its text, and wait for the page."""
        link = self._driver.find_element(by.By.LINK_TEXT, text)
        link.click()
        self.wait(lambda: text in self.address or self._all('.detail'))

    def fill(self, **fields: str) -> None:
        """Type into the fields of a form, or choose of a list by its text."""
        for name, value in fields.items():
            field = self._find(f'#id_{name}')
            if field.tag_name == 'select':
                self.wait(
                    lambda f=field, v=value: (
                        v in f.get_attribute('textContent')
                    )
                )
                self._driver.execute_script(_CHOOSE, field, value)
            else:
                field.send_keys(value)

    def submit(self) -> None:
        """Send a form in a dialogue, and wait until that is gone."""
        self._find('.modal input[type=submit]').click()
        self.wait(lambda: not self._all('.modal form'))

    def press(self, action: str) -> list[str]:
        """Press the button of a table's row; nothing asks back.

        :returns: what the page then says on top, sorted
        """
        self._find(f'tbody button[name="action"][value*="{action}"]').click()
        self.wait(lambda: self._all('.alert'))
        return self.alerts()

    def alerts(self) -> list[str]:
        """What is said in coloured boxes on top of the page, sorted."""
        texts = {box.text for box in self._all('.alert p')}
        return sorted(' '.join(text.split()) for text in texts if text)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, by the table's name."""
        return self._read(_READ_TABLE, f'table#{table}')

    def _read(self, script: str, selector: str) -> list[Row]:
        """Return the rows that a script finds.

        It returns pairs: chromedriver takes an object with the key "Window"
        for one of its own.
        """
        found = self._driver.execute_script(script, selector)
        return [dict(pairs) for pairs in found]

    def details(self) -> Row:
        """What a page of one thing lists, heading -> text."""
        found: Row = self._driver.execute_script(_READ_DETAILS)
        return found

    @property
    def address(self) -> str:
        """The URL of the page."""
        return str(self._driver.current_url)

    @property
    def text(self) -> str:
        """Everything that can be read on the page."""
        return str(self._find('body').text)

    def faults(self) -> Iterator[str]:
        """What does not read well: a UUID for a name, a page too wide."""
        for table in self._all('#content_body table'):
            name = table.get_attribute('id')
            for row in self.rows(name):
                for heading in (
                    'Name',
                    'Description',
                    'Goal',
                    'Strategy',
                    'Type',
                    'Parameter name',
                    'Efficacy',
                ):
                    if _UUID.search(row.get(heading, '')):
                        yield f'{name}, {heading}: {row[heading]}'
        yield from self._driver.execute_script(_OVERFLOWING, _SCROLLED)

    def heading(self) -> str:
        """The title on top of the page."""
        return str(self._find('.page-header h1').text)

    def title(self) -> str:
        """The title of the window."""
        return str(self._driver.title)

    def menu(self) -> list[str]:
        """The dashboards that can be chosen."""
        return [
            entry.text for entry in self._all('#sidebar-accordion > li > a')
        ]

    def picture(self, name: str, part: str = '') -> None:
        """Take a screenshot of the whole page, or of a dialogue on it.

        :param part: CSS selector of the only part that is taken
        """
        if not self._directory:
            return
        size = self._driver.get_window_size()
        self._show_all(size['width'])
        dialogues = self._all(part or '.modal-content')
        png = (
            dialogues[0].screenshot_as_png
            if dialogues
            else self._driver.get_screenshot_as_png()
        )
        images.save(png, os.path.join(self._directory, f'{name}.png'))
        self._driver.set_window_size(size['width'], size['height'])

    def _show_all(self, width: int) -> None:
        """Make the window taller until nothing has to be scrolled.

        A part of the dialogue takes a share of the window, so that this
        needs more than one step.
        """
        before, tall = 0, self._driver.execute_script(_TALL)
        while tall > before:
            self._driver.set_window_size(width, tall + _FRAME)
            before, tall = tall, self._driver.execute_script(_TALL)

    def wait(self, wanted: Callable[[], Any]) -> Any:
        """Wait until something is true, or at least not nothing.

        :raises selenium.common.TimeoutException: it did not become so
        """
        return ui.WebDriverWait(self._driver, _PATIENCE_S).until(
            lambda driver: wanted()
        )

    def _find(self, selector: str) -> Any:
        return self.wait(lambda: self._all(selector))[0]

    def _all(self, selector: str) -> list[Any]:
        return list(self._driver.find_elements(by.By.CSS_SELECTOR, selector))
