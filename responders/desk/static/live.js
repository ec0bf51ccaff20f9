// Keeps the lists on the page current. The server renders; this script fetches and swaps.
// A region with typed text is not swapped until the person leaves it.
"use strict";
(() => {
  const QUIET_MS = 1000;
  const AGES_MS = 60000;
  const wanted = new Set();
  let timer = null;
  let lastRun = 0;

  const typed = (field) => {
    if (field.type === "hidden" || field.readOnly) return false;
    if (field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") return field.selectedIndex > 0;
    return field.value !== field.defaultValue;
  };

  const inUse = (region) => {
    const active = document.activeElement;
    if (region.contains(active) && active.matches("input, textarea, select")) return true;
    return [...region.querySelectorAll("input, textarea, select")].some(typed);
  };

  const byKey = (root, key) => [...root.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key);
  const keys = (root, selector) => new Set([...root.querySelectorAll(selector)].map((el) => el.dataset.key));

  const swap = (region, fresh) => {
    const focused = region.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const opened = keys(region, "details[open][data-key]");
    const before = keys(region, "[data-item]");
    const hadFragment = region.querySelector("[data-fragment]");
    hadFragment.replaceWith(document.importNode(fresh, true));
    for (const key of opened) byKey(region, key)?.setAttribute("open", "");
    let arrived = 0;
    for (const item of region.querySelectorAll("[data-item]")) {
      if (before.has(item.dataset.key)) continue;
      item.classList.add("fresh");
      arrived += 1;
    }
    if (focused) byKey(region, focused)?.focus({ preventScroll: true });
    if (arrived) say(arrived === 1 ? "1 new item" : `${arrived} new items`);
    document.dispatchEvent(new CustomEvent("desk:swapped", { detail: region }));
  };

  const refresh = (region) => new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open("GET", region.dataset.live);
    request.responseType = "document";
    request.timeout = 10000;
    request.onloadend = () => {
      const fresh = request.status === 200 && request.response && request.response.querySelector("[data-fragment]");
      if (fresh && !inUse(region)) swap(region, fresh);
      else wanted.add(region);
      if (request.status === 503) show("away", "Waiting for the database");
      if (request.status === 0) show("away", "Reconnecting");
      if (request.status === 200 && !toldAway && source.readyState === EventSource.OPEN) show("live", "Live");
      done();
    };
    request.send();
  });

  const run = async () => {
    timer = null;
    if (document.hidden) return;
    lastRun = Date.now();
    const now = [...wanted].filter((region) => !inUse(region));
    for (const region of now) wanted.delete(region);
    await Promise.all(now.map(refresh));
    if (now.length && wanted.size) plan(5000);
  };

  const plan = (atLeastMs = 60) => {
    if (timer !== null) return;
    timer = setTimeout(run, Math.max(atLeastMs, lastRun + QUIET_MS - Date.now()));
  };

  const want = (kind) => {
    for (const region of document.querySelectorAll("[data-live]")) {
      if (!kind || region.dataset.liveOn.split(" ").includes(kind)) wanted.add(region);
    }
    if (wanted.size) plan();
  };

  const say = (words) => { document.getElementById("said").textContent = words; };
  const show = (state, words) => {
    document.getElementById("link-state").dataset.state = state;
    document.getElementById("link-word").textContent = words;
    document.dispatchEvent(new CustomEvent("desk:state", { detail: { live: state === "live", words } }));
  };

  const source = new EventSource(`${document.documentElement.dataset.root}/events`);
  let greeted = false;
  let toldAway = false;
  const live = () => { toldAway = false; show("live", "Live"); };
  source.addEventListener("hello", () => {
    live();
    if (greeted) want(null);
    greeted = true;
  });
  for (const kind of ["draft", "alert", "incident", "sentiment", "anomaly"]) {
    source.addEventListener(kind, () => { live(); want(kind); });
  }
  source.addEventListener("resync", () => { live(); want(null); });
  source.addEventListener("away", () => { toldAway = true; show("away", "Waiting for the database"); });
  source.addEventListener("error", () => show("away", "Reconnecting"));
  addEventListener("pagehide", () => source.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  document.addEventListener("visibilitychange", () => { if (!document.hidden && wanted.size) plan(); });
  document.addEventListener("focusout", () => { if (wanted.size) plan(300); });
  setInterval(() => want(null), AGES_MS);
})();
