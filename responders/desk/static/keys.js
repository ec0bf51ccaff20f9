// The keyboard, the draft's editor and the help. Every action is also a plain form or link.
"use strict";
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const form = find("#send");
  const reply = find("#reply");
  let leaving = false;

  const edited = () => Boolean(reply) && reply.value.trim() !== form.dataset.drafted.replace(/\r\n?/g, "\n").trim();

  const label = () => {
    const button = find("[data-as-is]");
    if (form.dataset.drafted) find("[data-send-label]").textContent = edited() ? button.dataset.edited : button.dataset.asIs;
    const revert = find("#revert");
    if (revert) revert.hidden = !edited();
  };

  const edit = () => {
    if (!form) return;
    form.classList.add("editing");
    reply.focus();
  };

  const stopEditing = () => {
    reply.blur();
    if (!edited() && !form.classList.contains("always")) form.classList.remove("editing");
    find("#main").focus({ preventScroll: true });
  };

  const copy = async () => {
    if (!reply) return;
    await navigator.clipboard.writeText(reply.value);
    find("#said").textContent = "Copied";
    const button = find("#copy");
    button.firstChild.textContent = "Copied ";
    setTimeout(() => { button.firstChild.textContent = "Copy "; }, 1500);
  };

  const send = () => { if (form) form.requestSubmit(find("[data-as-is]")); };

  const dismiss = () => {
    const details = find("#dismiss");
    if (!details) return;
    details.open = true;
    find("input[type=radio]", details).focus();
    details.scrollIntoView({ block: "nearest" });
  };

  if (form) {
    reply.addEventListener("input", label);
    form.addEventListener("reset", () => setTimeout(() => { label(); form.classList.remove("editing"); }));
    find("#edit")?.addEventListener("click", edit);
    find("#copy").addEventListener("click", copy);
    find("#reading")?.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !String(getSelection())) edit();
    });
    addEventListener("beforeunload", (event) => { if (!leaving && edited()) event.preventDefault(); });
    if (edited()) form.classList.add("editing");
    label();
  }
  document.addEventListener("submit", () => { leaving = true; });

  // The state above the page follows the ticket; the page hides a draft that cannot be sent any more.
  const follow = (fragment) => {
    const standing = find("[data-standing]", fragment).cloneNode(true);
    find("#standing").replaceChildren(...standing.childNodes);
    document.body.classList.toggle("past", !fragment.dataset.sendable);
  };

  // A ticket that was opened before its draft loads the draft, unless a person has typed; a newer draft is announced.
  document.addEventListener("desk:swapped", (event) => {
    const region = event.detail;
    if (region.id !== "status") return;
    const fragment = find("[data-fragment]", region);
    follow(fragment);
    if (!region.dataset.seen && fragment.dataset.liveDraft && !edited()) location.reload();
  });

  const items = () => [...document.querySelectorAll("[data-item]")];
  const current = () => document.activeElement?.closest("[data-item]");
  const step = (by) => {
    const all = items();
    if (!all.length) return;
    const at = all.indexOf(current());
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    all[next].focus();
    all[next].scrollIntoView({ block: "nearest" });
  };

  const press = (selector) => {
    const card = current() || find("[data-alert]");
    find(selector, card || document)?.click();
  };
  const resolve = () => {
    const card = current() || find("[data-alert]");
    const details = card && find("[data-resolve]", card);
    if (!details) return;
    details.open = true;
    find("select", details).focus();
  };
  const open = () => { const card = current(); if (card && card.tagName !== "A") find("h2 a", card)?.click(); };
  const help = () => find("#help").showModal();
  find("#show-help").addEventListener("click", help);

  let went = 0;
  const root = document.documentElement.dataset.root;
  const goTo = { t: `${root}/tickets`, a: `${root}/accounts` };
  const actions = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    Enter: open, e: edit, c: copy, d: dismiss, a: () => press("[data-acknowledge]"), s: () => press("[data-snooze]"),
    r: resolve, z: () => find("[data-undo]")?.click(), u: () => find("[data-back]")?.click(), g: () => { went = Date.now(); }, "?": help,
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); return; }
    if (event.target === reply && event.key === "Escape") { stopEditing(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    if (event.target.matches("input, textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.target.matches("button, summary, a") && event.key === "Enter") return;
    if (event.key.startsWith("Arrow") && !items().length) return;
    if (Date.now() - went < 1200 && goTo[event.key]) { location.assign(goTo[event.key]); return; }
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
})();
