# SPDX-License-Identifier: Apache-2.0

"""Maintenance as a library, over the session of whoever signed in."""
