# SPDX-License-Identifier: Apache-2.0

"""The environment of programs that are to see one cloud only."""

import os


def clean() -> dict[str, str]:
    """Ours without its clouds and its proxies.

    Of requests, the lower case ``no_proxy`` wins over ``NO_PROXY``: telling
    one of them what not to send to a proxy is not enough.

    :returns: variables to start a program with; those that lead to a cloud
        are to be added
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith('OS_') and not name.lower().endswith('_proxy')
    }
    # Else a clouds.yaml is read even when variables lead to the cloud.
    return {**kept, 'OS_CLIENT_CONFIG_FILE': os.devnull}
