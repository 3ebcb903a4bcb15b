// Gradient descent from where the reader starts it: tools/site/figures/descent_surface.py draws the surface, and has the same words.
(() => {
  const fixed = (value, places) => value.toFixed(places).replace("-", "−");

  const wire = (figure) => {
    const input = (name) => figure.querySelector(`input[name=${name}]`);
    if (!input("rate").hidden) return; // it has been done
    const { terms, rates, reach, scale, stops, far, level } = JSON.parse(figure.dataset.numbers);
    const svg = figure.querySelector("svg");
    const start = figure.querySelector(".refmath-start");

    const f = ([x, y]) => terms.reduce((sum, [c, i, j]) => sum + c * x ** i * y ** j, 0);
    const slope = ([x, y]) => [
      terms.reduce((sum, [c, i, j]) => sum + c * i * x ** Math.max(i - 1, 0) * y ** j, 0),
      terms.reduce((sum, [c, i, j]) => sum + c * j * x ** i * y ** Math.max(j - 1, 0), 0),
    ];
    const away = ([x, y]) => Math.max(Math.abs(x), Math.abs(y)) > far;
    const place = ([x, y]) => `${((x + reach[0]) * scale).toFixed(1)} ${((reach[1] - y) * scale).toFixed(1)}`;

    const walk = (rate, steps, from) => {
      const points = [from];
      for (let step = 0; step < steps && !away(points.at(-1)); step++) {
        const g = slope(points.at(-1));
        points.push(points.at(-1).map((value, axis) => value - rate * g[axis]));
      }
      return points;
    };

    const outcome = (points) => {
      const end = points.at(-1);
      if (away(end)) return "diverges";
      const heights = `f = ${fixed(f(points[0]), 2)} becomes ${fixed(f(end), 2)}`;
      if (Math.hypot(...slope(end)) > level) return `${heights}, still on its way`;
      const far_off = ([x, y]) => Math.hypot(end[0] - x, end[1] - y);
      return `${heights}, at rest ${stops.reduce((one, other) => (far_off(other) < far_off(one) ? other : one))[2]}`;
    };

    const show = () => {
      const rate = rates[input("rate").valueAsNumber];
      const steps = input("steps").valueAsNumber;
      const from = [input("x0").valueAsNumber, input("x1").valueAsNumber];
      const points = walk(rate, steps, from);
      figure.querySelector(".refmath-path").setAttribute("d", `M${points.map(place).join("L")}`);
      figure.querySelector(".refmath-points").setAttribute("d", points.map((each) => `M${place(each)}h0`).join(""));
      const [across, down] = place(from).split(" ");
      start.setAttribute("cx", across);
      start.setAttribute("cy", down);
      input("rate").setAttribute("aria-valuetext", `η = ${rate}`);
      const words = `${steps} steps from (${fixed(from[0], 1)}, ${fixed(from[1], 1)}) with η = ${rate}: ${outcome(points)}`;
      figure.querySelector("output").textContent = words;
    };

    const drag = (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      input("x0").value = at.x / scale - reach[0];
      input("x1").value = reach[1] - at.y / scale;
      show();
    };

    start.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      start.setPointerCapture(event.pointerId);
    });
    start.addEventListener("pointermove", (event) => start.hasPointerCapture(event.pointerId) && drag(event));
    svg.addEventListener("click", drag);
    figure.addEventListener("input", show);
    figure.querySelectorAll(".refmath-knob [hidden]").forEach((each) => (each.hidden = false));
    figure.classList.add("refmath-live");
  };

  const begin = () => document.querySelectorAll(".refmath-descent").forEach(wire);

  // Material changes pages without loading them anew, and tells by document$ when it has.
  if (typeof document$ !== "undefined") document$.subscribe(begin);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
