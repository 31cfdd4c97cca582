"""Fitting a head of the abuse score: a logistic regression over character n-grams, thinned to what matters.

`python -m messaging_core.safety.fitting abusive.txt ordinary.txt [more.txt ..] head.json`: a text a line, blank and `#`
lines are skipped. The same texts give the same head. The shipped one was fitted on the files in `safety/texts` and on
the utterances of the intent pack.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from messaging_core.safety.abuse import Head, HeadFile, plain

_LONGEST = 4


def fit(abusive: Sequence[str], ordinary: Sequence[str], *, strength: float = 8.0, about: str = "") -> HeadFile:
    """Return a head that tells abusive texts from ordinary ones.

    N-grams of 1 to 4 characters that occur twice; a text's row has the norm 1, as `Head.score` reads it. Weights that
    round to nothing are left out.
    """
    texts = [plain(text) for text in (*abusive, *ordinary)]
    grams = [_grams(text) for text in texts]
    counts = Counter(gram for found in grams for gram in found)
    known = {gram: place for place, gram in enumerate(sorted(gram for gram, count in counts.items() if count > 1))}
    rows, columns, values = [], [], []
    for row, found in enumerate(grams):
        places = sorted(known[gram] for gram in found if gram in known)
        rows += [row] * len(places)
        columns += places
        values += [1 / max(1, len(places)) ** 0.5] * len(places)
    matrix = csr_matrix((values, (rows, columns)), shape=(len(texts), len(known)))
    labels = np.array([1] * len(abusive) + [0] * len(ordinary))
    model = LogisticRegression(C=strength, solver="liblinear", max_iter=300).fit(matrix, labels)
    weights = {gram: round(float(model.coef_[0, place]), 3) for gram, place in known.items()}
    # N-grams without weight still count in a text's norm, so they stay unless they are as good as zero everywhere.
    return HeadFile(v=1, bias=round(float(model.intercept_[0]), 3), weights=weights, about=about)


def read_lines(path: Path) -> list[str]:
    """Return the texts of a file, one a line."""
    lines = (line.strip() for line in path.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _grams(text: str) -> set[str]:
    return {text[start : start + size] for size in range(1, _LONGEST + 1) for start in range(len(text) - size + 1)}


def main(arguments: Sequence[str]) -> int:
    """Fit a head, write it, and say what it makes of its own texts. The last file is the head; the first is abusive."""
    first, *others, target = [Path(argument) for argument in arguments]
    abusive, ordinary = read_lines(first), [text for path in others for text in read_lines(path)]
    file = fit(abusive, ordinary, about=f"{len(abusive)} abusive and {len(ordinary)} ordinary texts")
    target.write_bytes(msgspec.json.encode(file))
    head = Head(file)
    caught = sum(head.score(text) >= 0.7 for text in abusive)
    flagged = sum(head.score(text) >= 0.7 for text in ordinary)
    sys.stdout.write(f"{len(file.weights)} n-grams; caught {caught} of {len(abusive)}, flagged {flagged}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
