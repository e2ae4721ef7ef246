// Makes a page that works without scripts work better: live progress, filters, copying.
"use strict";

const GRAVITY = ["minor", "major", "critical"];

function watch(status) {
  const source = new EventSource(status.dataset.events);
  let busy = false;
  const show = (event) => {
    const job = JSON.parse(event.data);
    const bar = status.querySelector("progress");
    bar.value = job.done;
    if (job.state === "running") {
      status.querySelector(".told").textContent = status.dataset.judging
        .replace("{done}", job.done).replace("{total}", job.total);
    }
    return job;
  };
  source.addEventListener("progress", async (event) => {
    const job = show(event);
    // Bring in what is judged, but not under the eyes of somebody who has begun to read.
    if (busy || job.done === 0 || window.scrollY > 200) return;
    busy = true;
    await renew(false);
    busy = false;
  });
  source.addEventListener("done", async (event) => {
    source.close();
    show(event);
    await renew(true);
  });
  document.addEventListener("submit", () => source.close());
}

async function renew(finished) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return location.reload();
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const old = document.querySelector(".status");
  for (const part of ["header.mast", "main"]) {
    const now = document.querySelector(part), next = fresh.querySelector(part);
    if (!now || !next) return location.reload();
    if (part === "main" && !finished) next.querySelector(".status").replaceWith(old);
    now.replaceWith(next);
  }
  document.title = fresh.title;
  enhance();
}

function choose(form) {
  const chosen = Object.fromEntries(new FormData(form));
  const cards = [...document.querySelectorAll("article.card")];
  const fits = (card) =>
    (!chosen.verdict || card.dataset.verdict === chosen.verdict) &&
    (!chosen.type || card.dataset.type.split(" ").includes(chosen.type)) &&
    (!chosen.severity || gravest(card) >= GRAVITY.indexOf(chosen.severity));
  const order = {
    "": (a, b) => a.dataset.number - b.dataset.number,
    risk: (a, b) => b.dataset.score - a.dataset.score || a.dataset.number - b.dataset.number,
    severity: (a, b) => gravest(b) - gravest(a) || b.dataset.score - a.dataset.score,
  }[chosen.sort];
  cards.sort(order);
  let anchor = form;
  for (const card of cards) {
    card.hidden = !fits(card);
    anchor.after(card);
    anchor = card;
  }
  const shown = cards.filter((card) => !card.hidden).length;
  const count = form.querySelector(".count");
  count.textContent = count.dataset.told.replace("{shown}", shown).replace("{total}", cards.length);
  const query = new URLSearchParams(chosen);
  for (const [name, value] of [...query]) if (!value) query.delete(name);
  history.replaceState(null, "", `${location.pathname}?${query}${location.hash}`);
}

function gravest(card) {
  return Math.max(-1, ...card.dataset.severity.split(" ").map((name) => GRAVITY.indexOf(name)));
}

async function copy(button) {
  const text = button.closest("figure").querySelector("p.copy");
  try {
    await navigator.clipboard.writeText(text.textContent.trim());
  } catch {
    getSelection().selectAllChildren(text);
    document.execCommand("copy");
  }
  const was = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = was; }, 2000);
}

function enhance() {
  for (const button of document.querySelectorAll(".copier button")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  }
  const form = document.querySelector('.choice[data-whole="yes"]');
  if (form) {  // all cards are here, so choosing among them needs no new page
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => choose(form));
    form.addEventListener("submit", (event) => { event.preventDefault(); choose(form); });
  }
}

enhance();
const status = document.querySelector('.status[data-open="yes"]');
if (status) watch(status);
