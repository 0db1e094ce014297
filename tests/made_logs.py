"""Small logs of every format, made here from the formats' own descriptions."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib

import polars as pl

from counterpoint.errors import InputError
from counterpoint.runs.reading import read

TRAIN, HELD_OUT = [0.9, 0.6, 0.4], [0.8, 0.7, 0.75]

#: What `files` writes.
FORMATS = [
    *("keras.csv", "log.tsv", "rows.jsonl", "rows.json", "history.json", "evals.json"),
    *("catboost_training.json", "trainer_state.json", "four.json", "wandb-summary.json"),
    *("notebook.ipynb", "printed.log", "events.out.tfevents.1", "run-a.wandb", "mlflow.db"),
    *("rows.parquet", "run-1.jsonl"),
]


def outcome(path):
    """Everything that the reading of a file gives."""
    try:
        found = read(path)
    except InputError as error:
        return str(error)
    return [(h.name, h.format, h.facts, h.notes, h.names, str(h.rows.rows())) for h in found]


def crc32c(data):
    """CRC-32C bit by bit, from its polynomial (RFC 3720)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 * (crc & 1))
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, float):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tf_record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def event(step, *values):
    summary = b"".join(field(1, value) for value in values)
    time = varint(1 << 3 | 1) + struct.pack("<d", 1.7e9 + step)
    return tf_record(time + field(2, step) + field(5, summary))


def simple(tag, value):
    return field(1, tag) + field(2, float(value))


def tensor(tag, value, plugin="scalars", packed=False):
    """As TensorFlow 2 writes it; ``packed`` as its float_val."""
    number = struct.pack("<f", value)
    content = field(1, 1) + field(2, b"") + (field(5, number) if packed else field(4, number))
    metadata = field(9, field(1, field(1, plugin)))
    return field(1, tag) + field(8, content) + metadata


def tensorboard():
    start = tf_record(varint(1 << 3 | 1) + struct.pack("<d", 1.7e9) + field(3, "brain.Event:2"))
    rows = zip(TRAIN, HELD_OUT, strict=True)
    return start + b"".join(
        event(e, simple("Loss/train", a), tensor("Loss/val", b)) for e, (a, b) in enumerate(rows)
    )


def wandb_item(key, value):
    return field(1, field(1, key) + field(16, json.dumps(value)))


def wandb_record(number, message):
    return field(number, message)


def leveldb(records, block=32768):
    out = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
    for record in records:
        begin = True
        while True:
            room = block - len(out) % block
            if room < 7:
                out += bytes(room)
                room = block
            piece, record = record[: room - 7], record[room - 7 :]
            kind = (1 if begin else 4) if not record else (2 if begin else 3)
            crc = zlib.crc32(piece, zlib.crc32(bytes([kind])))
            out += struct.pack("<IHB", crc, len(piece), kind) + piece
            begin = False
            if not record:
                break
    return bytes(out)


def wandb(pad=0):
    config = wandb_item("batch_size", 64) + wandb_item("optimizer", {"value": "adam"})
    records = [wandb_record(17, field(1, "abc") + field(4, config))]
    for e, (a, b) in enumerate(zip(TRAIN, HELD_OUT, strict=True)):
        row = wandb_item("epoch", e) + wandb_item("loss", a) + wandb_item("val_loss", b)
        row += wandb_item("note", "x" * pad)
        records.append(wandb_record(2, row + field(2, field(1, e))))
    return leveldb(records)


def mlflow_db(path):
    database = sqlite3.connect(path)
    database.executescript(
        "CREATE TABLE runs (run_uuid VARCHAR(32) NOT NULL, name VARCHAR(250), status VARCHAR(9));"
        "CREATE TABLE params (key VARCHAR(250), value VARCHAR(8000), run_uuid VARCHAR(32));"
        "CREATE TABLE metrics (key VARCHAR(250), value FLOAT NOT NULL, timestamp BIGINT, "
        "run_uuid VARCHAR(32), step BIGINT DEFAULT 0, is_nan BOOLEAN DEFAULT 0);"
    )
    for run, name in (("a" * 32, "first"), ("b" * 32, "second")):
        database.execute("INSERT INTO runs VALUES (?, ?, 'FINISHED')", (run, name))
        database.execute("INSERT INTO params VALUES ('batch_size', '32', ?)", (run,))
    for e, (a, b) in enumerate(zip(TRAIN, HELD_OUT, strict=True)):
        for run in ("a" * 32, "b" * 32):
            for key, value in (("train_loss", a), ("val_loss", b)):
                row = (key, value, 1000 + e, run, e, 0)
                database.execute("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", row)
    database.execute("INSERT INTO metrics VALUES ('val_acc', 0, 1, ?, 0, 1)", ("a" * 32,))
    database.commit()
    database.close()


ROWS = [
    {"epoch": e, "train_loss": a, "val_loss": b}
    for e, (a, b) in enumerate(zip(TRAIN, HELD_OUT, strict=True))
]
HISTORY = {"loss": TRAIN, "val_loss": HELD_OUT}
NOTEBOOK = {
    "nbformat": 4,
    "metadata": {},
    "cells": [
        {"cell_type": "markdown", "source": ["Epoch 9: loss 9.9"]},
        {
            "cell_type": "code",
            "source": ["raise SystemExit  # never run"],
            "outputs": [
                {
                    "output_type": "stream",
                    "name": "stdout",
                    "text": [
                        f"epoch {e} train loss {a} val ",
                        f"loss {b}\n",
                    ],
                }
                for e, (a, b) in enumerate(zip(TRAIN, HELD_OUT, strict=True))
            ],
        },
    ],
}


def parquet(path):
    pl.DataFrame(ROWS).write_parquet(path)


def files(folder):
    """Write one file of each format; name → path."""
    texts = {
        "keras.csv": "epoch,loss,val_loss\n"
        + "".join(f"{r['epoch']},{r['train_loss']},{r['val_loss']}\n" for r in ROWS),
        "log.tsv": "epoch\ttrain_loss\tval_loss\n"
        + "".join("\t".join(map(str, row.values())) + "\n" for row in ROWS),
        "rows.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS),
        "run-1.jsonl": json.dumps({"counterpoint_record": 1, "facts": {"classes": 3}})
        + "".join("\n" + json.dumps(row) for row in ROWS)
        + "\n",
        "rows.json": json.dumps(ROWS),
        "history.json": json.dumps(HISTORY),
        "pandas.json": json.dumps(
            {key: {str(e): v for e, v in enumerate(values)} for key, values in HISTORY.items()}
        ),
        "evals.json": json.dumps(
            {"train": {"mlogloss": TRAIN}, "validation": {"mlogloss": HELD_OUT}}
        ),
        "catboost_training.json": json.dumps(
            {
                "meta": {
                    "learn_metrics": [{"name": "Logloss"}],
                    "test_metrics": [{"name": "Logloss"}],
                },
                "iterations": [
                    {"learn": [a], "iteration": e, "test": [b]}
                    for e, (a, b) in enumerate(zip(TRAIN, HELD_OUT, strict=True))
                ],
            }
        ),
        "trainer_state.json": json.dumps(
            {
                "train_batch_size": 8,
                "log_history": [
                    entry
                    for e, (a, b) in enumerate(zip(TRAIN, HELD_OUT, strict=True))
                    for entry in (
                        {"epoch": e, "step": 10 * e, "loss": a},
                        {"epoch": e, "step": 10 * e, "eval_loss": b, "eval_runtime": 3.0},
                    )
                ]
                + [{"epoch": 2, "step": 20, "train_loss": 0.6, "train_runtime": 9.0}],
            }
        ),
        "four.json": json.dumps([HELD_OUT, [7397, 7381, 7431], TRAIN, []]),
        "wandb-summary.json": json.dumps(
            {"_step": 2, "_runtime": 9, "loss": 0.4, "val_loss": 0.75, "_wandb": {"runtime": 9}}
        ),
        "notebook.ipynb": json.dumps(NOTEBOOK),
        "printed.log": "".join(
            f"Epoch {r['epoch']}: train loss {r['train_loss']}, val loss {r['val_loss']}\n"
            for r in ROWS
        ),
    }
    paths = {name: folder / name for name in (*texts, "events.out.tfevents.1", "run-a.wandb")}
    for name, text in texts.items():
        paths[name].write_text(text)
    paths["events.out.tfevents.1"].write_bytes(tensorboard())
    paths["run-a.wandb"].write_bytes(wandb())
    paths["mlflow.db"], paths["rows.parquet"] = folder / "mlflow.db", folder / "rows.parquet"
    mlflow_db(paths["mlflow.db"])
    parquet(paths["rows.parquet"])
    return paths
