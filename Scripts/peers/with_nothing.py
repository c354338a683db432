"""The work without a tool."""

import measured

measured.work()
