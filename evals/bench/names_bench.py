"""Links the sentences of `evals/names` among MetaQA's names and prints how many of each kind of spelling are found."""

import time

from evals.bench.figures import median, p95
from evals.bench.linking_bench import METAQA, read_entries
from evals.mentions import NO_NAME, Found, find_name, read_sentences, with_aliases
from tools.linking import NameLinker


def main() -> None:
    """Print the figures, or that the data is not here."""
    if not (METAQA / "kb.tsv.gz").is_file():
        print("skipped: the MetaQA data is not beside the repository")
        return
    linker = NameLinker(with_aliases(read_entries(METAQA)))
    find_name(next(read_sentences()), linker)
    by_kind: dict[str, list[Found]] = {}
    times_ms: list[float] = []
    for sentence in read_sentences():
        began = time.perf_counter()
        by_kind.setdefault(sentence.kind, []).append(find_name(sentence, linker))
        times_ms.append((time.perf_counter() - began) * 1_000)
    for kind, found in by_kind.items():
        print(f"{kind:>18} {len(found):4}  {_shares(kind, found)}")
    named = [one for kind, found in by_kind.items() if kind != NO_NAME for one in found]
    print(f"{'all names':>18} {len(named):4}  {_shares('', named)}")
    print(f"p50 {median(times_ms):.2f} ms  p95 {p95(times_ms):.2f} ms a sentence")


def _shares(kind: str, found: list[Found]) -> str:
    certain = sum(one.certain for one in found)
    if kind == NO_NAME:
        return f"taken for a name {certain}"
    among, first = (
        sum(answers) / len(found) for answers in zip(*((one.among, one.first) for one in found), strict=True)
    )
    right = sum(one.certain_right for one in found)
    return f"found {among:6.1%}  as the likeliest {first:6.1%}  precision {right / max(certain, 1):6.1%}"


if __name__ == "__main__":
    main()
