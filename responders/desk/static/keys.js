// The keyboard, the draft's editor and the help. Every action is also a plain form or link.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const form = one("#send");
  const reply = one("#reply");
  let leaving = false;

  const edited = () => Boolean(reply) && reply.value.trim() !== form.dataset.drafted.replace(/\r\n?/g, "\n").trim();

  const label = () => {
    const button = one("[data-as-is]");
    if (form.dataset.drafted) one("[data-send-label]").textContent = edited() ? button.dataset.edited : button.dataset.asIs;
    const revert = one("#revert");
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
    one("#main").focus({ preventScroll: true });
  };

  const copy = async () => {
    if (!reply) return;
    await navigator.clipboard.writeText(reply.value);
    one("#said").textContent = "Copied";
    const button = one("#copy");
    button.firstChild.textContent = "Copied ";
    setTimeout(() => { button.firstChild.textContent = "Copy "; }, 1500);
  };

  const send = () => { if (form) form.requestSubmit(one("[data-as-is]")); };

  const dismiss = () => {
    const details = one("#dismiss");
    if (!details) return;
    details.open = true;
    one("input[type=radio]", details).focus();
    details.scrollIntoView({ block: "nearest" });
  };

  if (form) {
    reply.addEventListener("input", label);
    form.addEventListener("reset", () => setTimeout(() => { label(); form.classList.remove("editing"); }));
    one("#edit")?.addEventListener("click", edit);
    one("#copy").addEventListener("click", copy);
    one("#reading")?.addEventListener("click", (event) => {
      if (!event.target.closest("a") && !String(getSelection())) edit();
    });
    addEventListener("beforeunload", (event) => { if (!leaving && edited()) event.preventDefault(); });
    if (edited()) form.classList.add("editing");
    label();
  }
  document.addEventListener("submit", () => { leaving = true; });

  // What stands above the page follows the ticket; what cannot be sent any more is not offered.
  const follow = (fragment) => {
    const standing = one("[data-standing]", fragment).cloneNode(true);
    one("#standing").replaceChildren(...standing.childNodes);
    document.body.classList.toggle("past", !fragment.dataset.sendable);
  };

  // A ticket opened before its draft was ready loads it, unless something is typed; an open draft is only announced.
  document.addEventListener("desk:swapped", (event) => {
    const region = event.detail;
    if (region.id !== "status") return;
    const fragment = one("[data-fragment]", region);
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
    const card = current() || one("[data-alert]");
    one(selector, card || document)?.click();
  };
  const resolve = () => {
    const card = current() || one("[data-alert]");
    const details = card && one("[data-resolve]", card);
    if (!details) return;
    details.open = true;
    one("select", details).focus();
  };
  const open = () => { const card = current(); if (card && card.tagName !== "A") one("h2 a", card)?.click(); };
  const help = () => one("#help").showModal();
  one("#show-help").addEventListener("click", help);

  let went = 0;
  const root = document.documentElement.dataset.root;
  const goTo = { t: `${root}/tickets`, a: `${root}/accounts` };
  const actions = {
    j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
    Enter: open, e: edit, c: copy, d: dismiss, a: () => press("[data-acknowledge]"), s: () => press("[data-snooze]"),
    r: resolve, z: () => one("[data-undo]")?.click(), u: () => one("[data-back]")?.click(), g: () => { went = Date.now(); }, "?": help,
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); return; }
    if (event.target === reply && event.key === "Escape") { stopEditing(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
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
