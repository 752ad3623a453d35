// Small conveniences of a page, set up once at its start and again in whatever htmx brings in.

const sizes = new ResizeObserver((entries) => entries.forEach(({ target }) => reachable(target)));

// A region that does not scroll is no stop for the Tab key.
function reachable(region) {
  const scrolls = region.scrollWidth > region.clientWidth + 1 || region.scrollHeight > region.clientHeight + 1;
  if (scrolls) region.tabIndex = 0;
  else region.removeAttribute("tabindex");
}

// On a narrow screen a drawing opens where the marked thing is, not at its empty beginning.
function showMarked(drawing) {
  const mark = drawing.querySelector("rect.cm-mark-this");
  if (!mark) return;
  const beyond = mark.getBoundingClientRect().right - drawing.getBoundingClientRect().right;
  if (beyond > 0) drawing.scrollLeft = beyond + 48;
}

function offerCopy(button) {
  if (!navigator.clipboard) return;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
    setTimeout(() => (button.textContent = label), 2000);
  });
}

// Good news may leave by itself, unless someone is reading it with mouse or keyboard. Errors never do.
function letPass(note) {
  const leave = () => {
    if (note.matches(":hover, :focus-within")) setTimeout(leave, 4000);
    else note.remove();
  };
  setTimeout(leave, 12000);
}

export function enliven(root) {
  root.querySelectorAll(".cm-scroll").forEach((region) => sizes.observe(region));
  root.querySelectorAll(".cm-drawing").forEach(showMarked);
  root.querySelectorAll("[data-copy]").forEach(offerCopy);
  root.querySelectorAll("[data-passing]:not([role=alert])").forEach(letPass);
  root.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
  const plots = root.querySelectorAll(".cm-plot[data-table]");
  if (plots.length) import("./plots.js").then(({ draw }) => plots.forEach(draw));
  const desks = root.querySelectorAll("form[data-decide]");
  if (desks.length) import("./deciding.js").then(({ prepare }) => desks.forEach(prepare));
  const ceremonies = root.querySelectorAll("[data-webauthn]");
  if (ceremonies.length) import("./webauthn.js").then(({ prepare }) => ceremonies.forEach(prepare));
}
