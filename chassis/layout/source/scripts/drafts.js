// A field with data-keep="NAME" keeps its text in this tab until the page after a successful act says data-keep-done="NAME"
// or the visitor signs out. Nothing is put back over a text the server sent.

const PREFIX = "cm-keep:";

export function keepDrafts() {
  document.querySelectorAll("[data-keep-done]").forEach(({ dataset }) => sessionStorage.removeItem(PREFIX + dataset.keepDone));
  document.querySelectorAll("[data-keep]").forEach((field) => {
    const kept = sessionStorage.getItem(PREFIX + field.dataset.keep);
    if (!kept || field.value.trim()) return;
    field.value = kept;
    document.querySelectorAll(`[data-kept="${CSS.escape(field.id)}"]`).forEach((note) => (note.hidden = false));
  });
  document.addEventListener("input", ({ target }) => {
    const name = target.dataset?.keep;
    if (!name) return;
    if (target.value) sessionStorage.setItem(PREFIX + name, target.value);
    else sessionStorage.removeItem(PREFIX + name);
  });
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches("[data-forget-kept]")) return;
    Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => sessionStorage.removeItem(key));
  });
}
