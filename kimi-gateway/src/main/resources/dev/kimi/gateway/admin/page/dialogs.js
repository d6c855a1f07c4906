import { byId } from "./dom.js";

/**
 * Shows a dialog until what its form is for has succeeded or somebody cancels.
 *
 * @param read gives what to run with, from the form; throws what is wrong with it
 * @returns what came of it, or null when cancelled
 */
function converse(dialog, read, run) {
  const form = dialog.querySelector("form");
  const problem = dialog.querySelector(".problem");
  const submit = form.querySelector("[type=submit]");
  problem.hidden = true;
  submit.disabled = false;
  return new Promise((resolve) => {
    let result = null;
    form.onsubmit = async (event) => {
      event.preventDefault();
      problem.hidden = true;
      submit.disabled = true;
      try {
        result = await run(read(form)) ?? true;
        dialog.close();
      } catch (failure) {
        problem.textContent = failure.message;
        problem.hidden = false;
      }
      submit.disabled = false;
    };
    form.querySelector(".cancel").onclick = () => dialog.close();
    dialog.onclose = () => resolve(result);
    dialog.showModal();
  });
}

const COUNTS = ["requestsPerMinute", "tokensPerMinute", "concurrency", "sessionConcurrency"];
const MONEY = ["budgetPerDay", "budgetPerMonth"];

function number(field, pattern, form) {
  const text = field.value.replaceAll(/[\s,_$]/g, "");
  const wrong = text !== "" && !pattern.test(text);
  field.setAttribute("aria-invalid", wrong);
  if (wrong) {
    field.focus();
    throw new Error(`${field.labels[0].firstChild.data.trim()}: ${field.value} is no number that fits.`);
  }
  return text === "" ? null : Number(text);
}

function terms(form) {
  const fields = form.elements;
  if (fields.namedItem("name").value.trim() === "") {
    fields.namedItem("name").focus();
    throw new Error("A key needs a name, by which people recognise it.");
  }
  const read = {
    name: fields.namedItem("name").value.trim(),
    models: fields.models.value.split(",").map((model) => model.trim()).filter((model) => model !== ""),
    enabled: fields.enabled.checked,
    // The day that is named is the last one.
    limits: {},
    expires: fields.expires.value === "" ? null : `${fields.expires.value}T23:59:59Z`,
  };
  COUNTS.forEach((name) => (read.limits[name] = number(fields[name], /^\d{1,12}$/)));
  MONEY.forEach((name) => (read.limits[name] = number(fields[name], /^\d{0,12}(\.\d{1,6})?$/)));
  return read;
}

/** Of a count 0 is no limit; a budget of 0 is one. */
const filled = (limit, isMoney) => (limit === null || limit === 0 && !isMoney ? "" : limit);

/** @param key what is changed, or null for a new one */
export function editKey(key, run) {
  const dialog = byId("key-dialog");
  const form = byId("key-form");
  form.reset();
  form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid"));
  byId("key-dialog-title").textContent = key === null ? "Issue a key" : `Edit ${key.name}`;
  form.querySelector("[type=submit]").textContent = key === null ? "Issue" : "Save";
  byId("enabled-field").hidden = key === null;
  if (key !== null) {
    const fields = form.elements;
    fields.namedItem("name").value = key.name;
    fields.models.value = key.models.join(", ");
    fields.enabled.checked = key.state !== "off";
    fields.expires.value = key.expires?.slice(0, 10) ?? "";
    [...COUNTS, ...MONEY].forEach((name) => (fields[name].value = filled(key.limits[name], MONEY.includes(name))));
  }
  return converse(dialog, terms, run);
}

/** Asks before something is done that cannot be undone. */
export function askSure({ title, words, yes, danger = false, overlap = false, run }) {
  const form = byId("sure-form");
  form.reset();
  byId("sure-title").textContent = title;
  byId("sure-words").textContent = words;
  byId("overlap-field").hidden = !overlap;
  const submit = form.querySelector("[type=submit]");
  submit.textContent = yes;
  submit.classList.toggle("danger", danger);
  return converse(byId("sure-dialog"), () => Number(form.elements.overlap.value), run);
}

/** Shows the characters of a key until somebody says that they have them. */
export function showSecret(name, secret) {
  const dialog = byId("secret-dialog");
  const field = byId("secret");
  byId("secret-name").textContent = name;
  field.value = secret;
  byId("copy").textContent = "Copy";
  byId("copy").onclick = async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(secret);
      byId("copy").textContent = "Copied";
    } catch {
      // Without HTTPS there is no clipboard: the text is selected.
      byId("copy").textContent = "Press Ctrl+C";
    }
  };
  // Escape would lose what cannot be shown again.
  dialog.oncancel = (event) => event.preventDefault();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      field.value = "";
      resolve();
    };
    dialog.showModal();
    field.select();
  });
}
