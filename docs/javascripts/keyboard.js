// What the theme leaves out for readers without a mouse or a screen: names for the search dialog
// and the menu of versions, and boxes that scroll by keyboard.
// Without this script the site only lacks these.
(() => {
  const WIDE = ".md-content :is(.display, .words, table, p, li)";

  const reach = (wide) => {
    const box = wide.closest(".md-typeset__scrollwrap") ?? wide; // the theme puts each table into one
    const scrolls = box.scrollWidth > box.clientWidth && getComputedStyle(box).overflowX === "auto";
    if (scrolls) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  };

  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");

  // The menu comes when the list of versions has been read; its name has to hold what is written on it.
  const menu = new MutationObserver(() => {
    const current = document.querySelector(".md-version__current");
    if (!current) return;
    current.setAttribute("aria-label", `Version ${current.textContent.trim()}: select another`);
    menu.disconnect();
  });
  menu.observe(document.querySelector(".md-header"), { childList: true, subtree: true });

  const observer = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target)));
  document.querySelectorAll(WIDE).forEach((wide) => observer.observe(wide));
})();
