// Losses in JavaScript for `refmath check --exec`: one request a line comes in, one answer a line goes out.
//
//     node losses.mjs
//
// To add a function, write it and give it a line in FUNCTIONS. A tensor is {shape, data}, its numbers row by row.
import { createInterface } from "node:readline";

function sigmoid({ shape, data }) {
  // From -710 down exp overflows to Infinity, which gives 0 for what is no normal number any more.
  return { shape, data: data.map((x) => 1 / (1 + Math.exp(-x))) };
}

function mean_squared_error_wrong_on_purpose(y, t) {
  if (String(y.shape) !== String(t.shape)) throw new Error("y and t must have the same shape");
  const sum = y.data.reduce((sum, value, i) => sum + (value - t.data[i]) ** 2, 0);
  // WRONG, on purpose: the mean is over all entries of the batch, not over its samples.
  return { shape: [], data: [sum / 2 / y.data.length] };
}

function softmax_cross_entropy_labels(a, labels) {
  const K = a.shape.at(-1);
  if (a.shape.length !== 1 && a.shape.length !== 2) throw new Error("a must have one or two axes");
  const samples = String(a.shape.slice(0, -1));
  if (String(labels.shape) !== samples) throw new Error("labels must hold one label for each sample");
  let total = 0;
  labels.data.forEach((label, n) => {
    const row = a.data.slice(n * K, (n + 1) * K);
    const top = row.reduce((top, value, k) => (value > row[top] ? k : top), 0);
    if (!Number.isInteger(label) || label < 0 || label >= K) throw new Error("labels must be integers from 0 to K - 1");
    // The largest logit's exponential is the 1 of log1p: near certainty the others would be lost beside it.
    const others = row.reduce((sum, value, k) => sum + (k === top ? 0 : Math.exp(value - row[top])), 0);
    // An infinite logit has no softmax: its difference from itself is NaN.
    total += row[top] - row[label] + (row[top] - row[top]) + Math.log1p(others);
  });
  return { shape: [], data: [total / labels.data.length] };
}

const FUNCTIONS = new Map([
  ["sigmoid", [sigmoid, "x"]],
  ["mean_squared_error", [mean_squared_error_wrong_on_purpose, "y", "t"]],
  ["softmax_cross_entropy_labels", [softmax_cross_entropy_labels, "a", "labels"]],
]);

// JSON has no infinities and no nan: here they are strings.
const NUMBERS = { nan: NaN, inf: Infinity, "-inf": -Infinity };
const entry = (value) => (Number.isFinite(value) ? value : String(value).toLowerCase().replace("infinity", "inf"));

function read(input) {
  if (!input?.shape || !input.data) throw new Error("an input is missing, or is no tensor");
  const data = input.data.map((value) => NUMBERS[value] ?? value);
  if (data.some((value) => typeof value !== "number")) throw new Error("an input holds something that is no number");
  const size = input.shape.reduce((product, axis) => product * axis, 1);
  if (size !== data.length || size === 0) throw new Error("an input is empty or misshapen");
  return { shape: input.shape, data };
}

function answer({ hello, formula, inputs }) {
  if (hello) return { hello: { protocol: 1, name: "losses in JavaScript" } };
  if (!formula || !inputs) throw new Error("this is no request");
  const [compute, ...names] = FUNCTIONS.get(formula) ?? [];
  const dtype = inputs[names[0]]?.dtype;
  if (!compute || dtype?.endsWith("float16")) return { unsupported: true };
  const { shape, data } = compute(...names.map((name) => read(inputs[name])));
  // Single precision is computed in double and rounded once; integers give doubles.
  if (dtype === "float32") return { output: { dtype, shape, data: data.map(Math.fround).map(entry) } };
  return { output: { dtype: "float64", shape, data: data.map(entry) } };
}

for await (const line of createInterface({ input: process.stdin })) {
  let id;
  let reply;
  try {
    const request = JSON.parse(line);
    id = request.id;
    reply = answer(request);
  } catch (error) {
    reply = { error: error.message };
  }
  console.log(JSON.stringify(reply.hello ? reply : { id: id ?? null, ...reply }));
}
