"use strict";
// Draws the position that the fragment of the address names. Every move is a link, so that the browser's own history,
// bookmarks and new tabs work; the keys follow the same links.
const byId = (id) => document.getElementById(id);
let overview = null;
let found = null;
let shown = null;

/** An element with attributes and children; text is always text, never markup. */
const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
};

const ask = async (path) => {
  const response = await fetch(path);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
};

const values = (list) => list.map((value) => `${value.reading} = ${value.value}`).join(" and ");
/** A line of a runbook; the folder is left out, since the page has a title for it. */
const where = (place) => element("span", { class: "where", title: `${place.file}:${place.line}:${place.column}` },
  `${place.file.split(/[/\\]/).pop()}:${place.line} `, element("code", {}, place.text),
  place.bindings.length ? ` where ${place.bindings.join(", ")}` : "");

const trouble = (message) => {
  byId("trouble").textContent = message;
  byId("trouble").hidden = message === "";
};

/** How one server stands, as a card. */
const card = (server, stands) => {
  const replica = stands.replica
    ? element("span", { class: `disc ${stands.replica.toLowerCase()}`, title: `replica: ${stands.replica}` },
      stands.replica[0], element("span", { class: "unseen" }, `: replica ${stands.replica.toLowerCase()}`))
    : null;
  const power = stands.power === "Up" ? "" : `, ${stands.power.toLowerCase()}`;
  const vote = stands.vote === null ? null : element("span", { class: "detail" }, stands.vote ? "votes" : "does not vote");
  return element("li", { class: `server ${stands.serving ? "serving" : "not-serving"}` },
    element("span", { class: "name" }, element("span", {}, server.name), replica),
    element("span", {}, stands.serving ? "serves users" : "serves nobody"),
    element("span", {}, `${stands.state}${power}`),
    element("span", { class: "detail" }, `services: ${stands.services}`),
    vote);
};

/** The votes of a pool: a square each, with a line where the quorum ends. */
const votes = (of) => {
  const lost = of.up < of.needed;
  const squares = [];
  for (let vote = 0; vote < Math.max(of.all, of.needed); vote += 1) {
    if (vote === of.needed) squares.push(element("span", { class: "needed", "aria-hidden": "true" }));
    squares.push(element("span", { class: `vote${vote < of.up ? " up" : ""}`, "aria-hidden": "true" }));
  }
  const needed = of.needed === 0 ? "none needed while its users are away" : `${of.needed} needed`;
  const words = `${of.up} of ${of.all} votes up, ${needed}${lost ? ": quorum lost" : ""}`;
  return element("div", { class: `votes${lost ? " lost" : ""}` }, ...squares, element("span", { class: "words" }, words));
};

const deployment = (view) => {
  const pools = [...new Set(overview.servers.map((server) => server.pool))];
  return pools.map((name) => {
    const stands = view.moment.pools.find((pool) => pool.name === name);
    const counted = view.votes.find((pool) => pool.pool === name);
    const group = stands && stands["routing-group"];
    const cards = overview.servers.map((server, index) => (
      server.pool === name ? card(server, view.moment.servers[index]) : null));
    return element("div", { class: "pool-drawn" },
      element("h3", {}, stands ? `${name}: ${stands.state}` : name),
      counted ? votes(counted) : null,
      group ? element("p", {}, `Routing group: ${group}.`) : null,
      element("ul", { class: "servers", "aria-label": `Servers of ${name}` }, ...cards));
  });
};

const groups = [["operator", "Operators"], ["system", "Fabric, machines, timers"], ["fault", "Faults"]];

/** The counterexamples that take this link as their next step. */
const follows = (view, link) => (found || [])
  .filter(({ story }) => story && story.links.some((at, index) => at === view.link && story.links[index + 1] === link))
  .map(({ property }) => property);

const possible = (view, step, number) => {
  const telling = follows(view, step.link);
  return element("li", { class: `${step.by}${telling.length ? " telling" : ""}` },
    element("a", { href: `#${step.link}`, "data-number": number },
      element("span", { class: "sentence" }, number < 10 ? element("kbd", {}, String(number)) : "", ` ${step.sentence}`),
      step.assuming.length ? element("span", { class: "assuming" }, `assuming ${values(step.assuming)}`) : null,
      step.changes.length ? null : element("span", { class: "assuming" }, "nothing else changes"),
      step.breaks.length ? element("span", { class: "breaks" }, `breaks ${step.breaks.join(", ")}`) : null,
      telling.length ? element("span", { class: "follows" }, `the counterexample of ${telling.join(", ")} goes on here`) : null,
      step.place ? where(step.place) : null));
};

const steps = (view) => {
  const drawn = [];
  let number = 0;
  for (const [by, title] of groups) {
    const own = view.steps.filter((step) => step.by === by);
    if (own.length === 0) continue;
    const items = own.map((step) => possible(view, step, number += 1));
    drawn.push(element("h3", {}, title), element("ol", { class: "possible" }, ...items));
  }
  return drawn;
};

const taken = (step, number, last) => element("li", { class: `step ${step.by}`, "aria-current": last ? "step" : null },
  element("a", { href: `#${step.link}` }, step.sentence),
  step.assuming.length ? element("p", {}, `Assuming ${values(step.assuming)}.`) : null,
  step.breaks.length ? element("p", { class: "broke" }, `Breaks ${step.breaks.join(", ")}.`) : null,
  step.place ? where(step.place) : null);

const badge = (word, kind) => element("span", { class: `badge ${kind}` }, word);
const kinds = { fine: ["fine", "holds"], broken: ["broken", "fails"], open: ["open", "open"] };

/** What the check says of a property, with the way to its counterexample. */
const verdict = (name) => {
  const of = (found || []).find(({ property }) => property === name);
  if (!of) return [];
  const kind = of.violated ? "fails" : of.outcome === "holds" ? "holds" : "open";
  const parts = [badge(of.outcome, kind), of.detail ? ` ${of.detail} ` : " "];
  if (of.story) {
    const { links } = of.story;
    const length = `${links.length - 1} ${links.length === 2 ? "step" : "steps"}`;
    const loop = of.story["loop-from"] === null ? "" : ", the last of which repeat for ever";
    parts.push(element("a", { href: `#${links[0]}` }, `begin its counterexample of ${length}${loop}`), " or ",
      element("a", { href: `#${links[links.length - 1]}` }, "see its end"));
  }
  return parts;
};

const property = (of) => {
  const [word, kind] = kinds[of.standing];
  return element("tr", {}, element("th", { scope: "row", title: of.meaning }, of.name),
    element("td", {}, badge(word, kind), element("span", { class: "failure" }, of.words)),
    element("td", {}, ...verdict(of.name)));
};

const draw = (view) => {
  shown = view;
  const last = view.way[view.way.length - 1];
  const title = last ? `After step ${view.way.length}: ${last.sentence}` : "The beginning";
  document.title = `${title} - ${overview.title} - poolproof`;
  byId("here-title").textContent = title;
  const before = view.way.length > 1 ? view.way[view.way.length - 2].link : view.beginning;
  for (const [id, link] of [["undo", before], ["restart", view.beginning]]) {
    if (last) byId(id).setAttribute("href", `#${link}`); else byId(id).removeAttribute("href");
    byId(id).toggleAttribute("aria-disabled", !last);
  }
  byId("beginning").value = view.beginning;
  byId("changes").replaceChildren(...(last ? last.changes : []).map((change) => element("li", {}, change)));
  byId("deployment").replaceChildren(...deployment(view));
  byId("operators").replaceChildren(...view.moment.operators.map((place, index) => (
    element("li", {}, element("strong", {}, overview.operators[index]), `: ${place}`))));
  byId("assumed").textContent = view.assumed.length ? `This run assumes ${values(view.assumed)}.` : "";
  byId("notes").textContent = view.notes.join("; ");
  const count = view.steps.length;
  byId("next-title").textContent = count ? `What can happen next: ${count}` : "Nothing more can happen: here the run ends";
  byId("steps").replaceChildren(...steps(view));
  byId("properties").replaceChildren(...view.properties.map(property));
  byId("way").replaceChildren(
    element("li", { class: "step", "aria-current": last ? null : "step" }, element("a", { href: `#${view.beginning}` }, "The beginning")),
    ...view.way.map((step, index) => taken(step, index + 1, index + 1 === view.way.length)));
  byId("walk").hidden = false;
};

/** Goes where the address says. `speak` moves the focus to what has happened, so that it is read and keys go on. */
const go = async (speak) => {
  const wanted = location.hash.slice(1);
  if (shown && wanted === shown.link) return;
  try {
    const view = await ask(`/api/position?at=${encodeURIComponent(wanted)}`);
    if (location.hash.slice(1) !== wanted) return;
    if (wanted !== view.link) history.replaceState(null, "", `#${view.link}`);
    trouble("");
    draw(view);
    if (speak) byId("here-title").focus();
  } catch (error) {
    trouble(`${error.message}. `);
    byId("trouble").append(element("a", { href: "#0" }, "To the beginning"));
  }
};

/** Asks how far the check is until it has ended. */
const follow = async () => {
  const told = await ask("/api/check").catch(() => ({ check: "failed", words: "The server has ended." }));
  if (told.check === "done") {
    found = told.found;
    const stories = found.filter(({ story }) => story).length;
    byId("check").textContent = stories
      ? `The check has ended: ${stories} ${stories === 1 ? "property has" : "properties have"} a counterexample.`
      : "The check has ended without a counterexample.";
    if (shown) {
      const held = document.activeElement.getAttribute("href");
      draw(shown);
      if (held) document.querySelector(`#walk a[href="${CSS.escape(held)}"]`)?.focus();
    }
  } else {
    byId("check").textContent = told.words;
    if (told.check === "running") setTimeout(follow, 500);
  }
};

byId("walk").addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("select")) return;
  const link = event.key === "u" ? byId("undo") : document.querySelector(`#steps a[data-number="${CSS.escape(event.key)}"]`);
  if ((event.key === "u" || /^[1-9]$/.test(event.key)) && link && link.hasAttribute("href")) {
    event.preventDefault();
    location.hash = link.getAttribute("href");
  }
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("next-title").focus();
});
byId("beginning").addEventListener("change", (event) => { location.hash = `#${event.target.value}`; });
addEventListener("hashchange", () => go(document.activeElement !== byId("beginning")));

const start = async () => {
  try {
    overview = await ask("/api/overview");
  } catch (error) {
    trouble(error.message);
    return;
  }
  byId("title").textContent = overview.title;
  byId("file").textContent = overview.file;
  byId("beginning").replaceChildren(
    ...overview.beginnings.map(({ link, words }) => element("option", { value: link }, words)));
  await go(false);
  await follow();
};
start();
