# SPDX-License-Identifier: Apache-2.0

"""What Nova says of migrations."""

#: Statuses of one that Nova will never look at again.
ENDED = frozenset(
    (
        'cancelled',
        'completed',
        'confirmed',
        'done',
        'error',
        'failed',
        'reverted',
    )
)
