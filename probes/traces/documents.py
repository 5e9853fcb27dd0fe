# What a service does with JSON all day: parses a document, changes it, writes it again.
import json


def document(records):
    return json.dumps(
        [
            {
                "id": n,
                "name": "record %d" % n,
                "tags": ["tag%d" % (n % k) for k in range(1, 6)],
                "price": n * 1.25,
                "nested": {"a": [n, n + 1], "b": None, "c": n % 2 == 0},
            }
            for n in range(records)
        ]
    )


text = document(800)
for turn in range(3):
    records = json.loads(text)
    for record in records:
        record["turn"] = turn
        record["tags"] = [tag.upper() for tag in record["tags"]]
    text = json.dumps(records, sort_keys=turn % 2 == 0)
