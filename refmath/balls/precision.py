"""The precision of the balls belongs to the whole process: who changes it holds this lock, so that two threads do not set it in turn."""

from __future__ import annotations

import threading

ONE_AT_A_TIME = threading.RLock()
