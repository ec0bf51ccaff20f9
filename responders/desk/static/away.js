// Shows that the page is not live, and holds back a decision that would be lost on its way.
"use strict";
(() => {
  const GRACE_MS = 3000;
  const ASK_MS = 5000;
  const WHY = { "Waiting for the database": "the database does not answer", Reconnecting: "the desk does not answer" };
  const byId = (id) => document.getElementById(id);
  let timer = null;
  let why = "";
  let sure = null;

  const reveal = () => {
    timer = null;
    byId("away-why").textContent = why;
    if (!byId("away").hidden) return;
    byId("away-since").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    byId("away").hidden = false;
  };
  const hide = () => {
    clearTimeout(timer);
    timer = null;
    byId("away").hidden = byId("away-refused").hidden = true;
  };

  // A stream is reopened now and then; only a longer interruption is worth a banner.
  document.addEventListener("desk:state", ({ detail: { live, words } }) => {
    if (live) { hide(); return; }
    why = WHY[words];
    if (words !== "Reconnecting" || !byId("away").hidden) reveal();
    else if (timer === null) timer = setTimeout(reveal, GRACE_MS);
  });

  const refuse = () => { byId("away-refused").hidden = false; byId("away").scrollIntoView({ block: "nearest" }); };
  const ask = (form, button) => {
    const request = new XMLHttpRequest();
    request.open("GET", `${document.documentElement.dataset.root}/tickets?view=done&fragment=1`);
    request.timeout = ASK_MS;
    request.onloadend = () => {
      if (request.status !== 200) { refuse(); return; }
      sure = form;
      form.requestSubmit(button);
    };
    request.send();
  };

  // A form that is sent while nobody answers leaves the page, and the typed text is lost.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asked = sure === form;
    sure = null;
    if (asked || byId("away").hidden || form.getAttribute("method") !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter);
  }, true);
})();
