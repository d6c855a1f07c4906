import { blocks, element, listItem } from "./markdown.js";

/**
 * Shows Markdown while it arrives. Finished blocks are never touched again, so that a long answer costs no more per
 * frame than a short one and text the reader has selected stays selected.
 */
export class StreamText {
  #root;
  #source = "";
  #settled = 0;
  #unsettled = [];

  constructor(root) {
    this.#root = root;
  }

  get source() {
    return this.#source;
  }

  /** Takes more text; nothing is drawn before `draw`. */
  append(text) {
    this.#source += text;
  }

  /** Draws what has arrived. With `open` the last block is taken to be unfinished. */
  draw(open) {
    const tail = this.#source.slice(this.#settled);
    const found = blocks(tail);
    this.#unsettled.splice(found.length).forEach((gone) => gone.element.remove());
    found.forEach((block, i) => this.#show(block, i, open && i === found.length - 1));
    this.#settle(tail);
  }

  #show(block, i, open) {
    const before = this.#unsettled[i];
    if (before === undefined) {
      const made = element(block, open);
      this.#root.append(made);
      this.#unsettled.push({ block, element: made });
    } else if (!grow(before, block, open)) {
      const made = element(block, open);
      before.element.replaceWith(made);
      before.element = made;
    }
    this.#unsettled[i].block = block;
  }

  /** A half line may still become anything: only whole lines decide that a block has ended. */
  #settle(tail) {
    const last = blocks(tail.slice(0, tail.lastIndexOf("\n") + 1)).at(-1);
    if (last !== undefined) {
      this.#unsettled = this.#unsettled.filter(({ block }) => block.start >= last.start);
      this.#unsettled.forEach(({ block }) => { block.start -= last.start; });
      this.#settled += last.start;
    }
  }
}

/** Lets a block that only got longer keep its element, or says that it cannot. */
function grow(before, block, open) {
  if (before.block.type !== block.type) {
    return false;
  }
  switch (block.type) {
    case "code":
      growCode(before.element, block);
      return true;
    case "list":
      return growList(before, block, open);
    default:
      return false;
  }
}

function growCode(figure, block) {
  const shown = figure.querySelector("code").firstChild;
  figure.querySelector("figcaption").textContent = block.language || "text";
  if (block.text.startsWith(shown.data)) {
    shown.appendData(block.text.slice(shown.length));
  } else {
    shown.data = block.text;
  }
}

function growList({ block: before, element: list }, block, open) {
  if (before.ordered !== block.ordered || before.first !== block.first || before.items.length > block.items.length) {
    return false;
  }
  const last = block.items.length - 1;
  block.items.forEach((item, i) => {
    const shown = list.children[i];
    if (shown === undefined) {
      list.append(listItem(item, open && i === last));
    } else if (i >= before.items.length - 1 || before.items[i] !== item) {
      shown.replaceWith(listItem(item, open && i === last));
    }
  });
  return true;
}
