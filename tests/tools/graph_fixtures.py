"""A small shop's graph for tests: plays, actors, acts and the hats worn in them, with names that could do harm."""

from pathlib import Path

ONTOLOGY = """\
types:
  Play:
    file: plays.csv
    key: play_id
    name: title
    aliases: aliases
    properties: {year: integer, link: text, ticket: decimal}
    order_by: year
    words: {en: [play, plays], es: [obra], zh: [戏剧]}
  Person:
    file: people.csv
    key: person_id
    name: [first, last]
    words: {en: [actor, who]}
  Act:
    file: acts.csv
    key: act_id
    name: title
    properties: {number: integer}
    order_by: number
  Costume:
    file: costumes.csv
    key: costume_id
    name: note
    hidden: true
  Hat:
    file: ../hats.csv
    key: hat_id
    name: label
    properties: {colour: text}
relations:
  acted_in: {from: Person, to: Play, file: plays.csv, from_column: cast, to_column: play_id, words: {en: [acted in]}}
  directed: {from: Person, to: Play, file: plays.csv, from_column: directors, to_column: play_id}
  has_act: {from: Play, to: Act, file: acts.csv, from_column: play_id, to_column: act_id}
  in_act: {from: Costume, to: Act, file: costumes.csv, from_column: costume_id, to_column: act_id}
  worn_by: {from: Costume, to: Person, file: costumes.csv, from_column: costume_id, to_column: person_id}
  shows: {from: Costume, to: Hat, file: costumes.csv, from_column: costume_id, to_column: hat_id}
slots:
  worn_by: {type: Person, relations: [worn_by], help: who wore it}
"""

EVIL = "x' OR 1=1 }) DETACH DELETE n //"
EVIL_NAME = "The \"Quoted\" `Play`, \\ and 'more'"

TABLES = {
    "graph/plays.csv": f"""\
play_id,title,aliases,year,link,ticket,cast,directors
storm,The Storm,Tempest|Gale,1990,https://clips.example/storm,12.50,ann|bob|cy,dora
owls,Owls,,1985,,9.99,ann|eve,dora
gulls,Gulls,,1990,,100,ann|bob,dora|ann
moons,Moons,,2001,,,ann|bob,dora
draft,Draft,,,,,ann|bob,dora
{EVIL},"{EVIL_NAME.replace('"', '""')}",,1970,,,bob,eve
""",
    "graph/people.csv": "person_id,first,last\nann,Ann,Ash\nbob,Bob,Birch\ncy,Cy,\ndora,Dora,Dell\neve,Eve,Elm\n",
    "graph/acts.csv": """\
act_id,play_id,number,title
storm-1,storm,1,Shore
storm-2,storm,2,Wreck
gulls-1,gulls,1,Beach
gulls-3,gulls,3,Nest
moons-1,moons,1,Rise
""",
    "graph/costumes.csv": """\
costume_id,note,act_id,person_id,hat_id
c1,Ann on the shore,storm-1,ann,bowler
c2,Bob on the shore,storm-1,bob,cap
c3,Ann in the wreck,storm-2,ann,cap
c4,Ann on the beach,gulls-1,ann,top
""",
    "hats.csv": "hat_id,label,colour\nbowler,Bowler,Black\ncap,Cap,red\ntop,Top Hat,BLACK\n",
}


def write_store(folder: Path) -> Path:
    """Write the shop's files; gives the folder of its graph."""
    (folder / "graph").mkdir(parents=True)
    (folder / "graph" / "ontology.yaml").write_text(ONTOLOGY, encoding="utf-8")
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder / "graph"


def edit(path: Path, old: str, new: str) -> None:
    """Replace one stretch of a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
