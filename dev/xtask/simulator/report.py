"""Prints what each change does to a stack of template.yaml. Fails if one loses data, a previous
version or requests.

    python report.py TEMPLATE [EARLIER]

With an earlier template, such as that of the last release, also what the upgrade does.
"""

import logging
import sys

from scenarios import simulate, summary
from stack import read


def main(path, earlier=None):
    failed = 0
    for name, changes, faults in simulate(read(path), earlier and read(earlier)):
        print(name)
        for line in summary(changes):
            print(f"  {line}")
        for fault in faults:
            print(f"  FAULT {fault}")
        failed += bool(faults)
    if failed:
        sys.exit(f"{failed} of the changes are faulty")


if __name__ == "__main__":
    # The translator warns about features of AWS's own that are off.
    logging.disable(logging.WARNING)
    main(*sys.argv[1:])
