"""Settings shared by all tests."""

from hypothesis import HealthCheck, settings

# Examples are drawn the same way each time: a red run can be repeated, a green one means the same.
settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")
