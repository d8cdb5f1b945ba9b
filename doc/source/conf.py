# SPDX-License-Identifier: Apache-2.0

import pathlib
import sys


HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'ext'))

project = 'watcher-host-maintenance'
copyright = 'Watcher Host Maintenance contributors'

extensions = [
    'from_code',
    'measured',
    'openstackdocstheme',
    'oslo_config.sphinxext',
    'pictures',
    'sphinx.ext.doctest',
    'strategy',
]
# What is shown is typed and looked for: quotes and dashes stay as they are.
smartquotes = False
html_theme = 'openstackdocs'
pygments_style = 'native'

openstackdocs_auto_name = False
openstackdocs_pdf_link = False

# Doctests read the files that report_dir holds of one audit.
EXAMPLE = str(HERE / 'examples' / 'compute-1.snapshot.json')
doctest_global_setup = f"""
import from_code
come_back = from_code.enter_examples({EXAMPLE!r})
"""
doctest_global_cleanup = 'come_back()'
