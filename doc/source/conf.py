# SPDX-License-Identifier: Apache-2.0

import pathlib
import sys


HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'ext'))

project = 'watcher-host-maintenance'
copyright = 'Watcher Host Maintenance contributors'

extensions = [
    'commands',
    'from_code',
    'measured',
    'openstackdocstheme',
    'oslo_config.sphinxext',
    'pictures',
    'sphinx.ext.doctest',
    'strategy',
]
# Readers copy commands and search for messages: keep quotes and dashes.
smartquotes = False
html_theme = 'openstackdocs'
pygments_style = 'native'

openstackdocs_auto_name = False
openstackdocs_pdf_link = False

# Doctests run in a directory with the files of one audit, as in report_dir.
EXAMPLE = str(HERE / 'examples' / 'compute-1.snapshot.json')
doctest_global_setup = f"""
import from_code
come_back = from_code.enter_examples({EXAMPLE!r})
"""
doctest_global_cleanup = 'come_back()'
