# SPDX-License-Identifier: Apache-2.0

project = 'watcher-host-maintenance release notes'
copyright = 'Watcher Host Maintenance contributors'

extensions = ['openstackdocstheme', 'reno.sphinxext']
html_theme = 'openstackdocs'
pygments_style = 'native'

openstackdocs_auto_name = False
