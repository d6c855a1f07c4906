import { respond, ChatFailure } from "./chat.js";
import { copy } from "./clipboard.js";
import { Conversation } from "./conversation.js";
import { button, make } from "./dom.js";
import { showEndpoint } from "./endpoint.js";
import { ResponseView, question } from "./turn.js";
import { failureWords, translate, words } from "./words.js";

const byId = (id) => document.getElementById(id);
const [scroller, turns, welcome, form, prompt, send, stop, latest, clear, status] =
    ["scroller", "turns", "welcome", "composer", "prompt", "send", "stop", "latest", "clear", "status"].map(byId);

const AT_BOTTOM = 40;
const SAVE_MILLIS = 1000;
const conversation = Conversation.load();
const actions = { copy: (text, by) => copy(text, by, say), retry, stop: () => running?.abort(), say, follow };
let shown = null;
let running = null;
let pinned = true;
let saveTimer = 0;
let kept = true;

function say(words) {
  status.textContent = words;
}

function follow() {
  if (pinned && shown !== null) {
    scroller.scrollTop = scroller.scrollHeight;
  }
}

function growPrompt() {
  prompt.style.height = "auto";
  prompt.style.height = `${prompt.scrollHeight}px`;
  send.disabled = prompt.value.trim() === "";
}

/** On a touch screen taking the focus would open the keyboard over the response. */
function focusPrompt() {
  if (matchMedia("(pointer: fine)").matches) {
    prompt.focus();
  }
}

function setRunning(controller) {
  running = controller;
  stop.hidden = controller === null;
  send.hidden = controller !== null;
}

function ask(text) {
  conversation.turns.push({ role: "user", text });
  showConversation();
  turns.append(question(text));
  pinned = true;
  run();
}

function showConversation() {
  const empty = conversation.turns.length === 0;
  welcome.hidden = !empty;
  clear.hidden = empty;
}

function newView() {
  shown?.retire();
  shown = new ResponseView(actions);
  turns.append(shown.element);
  return shown;
}

async function run() {
  const controller = new AbortController();
  const messages = conversation.messages;
  const turn = { role: "assistant", text: "", reasoning: "", state: "running", usage: {} };
  conversation.turns.push(turn);
  const view = newView();
  setRunning(controller);
  keep();
  follow();
  say(words.sayWaiting);
  try {
    for await (const event of respond(messages, controller.signal)) {
      take(view, event, turn);
      keepSoon();
    }
  } catch (failure) {
    end(view, failure, controller.signal, turn);
  }
  if (shown === view) {
    remember(view, turn);
    keep();
    setRunning(null);
    follow();
  }
}

function take(view, { type, data }, turn) {
  switch (type) {
    case "reasoning":
      if (view.reasoning === "") {
        say(words.sayThinking);
      }
      view.addReasoning(data.text ?? "");
      follow();
      break;
    case "text":
      if (view.text === "") {
        say(words.sayArriving);
      }
      view.addText(data.text ?? "", follow);
      break;
    case "usage":
      Object.assign(turn.usage, data);
      break;
    case "done":
      turn.done = data;
      finish(view, turn, "finished");
      say(words.sayComplete);
      break;
    default:
  }
}

function end(view, failure, signal, turn) {
  if (signal.aborted) {
    finish(view, turn, "stopped");
    say(shown === view ? words.sayStopped : words.sayCleared);
    return;
  }
  turn.failure = failure instanceof ChatFailure ? failure.facts : { kind: "other" };
  finish(view, turn, "failed");
  const { title, advice } = failureWords(turn.failure.kind);
  say(`${title}. ${advice}`);
  if (!(failure instanceof ChatFailure)) {
    throw failure;
  }
}

function finish(view, turn, state) {
  turn.state = state;
  switch (state) {
    case "finished":
      view.finish(turn.usage, turn.done);
      break;
    case "stopped":
      view.stopped(turn.usage);
      break;
    default:
      view.failed(turn.failure);
  }
}

function remember({ text, reasoning, thoughtSeconds }, turn) {
  Object.assign(turn, { text, reasoning, thoughtSeconds });
}

function keep() {
  clearTimeout(saveTimer);
  saveTimer = 0;
  const turn = conversation.turns.at(-1);
  if (turn?.role === "assistant") {
    remember(shown, turn);
  }
  const saved = conversation.turns.length === 0 || conversation.save();
  if (!saved && kept) {
    say(words.sayNotKept);
  }
  kept = saved;
}

/** Writing all of a long chat with each token would cost more than showing it. */
function keepSoon() {
  saveTimer ||= setTimeout(keep, SAVE_MILLIS);
}

function restore() {
  for (const turn of conversation.turns) {
    if (turn.role === "user") {
      turns.append(question(turn.text));
    } else {
      const view = newView();
      view.restore(turn);
      finish(view, turn, turn.state);
    }
  }
  showConversation();
  follow();
}

function retry() {
  if (running !== null) {
    return;
  }
  conversation.turns.pop();
  shown.element.remove();
  pinned = true;
  run();
  focusPrompt();
}

function startAnew() {
  const controller = running;
  shown?.retire();
  shown = null;
  conversation.clear();
  clearTimeout(saveTimer);
  saveTimer = 0;
  setRunning(null);
  controller?.abort();
  turns.replaceChildren();
  showConversation();
  latest.hidden = true;
  scroller.scrollTop = 0;
  say(words.sayCleared);
  focusPrompt();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = prompt.value.trim();
  if (text === "") {
    return;
  }
  if (running !== null) {
    say(words.sayBusy);
    return;
  }
  prompt.value = "";
  growPrompt();
  ask(text);
});

prompt.addEventListener("input", growPrompt);
prompt.addEventListener("keydown", (event) => {
  // Enter that confirms an input method's suggestion must not send; older WebKit reports only key code 229.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) {
    running?.abort();
  }
});

stop.addEventListener("click", () => {
  running?.abort();
  focusPrompt();
});
clear.addEventListener("click", startAnew);
welcome.addEventListener("click", (event) => {
  const example = event.target.closest(".example");
  if (example !== null && running === null) {
    ask(example.textContent.trim());
    focusPrompt();
  }
});
turns.addEventListener("click", (event) => {
  const by = event.target.closest(".copy-code");
  if (by !== null) {
    copy(by.parentElement.querySelector("code").textContent, by, say);
  }
});
scroller.addEventListener("scroll", () => {
  pinned = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_BOTTOM;
  latest.hidden = pinned || shown === null;
}, { passive: true });
latest.addEventListener("click", () => {
  pinned = true;
  follow();
  focusPrompt();
});
new ResizeObserver(follow).observe(scroller);
addEventListener("pagehide", keep);

translate(document);
byId("examples").replaceChildren(...words.examples.map((text) => make("li", "", button(text, "example", () => {}))));
restore();
growPrompt();
showEndpoint(byId("endpoint"));
