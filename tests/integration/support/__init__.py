# SPDX-License-Identifier: Apache-2.0
"""What the integration tests stand on: the server, the wire, mounts, and witnesses."""
