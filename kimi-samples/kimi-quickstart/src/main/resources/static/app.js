import { answer, ChatFailure } from "./chat.js";
import { AnswerView, question } from "./turn.js";
import { failureWords } from "./words.js";

const byId = (id) => document.getElementById(id);
const [scroller, turns, welcome, form, prompt, send, stop, latest, newChat, status] =
    ["scroller", "turns", "welcome", "composer", "prompt", "send", "stop", "latest", "new-chat", "status"].map(byId);

const AT_BOTTOM = 40;
let messages = [];
let shown = null;
let running = null;
let pinned = true;

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

/** On a touch screen taking the focus would open the keyboard over the answer. */
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
  messages.push({ role: "user", content: text });
  welcome.hidden = true;
  newChat.hidden = false;
  turns.append(question(text));
  pinned = true;
  run();
}

async function run() {
  const controller = new AbortController();
  shown?.retire();
  const view = new AnswerView({ copy, retry });
  shown = view;
  turns.append(view.element);
  setRunning(controller);
  follow();
  say("Waiting for the model.");
  const usage = {};
  try {
    for await (const event of answer(messages, controller.signal)) {
      take(view, event, usage);
    }
  } catch (failure) {
    end(view, failure, controller.signal, usage);
  }
  if (shown === view) {
    keep(view);
    setRunning(null);
    follow();
  }
}

function take(view, { type, data }, usage) {
  switch (type) {
    case "reasoning":
      if (view.reasoning === "") {
        say("The model is thinking.");
      }
      view.addReasoning(data.text ?? "");
      follow();
      break;
    case "text":
      if (view.text === "") {
        say("The answer is arriving.");
      }
      view.addText(data.text ?? "", follow);
      break;
    case "usage":
      Object.assign(usage, data);
      break;
    case "done":
      view.finish(usage, data);
      say("The answer is complete.");
      break;
    default:
  }
}

function end(view, failure, signal, usage) {
  if (signal.aborted) {
    view.stopped(usage);
    say(shown === view ? "Stopped." : "New chat.");
    return;
  }
  const known = failure instanceof ChatFailure ? failure : new ChatFailure("other");
  view.failed(known);
  const { title, advice } = failureWords(known.kind);
  say(`${title}. ${advice}`);
  if (known !== failure) {
    throw failure;
  }
}

/** An answer without text is not sent back: services refuse empty assistant turns. */
function keep(view) {
  if (view.text.trim() !== "") {
    const { text, reasoning } = view;
    messages.push({ role: "assistant", content: text, ...(reasoning !== "" && { reasoning }) });
  }
}

function retry() {
  if (running !== null) {
    return;
  }
  if (messages.at(-1)?.role === "assistant") {
    messages.pop();
  }
  shown.element.remove();
  pinned = true;
  run();
  focusPrompt();
}

function startAnew() {
  const controller = running;
  shown = null;
  messages = [];
  setRunning(null);
  controller?.abort();
  turns.replaceChildren();
  welcome.hidden = false;
  newChat.hidden = true;
  latest.hidden = true;
  scroller.scrollTop = 0;
  say("New chat.");
  focusPrompt();
}

async function copy(text, button) {
  const label = button.textContent;
  const copied = await toClipboard(text);
  button.textContent = copied ? "Copied" : "Not copied";
  say(copied ? "Copied." : "The browser did not allow copying.");
  setTimeout(() => { button.textContent = label; }, 2000);
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Over plain HTTP from another machine there is no clipboard object.
    const carrier = document.createElement("textarea");
    carrier.value = text;
    carrier.className = "unseen";
    document.body.append(carrier);
    carrier.select();
    const copied = document.execCommand("copy");
    carrier.remove();
    return copied;
  }
}

async function showEndpoint() {
  try {
    const { model, endpoint, simulated } = await (await fetch("api/info")).json();
    const [name, place] = [document.createElement("span"), document.createElement("b")];
    name.textContent = model;
    place.textContent = simulated ? "simulator" : host(endpoint);
    byId("endpoint").replaceChildren(name, " ", place);
    byId("endpoint").title = simulated ? "Answers are made up on this machine; nothing is sent elsewhere." : endpoint;
  } catch {
    byId("endpoint").textContent = "model unknown";
  }
}

function host(endpoint) {
  try {
    return new URL(endpoint).host;
  } catch {
    return endpoint;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = prompt.value.trim();
  if (text === "") {
    return;
  }
  if (running !== null) {
    say("Wait for the answer, or stop it first.");
    return;
  }
  prompt.value = "";
  growPrompt();
  ask(text);
});

prompt.addEventListener("input", growPrompt);
prompt.addEventListener("keydown", (event) => {
  // Enter that confirms an input method's suggestion must not send; older WebKit tells only by key code 229.
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
newChat.addEventListener("click", startAnew);
welcome.addEventListener("click", (event) => {
  const example = event.target.closest(".example");
  if (example !== null && running === null) {
    ask(example.textContent.trim());
    focusPrompt();
  }
});
turns.addEventListener("click", (event) => {
  const button = event.target.closest(".copy-code");
  if (button !== null) {
    copy(button.parentElement.querySelector("code").textContent, button);
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

growPrompt();
showEndpoint();
