# SPDX-License-Identifier: Apache-2.0

"""The texts of our panel, and their translations.

``python -m tests.dashboard.messages`` adds new texts to each translation,
and compiles it.
"""

import io
import pathlib

from collections.abc import Iterator

from babel.messages import catalog
from babel.messages import extract
from babel.messages import mofile
from babel.messages import pofile
from django.utils.translation.template import templatize

from watcher_host_maintenance import dashboard


ROOT = pathlib.Path(dashboard.__file__).parent
PROJECT = 'watcher-host-maintenance'
KEYWORDS = {
    '_': None,
    'gettext': None,
    'gettext_noop': None,
    'ngettext': (1, 2),
}


def template() -> catalog.Catalog:
    """Return all texts of modules and templates, without translations."""
    texts = catalog.Catalog(
        fuzzy=False, header_comment='# SPDX-License-Identifier: Apache-2.0'
    )
    for path in sorted(ROOT.rglob('*')):
        for text in _texts(path):
            texts.add(text)
    return texts


def translations() -> list[pathlib.Path]:
    """Return the file of each translation."""
    return sorted(ROOT.glob('locale/*/LC_MESSAGES/django.po'))


def read(path: pathlib.Path) -> catalog.Catalog:
    """Read a translation."""
    with path.open('rb') as file:
        return pofile.read_po(file, locale=path.parts[-3])


def compiled(texts: catalog.Catalog) -> bytes:
    """Return a translation as Django loads it."""
    binary = io.BytesIO()
    mofile.write_mo(binary, texts)
    return binary.getvalue()


def update(path: pathlib.Path) -> None:
    """Add new texts to a translation, and compile it."""
    texts = read(path)
    texts.update(template(), no_fuzzy_matching=True)
    texts.obsolete.clear()
    texts.project = PROJECT
    texts.version = ''
    texts.msgid_bugs_address = texts.last_translator = ''
    texts.language_team = str(texts.locale)
    with path.open('wb') as file:
        pofile.write_po(file, texts, width=79, omit_header=False)
    path.with_suffix('.mo').write_bytes(compiled(texts))


def _texts(path: pathlib.Path) -> Iterator[str | tuple[str, ...]]:
    if path.suffix == '.py':
        source = path.read_text()
    elif path.suffix == '.html':
        source = templatize(path.read_text())
    else:
        return
    file = io.BytesIO(source.encode())
    for _line, text, _notes, _context in extract.extract(
        'python', file, KEYWORDS
    ):
        yield text


def main() -> None:
    """Update every translation."""
    for path in translations():
        update(path)


if __name__ == '__main__':
    main()
