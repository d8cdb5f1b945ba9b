# SPDX-License-Identifier: Apache-2.0

"""Addresses of the panel."""

from django.urls import re_path

from watcher_host_maintenance.dashboard import form_views
from watcher_host_maintenance.dashboard import views
from watcher_host_maintenance.dashboard.roll_views import RollsView
from watcher_host_maintenance.dashboard.roll_views import RollView


urlpatterns = [
    re_path(r'^$', views.IndexView.as_view(), name='index'),
    re_path(r'^start/$', form_views.StartView.as_view(), name='start'),
    re_path(r'^end/$', form_views.EndView.as_view(), name='end'),
    re_path(r'^past/$', views.PastView.as_view(), name='past'),
    re_path(r'^rolls/$', RollsView.as_view(), name='rolls'),
    re_path(r'^rolls/(?P<uuid>[^/]+)/$', RollView.as_view(), name='roll'),
    re_path(
        r'^results/(?P<uuid>[^/]+)/$',
        views.ResultView.as_view(),
        name='result',
    ),
    re_path(r'^nodes/(?P<host>.+)/$', views.NodeView.as_view(), name='node'),
]
