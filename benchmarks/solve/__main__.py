# SPDX-License-Identifier: Apache-2.0

"""Run the benchmark of the solver."""

from benchmarks.solve import table


if __name__ == '__main__':
    table.main()
