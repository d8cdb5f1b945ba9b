# SPDX-License-Identifier: Apache-2.0

"""Commands of ``openstack maintenance``: parse, call the client, render."""
