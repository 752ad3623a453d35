// The desks' script. Everything works without it but plots, security keys and single-key shortcuts.
import htmx from "htmx.org/dist/htmx.esm.js";
import { announceSwaps } from "./scripts/swaps.js";
import { keepDrafts } from "./scripts/drafts.js";
import { listenToKeys } from "./scripts/keys.js";
import { enliven } from "./scripts/page.js";

// htmx compiles hx-on and js: values; the CSP would stop that, this stops it sooner and says so.
const refuse = () => {
  throw new Error("no attribute is compiled to code on this site");
};
htmx.registerExtension("no-eval", { init: (api) => api.initSecurity(null, refuse, refuse) });

document.addEventListener("htmx:config:request", ({ detail }) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  if (token) detail.ctx.request.headers["X-CSRFToken"] = token;
});

announceSwaps(enliven);
keepDrafts();
listenToKeys();
enliven(document);
// What went wrong is read first; the gallery, which shows errors as examples, says data-no-focus.
const summary = document.querySelector("[data-error-summary]");
if (summary && !summary.closest("[data-no-focus]")) summary.focus();
