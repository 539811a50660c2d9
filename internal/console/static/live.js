// Shows the page anew every few seconds, without losing the place or what is typed.
"use strict";
const main = document.querySelector("main[data-live]");
const pause = Number(main.dataset.live) * 1000;
async function refresh() {
  const busy = document.hidden || main.contains(document.activeElement) && document.activeElement.matches("input, textarea")
    || main.querySelector("details[open]");
  if (!busy) {
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = page.querySelector("main");
      if (answer.ok && next) {
        main.replaceChildren(...next.childNodes);
        if (!next.dataset.live) return;
      }
    } catch { /* the next time */ }
  }
  setTimeout(refresh, pause);
}
setTimeout(refresh, pause);
