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

"""The environment of programs that are to see one cloud only."""

import os


def clean() -> dict[str, str]:
    """Ours without its clouds and its proxies.

    Of requests, the lower case ``no_proxy`` wins over ``NO_PROXY``: telling
    one of them what not to send to a proxy is not enough.

    :returns: variables to start a program with; those that lead to a cloud
        are to be added
    """
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith('OS_')
            and not name.lower().endswith('_proxy')}
    # Else a clouds.yaml is read even when variables lead to the cloud.
    return {**kept, 'OS_CLIENT_CONFIG_FILE': os.devnull}
