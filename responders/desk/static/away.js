// Says that the page is not live, and keeps a decision here that would be lost on its way.
"use strict";
(() => {
  const GRACE_MS = 3000;
  const ASK_MS = 5000;
  const WHY = { "Waiting for the database": "the database does not answer", Reconnecting: "the desk does not answer" };
  const one = (id) => document.getElementById(id);
  let timer = null;
  let why = "";
  let sure = null;

  const reveal = () => {
    timer = null;
    one("away-why").textContent = why;
    if (!one("away").hidden) return;
    one("away-since").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    one("away").hidden = false;
  };
  const hide = () => {
    clearTimeout(timer);
    timer = null;
    one("away").hidden = one("away-refused").hidden = true;
  };

  // A stream is reopened every now and then; only what lasts is worth a banner.
  document.addEventListener("desk:state", ({ detail: { live, words } }) => {
    if (live) { hide(); return; }
    why = WHY[words];
    if (words !== "Reconnecting" || !one("away").hidden) reveal();
    else if (timer === null) timer = setTimeout(reveal, GRACE_MS);
  });

  const refuse = () => { one("away-refused").hidden = false; one("away").scrollIntoView({ block: "nearest" }); };
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

  // Sent while nobody answers, a form leaves the page, and what was typed into it is gone.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const asked = sure === form;
    sure = null;
    if (asked || one("away").hidden || form.getAttribute("method") !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(form, event.submitter);
  }, true);
})();
