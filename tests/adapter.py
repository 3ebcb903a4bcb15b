"""A program that speaks the adapter protocol, and breaks it in whichever way it is told: `python adapter.py WAY`."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from typing import Any


def softmax(a: list[float]) -> list[float]:
    powers = [math.exp(each - max(a)) for each in a]
    return [each / sum(powers) for each in powers]


def output(request: Any) -> Any:
    """The softmax of a single sample or of a batch, in plain Python."""
    a = request["inputs"]["a"]
    values, size = [{"inf": math.inf, "-inf": -math.inf}.get(each, each) for each in a["data"]], a["shape"][-1]
    rows = [softmax(values[start : start + size]) for start in range(0, len(values), size)]
    return {**a, "data": [each for row in rows for each in row]}


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")
    sys.stdout.flush()


def keeps_the_pipes() -> None:
    """Starts a process in a session of its own, which nobody ends with this one; it ends by itself soon."""
    code = "import time; time.sleep(15)"
    subprocess.Popen([sys.executable, "-c", code, "left behind"], start_new_session=True)


#: The formulas that were asked for so far.
asked: set[str] = set()


def answer(request: Any, way: str) -> None:
    """One answer, or what stands in its place."""
    if way == "hangs later":  # not yet while it is asked what it supports, which is everything
        if request["formula"] in asked:
            time.sleep(1000)
        asked.add(request["formula"])
        say(json.dumps({"id": request["id"], "error": "not today"}))
        return
    if request["formula"] != "softmax":
        say(json.dumps({"id": request["id"], "unsupported": True}))
        return
    right = output(request)
    good = json.dumps({"id": request["id"], "output": right})
    match way:
        case "right":
            say(good)
        case "dies in the middle" if request["id"] == 5:
            print("about to panic", file=sys.stderr)
            os._exit(101)
        case "dies on batches" if len(right["shape"]) == 2:
            print("batch!", file=sys.stderr)
            os.abort()
        case "garbage":
            say("softmax = 0.5")
        case "nan unquoted":
            say(f'{{"id": {request["id"]}, "output": {{"dtype": "float64", "shape": [], "data": [NaN]}}}}')
        case "chatters":
            say("computing …", good)
        case "answers twice":
            say(good, good)
        case "out of order":
            say(json.dumps({"id": request["id"] + 1, "output": right}))
        case "hangs":
            print("waiting for Godot", file=sys.stderr)
            time.sleep(1000)
        case "hangs with a child":
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
            print("child", child.pid, file=sys.stderr, flush=True)
            time.sleep(1000)
        case "dies with a child":
            quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"], **quiet)
            print("child", child.pid, file=sys.stderr, flush=True)
            os._exit(3)
        case "a shape without end":
            say(json.dumps({"id": request["id"], "output": {**right, "shape": [0, 10**30], "data": []}}))
        case "wrong shape":
            say(json.dumps({"id": request["id"], "output": {**right, "shape": [len(right["data"]), 1]}}))
        case "shape and data disagree":
            say(json.dumps({"id": request["id"], "output": {**right, "shape": [1000]}}))
        case "unknown dtype":
            say(json.dumps({"id": request["id"], "output": {**right, "dtype": "float80"}}))
        case "nan":
            say(json.dumps({"id": request["id"], "output": {**right, "data": ["nan"] * len(right["data"])}}))
        case "another string":
            say(json.dumps({"id": request["id"], "output": {**right, "data": ["NaN"] * len(right["data"])}}))
        case "no tensor":
            say(json.dumps({"id": request["id"], "output": 0.5}))
        case "a list":
            say("[]")
        case "nothing at all":
            say(json.dumps({"id": request["id"]}))
        case "nested too deep":
            say("[" * 100_000)
        case "an error":
            say(json.dumps({"id": request["id"], "error": "index out of range"}))
        case "no batches":
            say(good if len(right["shape"]) == 1 else json.dumps({"id": request["id"], "unsupported": True}))
        case "floods standard error":
            sys.stderr.write("flood " * 500_000 + "the last words")
            sys.stderr.flush()
            say(good)
        case "floods standard error and fails":
            sys.stderr.write("flood " * 500_000 + "the last words")
            sys.stderr.flush()
            os._exit(3)
        case "a hundred megabytes":
            say("[" + "0," * 50_000_000)
        case "floods standard output":
            say(*[good] * 100_000)
        case "without a new line":
            sys.stdout.write(good)
            sys.stdout.flush()
            os._exit(0)
        case "closes standard output":
            os.close(1)
            time.sleep(1000)
        case "no end of the line":
            sys.stdout.write(good)
            sys.stdout.flush()
            time.sleep(1000)
        case "leaves one behind":
            keeps_the_pipes()
            print("gone by itself", file=sys.stderr)
            os._exit(3)
        case "output and error":
            say(json.dumps({"id": request["id"], "output": right, "error": None}))
        case "too many digits":
            say(f'{{"id": {request["id"]}, "output": {"1" * 10_000}}}')
        case "a zero byte":
            say(good + "\0")
        case "not in UTF-8":
            sys.stdout.buffer.write(good.encode("utf-16") + b"\n")
            sys.stdout.flush()
        case "half a surrogate pair":
            say(f'{{"id": {request["id"]}, "error": "\\ud800"}}')
        case "ignores the end":
            say(good)
        case _:
            say(good)


def main(way: str) -> None:
    match way:
        case "dies at once":
            print("libfoo.so: cannot open shared object file", file=sys.stderr)
            raise SystemExit(127)
        case "never answers":
            time.sleep(1000)
        case "reads nothing":
            say("{}" * 10)
            time.sleep(1000)
    for line in list(sys.stdin) if way == "answers at the end" else sys.stdin:
        request = json.loads(line)
        if "hello" not in request:
            answer(request, way)
        elif way == "another protocol":
            say(json.dumps({"hello": {"protocol": 2}}))
        elif way == "no greeting":
            say(json.dumps({"error": "unknown request"}))
        else:
            say(json.dumps({"hello": {"protocol": 1, "name": "plain-python"}}))
    if way == "ignores the end":
        time.sleep(1000)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # as the protocol has it, whatever the console's is
    main(sys.argv[1])
