# SPDX-License-Identifier: Apache-2.0

"""Files that enable the plugin, to be copied into Horizon."""
