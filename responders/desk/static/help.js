// Inserts a passage or the question into the reply, and searches without leaving the page.
// Without this script the same buttons and the same form load the page again.
"use strict";
(() => {
  const find = (selector, root = document) => root.querySelector(selector);
  const form = find("#send");
  const reply = find("#reply");
  const region = find("#help-passages");
  let at = null;

  if (reply) reply.addEventListener("blur", () => { at = reply.selectionEnd; });

  const insert = (button) => {
    const before = reply.value.slice(0, at ?? reply.value.length).trimEnd();
    const after = reply.value.slice(at ?? reply.value.length).trimStart();
    const start = before ? `${before}\n\n${button.dataset.insert}` : button.dataset.insert;
    form.classList.add("editing");
    reply.value = after ? `${start}\n\n${after}` : start;
    reply.focus();
    reply.setSelectionRange(start.length, start.length);
    reply.dispatchEvent(new Event("input", { bubbles: true }));
    find("#said").textContent = `Inserted: ${button.dataset.insertTitle}`;
  };

  const search = (query) => {
    const request = new XMLHttpRequest();
    const place = find("[data-search]", region).action;
    request.open("GET", `${place}?fragment=help&q=${encodeURIComponent(query)}`);
    request.responseType = "document";
    request.timeout = 10000;
    request.onloadend = () => {
      const fresh = request.status === 200 && request.response && find("[data-fragment]", request.response);
      if (!fresh) { find("#said").textContent = "The search did not answer. Try again."; return; }
      find("[data-fragment]", region).replaceWith(document.importNode(fresh, true));
      find("#q", region).focus();
      const found = region.querySelectorAll(".source").length;
      find("#said").textContent = found === 1 ? "1 passage" : `${found} passages`;
    };
    request.send();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button || !reply) return;
    event.preventDefault();
    insert(button);
  });

  region?.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-search]")) return;
    event.preventDefault();
    event.stopPropagation();
    search(find("#q", region).value.trim());
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    if (event.target.matches("input, textarea, select")) return;
    const key = event.key.length === 1 && /[1-9qi]/.test(event.key) ? event.key : "";
    const button = key && reply ? find(`[data-insert-key="${key}"]`) : null;
    const field = event.key === "/" ? find("#q") : null;
    if (!button && !field) return;
    event.preventDefault();
    if (button) insert(button);
    else field.focus();
  });
})();
