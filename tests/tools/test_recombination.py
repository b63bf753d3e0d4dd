"""Questions put together out of pieces of others."""

from hypothesis import given
from hypothesis import strategies as st

from tools.ontology import Traversal
from tools.path_questions.features import MaskedQuestion, mask
from tools.path_questions.recombination import MAX_OF_A_PATH, recombine
from tools.path_questions.relation_path import RelationPath


def path(*steps: str) -> RelationPath:
    return RelationPath(
        steps=tuple(
            Traversal(relation=step.lstrip("^"), direction="in" if step.startswith("^") else "out") for step in steps
        )
    )


def asked(text: str) -> MaskedQuestion:
    return mask(text, text.index("X"), text.index("X") + 1)


DIRECTED, WROTE = path("^directed_by", "has_genre"), path("^written_by", "has_genre")
YEARS, YEARS_WROTE = path("^directed_by", "release_year"), path("^written_by", "release_year")


def test_an_exchange_that_two_examples_show_is_made_in_a_third() -> None:
    examples = [
        (asked("what genres are the films directed by X in"), DIRECTED),
        (asked("what genres are the films written by X in"), WROTE),
        (asked("when were the films directed by X released"), YEARS),
    ]
    made = recombine(examples, [DIRECTED, WROTE, YEARS, YEARS_WROTE])
    assert (asked("when were the films written by X released"), YEARS_WROTE) in made


def test_the_name_may_stand_for_what_it_leads_to() -> None:
    one, three = path("has_genre"), path("directed_by", "^directed_by", "has_genre")
    year, year_three = path("release_year"), path("directed_by", "^directed_by", "release_year")
    examples = [
        (asked("what is the genre of X"), one),
        (asked("what is the genre of films by the director of X"), three),
        (asked("in which year came X out"), year),
    ]
    made = dict(recombine(examples, [one, three, year, year_three]))
    assert made[asked("in which year came films by the director of X out")] == year_three


def test_a_path_that_no_example_could_have_is_not_made() -> None:
    examples = [
        (asked("what genres are the films directed by X in"), DIRECTED),
        (asked("what genres are the films written by X in"), WROTE),
        (asked("when were the films directed by X released"), YEARS),
    ]
    assert all(found != YEARS_WROTE for _, found in recombine(examples, [DIRECTED, WROTE, YEARS]))


def test_questions_that_share_next_to_nothing_teach_nothing() -> None:
    assert recombine([(asked("who made X"), DIRECTED), (asked("genre X"), WROTE)], [DIRECTED, WROTE]) == []


WORDS = st.lists(st.sampled_from(["who", "made", "the", "film", "of", "wrote"]), min_size=1, max_size=6)


@given(st.lists(st.tuples(WORDS, WORDS, st.sampled_from([DIRECTED, WROTE, YEARS])), max_size=12))
def test_what_is_made_is_new_known_and_bounded(rows: list[tuple[list[str], list[str], RelationPath]]) -> None:
    examples = {MaskedQuestion(f"{' '.join(a)} ", f" {' '.join(b)}"): found for a, b, found in rows}
    known = [DIRECTED, WROTE, YEARS]
    made = recombine(list(examples.items()), known)
    assert all(found in known and question not in examples for question, found in made)
    assert all(sum(found == one for _, found in made) <= MAX_OF_A_PATH for one in known)
