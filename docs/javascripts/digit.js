// A digit that the reader draws, read by the network of docs/assets/digits.bin: tools/digit_weights.py says what the file holds.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const SIDE = 28;
  const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const STRIDE = 10;

  const half = (bits) => {
    const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
    return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : (2 ** -14 * fraction) / 1024);
  };

  const load = async (address, sizes) => {
    const answer = await fetch(new URL(address, document.baseURI));
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const view = new DataView(await answer.arrayBuffer());
    let place = 0;
    const take = (count) => Float32Array.from({ length: count }, () => half(view.getUint16((place += 2) - 2, true)));
    const layers = sizes.slice(1).map((above, at) => ({ W: take(sizes[at] * above), b: take(above) }));
    const examples = [];
    for (; place < view.byteLength; place += sizes[0]) examples.push(new Uint8Array(view.buffer, place, sizes[0]));
    return { layers, examples };
  };

  const affine = (x, { W, b }) => {
    const sums = Float64Array.from(b);
    x.forEach((value, row) => {
      if (value) for (let at = 0; at < b.length; at++) sums[at] += value * W[row * b.length + at];
    });
    return sums;
  };

  const predict = ([first, second], x) => {
    const a = affine(affine(x, first).map((sum) => 1 / (1 + Math.exp(-sum))), second);
    const most = Math.max(...a);
    const e = a.map((logit) => Math.exp(logit - most));
    const total = e.reduce((sum, each) => sum + each, 0);
    return Array.from(e, (each) => each / total);
  };

  // The strokes as MNIST has its digits: 20 pixels large, with the centre of their ink in the middle.
  const rastered = (strokes, pen) => {
    const points = strokes.flat();
    const [low, high] = [Math.min, Math.max].map((most) => [0, 1].map((axis) => most(...points.map((each) => each[axis]))));
    const scale = (20 - pen) / Math.max(high[0] - low[0], high[1] - low[1], 40);
    const paper = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
    const context = paper.getContext("2d", { willReadFrequently: true });
    const draw = (shift) => {
      context.clearRect(0, 0, SIDE, SIDE);
      Object.assign(context, { lineWidth: pen, lineCap: "round", lineJoin: "round" });
      for (const stroke of strokes) {
        context.beginPath();
        for (const point of [stroke[0], ...stroke])
          context.lineTo(...point.map((value, axis) => (value - (low[axis] + high[axis]) / 2) * scale + SIDE / 2 + shift[axis]));
        context.stroke();
      }
      return Float64Array.from({ length: SIDE * SIDE }, (_, at) => context.getImageData(0, 0, SIDE, SIDE).data[4 * at + 3] / 255);
    };
    const ink = draw([0, 0]);
    const total = ink.reduce((sum, each) => sum + each, 0);
    const centre = (axis) => ink.reduce((sum, each, at) => sum + each * ((axis ? Math.floor(at / SIDE) : at % SIDE) + 0.5), 0) / total;
    return draw([0, 1].map((axis) => SIDE / 2 - centre(axis)));
  };

  const wire = (figure) => {
    const box = figure.querySelector(".refmath-draw");
    if (!box.hidden) return; // it has been done
    const { address, sizes, labels, paper: width, pen } = JSON.parse(figure.dataset.numbers);
    const [paper, ink, cursor, seen, bars, output] = ["paper", "ink", "pen", "seen", "bars"]
      .map((name) => box.querySelector(`.refmath-${name}`))
      .concat(box.querySelector("output"));
    let [strokes, at, down, shown, network] = [[], [width / 2, width / 2], false, -1, null];
    const known = () => (network ??= load(address, sizes));

    bars.append(
      ...labels.slice(0, 10).map((_, digit) => {
        const bar = document.createElement("div");
        bar.innerHTML = `<span>${digit}</span><i></i>`;
        return bar;
      }),
    );

    const tell = async (image, before) => {
      seen.replaceChildren(
        ...Array.from(image, (value, place) => [value, place])
          .filter(([value]) => value > 0.05)
          .map(([value, place]) => {
            const pixel = document.createElementNS(NS, "path");
            pixel.setAttribute("d", `M${place % SIDE} ${Math.floor(place / SIDE)}h1v1h-1z`);
            pixel.setAttribute("fill-opacity", value.toFixed(2));
            return pixel;
          }),
      );
      try {
        const y = predict((await known()).layers, image);
        [...bars.children].forEach((bar, digit) => (bar.lastChild.style.width = `${100 * y[digit]}%`));
        const [first, second] = y.map((_, digit) => digit).sort((one, other) => y[other] - y[one]);
        const share = (digit) => `${digit} (${(100 * y[digit]).toFixed(1)} %)`;
        output.textContent = `${before}The network reads ${share(first)}; its second choice is ${share(second)}.`;
      } catch {
        network = null;
        output.textContent = "The weights could not be loaded.";
      }
    };

    const redraw = () => {
      ink.setAttribute("d", strokes.map((stroke) => `M${[stroke[0], ...stroke].map((each) => each.join(" ")).join("L")}`).join(""));
      cursor.setAttribute("cx", at[0]);
      cursor.setAttribute("cy", at[1]);
      cursor.classList.toggle("refmath-down", down);
    };

    const read = () => strokes.length && tell(rastered(strokes, pen), "");

    const clear = () => {
      [strokes, down] = [[], false];
      seen.replaceChildren();
      [...bars.children].forEach((bar) => (bar.lastChild.style.width = "0"));
      output.textContent = "Draw a digit.";
      redraw();
    };

    const go = (to) => {
      at = to.map((value) => Math.round(Math.min(Math.max(value, 0), width)));
      if (down) strokes.at(-1).push(at);
      redraw();
    };

    const lower = () => {
      down = true;
      strokes.push([at]);
      redraw();
    };

    const place = ({ clientX, clientY }) => {
      const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(paper.getScreenCTM().inverse());
      return [x, y];
    };

    paper.addEventListener("pointerdown", (event) => {
      paper.setPointerCapture(event.pointerId);
      down = false;
      go(place(event));
      lower();
    });
    paper.addEventListener("pointermove", (event) => paper.hasPointerCapture(event.pointerId) && go(place(event)));
    paper.addEventListener("lostpointercapture", () => {
      down = false;
      redraw();
      read();
    });
    paper.addEventListener("keydown", (event) => {
      if (event.key in KEYS) go(KEYS[event.key].map((way, axis) => at[axis] + way * STRIDE));
      else if (event.key === " ") {
        if (down) down = false;
        else lower();
        redraw();
      } else if (["Delete", "Backspace"].includes(event.key)) clear();
      else return;
      event.preventDefault();
      read();
    });
    box.querySelector("[name=clear]").addEventListener("click", clear);
    box.querySelector("[name=example]").addEventListener("click", async () => {
      clear();
      shown = (shown + 1) % labels.length;
      try {
        const { examples } = await known();
        await tell(Float64Array.from(examples[shown], (value) => value / 255), `A test digit, a ${labels[shown]}. `);
      } catch {
        network = null;
        output.textContent = "The weights could not be loaded.";
      }
    });

    figure.querySelector(".refmath-answers").hidden = true;
    box.hidden = false;
    redraw();
  };

  const begin = () => document.querySelectorAll(".refmath-digit").forEach(wire);

  // Material changes pages without loading them anew, and tells by document$ when it has.
  if (typeof document$ !== "undefined") document$.subscribe(begin);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
