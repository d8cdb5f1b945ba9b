# SPDX-License-Identifier: Apache-2.0

"""The rim: all that knows Watcher, Nova and oslo."""
