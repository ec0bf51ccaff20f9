"""Write the two halves: python -m tests.evaluation.claims."""

import json

from tests.evaluation.claims.written import FOLDER, halves

for half, found in halves().items():
    lines = [json.dumps(row, ensure_ascii=False) for row in found]
    (FOLDER / f"{half}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
