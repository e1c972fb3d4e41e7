"use strict";
// Moves through the steps of each story. Without this script every moment is on the page, one below the other.
for (const story of document.querySelectorAll(".story")) {
  const moments = [...story.querySelectorAll(".moment")];
  const marks = [...story.querySelectorAll(".step[data-step], .column[data-step]")];
  const player = story.querySelector(".player");
  const output = player.querySelector("output");
  const buttons = Object.fromEntries([...player.querySelectorAll("button")].map((button) => [button.dataset.go, button]));
  const last = moments.length - 1;
  const drawn = story.querySelector(".drawn");
  let at = last;

  const show = (step, speak) => {
    at = Math.max(0, Math.min(last, step));
    moments.forEach((moment, index) => { moment.hidden = index !== at; });
    for (const mark of marks) {
      const current = Number(mark.dataset.step) === at;
      mark.classList.toggle("current", current);
      if (mark.matches(".step")) {
        if (current) mark.setAttribute("aria-current", "step"); else mark.removeAttribute("aria-current");
      }
    }
    buttons.first.disabled = buttons.back.disabled = at === 0;
    buttons.last.disabled = buttons.on.disabled = at === last;
    if (speak) {
      output.textContent = moments[at].querySelector("h5").textContent;
      const column = story.querySelector(`.column[data-step="${at}"] rect`);
      const left = column.x.baseVal.value;
      if (left < drawn.scrollLeft + 150 || left + column.width.baseVal.value > drawn.scrollLeft + drawn.clientWidth) {
        drawn.scrollLeft = left - drawn.clientWidth / 2;
      }
    }
  };
  const go = (where) => {
    const focused = document.activeElement;
    show({ first: 0, back: at - 1, on: at + 1, last }[where], true);
    // A button that has just been disabled would drop the focus and with it the keys.
    if (player.contains(focused) && focused.disabled) (at === 0 ? buttons.on : buttons.back).focus();
  };

  for (const [where, button] of Object.entries(buttons)) {
    button.addEventListener("click", () => {
      button.focus();
      go(where);
    });
  }
  const keys = { ArrowLeft: "back", ArrowUp: "back", ArrowRight: "on", ArrowDown: "on", Home: "first", End: "last" };
  player.addEventListener("keydown", (event) => {
    const where = keys[event.key];
    if (where && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      go(where);
    }
  });
  for (const mark of marks) {
    mark.addEventListener("click", () => {
      if (String(window.getSelection()) === "") show(Number(mark.dataset.step), true);
    });
  }
  addEventListener("beforeprint", () => show(last, false));
  player.hidden = last < 1;
  show(last, false);
}
