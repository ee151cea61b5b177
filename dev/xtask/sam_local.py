"""The command line of SAM without the pause of a second in each request.

    python sam_local.py local start-api …

SAM 1.170 answers when it has shown the function's REPORT line, or after a second, which is how long
every request takes that comes alone. Here log lines may come after the response; nothing else
changes.
"""

import threading

from samcli.cli.main import cli
from samcli.local.docker.container import Container


class NotAwaited(threading.Event):
    """An event that nothing waits for."""

    def wait(self, timeout=None):
        return True


# Another version of SAM may not have it: then this is not needed, or no longer enough.
assert callable(Container._create_threading_event)
Container._create_threading_event = staticmethod(NotAwaited)
cli(prog_name="sam")
