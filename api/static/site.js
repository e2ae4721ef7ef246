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

async function copy(button, text, shown) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {  // not allowed, or no secure address: mark it and try the old way
    if (!shown) return;
    getSelection().selectAllChildren(shown);
    document.execCommand("copy");
  }
  const was = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = was; }, 2000);
}

function enhance() {
  for (const button of document.querySelectorAll(".copier button")) {
    const shown = button.closest("figure").querySelector("p.copy");
    button.hidden = false;
    button.addEventListener("click", () => copy(button, shown.textContent.trim(), shown));
  }
  const address = document.querySelector(".address button");
  if (address && navigator.clipboard) {
    address.hidden = false;
    address.addEventListener("click", () => copy(address, location.origin + location.pathname));
  }
  const form = document.querySelector('.choice[data-whole="yes"]');
  if (form) {  // all cards are here, so choosing among them needs no new page
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => choose(form));
    form.addEventListener("submit", (event) => { event.preventDefault(); choose(form); });
  }
}

// The form keeps what was typed when the language is switched, counts, and is sent once.
function assist(form) {
  const fields = [form.post, form.retweets], kept = "drift-typed";
  document.querySelector("a.other").addEventListener("click", () => {
    sessionStorage.setItem(kept, JSON.stringify(fields.map((field) => field.value)));
  });
  const typed = sessionStorage.getItem(kept);
  sessionStorage.removeItem(kept);
  if (typed) {
    JSON.parse(typed).forEach((text, at) => { fields[at].value = text; });
  }
  const count = form.querySelector(".count");
  const tell = () => {
    const lines = form.retweets.value.split("\n").filter((line) => line.trim()).length;
    const told = lines === 1 ? count.dataset.one : count.dataset.told.replace("{count}", lines);
    count.textContent = lines ? told : "";
  };
  tell();
  form.retweets.addEventListener("input", tell);
  const button = form.querySelector("button.main"), words = button.textContent;
  form.addEventListener("submit", (event) => {
    if (button.hasAttribute("aria-disabled")) return event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.sent;
  });
  addEventListener("pageshow", () => { button.removeAttribute("aria-disabled"); button.textContent = words; });
}

enhance();
const asked = document.querySelector("form.ask");
if (asked) assist(asked);
const status = document.querySelector('.status[data-open="yes"]');
if (status) watch(status);
