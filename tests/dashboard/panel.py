# SPDX-License-Identifier: Apache-2.0

"""Our panel as a person at a browser has it."""

import os

from collections.abc import Callable
from typing import Any

from selenium.common import StaleElementReferenceException
from selenium.webdriver.common import by
from selenium.webdriver.support import ui

from tests.dashboard import axe
from tests.dashboard.dashboard import Dashboard
from tests.dashboard.dashboard import Row


#: What is ours on a page: Horizon's own parts have barriers of their own.
_OURS = '#content_body'

_PATIENCE_S = 150

_READ_PLAIN = """
const read = cells => [...cells].map(c => c.innerText.trim());
const table = document.querySelector(arguments[0]);
if (!table) return [];
const head = read(table.querySelectorAll('thead th'));
return [...table.querySelectorAll('tbody tr')].filter(
    row => row.cells.length == head.length).map(
    row => read(row.cells).map((text, n) => [head[n], text]));"""

#: In one go: Horizon's scripts may put other rows in their place any time.
_READ_SHOWN = """
return [...document.querySelectorAll(arguments[0])].filter(
    e => e.offsetParent !== null).map(
    e => arguments[1] ? e.getAttribute(arguments[1]) : e.innerText.trim());"""

_SEND = """
const [button, done] = arguments;
const body = new URLSearchParams(new FormData(button.form));
fetch(button.form.action, {method: 'POST', body: body}).then(
    answer => done(answer.url));"""

_STATUS = """
return performance.getEntriesByType('navigation')[0].responseStatus;"""

#: As a person scrolls to it; a menu may hide part of it.
_INTO_VIEW = 'arguments[0].scrollIntoView({block: "center"});'


def shown(text: str) -> str:
    """Return a text as Horizon shows it.

    It turns the marks of its scripts' expressions into others.
    """
    return text.replace('{$', '{%').replace('$}', '%}')


class Panel(Dashboard):
    """One browser that is signed in, or is about to."""

    def __init__(self, driver: Any, url: str) -> None:
        super().__init__(driver, url, os.environ.get('DASHBOARD_IMAGES', ''))

    def picture(self, name: str, part: str = '') -> None:
        """Take a screenshot of the whole page, or of a part of it."""
        super().picture(f'panel-{name}', part)

    def barriers(self) -> list[str]:
        """Return what axe-core finds serious in the content of the page."""
        return axe.barriers(self._driver, _OURS)

    def run(self, script: str) -> Any:
        """Run a script in the page, and return what it returns."""
        return self._driver.execute_script(script)

    def count(self, selector: str) -> int:
        """Return how many elements of the page a CSS selector finds."""
        return len(self._all(selector))

    def source(self) -> str:
        """Return the page with what is hidden."""
        return str(self._driver.page_source)

    def status(self) -> int:
        """Return the HTTP status of the page."""
        return int(self.run(_STATUS))

    def reload(self) -> None:
        """Load the page again."""
        self._driver.refresh()

    def is_over(self) -> bool:
        """Return True once nothing runs on the page of a result."""
        return bool(
            self._all('[data-runs=no]')
            and not self._all('button[name=cancel]')
        )

    def has_text(self, text: str) -> bool:
        """Return True if a text can be read on the page."""
        return text in self.text

    def chosen(self, field: str) -> list[str]:
        """Return what is chosen in a list of a form."""
        options = ui.Select(self._find(f'#id_{field}')).all_selected_options
        return [option.text for option in options]

    def buttons(self) -> list[str]:
        """Return the labels of all buttons of the content."""
        return self._shown(f'{_OURS} button')

    def press_button(self, label: str) -> None:
        """Press a button by its label, and wait for the next page."""
        self._click(self._button(label))

    def press_and_confirm(self, label: str) -> str:
        """Press a button, say yes to Horizon's question, and return it."""
        self.press_button(label)
        [question] = self.wait(
            lambda: [m.text for m in self._all('.modal.in') if m.text]
        )
        self.wait(self._confirm)
        return str(question)

    def open_link(self, text: str) -> None:
        """Follow a link of the content, by its text."""
        path = f'//*[@id="content_body"]//a[normalize-space()="{text}"]'
        self._click(self._driver.find_element(by.By.XPATH, path))

    def send(self, label: str) -> str:
        """Send the form of a button, stay on the page, return where it led."""
        return str(
            self._driver.execute_async_script(_SEND, self._button(label))
        )

    def press_if_there(self, label: str) -> None:
        """Press a button if the page has it."""
        if label in self.buttons():
            self.press_button(label)

    def select_row(self, host: str) -> None:
        """Check the box of a row."""
        self.click(f'tr[data-object-id="{host}"] [name=object_ids]')

    def hosts(self) -> list[str]:
        """Return the hosts of the table of nodes that can be seen."""
        rows = '#maintenance tbody tr[data-object-id]'
        return self._shown(rows, 'data-object-id')

    def filter(self, text: str) -> None:
        """Type into the box that filters the table of nodes."""
        self._find('[name=maintenance__filter__q]').send_keys(text)

    def press_row(self, table: str, row: str, label: str) -> None:
        """Press an action of a row, and say yes if Horizon asks."""
        # The row may be replaced before it is clicked.
        self.wait(lambda: [self._click(self._action(table, row, label))])
        self.wait(lambda: not self._all(f'#{table}') or self._confirm())

    def show_actions(self, table: str, row: str, label: str) -> None:
        """Open the menu of a row."""
        self._action(table, row, label)

    def cookies(self) -> list[Row]:
        """Return what keeps the person signed in."""
        return list(self._driver.get_cookies())

    def take_cookies(self, cookies: list[Row]) -> None:
        """Be signed in as another browser is."""
        self.open('static/none')
        for cookie in cookies:
            self._driver.add_cookie(
                {key: cookie[key] for key in ('name', 'value', 'path')}
            )

    def follow_action(self, table: str, row: str, label: str) -> None:
        """Follow an action of a row that is a link."""
        self._click(self._action(table, row, label))
        self.wait(lambda: self.heading() == label)

    def rows(self, table: str) -> list[Row]:
        """Return the rows of a table, of Horizon's kind or a plain one."""
        return super().rows(table) or self._read(_READ_PLAIN, f'table#{table}')

    def wait(self, wanted: Callable[[], Any]) -> Any:
        """Wait until something is true, while pages come and go."""
        return ui.WebDriverWait(
            self._driver,
            _PATIENCE_S,
            ignored_exceptions=(StaleElementReferenceException,),
        ).until(lambda driver: wanted())

    def _shown(self, selector: str, attribute: str = '') -> list[str]:
        """Return an attribute, or else the text, of what can be seen."""
        return list(
            self._driver.execute_script(_READ_SHOWN, selector, attribute)
        )

    def _confirm(self) -> bool:
        """Say yes to Horizon's question; True when there is none left."""
        for button in self._all(
            '.modal.in .btn-primary, .modal.in .btn-danger'
        ):
            if button.is_displayed():
                button.click()
        return not self._all('.modal.in') and bool(self._all('.alert'))

    def _button(self, label: str) -> Any:
        path = f'//*[@id="content_body"]//button[normalize-space()="{label}"]'
        return self._driver.find_element(by.By.XPATH, path)

    def _action(self, table: str, row: str, label: str) -> Any:
        """Return an action of a row; the menu of the row is then open."""
        place = f'tr[data-object-id="{row}"]'
        self._find(f'table#{table} {place}')
        menus = self._all(f'table#{table} {place} .dropdown-toggle')
        actions = self._all(
            f'table#{table} {place} td.actions_column button,'
            f'table#{table} {place} td.actions_column a'
        )
        [action] = [
            a
            for a in actions
            if a.get_attribute('textContent').strip() == label
        ]
        if not action.is_displayed() and menus:
            self._click(menus[0])
            self.wait(action.is_displayed)
        return action

    def _click(self, element: Any) -> None:
        self._driver.execute_script(_INTO_VIEW, element)
        element.click()
