"""Trains the model that judges blocks of text, and measures it on pages that it was not trained on.

    python train.py --riptide target/release/riptide --corpus DIR --work DIR [--output model.bin]

The corpus is a folder with truth.jsonl and pages/ID.html, plain or gzipped. Features and marks come from `riptide explain`, and so do the choices
that the confidence estimate is fitted to: nothing is computed twice. Pages of one domain are in one of five folds, and each fold is
judged by a model that has seen neither it nor a choice of pages that depends on it. The folds' models stay in the work folder,
for measure.py; the model that is written in the end is trained on all pages.
"""

import argparse
import collections
import json
import pathlib
import re
import struct
import subprocess
import sys
import zlib
from urllib.parse import urlsplit

import lightgbm
import numpy as np
from rapidfuzz.distance import LCSseq
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

FOLDS = 5
SEED = 20260101
WORD = re.compile(r"\w+")

BLOCK_PARAMETERS = {
    "objective": "cross_entropy",
    "num_leaves": 31,
    "max_depth": 7,
    "min_data_in_leaf": 400,
    "feature_fraction": 0.35,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 127,
}
# Trees, and how far each goes: for the models that are kept, and for those that only look for wrong annotations.
THOROUGH = (200, 0.07)
ROUGH = (80, 0.12)

# The logistic regression over marks: how many there are, how strongly weights are drawn to zero, steps of the optimiser, and
# what the regression counts beside the forest, whose share is the rest.
MARKS = 1 << 16
MARKS_RIDGE = 2e-4
MARKS_STEPS = 40
MARKS_SHARE = 0.15

QUALITY_PARAMETERS = {
    "objective": "regression",
    "num_leaves": 8,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
}
QUALITY_TREES = (120, 0.04)

# Kinds of page, in the order in which the engine knows them.
KINDS = ("article", "documentation", "service", "forum", "collection", "listing", "product")
KIND_PARAMETERS = {
    "objective": "multiclass",
    "num_class": len(KINDS),
    "num_leaves": 8,
    "min_data_in_leaf": 10,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}
# Trees of each kind.
KIND_TREES = (60, 0.12)


class Page:
    """An annotated page: its blocks, their features and the share of each block's words that is main content."""

    def __init__(self, truth, record):
        self.id = truth["id"]
        self.fold = fold_of(truth)
        self.texts = [WORD.findall(block["text"].lower()) for block in record["blocks"]]
        self.truth = WORD.findall((truth["main_content"] or "").lower())
        self.words = np.array([len(text) for text in self.texts], dtype=float)
        self.features = np.array([block["features"] for block in record["blocks"]], dtype=np.float32)
        self.marks = [np.array(block["marks"], dtype=np.uint16) for block in record["blocks"]]
        self.labels = labels(self.texts, self.truth)
        self.kind = KINDS.index(truth["page_type"])
        self.means = np.array(record["page_features"], dtype=np.float32)

    def weights(self):
        """What a block's words weigh in the page's F1; pages annotated as empty teach nothing."""
        if not self.truth:
            return np.zeros(len(self.words))
        of_truth = np.minimum(self.words / max(len(self.truth), 30), 3.0)
        return of_truth + 0.1 * self.words / max(self.words.sum(), 30.0)


def domain(truth):
    """The last two labels of the host; pages without an address are each on their own."""
    host = urlsplit(truth["url"] or "").hostname or truth["id"]
    return ".".join(host.split(".")[-2:])


def fold_of(truth):
    """Pages of one domain are in one fold."""
    return zlib.crc32(domain(truth).encode()) % FOLDS


def labels(texts, truth):
    """The share of each block's words that the annotation holds, by the longest common subsequence of words. What it holds in
    another order is looked for in what is left."""
    numbers = {}
    number = lambda words: [numbers.setdefault(word, len(numbers)) for word in words]
    page = np.array(number([word for text in texts for word in text]), dtype=int)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    wanted = np.array(number(truth), dtype=int)
    size = np.array([max(len(text), 1) for text in texts])
    free, missing = np.ones(len(page), bool), np.ones(len(wanted), bool)
    hits = np.zeros(len(texts))
    for attempt in range(3):
        at, to = np.flatnonzero(free), np.flatnonzero(missing)
        if len(at) == 0 or len(to) < 5:
            break
        pairs = []
        for step in LCSseq.opcodes(page[at].tolist(), wanted[to].tolist()):
            if step.tag == "equal":
                pairs += zip(at[step.src_start : step.src_end], to[step.dest_start : step.dest_end])
        found = np.bincount([owner[place] for place, _ in pairs], minlength=len(texts))
        accepted = found / size >= 0.5 if attempt == 0 else (found / size >= 0.8) & (size >= 2)
        pairs = [(place, word) for place, word in pairs if accepted[owner[place]]]
        if not pairs:
            break
        for place, word in pairs:
            hits[owner[place]] += 1
            free[place] = missing[word] = False
    return hits / size


def word_scores(found, wanted):
    """Precision, recall and F1 of a list of words against another, as WCXB defines them."""
    if not found or not wanted:
        return (float(not found and not wanted),) * 3
    shared = sum((collections.Counter(found) & collections.Counter(wanted)).values())
    return shared / len(found), shared / len(wanted), 2 * shared / (len(found) + len(wanted))


def read_pages(riptide, corpus, work):
    truths = [json.loads(line) for line in open(corpus / "truth.jsonl", encoding="utf-8")]
    truths = [truth for truth in truths if truth["main_content"] is not None]
    pages, names = [], None
    for truth, record in zip(truths, explain(riptide, corpus, truths, work, ["--features"]), strict=True):
        names = record["features"]
        if record["blocks"]:
            pages.append(Page(truth, record))
        told(f"features of {len(pages)} pages")
    return pages, names


def explain(riptide, corpus, truths, work, options):
    """Runs `riptide explain` over pages and gives its records one by one; a page without one ends the run."""
    manifest = write_manifest(corpus, truths, work)
    command = [riptide, "explain", "--format", "jsonl", "--reasons", "0", "--manifest", manifest, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
        for line in run.stdout:
            record = json.loads(line)
            if "error" in record:
                sys.exit(f"{record['path']}: {record['error']['message']}")
            yield record
    if run.returncode != 0:
        sys.exit(f"riptide explain ended with exit code {run.returncode}")


def write_manifest(corpus, truths, work):
    path = work / "manifest.jsonl"
    with open(path, "w", encoding="utf-8") as manifest:
        for truth in truths:
            line = {"path": str(page_path(corpus, truth["id"])), "url": truth["url"] or ""}
            manifest.write(json.dumps(line) + "\n")
    return path


def page_path(corpus, id):
    plain = corpus.resolve() / "pages" / f"{id}.html"
    return plain if plain.exists() else plain.with_suffix(".html.gz")


def fit_blocks(pages, effort):
    trees, step = effort
    features = np.concatenate([page.features for page in pages])
    weights = np.concatenate([page.weights() for page in pages])
    shares = np.concatenate([page.labels for page in pages])
    use = weights > 0
    data = lightgbm.Dataset(features[use], label=shares[use], weight=weights[use] / weights[use].mean())
    return lightgbm.train(parameters(BLOCK_PARAMETERS, step), data, trees)


def fit_marks(pages):
    """The weight of each mark and the bias: a logistic regression in which long blocks count less than in the forest."""
    weights = np.concatenate([page.weights() for page in pages])
    shares = np.concatenate([page.labels for page in pages])
    use = weights > 0
    matrix = mark_matrix(pages)[use]
    shares, weights = shares[use], np.sqrt(weights[use])
    weights /= weights.sum()
    transposed = matrix.T.tocsr()

    def loss(at):
        sums = matrix @ at[:-1] + at[-1]
        slope = weights * (1 / (1 + np.exp(-sums)) - shares)
        value = (weights * (np.logaddexp(0, sums) - shares * sums)).sum() + MARKS_RIDGE / 2 * (at[:-1] ** 2).sum()
        return value, np.append(transposed @ slope + MARKS_RIDGE * at[:-1], slope.sum())

    mean = (weights * shares).sum()
    start = np.append(np.zeros(MARKS), np.log(mean / (1 - mean)))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": MARKS_STEPS}).x
    return found[:-1], found[-1]


def mark_matrix(pages):
    """A row a block, with a 1 for each of its marks."""
    marks = [of_block for page in pages for of_block in page.marks]
    starts = np.cumsum([0] + [len(of_block) for of_block in marks])
    ones = np.ones(starts[-1], dtype=np.float64)
    return csr_matrix((ones, np.concatenate(marks).astype(np.int32), starts), shape=(len(marks), MARKS))


def parameters(settings, step):
    return {**settings, "learning_rate": step, "seed": SEED, "deterministic": True, "force_row_wise": True, "verbosity": -1}


def credible(pages, probabilities):
    """Leaves out pages whose annotation stops early: a model that has not seen them finds nearly all of it, sure of itself, and
    far more besides."""
    kept_pages = []
    for page, probability in zip(pages, probabilities):
        kept, expected = best_choice(probability, page.words)
        right = page.labels >= 0.5
        shared = page.words[kept & right].sum()
        precision = shared / max(page.words[kept].sum(), 1)
        recall = shared / max(page.words[right].sum(), 1)
        if not (precision < 0.35 and recall > 0.8 and expected > 0.6):
            kept_pages.append(page)
    return kept_pages


def best_choice(probability, words):
    """The blocks with the best expected F1, and that F1."""
    order = np.argsort(-probability, kind="stable")
    right, size = np.cumsum((probability * words)[order]), np.cumsum(words[order])
    expected = 2 * right / np.maximum(size + right[-1], 1e-9)
    best = int(np.argmax(expected))
    kept = np.zeros(len(words), bool)
    kept[order[: best + 1]] = True
    return kept, expected[best]


def fit_without_wrong_pages(pages, name):
    """The forest, and the weights of marks, of the pages that are left when those with doubtful annotations are taken out."""
    doubts = {}
    for fold in sorted({page.fold for page in pages}):
        told(f"{name}: looking for wrong annotations in fold {fold}")
        judge = fit_blocks([page for page in pages if page.fold != fold], ROUGH)
        for page in pages:
            if page.fold == fold:
                doubts[page.id] = judge.predict(page.features)
    good = credible(pages, [doubts[page.id] for page in pages])
    told(f"{name}: training on {len(good)} of {len(pages)} pages")
    return fit_blocks(good, THOROUGH), fit_marks(good)


def fit_quality(rows, scores):
    trees, step = QUALITY_TREES
    return lightgbm.train(parameters(QUALITY_PARAMETERS, step), lightgbm.Dataset(rows, label=scores), trees)


def fit_kinds(pages):
    """A forest for each kind of page, over the means of its blocks' features."""
    trees, step = KIND_TREES
    rows, kinds = np.array([page.means for page in pages]), [page.kind for page in pages]
    return lightgbm.train(parameters(KIND_PARAMETERS, step), lightgbm.Dataset(rows, label=kinds), trees)


def forest_bytes(model, features, part=0, parts=1):
    """A model as the table that riptide-extract's forest module reads: all trees, or those of one class of several."""
    nodes, trees = [], []
    for tree in model.dump_model()["tree_info"][part::parts] if model else []:
        root, depth = len(nodes), 0
        nodes.append(None)
        queue = collections.deque([(root, 0, tree["tree_structure"])])
        while queue:
            at, splits, node = queue.popleft()
            depth = max(depth, splits)
            if "leaf_value" in node:
                nodes[at] = (0, 0, node["leaf_value"])
                continue
            lower = len(nodes)
            nodes += [None, None]
            nodes[at] = (node["split_feature"], lower - at, float32_not_above(node["threshold"]))
            queue += [(lower, splits + 1, node["left_child"]), (lower + 1, splits + 1, node["right_child"])]
        trees.append((root, depth))
    table = struct.pack("<HfIH", features, 0.0, len(nodes), len(trees))
    table += b"".join(struct.pack("<IH", *tree) for tree in trees)
    return table + b"".join(struct.pack("<HHf", *node) for node in nodes)


def float32_not_above(threshold):
    """The greatest 32-bit number that is not above a threshold: a 32-bit feature is above both or neither."""
    near = np.float32(threshold)
    return float(near if near <= threshold else np.nextafter(near, np.float32(-np.inf)))


def mark_bytes(marks):
    """The regression as the table that riptide-extract's forest module reads, and the weights as they are in it."""
    weights, bias = marks
    unit = np.float32(np.abs(weights).max() / 127)
    steps = np.round(weights / unit).astype(np.int8)
    return struct.pack("<fff", MARKS_SHARE, bias, unit) + steps.tobytes(), steps * float(unit)


def model_bytes(names, model, quality, quality_features, kinds):
    digest = 0x811C9DC5
    for byte in "".join(name + "\n" for name in names).encode():
        digest = ((digest ^ byte) * 0x01000193) & 0xFFFFFFFF
    blocks, marks = model
    forests = [forest_bytes(blocks, len(names)), forest_bytes(quality, quality_features)]
    forests += [forest_bytes(kinds, len(names), part, len(KINDS)) for part in range(len(KINDS))]
    return b"RTM3" + struct.pack("<IH", digest, len(forests)) + b"".join(forests) + mark_bytes(marks)[0]


def golden(path, pages, model):
    """Rows and marks, and what LightGBM and the regression make of them, to test the engine against."""
    blocks, (weights, bias) = model[0], (mark_bytes(model[1])[1], model[1][1])
    rows = np.concatenate([page.features for page in pages])
    marks = [of_block for page in pages for of_block in page.marks]
    chosen = np.random.default_rng(SEED).choice(len(rows), 12, replace=False)
    sums = blocks.predict(rows[chosen], raw_score=True)
    vectors = [
        {
            "row": rows[at].tolist(),
            "sum": float(sum),
            "marks": marks[at].tolist(),
            "log_odds": float(bias + weights[marks[at]].sum()),
        }
        for at, sum in zip(chosen, sums)
    ]
    path.write_text("[\n" + ",\n".join(json.dumps(vector) for vector in vectors) + "\n]\n")


def told(message):
    if sys.stderr.isatty():
        print(f"\r\x1b[K{message}", end="", file=sys.stderr, flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--riptide", required=True, type=pathlib.Path, help="the program to take features from")
    arguments.add_argument("--corpus", required=True, type=pathlib.Path, help="folder with truth.jsonl and pages/")
    arguments.add_argument("--work", required=True, type=pathlib.Path, help="folder for the models of the folds")
    arguments.add_argument("--output", type=pathlib.Path, help="where the model of all pages goes")
    arguments.add_argument("--golden", type=pathlib.Path, help="where the golden vectors go")
    options = arguments.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    pages, names = read_pages(options.riptide, options.corpus, options.work)
    truths = {truth["id"]: truth for truth in map(json.loads, open(options.corpus / "truth.jsonl", encoding="utf-8"))}
    models, rows, scores, folds, right = [], [], [], [], 0
    for fold in range(FOLDS):
        others = [page for page in pages if page.fold != fold]
        model, kinds = fit_without_wrong_pages(others, f"fold {fold}"), fit_kinds(others)
        models.append((model, kinds))
        path = options.work / f"fold-{fold}.bin"
        path.write_bytes(model_bytes(names, model, None, 0, kinds))
        unseen = [page for page in pages if page.fold == fold]
        records = explain(options.riptide, options.corpus, [truths[page.id] for page in unseen], options.work, ["--model", path])
        for page, record in zip(unseen, records, strict=True):
            rows.append([value for _, value in record["quality_features"]])
            kept = [text for text, block in zip(page.texts, record["blocks"], strict=True) if block["kept"]]
            scores.append(word_scores([word for text in kept for word in text], page.truth)[2])
            folds.append(fold)
            right += record["page_type"] == KINDS[page.kind]
    rows, scores, folds = np.array(rows), np.array(scores), np.array(folds)
    print(f"word F1 of the blocks kept, out of fold: {scores.mean():.4f} over {len(scores)} pages")
    print(f"kinds of page told, out of fold: {right / len(scores):.4f}")
    for fold, (model, kinds) in enumerate(models):
        quality = fit_quality(rows[folds != fold], scores[folds != fold])
        (options.work / f"fold-{fold}.bin").write_bytes(model_bytes(names, model, quality, rows.shape[1], kinds))
    if options.output:
        model = fit_without_wrong_pages(pages, "all folds")
        quality = fit_quality(rows, scores)
        options.output.write_bytes(model_bytes(names, model, quality, rows.shape[1], fit_kinds(pages)))
        gains = sorted(zip(model[0].feature_importance("gain"), names), reverse=True)
        (options.work / "gains.txt").write_text("".join(f"{gain:.0f}\t{name}\n" for gain, name in gains))
        if options.golden:
            golden(options.golden, pages, model)


if __name__ == "__main__":
    main()
