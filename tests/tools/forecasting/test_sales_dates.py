"""Dates as people write them, and what becomes of those that may be two."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.forecasting.sales_dates import NO_DAY, UNCLEAR_DAY, read_days, without_time

DAY = date(2011, 10, 4).toordinal()
FORMS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%b %d, %Y",
    "%B %d, %Y", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M",
)  # fmt: skip


@pytest.mark.parametrize("text", [date(2011, 10, 4).strftime(form) for form in FORMS] + ["2011-10-4", "4.10.11"])
def test_forms(text: str) -> None:
    assert list(read_days([without_time(text)])) == [DAY]


@pytest.mark.parametrize(
    "text",
    ["", "x", "2011-13-01", "2011-02-30", "31.02.2011", "2011-1004", "20111", "2011104", "0001-01-01", "1e5", "٣"],
)
def test_no_dates(text: str) -> None:
    assert list(read_days([text])) == [NO_DAY]


def test_the_rest_of_a_file_tells_day_from_month() -> None:
    april, march = date(2011, 4, 3).toordinal(), date(2011, 3, 4).toordinal()
    assert list(read_days(["3/4/2011", "14/10/2011"])) == [april, date(2011, 10, 14).toordinal()]
    assert list(read_days(["3/4/2011", "10/14/2011"])) == [march, date(2011, 10, 14).toordinal()]
    assert list(read_days(["3/4/2011"])) == [UNCLEAR_DAY]
    assert next(iter(read_days(["3/4/2011", "14/10/2011", "10/14/2011"]))) == UNCLEAR_DAY
    assert list(read_days(["4/4/2011"])) == [date(2011, 4, 4).toordinal()]
    assert list(read_days(["3.4.2011"])) == [april]


@given(st.dates(date(1970, 1, 1), date(2099, 12, 31)), st.sampled_from(FORMS))
def test_what_is_written_is_read(day: date, form: str) -> None:
    assert list(read_days([without_time(day.strftime(form))])) == [day.toordinal()]


@given(st.lists(st.text(max_size=12), max_size=5))
def test_no_text_is_too_odd(texts: list[str]) -> None:
    assert len(read_days(texts)) == len(texts)
