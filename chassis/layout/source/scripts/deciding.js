// Deciding on the lines of one claim. The form works without this; here a key decides a line, the sheet is computed again
// at once by the server, what was typed is kept there as a draft, and steps can be taken back until they are committed.

const KEPT = "cm-keep:lines-";
const WAIT_FOR_TYPING = 500;

export function prepare(form) {
  const { decide: claim, version, draftUrl } = form.dataset;
  const store = KEPT + claim;
  const steps = [];
  const touched = new Set();
  const undo = form.querySelector("[data-undo]");
  // What is said of findings stands outside the form, beside each finding, and belongs to it all the same.
  const decided = () => [...form.elements].filter(({ name }) => /^((reduced|reason|verdict)-|note$)/.test(name));
  const lineOf = (name) => name.match(/^(?:reduced|reason)-(.+)$/)?.[1];
  let shown = snapshot();
  let asking;
  let typing;
  let armed = null;

  document.querySelectorAll("[data-keys-hint]").forEach((hint) => (hint.hidden = false));
  form.querySelectorAll("[data-by-script]").forEach((button) => (button.hidden = true));

  const amountOf = (row) => row.querySelector('[name^="reduced-"]');
  const reasonOf = (row) => row.querySelector('[name^="reason-"]');

  function snapshot() {
    return decided().map((field) => [field.name, field.value]);
  }

  // Only what differs from what the page showed at first, and what was touched: the answer is as small.
  function body() {
    const { csrf_token, window: page, seen_at, note } = form.elements;
    const sent = new URLSearchParams({ csrf_token: csrf_token.value, version, window: page.value, seen_at: seen_at.value, note: note.value });
    decided().forEach(({ name, value }) => name.startsWith("verdict-") && value && sent.append(name, value));
    form.querySelectorAll("tr[data-line]").forEach((row) => {
      const number = row.dataset.line;
      const [amount, reason] = [amountOf(row), reasonOf(row)];
      const [before, was] = [form.elements[`before-${number}`].value, form.elements[`was-${number}`].value];
      const empty = before === "0.00" ? "" : before;
      if (amount.value.trim() === empty && reason.value === was) return;
      [amount, reason, form.elements[`before-${number}`], form.elements[`was-${number}`]].forEach(({ name, value }) => sent.append(name, value));
    });
    sent.append("touched", [...touched].join(","));
    return sent;
  }

  async function ask(url, signal) {
    const answer = await fetch(url, { method: "POST", body: body(), signal, headers: { "X-Asked-By": "script" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) throw new Error("signed-out");
    if (answer.ok || answer.status === 422) return answer.text();
    // A session that ended takes its token with it, and the server says so before it says anything else.
    throw new Error(answer.status === 400 ? "signed-out" : "offline");
  }

  function exchange(text) {
    const answered = new DOMParser().parseFromString(text, "text/html");
    [...answered.querySelectorAll("[id]")].forEach((piece) => document.getElementById(piece.id)?.replaceWith(piece));
    disarm();
  }

  function say(words) {
    const said = document.getElementById("claim-saved");
    if (said) said.textContent = words;
  }

  async function reckon() {
    asking?.abort();
    asking = new AbortController();
    const { signal } = asking;
    sessionStorage.setItem(store, JSON.stringify({ version, fields: snapshot() }));
    say(form.dataset.saidSaving);
    try {
      const [reckoned, kept] = await Promise.all([ask(form.action, signal), ask(draftUrl, signal)]);
      exchange(reckoned);
      exchange(kept);
      sessionStorage.removeItem(store);
      form.querySelector("[data-discard]").hidden = false;
    } catch (failure) {
      if (failure.name === "AbortError") return;
      say(failure.message === "signed-out" ? form.dataset.saidSignedOut : form.dataset.saidOffline);
    }
  }

  function changed() {
    const now = snapshot();
    if (JSON.stringify(now) === JSON.stringify(shown)) return;
    steps.push(shown);
    now.forEach(([name, value], place) => {
      if (value !== shown[place][1] && lineOf(name)) touched.add(lineOf(name));
    });
    shown = now;
    undo.hidden = false;
    return reckon();
  }

  function putBack(fields) {
    fields.forEach(([name, value]) => {
      const field = form.elements[name];
      if (!field || field.value === value) return;
      field.value = value;
      if (lineOf(name)) touched.add(lineOf(name));
    });
    shown = snapshot();
  }

  function takeBack() {
    if (armed) return disarm();
    const before = steps.pop();
    if (!before) return;
    putBack(before);
    undo.hidden = !steps.length;
    reckon();
  }

  function decideLine(row, key) {
    const fields = row.querySelector("details");
    const [amount, reason] = [amountOf(row), reasonOf(row)];
    if (key === "1") {
      [amount.value, reason.value] = ["", ""];
      fields.open = false;
      row.querySelector("summary").focus();
      return changed();
    }
    if (!reason.value) reason.value = reason.dataset.suggested;
    fields.open = true;
    if (key === "3") amount.value = amount.dataset.whole;
    const next = key === "3" || amount.value ? (reason.value && key === "3" ? row.querySelector("summary") : key === "3" ? reason : amount) : amount;
    next.focus();
    if (next === amount) amount.select();
    if (key === "3" && reason.value) fields.open = false;
    if (key === "3") changed();
  }

  // A key shows what it is about to decide; the same key again, or Enter on the button, does it. A click does it at once.
  function arm(button) {
    armed = { button, words: [...button.childNodes] };
    button.replaceChildren(document.createTextNode(button.dataset.armedWords));
    button.classList.add("is-armed");
    button.focus();
    undo.hidden = false;
  }

  function disarm() {
    if (!armed) return;
    if (armed.button.isConnected) {
      armed.button.replaceChildren(...armed.words);
      armed.button.classList.remove("is-armed");
    }
    armed = null;
    undo.hidden = !steps.length;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-armed-words]");
    if (!button || event.isTrusted || armed?.button === button) return;
    event.preventDefault();
    arm(button);
  });
  document.addEventListener("cm:row-key", (event) => {
    const { row, key } = event.detail;
    if (!form.contains(row) || !["1", "2", "3"].includes(key)) return;
    event.preventDefault();
    decideLine(row, key);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && armed) disarm();
  });
  undo.addEventListener("click", takeBack);
  document.addEventListener("change", (event) => event.target.form === form && changed());
  form.addEventListener("input", () => {
    clearTimeout(typing);
    say(form.dataset.saidSaving);
    typing = setTimeout(changed, WAIT_FOR_TYPING);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.target.closest("tr")?.querySelector("summary")?.focus();
    if (event.key !== "Enter" || !event.target.matches("input, select")) return;
    event.preventDefault();
    clearTimeout(typing);
    changed();
    const details = event.target.closest("details");
    if (!details) return;
    if (event.target.name.startsWith("reduced-") && !reasonOf(details).value && event.target.value.trim()) return reasonOf(details).focus();
    details.open = false;
    details.querySelector("summary").focus();
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(store));

  // What a window could not keep at the server, it keeps itself, until it is read again on the same version.
  const left = JSON.parse(sessionStorage.getItem(store) ?? "null");
  if (left?.version === version) {
    const here = snapshot();
    putBack(left.fields);
    if (JSON.stringify(here) !== JSON.stringify(shown)) {
      steps.push(here);
      undo.hidden = false;
      reckon();
    }
  }
}
