"""`walkiosk ops report`: the page tells what the store holds, also a hostile one, in a real browser on any screen."""

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from agent.settings import Settings
from server.cli import app
from server.error_boundary import ErrorBoundary
from server.report_making import MadePage, ReportRequest, make_page
from server.report_page import plots
from server.report_page.page import FOLDER
from tests.busy_shop import NOW, add_feedback, add_troubles, busy_shop
from tests.server.browser import browser, needs_chromium, screen
from tools.database import Feedback, Kiosk, Product
from tools.database_address import read_address
from tools.forecasting.store_forecast import CHOICES_FILE
from tools.morning_report.outlook import Curve, WeekAhead, WeekSold
from tools.store_files import read_store
from tools.store_import import create_store, open_store

SMALL_STORE = Path(__file__).parent.parent / "tools" / "small_store"
EVIL = '<script>document.title="owned"</script>"\'><img src=x onerror=alert(1)>'
LONG = "Wolkenkuckucksheimbewohner" * 12


@dataclass(frozen=True)
class Shop:
    """A store that has sold for weeks, and a home with what other commands keep."""

    home: Path
    database: Path

    def make(self, **asked: str | None) -> MadePage:
        settings = Settings().model_copy(update={"home": self.home})
        return make_page(settings, read_address(self.database), ReportRequest.model_validate(asked), NOW)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    home = tmp_path_factory.mktemp("report")
    engine = busy_shop(SMALL_STORE, home / "store.db", days=70, orders_a_day=6)
    add_troubles(engine)
    add_feedback(engine, "A", [(EVIL, 1), (LONG, 2), ("Sehr nett hier", 5)])
    with Session(engine) as session:
        session.get_one(Product, "P1").model = EVIL
        session.get_one(Product, "P2").model = LONG
        session.get_one(Kiosk, "B").name = EVIL
        session.commit()
    engine.dispose()
    return Shop(home, home / "store.db")


@pytest.fixture(scope="module")
def made(shop: Shop) -> MadePage:
    return shop.make()


def run(*arguments: str) -> tuple[int, str, str]:
    output, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(output), redirect_stderr(errors):
        code = ErrorBoundary().run(app, "walkiosk", ["ops", "report", *arguments])
    return code, output.getvalue(), " ".join(errors.getvalue().split())


def words_of(html: str) -> str:
    """What the page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.index("<body>") :]).split())


def test_the_page_tells_what_the_store_holds(shop: Shop, made: MadePage) -> None:
    said = words_of(made.html)
    assert not made.problems
    for fact in (
        "Corner Goods",
        "Friday, November 27, 2026",
        "Nov 20 to Nov 26",
        "One order was left open.",
        "One order went out without being paid.",
        "failed 3 times to give out",
        "OPEN1",
        "5 wishes could not be met, 0 in the period before.",
        "The language model did not answer in 6.2% of the turns that needed it.",
        "Sehr nett hier",
        "No summary was made yet: run “walkiosk ops feedback”.",
    ):
        assert fact in said, fact
    with Session(open_store(shop.database)) as session:
        comments = len(session.exec(select(Feedback)).all())
    assert re.search(rf"Comments {comments}\b", said)


def test_nothing_that_others_wrote_becomes_markup(made: MadePage) -> None:
    assert "<script" not in made.html
    assert "<img" not in made.html
    assert "&lt;script&gt;" in made.html
    assert not re.search(r"\s(?:on\w+|style|src)=", re.sub(r">[^<]*<", "><", made.html))


def test_every_plot_has_words(made: MadePage) -> None:
    drawn = re.findall(r'<svg[^>]*aria-labelledby="([^"]+)"', made.html)
    assert len(drawn) >= 4  # days, two kiosks, products
    for name in drawn:
        assert re.search(rf'<title id="{name}">[^<]{{30,}}</title>', made.html)
    assert made.html.count("<svg") == len(drawn)


def test_one_kiosk_and_another_time(shop: Shop) -> None:
    (shop.home / CHOICES_FILE).write_text("{}", encoding="utf-8")
    page = shop.make(kiosk_id="A", since="2026-11-01", language="xx")
    (shop.home / CHOICES_FILE).unlink()
    assert "<h1>Corner Goods, Station</h1>" in page.html
    assert "Nov 1 to Nov 26" in page.html
    assert "not a file of choices" in words_of(page.html)
    assert set(page.problems) == {"outlook", "orders"}
    assert "OPEN1" in page.html


@needs_chromium
@pytest.mark.parametrize(
    ("width", "scheme", "media"), [(375, "light", "screen"), (375, "dark", "screen"), (1280, "light", "print")]
)
async def test_it_is_read_on_any_screen(made: MadePage, tmp_path: Path, width: int, scheme: str, media: str) -> None:
    file = tmp_path / "report.html"
    file.write_text(made.html, encoding="utf-8")
    requests: list[str] = []
    async with browser() as chromium, screen(chromium, (width, 812), color_scheme=scheme) as shown:
        shown.page.on("request", lambda request: requests.append(request.url))
        await shown.page.emulate_media(media="print" if media == "print" else "screen")
        await shown.page.goto(file.as_uri())
        assert await shown.page.title() == "Corner Goods – Morning report, Friday, November 27, 2026"
        overflow = """() => [...document.querySelectorAll('body *')].filter((node) => !node.closest('svg'))
            .filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML)"""
        assert await shown.page.evaluate(overflow) == []
        assert await shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        paper = await shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(255, 255, 255)") == (media == "print")
        assert await shown.page.locator("nav").is_visible() == (media == "screen")
        found = (await Axe().run(shown.page)).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
        if media == "print":
            assert len(await shown.page.pdf(prefer_css_page_size=True)) > 10_000
    assert requests == [file.as_uri()]


@pytest.fixture
def empty(tmp_path: Path, own_home: Path) -> Path:
    del own_home
    create_store(tmp_path / "store.db", read_store(SMALL_STORE))
    return tmp_path / "store.db"


def test_a_shop_that_sold_nothing_yet_gets_its_report(empty: Path, tmp_path: Path) -> None:
    code, output, errors = run("--database", str(empty), "--out", str(tmp_path / "r.html"))
    assert (code, output) == (0, f"Wrote the report to {tmp_path / 'r.html'}\n")
    assert "Without outlook: nothing was sold yet until yesterday" in errors
    said = words_of((tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "Nothing was sold in this period." in said
    assert "This part could not be made. Nothing was sold yet until yesterday" in said
    assert "No comment in this period." in said
    assert "Nothing was counted: no kiosk was talked to." in said


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--kiosk", "Z"), "there is no kiosk 'Z'; this store has A, B"),
        (("--since", "yesterday"), "write it like 2026-11-01"),
        (("--since", "0d"), "the period is empty"),
        (("--out", "/nonexistent/report.html"), "there is no folder /nonexistent to write report.html to"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    empty: Path, arguments: tuple[str, ...], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, output, errors = run("--database", str(empty), *arguments)
    assert (code, output) == (1, "")
    assert sentence.lower() in errors.lower()


def test_the_report_uses_each_text_and_no_other() -> None:
    texts = set(re.findall(r"^([\w-]+) =", (FOLDER / "words" / "en.ftl").read_text(encoding="utf-8"), re.MULTILINE))
    sources = [FOLDER / "report.html.j2", FOLDER / "page.py", FOLDER.parents[1] / "tools/morning_report/urgent.py"]
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r'"([a-z][\w-]*)"', source))
    built = ("level-", "lack-", "state-", "trend-", "tone-", "severity-")
    assert {text for text in texts - named if not text.startswith(built)} == {
        "hearing-fails",
        "speaking-fails",
        "model-fails",
    }
    assert set(re.findall(r'\bt\("([\w-]+)"[,)]', source)) <= texts


LONGEST = 52
Pieces = st.none() | st.floats(0, 1e6)


@given(st.lists(Pieces, max_size=LONGEST), st.lists(st.tuples(*[st.floats(0, 1e6)] * 3), min_size=1, max_size=8))
def test_curves_stay_on_their_drawing(past: list[float | None], ahead: list[tuple[float, float, float]]) -> None:
    monday = date(2026, 1, 5)
    curve = Curve(
        name="",
        past=tuple(WeekSold(monday + timedelta(weeks=place), pieces) for place, pieces in enumerate(past)),
        ahead=tuple(
            WeekAhead(monday + timedelta(weeks=LONGEST + place), *(sorted(week)[middle] for middle in (1, 0, 2)))
            for place, week in enumerate(ahead)
        ),
        expected=0,
    )
    plot = plots.draw_curve(curve, plots.highest([curve]), str, str)
    points = " ".join([*plot.past, plot.ahead, plot.band]).split()
    for x, y in (map(float, point.split(",")) for point in points):
        assert plots.LEFT <= x <= plots.WIDTH - plots.RIGHT + 0.1
        assert plots.TOP <= y <= plots.HEIGHT - plots.BOTTOM
    known = [pieces for pieces in past if pieces is not None]
    assert sum(len(line.split()) for line in plot.past) == len(known) == len(plot.dots)


@given(st.floats(0, 1e12))
def test_ticks_are_few_and_reach_the_top(top: float) -> None:
    ticks = plots.ticks_up_to(top)
    assert 2 <= len(ticks) <= 7
    assert ticks[0] == 0
    assert ticks[-1] >= top * (1 - 1e-6)


def test_the_files_of_the_page_are_part_of_the_package() -> None:
    project = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^server = \["report_page/\*\*/\*"', project, re.MULTILINE)
