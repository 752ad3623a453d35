// After htmx has exchanged a part of the page, focus goes to its new heading and a status line names it. Parts marked
// data-quiet (a progress bar that asks every two seconds) leave the reader alone.

export function announceSwaps(enliven) {
  document.addEventListener("htmx:after:swap", ({ detail }) => {
    const target = arrived(detail.ctx);
    if (!target) return;
    enliven(target.parentElement ?? target);
    if (target.closest("[data-quiet]")) return;
    const summary = target.querySelector("[data-error-summary]");
    const heading = summary ?? target.querySelector("[data-focus], h1, h2, h3");
    if (!heading) return;
    if (!heading.hasAttribute("tabindex")) heading.tabIndex = -1;
    heading.focus();
    const said = document.getElementById("cm-said");
    if (said) said.textContent = heading.textContent;
  });
}

// A target swapped as a whole is no longer in the page; its successor bears the same id.
function arrived({ target, sourceElement }) {
  const element = typeof target === "string" ? document.querySelector(target) : target;
  if (element?.isConnected) return element;
  return (element?.id && document.getElementById(element.id)) || (sourceElement?.isConnected ? sourceElement : null);
}
