"""Whatever is killed or cut, and whenever: after recovery what was paid is what came out, and nothing is left open."""

import pytest
from campaign import Shop, moments

SEED = 3


def test_a_few_crashes(shop: Shop) -> None:
    passed, lasted = shop.count_moments(SEED, faults=False)
    every = moments(passed)
    for death in every[:: max(1, len(every) // 20)]:
        shop.die_at(death, SEED, faults=False)
    for number in range(25):
        shop.kill_kiosk(lasted, faults=number % 5 == 0)
    for number in range(4):
        shop.kill_twin(lasted, also_kiosk=number % 2 == 1)
        shop.cut_cable(lasted, also_kiosk=number % 2 == 1)
    assert shop.finish() == []


@pytest.mark.chaos
@pytest.mark.parametrize("faults", [False, True])
def test_a_kiosk_that_dies_at_every_transition(shop: Shop, faults: bool) -> None:
    passed, _ = shop.count_moments(SEED, faults)
    for death in moments(passed):
        shop.die_at(death, SEED, faults)
    assert shop.finish() == []


@pytest.mark.chaos
def test_a_kiosk_that_is_killed_at_random(shop: Shop) -> None:
    lasts = {faults: shop.count_moments(SEED, faults)[1] for faults in (False, True)}
    for number in range(300):
        faults = number % 3 == 0
        shop.kill_kiosk(lasts[faults], faults)
    assert shop.finish() == []


@pytest.mark.chaos
def test_devices_that_lose_their_power(shop: Shop) -> None:
    _, lasted = shop.count_moments(SEED, faults=False)
    for number in range(60):
        shop.kill_twin(lasted, also_kiosk=number % 2 == 1)
    for device in ("terminal", "dispenser"):
        for moment in ("before", "after"):
            for after in range(10):
                shop.cut_power(device, moment, after)
    assert shop.finish() == []


@pytest.mark.chaos
def test_cables_that_are_cut(shop: Shop) -> None:
    _, lasted = shop.count_moments(SEED, faults=True)
    for number in range(60):
        shop.cut_cable(lasted, also_kiosk=number % 2 == 1)
    assert shop.finish() == []
