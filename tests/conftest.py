"""Settings shared by all tests."""

import os

import pytest
from hypothesis import HealthCheck, settings

# Examples are drawn the same way each time: a red run can be repeated, a green one means the same.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


def pytest_configure(config):
    if "s" not in config.option.reportchars:
        config.option.reportchars += "s"  # say at the end what was skipped, and why


@pytest.fixture(scope="session")
def movielens():
    """The real ratings. Where they are not to be had the test is skipped, or fails under CI."""
    from recsys_lab.data import DataUnavailable, load_movielens

    try:
        return load_movielens(download=False)
    except DataUnavailable as error:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must test on real ratings: {error}")
        pytest.skip(str(error))
