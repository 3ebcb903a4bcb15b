/* Figures with a knob: every position was drawn when the site was built; the knob chooses which is seen. */
(() => {
  const show = (figure, input) => {
    figure.querySelectorAll(".refmath-frame").forEach((frame, place) => {
      frame.hidden = place !== input.valueAsNumber;
      if (frame.hidden) return;
      input.setAttribute("aria-valuetext", frame.dataset.value);
      figure.querySelector("output").textContent = `${frame.dataset.value}: ${frame.dataset.says}`;
    });
  };

  const wire = (figure) => {
    const input = figure.querySelector("input");
    if (!input.hidden) return; // it has been done
    input.addEventListener("input", () => show(figure, input));
    figure.querySelectorAll(".refmath-knob [hidden]").forEach((each) => (each.hidden = false));
  };

  const start = () => document.querySelectorAll(".refmath-frames").forEach(wire);

  // Material changes pages without loading them anew, and tells by document$ when it has.
  if (typeof document$ !== "undefined") document$.subscribe(start);
  else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
