export const byId = (id) => document.getElementById(id);

/** An element; properties of it, or attributes when the name has a dash. */
export function make(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (value === null || value === undefined) {
      continue;
    }
    if (property.includes("-")) {
      made.setAttribute(property, value);
    } else {
      made[property] = value;
    }
  }
  made.append(...children);
  return made;
}

/**
 * Makes the children of a list those of the items, keeping elements by key, so that focus and selection survive an
 * update. Each element is updated when what it shows has changed.
 */
export function reconcile(parent, items, keyOf, render) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    const shown = JSON.stringify(item);
    let element = known.get(key);
    known.delete(key);
    if (element === undefined || element.shown !== shown) {
      const fresh = render(item);
      fresh.dataset.key = key;
      fresh.shown = shown;
      if (element === undefined) {
        parent.insertBefore(fresh, place);
        continue;
      }
      element = replace(element, fresh, () => (place = place === element ? fresh : place));
    }
    if (element === place) {
      place = element.nextElementSibling;
    } else {
      parent.insertBefore(element, place);
    }
  }
  for (const gone of known.values()) {
    gone.remove();
  }
}

/** The control that had the focus has it again, where the new element has one of the same name. */
function replace(old, fresh, moved) {
  const focused = old.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;
  moved();
  old.replaceWith(fresh);
  if (focused !== undefined) {
    fresh.querySelector(`[data-action="${focused}"]`)?.focus();
  }
  return fresh;
}

let toastTimer = 0;

export function toast(words) {
  const shown = byId("toast");
  shown.textContent = words;
  shown.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (shown.hidden = true), 6000);
}
