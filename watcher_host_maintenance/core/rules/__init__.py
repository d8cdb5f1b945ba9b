# SPDX-License-Identifier: Apache-2.0

"""What Nova will ask of a destination: a file for each kind of question.

A rule takes an instance with how it moves (:class:`.leaver.Leaver`), a node,
the snapshot and the request, and yields a finding for each objection. Rules
never stop each other, so that an operator reads all that is in the way at
once. They fetch nothing and log nothing.

Rules about what a plan changes while it is made, room and server groups,
take a :class:`.destination.Destination` instead.

A new rule goes into a file here and into the tuple of :mod:`.hosting`; its
reason into ``reasons`` and ``words``; and, written a second time in another
way, into ``checking/scheduler``.
"""
