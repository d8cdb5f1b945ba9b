# SPDX-License-Identifier: Apache-2.0

"""A plugin of Horizon: maintenances in Django views, over the client."""
