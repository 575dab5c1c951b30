"""What the real server does differently from its documentation: read-only calls, a report and a proposed overlay.

operations.py reads the spec, walk.py makes the calls, findings.py keeps what they showed (places and types, never
values), propose.py and report.py write it down.
"""

from .run import survey

__all__ = ["survey"]
