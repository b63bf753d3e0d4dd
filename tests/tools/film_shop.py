"""The small shop with a graph of its own for tests: three films, who acted in them, and which goods were worn there."""

import shutil
from pathlib import Path

SMALL_STORE = Path(__file__).parent / "small_store"

ONTOLOGY = """\
types:
  Film:
    file: films.csv
    key: film_id
    name: title
    properties: {year: year}
    order_by: year
    words: {en: [film, films]}
  Person:
    file: people.csv
    key: person_id
    name: name
    words: {en: [actor, actors, who]}
  Product:
    file: ../products.csv
    key: product_id
    name: [brand, model]
    words: {en: [goods]}
relations:
  acted_in: {from: Person, to: Film, file: films.csv, from_column: cast, to_column: film_id, words: {en: [acted in]}}
  seen_in: {from: Product, to: Film, file: films.csv, from_column: goods, to_column: film_id}
slots:
  worn_by: {type: Person, help: who wore it}
  film: {type: Film, help: the film}
"""

TABLES = {
    "films.csv": """\
film_id,title,year,cast,goods
fog,Fog over Bergen,1990,ada|bo,P1
snow,Midwinter Ferry,2001,ada,P1|P3
""",
    "people.csv": "person_id,name\nada,Ada Sandvik\nbo,Bo Tveit\n",
}
NEW_FILM = "sun,Lofoten Sunrise,2020,ada,P2\n"


def write_film_shop(folder: Path) -> Path:
    """Write the shop's folder, which is not there yet."""
    shutil.copytree(SMALL_STORE, folder)
    (folder / "graph").mkdir()
    (folder / "graph" / "ontology.yaml").write_text(ONTOLOGY, encoding="utf-8")
    for name, text in TABLES.items():
        (folder / "graph" / name).write_text(text, encoding="utf-8")
    return folder


def add_film(folder: Path, row: str = NEW_FILM) -> None:
    """Add a row to the films."""
    with (folder / "graph" / "films.csv").open("a", encoding="utf-8") as file:
        file.write(row)
