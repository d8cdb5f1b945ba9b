# SPDX-License-Identifier: Apache-2.0

"""The address of the panel."""

from django.urls import re_path

from watcher_host_maintenance.dashboard.owners.views import IndexView


urlpatterns = [re_path(r'^$', IndexView.as_view(), name='index')]
