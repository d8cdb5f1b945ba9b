# SPDX-License-Identifier: Apache-2.0

"""What is stored in MariaDB in strict mode: ``tox -e mariadb``."""
