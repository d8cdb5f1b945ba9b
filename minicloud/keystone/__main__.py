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

"""The process of Keystone: ``python -m minicloud.keystone``."""

from minicloud import forking
from minicloud import settings
from minicloud import wsgi


def preload() -> forking.Start:
    """Import all of Keystone."""
    from minicloud import database
    from minicloud.keystone import control
    from minicloud.keystone import services

    def start(cloud: settings.Settings) -> None:
        """Start everything; the control API comes last: all then runs."""
        database.serialize_writers(at_once=True)
        services.configure(cloud)
        services.fill(cloud)
        wsgi.serve(cloud.socket('identity'), services.api())
        wsgi.serve(cloud.socket('keystone-control'),
                   wsgi.json_app(control.control))

    return start


if __name__ == '__main__':
    forking.serve(preload)
