// Judges two softmaxes by refmath's test vectors: node softmax.mjs DIR/softmax.json right|wrong
// Ends with status 0 if every case is passed, 1 if one is not, 2 if it could not begin or a case cannot be read.
import { readFileSync } from "node:fs";

function right(sample) {
  const largest = Math.max(...sample);
  const powers = sample.map((a) => Math.exp(a - largest));
  const sum = powers.reduce((one, other) => one + other, 0);
  return powers.map((power) => power / sum);
}

// The largest logit is not subtracted: the exponentials of large ones overflow.
function wrong(sample) {
  const powers = sample.map(Math.exp);
  const sum = powers.reduce((one, other) => one + other, 0);
  return powers.map((power) => power / sum);
}

// The answer for each sample, one after the other; the last axis holds the classes.
function answer(softmax, a) {
  const classes = a.shape.at(-1);
  const samples = a.data.length / classes;
  return Array.from({ length: samples }, (_, n) => softmax(a.data.slice(n * classes, (n + 1) * classes))).flat();
}

// JSON has no nan and no infinities, so they come as strings.
const number = (each) => ({ nan: NaN, inf: Infinity, "-inf": -Infinity })[each] ?? each;

function numbers({ shape, data }) {
  const size = shape.reduce((one, other) => one * other, 1);
  if (data.length !== size) throw new Error(`${data.length} numbers of the shape [${shape}]`);
  return data.map(number);
}

function passes(softmax, { inputs, outcome, expected, low, high }) {
  const got = answer(softmax, { ...inputs.a, data: numbers(inputs.a) });
  if (got.length !== numbers(expected).length) return false;
  if (outcome === "nan") return got.every(Number.isNaN);
  const [least, most] = [numbers(low), numbers(high)];
  // Written so that nan never passes.
  return got.every((each, place) => least[place] <= each && each <= most[place]);
}

const [file, which] = process.argv.slice(2);
const softmax = { right, wrong }[which];
if (!file || !softmax) {
  console.error("usage: node softmax.mjs DIR/softmax.json right|wrong");
  process.exit(2);
}
process.on("uncaughtException", (error) => {
  console.error(`${file}: ${error.message}`);
  process.exit(2);
});
const vectors = JSON.parse(readFileSync(file, "utf8"));
if (vectors.format !== 1 || vectors.formula !== "softmax") throw new Error("no vectors of softmax in format 1");
// Numbers of JavaScript are float64. What is to be rejected is left to those who check their arguments.
const cases = vectors.cases.filter(
  (each) => each.dtype === "float64" && each.convention === null && each.outcome !== "reject",
);
const failed = cases.filter((each) => !passes(softmax, each));
for (const each of failed) console.log(`${each.id}: ${each.why}`);
console.log(`${which}: ${cases.length - failed.length} of ${cases.length} cases passed`);
process.exit(failed.length || !cases.length ? 1 : 0);
