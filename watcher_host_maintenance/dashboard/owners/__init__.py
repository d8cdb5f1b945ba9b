# SPDX-License-Identifier: Apache-2.0

"""Project > Compute > Maintenance: notices of servers, and their answers."""
