// Single keys: / find, ? the list, j k rows, and any button or link with data-key. They rest while someone types, while a
// dialog is open, with a modifier held, and where the visitor switched them off (data-keys="off" from the account, or the
// switch in the list for this machine). Nothing inside an approval is ever pressed by a key.

const SETTING = "cm-single-keys";
const TYPING = "input, select, textarea, [contenteditable]";

function areOff() {
  return document.documentElement.dataset.keys === "off";
}

function press(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(
    (element) => !element.disabled && !element.closest("[data-approval], [data-no-keys]") && element.checkVisibility(),
  );
  found?.click();
  return Boolean(found);
}

function mark(row) {
  row.closest("table").querySelectorAll("tr[aria-current]").forEach((other) => other.removeAttribute("aria-current"));
  row.setAttribute("aria-current", "true");
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-rows] tr[data-row]")];
  if (!rows.length) return false;
  const here = document.activeElement?.closest?.("tr[data-row]") ?? document.querySelector("tr[data-row][aria-current]");
  const row = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(here) + by))] ?? rows[0];
  mark(row);
  // What acts comes before a field: a field would take the next key for itself.
  const inside = row.querySelector("summary, a, button") ?? row.querySelector("input:not([type=hidden]), select");
  if (inside) inside.focus();
  else {
    row.tabIndex = -1;
    row.focus();
  }
  return true;
}

// A figure speaks to the row that is marked; whoever knows what it means there takes the event.
function tellRow(key) {
  const row = document.activeElement?.closest?.("tr[data-row]") ?? document.querySelector("tr[data-row][aria-current]");
  if (!row) return false;
  return !document.dispatchEvent(new CustomEvent("cm:row-key", { cancelable: true, detail: { row, key } }));
}

function openList() {
  const dialog = document.getElementById("cm-keys");
  if (!dialog || dialog.open) return false;
  // The browser gives the focus back to where it was when the dialog closes.
  dialog.showModal();
  dialog.querySelector("h2")?.focus();
  return true;
}

export function listenToKeys() {
  if (localStorage.getItem(SETTING) === "off") document.documentElement.dataset.keys = "off";
  document.querySelectorAll("[data-keys-open]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", openList);
  });
  document.querySelectorAll("[data-keys-switch]").forEach((box) => {
    box.checked = !areOff();
    box.addEventListener("change", () => {
      localStorage.setItem(SETTING, box.checked ? "on" : "off");
      document.documentElement.dataset.keys = box.checked ? "on" : "off";
    });
  });
  document.addEventListener("click", ({ target }) => {
    const row = target.closest?.("[data-rows] tr[data-row]");
    if (row) mark(row);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || areOff()) return;
    if (event.target.closest?.(TYPING) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    let done = false;
    if (key === "/") {
      const find = document.querySelector("[data-find]");
      find?.focus();
      done = Boolean(find);
    } else if (key === "?") done = openList();
    else if (key === "j") done = step(1);
    else if (key === "k") done = step(-1);
    else if (key >= "0" && key <= "9" && tellRow(key)) done = true;
    else if (key.length === 1) done = press(key);
    if (done) event.preventDefault();
  });
}
