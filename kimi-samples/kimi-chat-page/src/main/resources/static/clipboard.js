import { words } from "./words.js";

const LABEL_MILLIS = 2000;

/** Copies a text and says on the button, and through `say`, whether that worked. */
export async function copy(text, button, say) {
  const copied = await toClipboard(text);
  button.dataset.copyLabel ??= button.textContent;
  button.textContent = copied ? words.copied : words.notCopied;
  say(copied ? words.copied : words.copyForbidden);
  setTimeout(() => { button.textContent = button.dataset.copyLabel; }, LABEL_MILLIS);
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
