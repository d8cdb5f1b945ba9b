# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.

"""What Nova will ask of a destination: a file for each kind of question.

A rule takes an instance with how it moves (:class:`.leaver.Leaver`), a node,
the snapshot and the request, and yields a finding for each objection. Rules
never stop each other, so that an operator reads all that is in the way at
once. They fetch nothing and log nothing.

Rules about what a plan changes while it is made, room and server groups,
take a :class:`watcher_host_maintenance.core.rules.destination.Destination` instead.

A new rule goes into a file here and into the tuple of
:mod:`watcher_host_maintenance.core.rules.hosting`; its reason into ``reasons``
and ``words``; and, written a second time in another way, into
``checker_rules``.
"""
