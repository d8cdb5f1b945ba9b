# SPDX-License-Identifier: Apache-2.0

"""Translation of what a person reads; log lines are not translated."""

import oslo_i18n


DOMAIN = 'watcher_host_maintenance'

_translators = oslo_i18n.TranslatorFactory(domain=DOMAIN)

# The name that translation tools look for.
_ = _translators.primary
