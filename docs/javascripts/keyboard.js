// What the theme leaves out for readers without a mouse or a screen: a name for the search dialog, and boxes that scroll by keyboard.
// Without this script the site only lacks these two.
(() => {
  const WIDE = ".md-content :is(.display, .words, table, p, li)";

  const reach = (wide) => {
    const box = wide.closest(".md-typeset__scrollwrap") ?? wide; // the theme puts each table into one
    const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === "auto";
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };

  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");

  const observer = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)));
  document.querySelectorAll(WIDE).forEach((wide) => observer.observe(wide));
})();
