// Filters, search and keys. Without this script the page shows everything.
(() => {
  "use strict";
  const form = document.getElementById("filters");
  const nothing = document.getElementById("nothing");
  const sections = [...document.querySelectorAll(".area")].map((element) => ({
    element,
    name: element.dataset.area,
    agreeing: element.querySelector(".agreeing"),
    cases: [...element.querySelectorAll(".case")].map((row) => ({
      row,
      severity: row.dataset.severity,
      attribution: row.dataset.attribution,
      // Read when it is first searched: thousands of texts take a while.
      text: null,
    })),
  }));
  const textOf = (item) => (item.text ??= item.row.textContent.toLowerCase());
  const apply = () => {
    const wanted = new FormData(form);
    const words = wanted.get("words").toLowerCase().split(/\s+/).filter(Boolean);
    const severities = new Set(wanted.getAll("severity"));
    const different = wanted.get("different") !== null;
    let shown = 0;
    let all = 0;
    for (const section of sections) {
      const here = !wanted.get("area") || wanted.get("area") === section.name;
      let visible = 0;
      let agreeing = 0;
      for (const item of section.cases) {
        const differs = item.severity !== "";
        const fits =
          here &&
          (differs ? severities.has(item.severity) : !different) &&
          (!wanted.get("attribution") || wanted.get("attribution") === item.attribution) &&
          words.every((word) => textOf(item).includes(word));
        item.row.hidden = !fits;
        visible += fits;
        agreeing += fits && !differs;
      }
      section.element.hidden = visible === 0;
      if (section.agreeing) {
        section.agreeing.hidden = agreeing === 0;
        if (words.length && agreeing) section.agreeing.open = true;
      }
      shown += visible;
      all += section.cases.length;
    }
    form.elements.count.value = `${shown} of ${all} cases`;
    nothing.hidden = shown > 0;
  };
  // What a link leads to may be inside of something closed, or filtered away.
  const reveal = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) {
      at.hidden = at === form ? at.hidden : false;
      if (at.tagName === "DETAILS") at.open = true;
    }
    target.scrollIntoView();
  };
  // From row to row by keys, as in every list: what is hidden or folded away is passed over.
  const rows = () => [...document.querySelectorAll(".case > summary")].filter((row) => row.checkVisibility());
  const steps = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  const keys = (event) => {
    const at = document.activeElement;
    const here = at.matches(".case > summary");
    const above = at === form.elements.words && event.key === "ArrowDown";
    if (event.ctrlKey || event.altKey || event.metaKey || (at.matches("input, select, button") && !above)) return;
    if (event.key === "/") {
      form.elements.words.focus();
      form.elements.words.select();
    } else if (here && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      at.parentElement.open = event.key === "ArrowRight";
    } else if (event.key in steps && (here || above)) {
      const all = rows();
      if (all.length === 0) return;
      const place = Math.max(0, Math.min(all.length - 1, (here ? all.indexOf(at) : -1) + steps[event.key]));
      all[place].focus();
    } else return;
    event.preventDefault();
  };
  // How much of the top the filters take: the names of the columns stay below them.
  new ResizeObserver(() => {
    const stays = getComputedStyle(form).position === "sticky" ? form.offsetHeight : 0;
    document.documentElement.style.setProperty("--filters", `${stays}px`);
  }).observe(form);
  let timer;
  form.addEventListener("input", (event) => {
    clearTimeout(timer);
    // Only what is typed comes in many small changes.
    if (event.target.name === "words") timer = setTimeout(apply, 120);
    else apply();
  });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("keydown", keys);
  addEventListener("hashchange", reveal);
  form.hidden = false;
  apply();
  reveal();
})();
