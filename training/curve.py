"""Tells what more annotated pages would bring: models trained on an eighth, a quarter, half and all of the pages.

    python curve.py --riptide target/release/riptide --corpus DIR --work DIR

Each fold of train.py is judged by models that have seen a part of the other folds' domains. The forest judges alone, without the
marks' say and what the engine does after it, so the figures are for each other and not for those of measure.py.
"""

import argparse
import json
import pathlib
import zlib

import numpy as np

import train

# Into how many parts the domains are cut.
PARTS = {"an eighth": 8, "a quarter": 4, "half": 2, "all": 1}
# Parts of a size that are tried; the table holds their mean.
TRIED = 2
EFFORT = (100, 0.12)


def part_of(truth, parts):
    """Pages of one domain are in one part, whatever their fold."""
    return zlib.crc32(f"part of {train.domain(truth)}".encode()) % parts


def scores_after(pages, truths, parts, part):
    """The word F1 of each page by the forest of a part of the other folds."""
    scores = {}
    for fold in range(train.FOLDS):
        others = [page for page in pages if page.fold != fold and part_of(truths[page.id], parts) == part]
        train.told(f"part {part + 1} of {parts}: fold {fold}, {len(others)} pages")
        model = train.fit_blocks(others, EFFORT)
        for page in pages:
            if page.fold == fold:
                kept, _ = train.best_choice(model.predict(page.features), page.words)
                words = [word for text, keep in zip(page.texts, kept) if keep for word in text]
                scores[page.id] = train.word_scores(words, page.truth)[2]
    return np.array([scores[page.id] for page in pages])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--riptide", required=True, type=pathlib.Path, help="the program to take features from")
    arguments.add_argument("--corpus", required=True, type=pathlib.Path, help="folder with truth.jsonl and pages/")
    arguments.add_argument("--work", required=True, type=pathlib.Path, help="folder for the list of pages")
    options = arguments.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    pages, _ = train.read_pages(options.riptide, options.corpus, options.work)
    truths = {truth["id"]: truth for truth in map(json.loads, open(options.corpus / "truth.jsonl", encoding="utf-8"))}
    kinds = np.array([page.kind for page in pages])
    print("| share of the pages | all |", " | ".join(train.KINDS), "| macro |")
    print("|---|" + "--:|" * (len(train.KINDS) + 2))
    for name, parts in PARTS.items():
        tried = [scores_after(pages, truths, parts, part) for part in range(min(parts, TRIED))]
        scores = np.mean(tried, axis=0)
        of_kinds = [scores[kinds == kind].mean() for kind in range(len(train.KINDS))]
        figures = [scores.mean(), *of_kinds, np.mean(of_kinds)]
        print(f"| {name} |", " | ".join(f"{figure:.3f}" for figure in figures), "|", flush=True)


if __name__ == "__main__":
    main()
