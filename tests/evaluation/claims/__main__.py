"""Write the files of labelled sentences: python -m tests.evaluation.claims."""

import json

from tests.evaluation.claims.written import FOLDER, claim_files

for name, found in claim_files().items():
    lines = [json.dumps(row, ensure_ascii=False) for row in found]
    (FOLDER / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
