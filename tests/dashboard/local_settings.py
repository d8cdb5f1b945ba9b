# SPDX-License-Identifier: Apache-2.0

"""What an operator writes into Horizon's local_settings.py."""

import os
import secrets


#: Set by :mod:`tests.dashboard.horizon`.
_DIRECTORY = os.environ['HORIZON_DIRECTORY']

ALLOWED_HOSTS = ['127.0.0.1']
# One process serves all. Sessions are kept there among style sheets: when it
# is full, any of them goes.
CACHES = {
    'default': {
        'BACKEND': 'django.core.cache.backends.locmem.LocMemCache',
        'OPTIONS': {'MAX_ENTRIES': 100000},
    }
}
# Django then serves the static files itself.
DEBUG = True
# Otherwise every page is empty without JavaScript.
DISALLOW_IFRAME_EMBED = False
LOCAL_PATH = _DIRECTORY
OPENSTACK_KEYSTONE_URL = os.environ['HORIZON_KEYSTONE_URL']
SECRET_KEY = secrets.token_urlsafe(32)
SESSION_ENGINE = 'django.contrib.sessions.backends.cache'
STATIC_ROOT = os.path.join(_DIRECTORY, 'static')
TIME_ZONE = 'UTC'
WATCHER_HOST_MAINTENANCE = {'hide_migrate_host': True}
LOGGING = {
    'version': 1,
    'disable_existing_loggers': False,
    'handlers': {'console': {'class': 'logging.StreamHandler'}},
    'root': {'handlers': ['console'], 'level': 'INFO'},
}
