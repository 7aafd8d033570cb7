"""Measures the whole program on pages that the models of train.py have not seen.

    python measure.py --riptide target/release/riptide --corpus DIR --work DIR [--scorer FILE] [--focus FOCUS] [--corruption NAME]
    python measure.py … --docs docs/quality      also draws the calibration and the trade-off between precision and recall

Each page goes through `riptide extract --native --model` with the model of its fold; the corpus' scorer compares.
"""

import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

from corrupt import CORRUPTIONS, corrupt
from train import FOLDS, KINDS, WORD, fold_of, page_path, word_scores


def predict(options, truths, focus, corruption):
    """Runs the program over all pages, fold by fold; gives its records by page."""
    records = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for fold in range(FOLDS):
            pages = [truth for truth in truths if fold_of(truth) == fold]
            manifest = folder / "manifest.jsonl"
            with open(manifest, "w", encoding="utf-8") as lines:
                for truth in pages:
                    path = page_file(options.corpus, truth["id"], corruption, folder)
                    lines.write(json.dumps({"path": str(path), "url": truth["url"] or ""}) + "\n")
            command = [options.riptide, "extract", "--native", "--model", options.work / f"fold-{fold}.bin"]
            command += ["--format", "jsonl", "--focus", focus, "--manifest", manifest]
            run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
            for truth, line in zip(pages, run.stdout.splitlines(), strict=True):
                records[truth["id"]] = json.loads(line)
    return records


def page_file(corpus, id, corruption, folder):
    path = page_path(corpus, id)
    if corruption is None:
        return path
    packed = path.read_bytes()
    html = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8", errors="replace")
    changed = folder / f"{id}.html"
    changed.write_text(corrupt(html, corruption, id), encoding="utf-8")
    return changed


def write_predictions(records, path):
    with open(path, "w", encoding="utf-8") as lines:
        for id, record in records.items():
            line = {
                "id": id,
                "text": record.get("text", ""),
                "title": record.get("title"),
                "author": "; ".join(record.get("authors", [])) or None,
                "date": record.get("published"),
            }
            lines.write(json.dumps(line) + "\n")


def scores(truth, record):
    """Precision, recall and F1 of a page's words."""
    found, wanted = record.get("text", ""), truth["main_content"]
    return word_scores(WORD.findall(found.lower()), WORD.findall(wanted.lower()))


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def summary(truths, records):
    """Mean F1 over all pages and by kind, and mean precision and recall."""
    of_page = {truth["id"]: scores(truth, records[truth["id"]]) for truth in truths}
    by_kind = {
        kind: mean(of_page[truth["id"]][2] for truth in truths if truth["page_type"] == kind) for kind in KINDS
    }
    precision, recall, f1 = (mean(page[part] for page in of_page.values()) for part in range(3))
    return of_page, precision, recall, f1, by_kind


def row(name, precision, recall, f1, by_kind):
    cells = [f1, *by_kind.values(), mean(by_kind.values()), precision, recall]
    return f"| {name} | " + " | ".join(f"{cell:.3f}" for cell in cells) + " |"


HEAD = "| run | all | " + " | ".join(KINDS) + " | macro | P | R |\n|---|" + "--:|" * (len(KINDS) + 4)


def calibration(truths, records, of_page):
    """Ten groups of pages by quality score: mean score, mean F1, pages."""
    pages = sorted((records[truth["id"]]["quality_score"] / 100, of_page[truth["id"]][2]) for truth in truths)
    size = len(pages) / 10
    groups = [pages[round(at * size) : round((at + 1) * size)] for at in range(10)]
    return [(mean(score for score, _ in group), mean(f1 for _, f1 in group), len(group)) for group in groups]


def plot(path, title, x_name, y_name, points, diagonal):
    """A plot as SVG: points with their names, from 0 to 1 on both axes."""
    place = lambda x, y: (60 + 400 * x, 430 - 400 * y)
    marks = []
    for step in range(0, 11, 2):
        x, y = place(step / 10, step / 10)
        marks.append(f'<path d="M{x} 30V430M60 {y}H460" stroke="#ddd"/>')
        marks.append(f'<text x="{x}" y="448" text-anchor="middle">{step / 10}</text>')
        marks.append(f'<text x="52" y="{y + 4}" text-anchor="end">{step / 10}</text>')
    if diagonal:
        marks.append('<path d="M60 430L460 30" stroke="#999" stroke-dasharray="4"/>')
    line = " ".join(f"{'L' if at else 'M'}{place(x, y)[0]:.1f} {place(x, y)[1]:.1f}" for at, (x, y, _) in enumerate(points))
    marks.append(f'<path d="{line}" fill="none" stroke="#177a2f" stroke-width="2"/>')
    for x, y, name in points:
        left, top = place(x, y)
        marks.append(f'<circle cx="{left:.1f}" cy="{top:.1f}" r="4" fill="#177a2f"/>')
        marks.append(f'<text x="{left - 8:.1f}" y="{top + 16:.1f}" text-anchor="end">{name}</text>')
    path.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 490" font-family="sans-serif" font-size="12">\n'
        f'<rect width="480" height="490" fill="#fff"/>\n<text x="260" y="18" text-anchor="middle">{title}</text>\n'
        + "\n".join(marks)
        + f'\n<text x="260" y="472" text-anchor="middle">{x_name}</text>\n'
        f'<text x="16" y="230" text-anchor="middle" transform="rotate(-90 16 230)">{y_name}</text>\n</svg>\n'
    )


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--riptide", required=True, type=pathlib.Path, help="the program to measure")
    arguments.add_argument("--corpus", required=True, type=pathlib.Path, help="folder with truth.jsonl and pages/")
    arguments.add_argument("--work", required=True, type=pathlib.Path, help="the work folder of train.py")
    arguments.add_argument("--scorer", type=pathlib.Path, help="runs on the predictions, with the corpus before them")
    arguments.add_argument("--focus", default="balanced", choices=("precision", "balanced", "recall"))
    arguments.add_argument("--corruption", choices=(*CORRUPTIONS, "each"), help="change the pages first")
    arguments.add_argument("--docs", type=pathlib.Path, help="folder for the drawings")
    options = arguments.parse_args()
    truths = [json.loads(line) for line in open(options.corpus / "truth.jsonl", encoding="utf-8")]
    truths = [truth for truth in truths if truth["main_content"] is not None]

    print(HEAD)
    if options.corruption:
        for name in CORRUPTIONS if options.corruption == "each" else [options.corruption]:
            print(row(name, *summary(truths, predict(options, truths, options.focus, name))[1:]), flush=True)
        return
    records = predict(options, truths, options.focus, None)
    of_page, *figures = summary(truths, records)
    print(row(options.focus, *figures), flush=True)
    told = mean(records[truth["id"]]["page_type"] == truth["page_type"] for truth in truths)
    print(f"kinds of page told: {told:.3f}")
    predictions = options.work / "predictions.jsonl"
    write_predictions(records, predictions)
    if options.scorer:
        subprocess.run([sys.executable, options.scorer, options.corpus, predictions], check=True)
    if options.docs:
        options.docs.mkdir(parents=True, exist_ok=True)
        groups = calibration(truths, records, of_page)
        for score, f1, pages in groups:
            print(f"quality score {score:.2f}: word F1 {f1:.2f} over {pages} pages")
        points = [(score, f1, "") for score, f1, _ in groups]
        plot(options.docs / "calibration.svg", "Quality score and word F1, ten groups of pages", "mean quality score / 100", "mean word F1", points, True)
        curve = []
        for focus in ("recall", "balanced", "precision"):
            figures = summary(truths, predict(options, truths, focus, None))[1:]
            print(row(focus, *figures), flush=True)
            curve.append((figures[1], figures[0], focus))
        plot(options.docs / "trade-off.svg", "Precision and recall of the modes", "mean recall of words", "mean precision of words", curve, False)


if __name__ == "__main__":
    main()
