# SPDX-License-Identifier: Apache-2.0

"""What Nova will ask of a destination: a file for each kind of question.

A rule (:mod:`.rule`) yields a finding for each objection to a possible move.
Rules never stop each other, so that an operator reads every objection at
once. They fetch nothing and log nothing. :mod:`.hosting` lists the modules
that have rules.

Room and anti-affinity, which a plan itself changes, are judged for a
:class:`.destination.Destination` instead.
"""
