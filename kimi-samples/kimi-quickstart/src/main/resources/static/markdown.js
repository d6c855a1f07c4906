import { inline } from "./inline.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(?:\s+(.*)|\s*)$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const TABLE_RULE = /^ {0,3}\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const MAX_NESTING = 6;

/**
 * Cuts Markdown into its top blocks. Each says where it begins in the source, so that a stream can keep the DOM of
 * all blocks but the last, which is the only one that more text can change.
 */
export function blocks(source) {
  const found = [];
  const lines = source.split("\n");
  let at = 0;
  let i = 0;
  while (i < lines.length) {
    const start = at;
    const block = readBlock(lines, i);
    for (; i < block.next; i++) {
      at += lines[i].length + 1;
    }
    if (block.type !== "blank") {
      found.push({ ...block, start });
    }
  }
  return found;
}

function readBlock(lines, i) {
  const line = lines[i];
  if (line.trim() === "") {
    return { type: "blank", next: i + 1 };
  }
  const fence = FENCE.exec(line);
  if (fence) {
    return readFence(lines, i, fence);
  }
  const heading = HEADING.exec(line);
  if (heading) {
    return { type: "heading", level: heading[1].length, text: heading[2], next: i + 1 };
  }
  if (RULE.test(line)) {
    return { type: "rule", next: i + 1 };
  }
  if (QUOTE.test(line)) {
    return readQuote(lines, i);
  }
  if (ITEM.test(line)) {
    return readList(lines, i);
  }
  if (startsTable(lines, i)) {
    return readTable(lines, i);
  }
  return readParagraph(lines, i);
}

function readFence(lines, i, [, mark, info]) {
  const indent = /^ */.exec(lines[i])[0].length;
  const closing = new RegExp(`^ {0,3}\\${mark[0]}{${mark.length},}\\s*$`);
  const code = [];
  let next = i + 1;
  while (next < lines.length && !closing.test(lines[next])) {
    code.push(lines[next].replace(new RegExp(`^ {0,${indent}}`), ""));
    next++;
  }
  return { type: "code", language: info.trim().split(/\s+/)[0], text: code.join("\n"), next: Math.min(next + 1, lines.length) };
}

function readQuote(lines, i) {
  const inner = [];
  let next = i;
  for (let quote; next < lines.length && (quote = QUOTE.exec(lines[next])); next++) {
    inner.push(quote[1]);
  }
  return { type: "quote", text: inner.join("\n"), next };
}

function readList(lines, i) {
  const [, indent, mark] = ITEM.exec(lines[i]);
  const ordered = /\d/.test(mark);
  const items = [];
  let next = i;
  while (next < lines.length) {
    const item = ITEM.exec(lines[next]);
    if (!item || RULE.test(lines[next]) || depth(item[1]) > depth(indent) + 1 || /\d/.test(item[2]) !== ordered) {
      break;
    }
    const content = depth(item[1]) + item[2].length + 1;
    const body = [item[3] ?? ""];
    next = readItem(lines, next + 1, depth(item[1]), content, body);
    items.push(body.join("\n"));
  }
  return { type: "list", ordered, first: ordered ? parseInt(mark, 10) : 1, items, next: Math.max(next, i + 1) };
}

/** Collects what belongs to an item: indented lines, lazy continuations, and blank lines in between. */
function readItem(lines, from, outer, content, body) {
  let next = from;
  while (next < lines.length) {
    const line = lines[next];
    const indented = depth(/^\s*/.exec(line)[0]) > outer + 1;
    const blank = line.trim() === "";
    if (blank && !continues(lines, next, outer)) {
      break;
    }
    if (!blank && !indented && (lines[next - 1].trim() === "" || interrupts(line))) {
      break;
    }
    body.push(indented ? outdent(line, content) : line);
    next++;
  }
  while (next < lines.length && lines[next].trim() === "" && nextFilled(lines, next, ITEM, outer)) {
    next++;
  }
  return next;
}

function continues(lines, from, outer) {
  const filled = lines.slice(from).find((line) => line.trim() !== "");
  return filled !== undefined && depth(/^\s*/.exec(filled)[0]) > outer + 1;
}

function nextFilled(lines, from, pattern, outer) {
  const filled = lines.slice(from).find((line) => line.trim() !== "");
  const match = filled === undefined ? null : pattern.exec(filled);
  return match !== null && !RULE.test(filled) && depth(match[1]) <= outer + 1;
}

function interrupts(line) {
  return ITEM.test(line) || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line);
}

function depth(space) {
  return space.replace(/\t/g, "    ").length;
}

function outdent(line, columns) {
  return line.replace(/\t/g, "    ").replace(new RegExp(`^ {0,${columns}}`), "");
}

function startsTable(lines, i) {
  return lines[i].includes("|") && i + 1 < lines.length && lines[i + 1].includes("-") && TABLE_RULE.test(lines[i + 1])
      && cells(lines[i]).length === cells(lines[i + 1]).length;
}

function readTable(lines, i) {
  const align = cells(lines[i + 1]).map((cell) => {
    const right = cell.endsWith(":");
    return right && cell.startsWith(":") ? "center" : right ? "right" : "left";
  });
  const rows = [];
  let next = i + 2;
  for (; next < lines.length && lines[next].includes("|"); next++) {
    rows.push(cells(lines[next]));
  }
  return { type: "table", head: cells(lines[i]), align, rows, next };
}

function cells(line) {
  return line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "").split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(lines, i) {
  let next = i + 1;
  while (next < lines.length && lines[next].trim() !== "" && !startsTable(lines, next) && !breaksParagraph(lines[next])) {
    next++;
  }
  return { type: "paragraph", text: lines.slice(i, next).join("\n"), next };
}

function breaksParagraph(line) {
  const item = ITEM.exec(line);
  // As in CommonMark, a line beginning "1987. " in the middle of a paragraph is no list.
  const list = item !== null && item[3] && (!/\d/.test(item[2]) || parseInt(item[2], 10) === 1);
  return list || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line);
}

/** Builds the element of one block. Text only ever enters the page as text nodes. */
export function element(block, open = false, nesting = 0) {
  switch (block.type) {
    case "code":
      return codeElement(block);
    case "heading":
      // The page's own headings are h1 and h2.
      return filled(`h${Math.min(6, block.level + 2)}`, block.text, open);
    case "rule":
      return document.createElement("hr");
    case "quote":
      return parent("blockquote", block.text, open, nesting);
    case "list":
      return listElement(block, open, nesting);
    case "table":
      return tableElement(block);
    default:
      return filled("p", block.text, open);
  }
}

function filled(name, text, open) {
  const made = document.createElement(name);
  made.append(inline(text, open));
  return made;
}

function parent(name, text, open, nesting) {
  const made = document.createElement(name);
  if (nesting >= MAX_NESTING) {
    made.textContent = text;
    return made;
  }
  const inner = blocks(text);
  inner.forEach((block, i) => made.append(element(block, open && i === inner.length - 1, nesting + 1)));
  return made;
}

function listElement({ ordered, first, items }, open, nesting) {
  const list = document.createElement(ordered ? "ol" : "ul");
  if (ordered && first !== 1) {
    list.start = first;
  }
  items.forEach((item, i) => list.append(listItem(item, open && i === items.length - 1, nesting)));
  return list;
}

export function listItem(text, open, nesting = 0) {
  const task = text.replace(/^\[ \] /, "\u2610 ").replace(/^\[[xX]\] /, "\u2611 ");
  return parent("li", task, open, nesting);
}

function codeElement({ language, text }) {
  const figure = document.createElement("figure");
  figure.className = "code";
  const caption = document.createElement("figcaption");
  caption.textContent = language || "text";
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "quiet copy-code";
  copy.textContent = "Copy";
  copy.setAttribute("aria-label", "Copy this code");
  const pre = document.createElement("pre");
  pre.tabIndex = 0;
  const code = document.createElement("code");
  code.append(text);
  pre.append(code);
  figure.append(caption, copy, pre);
  return figure;
}

function tableElement({ head, align, rows }) {
  const frame = document.createElement("div");
  frame.className = "table";
  frame.tabIndex = 0;
  const table = document.createElement("table");
  const row = (cellName, texts) => {
    const made = document.createElement("tr");
    head.forEach((_, i) => {
      const cell = filled(cellName, texts[i] ?? "", false);
      cell.className = align[i];
      made.append(cell);
    });
    return made;
  };
  table.createTHead().append(row("th", head));
  table.createTBody().append(...rows.map((texts) => row("td", texts)));
  frame.append(table);
  return frame;
}
