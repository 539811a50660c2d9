// Shows the page anew every few seconds, without losing the place or what is typed.
"use strict";
const main = document.querySelector("main[data-live]");
const pause = Number(main.dataset.live) * 1000;
const inUse = () => document.hidden || main.querySelector(":active, input:focus, textarea:focus, details[open]") !== null;
async function refresh() {
  if (!inUse()) {
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("main");
      if (answer.ok && next && !inUse()) { // it may be by now
        main.replaceChildren(...next.childNodes);
        if (!next.dataset.live) return;
      }
    } catch { /* the next time */ }
  }
  setTimeout(refresh, pause);
}
setTimeout(refresh, pause);
