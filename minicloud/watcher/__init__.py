# SPDX-License-Identifier: Apache-2.0

"""Process two of a minicloud: Watcher."""
