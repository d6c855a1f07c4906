import { blocks, elements, hasReferences } from "./markdown.js";

const LISTS = new Set(["bullet_list_open", "ordered_list_open"]);

/**
 * Shows Markdown while it arrives. Finished blocks are never touched again, and of an unfinished list or code block
 * only what is new, so that a long response costs no more per frame than a short one and text the reader has selected
 * stays selected.
 */
export class StreamText {
  #root;
  #source = "";
  #settled = 0;
  /** What is drawn of the blocks that more text may change. */
  #unsettled = [];

  constructor(root) {
    this.#root = root;
  }

  get source() {
    return this.#source;
  }

  /** Takes more text; nothing is drawn before `draw`. */
  append(text) {
    this.#source += text.replace(/\r\n?/g, "\n");
  }

  /** Draws what has arrived. With `open` the last block is taken to be unfinished. */
  draw(open) {
    if (!open && this.#settled > 0 && hasReferences(this.#source)) {
      this.#settled = 0;
      this.#unsettled = [];
      this.#root.replaceChildren();
    }
    const tail = this.#source.slice(this.#settled);
    const found = blocks(tail, open);
    const drawn = this.#unsettled.splice(0);
    found.forEach((block, i) => {
      const last = open && i === found.length - 1;
      this.#unsettled.push(this.#show(last ? completed(block) : block, drawn[i], last));
    });
    drawn.slice(found.length).forEach((gone) => gone.nodes.forEach((node) => node.remove()));
    this.#settle(tail, found);
  }

  #show(block, before, open) {
    const key = `${open} ${block.type} ${block.source}`;
    if (before?.key === key) {
      return before;
    }
    const grown = before?.type === block.type && grow(before, block, open);
    if (grown) {
      return Object.assign(before, grown, { key });
    }
    const made = make(block, open);
    before?.nodes[0]?.before(...made.nodes);
    before?.nodes.forEach((node) => node.remove());
    if (!made.nodes[0]?.parentNode?.isConnected) {
      this.#root.append(...made.nodes);
    }
    return { ...made, key, type: block.type };
  }

  /** A half line may still become anything: only a block that begins with a whole line ends those before it. */
  #settle(tail, found) {
    const whole = tail.lastIndexOf("\n") + 1;
    const last = found.findLastIndex((block) => block.start < whole);
    if (last > 0) {
      this.#settled += found[last].start;
      this.#unsettled.splice(0, last);
    }
  }
}

/** Bold and code that have begun show at once instead of as marks. */
function completed(block) {
  if (/^(?:fence|math|table)/.test(block.type) || /^ *(?:```|~~~|\$\$|\\\[)/m.test(block.source)) {
    return block;
  }
  const source = block.source.trimEnd();
  const line = source.slice(source.lastIndexOf("\n") + 1);
  const marks = line.replace(/`[^`]*`/g, "");
  const closing = marks.includes("`") ? "`" : marks.split("**").length % 2 === 0 ? "**" : "";
  if (closing === "" || /[\s*`]$/.test(line)) {
    return block;
  }
  const [again, ...more] = blocks(source + closing, true);
  return again?.type === block.type && more.length === 0 ? { ...again, source: block.source } : block;
}

function make(block, open) {
  if (LISTS.has(block.type)) {
    const shell = elements([block.tokens[0], block.tokens.at(-1)], block.env, true).firstElementChild;
    return { nodes: [shell], ...growList({ nodes: [shell], items: [] }, block, open) };
  }
  return { nodes: [...elements(block.tokens, block.env, !open).childNodes] };
}

/** Lets a block that only got longer keep its elements, or says that it cannot. */
function grow(before, block, open) {
  if (block.type === "fence" && open) {
    return growCode(before, block);
  }
  const sameList = LISTS.has(block.type) && before.head === listHead(block) && before.items.length <= items(block).length;
  return sameList ? growList(before, block, open) : null;
}

function growCode({ nodes: [figure] }, { tokens: [{ content, info }] }) {
  const code = figure.querySelector("code");
  const shown = code.firstChild;
  const sameLanguage = code.className === (info.trim() === "" ? "" : `language-${info.trim().split(/\s+/)[0]}`);
  if (!sameLanguage || code.childElementCount > 0 || shown === null || !content.startsWith(shown.data)) {
    return null;
  }
  shown.appendData(content.slice(shown.length));
  return {};
}

function growList(before, block, open) {
  const [list] = before.nodes;
  const found = items(block);
  const lines = block.source.split("\n");
  const drawn = found.map((tokens, i) => {
    const unfinished = open && i === found.length - 1;
    const key = `${unfinished} ${lines.slice(...tokens[0].map.map((line) => line - block.lines[0])).join("\n")}`;
    if (before.items[i]?.key === key) {
      return before.items[i];
    }
    const element = elements(tokens, block.env, !unfinished).firstElementChild;
    if (before.items[i] === undefined) {
      list.append(element);
    } else {
      before.items[i].element.replaceWith(element);
    }
    return { key, element };
  });
  return { items: drawn, head: listHead(block) };
}

/** Of a list: its first number, and whether its items are paragraphs, which an empty line further down can change. */
function listHead({ tokens }) {
  const loose = tokens.some((token) => token.level === 2 && token.type === "paragraph_open" && !token.hidden);
  return `${tokens[0].attrGet("start")} ${loose}`;
}

function items({ tokens }) {
  const found = [];
  for (const token of tokens.slice(1, -1)) {
    if (token.level === 1 && token.type === "list_item_open") {
      found.push([]);
    }
    found.at(-1).push(token);
  }
  return found;
}
