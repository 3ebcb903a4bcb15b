"""How hard Hypothesis tries: HYPOTHESIS_PROFILE chooses; it is `ci` where CI is set, the same examples each time, and otherwise `dev`."""

import os
from collections import deque

# The matrices here are small, and tests run side by side: threads that wait for each other take ten times as long as one.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Some hundred programs are started, and each would compile all of refmath again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest
from hypothesis import HealthCheck, Phase, settings

# So many notice all but a handful of ten thousand changes to refmath: docs/mutation.json.
# Hypothesis itself draws the same each time where CI is set: what is meant to look further has to say so.
settings.register_profile("dev", max_examples=25, deadline=None, derandomize=False)
settings.register_profile("ci", max_examples=25, deadline=None, derandomize=True, print_blob=True, database=None)
settings.register_profile(
    "nightly",
    max_examples=1000,
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# For mutation testing: the same few examples each time, so that only the mutant can change the outcome; nobody reads the example, so none is shrunk.
settings.register_profile(
    "mut", max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session", autouse=True)
def _intervals_are_computed_once() -> None:
    """Most candidates in the tests are held against what another one was held against before: it is kept for longer than in use."""
    from refmath.oracle.searching import (
        search,  # only where tests run: Hypothesis is set up before anything is imported
    )

    search._KNOWN = deque(search._KNOWN, maxlen=60)
