const MOST_CHARACTERS = 5000;
const PRICE = /^\d[\d.,]*(?:\s+\p{L}{2}|\s*\p{Script=Han})/u;
// No formula ends so, but what stands between two shell variables or two prices does.
const UNFINISHED = /[\s/:_^+\-=(,{<]$/;

/** Teaches markdown-it the formulas `$…$`, `$$…$$`, `\(…\)` and `\[…\]`. */
export function maths(md) {
  md.block.ruler.before("fence", "math_block", block, { alt: ["paragraph", "blockquote", "list"] });
  md.inline.ruler.before("escape", "math_inline", inline);
  const escape = md.utils.escapeHtml;
  md.renderer.rules.math_inline = (tokens, i) =>
    `<span class="math${tokens[i].meta.display ? " math-display" : ""}">${escape(tokens[i].content)}</span>`;
  md.renderer.rules.math_block = (tokens, i) => tokens[i].meta.open
    ? `<pre class="math-source">${escape(tokens[i].content)}</pre>`
    : `<div class="math math-display">${escape(tokens[i].content)}</div>`;
}

/** Draws the formulas that are marked in the tree; one that cannot be read stays as it was written. */
export function drawMaths(root) {
  for (const element of root.querySelectorAll(".math")) {
    const source = element.textContent;
    const displayMode = element.classList.contains("math-display");
    try {
      if (source.length > MOST_CHARACTERS) {
        throw new RangeError("too long");
      }
      // Drawn as nodes: their styles are set one by one, which needs no exception from the page's policy.
      globalThis.katex.render(source, element, { displayMode, maxExpand: 200, maxSize: 20, strict: false, trust: false });
    } catch {
      element.className = "math-source";
      element.textContent = displayMode ? `$$${source}$$` : `$${source}$`;
    }
    if (displayMode) {
      element.tabIndex = 0;
    }
  }
}

function block(state, startLine, endLine, silent) {
  const line = (n) => state.src.slice(state.bMarks[n] + state.tShift[n], state.eMarks[n]).trimEnd();
  const first = line(startLine);
  const opening = first.startsWith("$$") ? "$$" : first.startsWith("\\[") ? "\\[" : null;
  if (opening === null || state.sCount[startLine] - state.blkIndent >= 4) {
    return false;
  }
  const closing = opening === "$$" ? "$$" : "\\]";
  const lines = [];
  for (let n = startLine; n < endLine && state.sCount[n] >= Math.min(state.blkIndent, state.sCount[startLine]); n++) {
    const text = n === startLine ? first.slice(2) : line(n);
    const end = text.indexOf(closing);
    if (end >= 0 && end + 2 < text.length) {
      // Words go on after the formula: it is part of a paragraph.
      return false;
    }
    lines.push(end < 0 ? text : text.slice(0, end));
    if (end >= 0) {
      return silent || push(state, startLine, n + 1, lines.join("\n").trim(), opening, false);
    }
  }
  const mayClose = state.env.open === true && first.slice(2).indexOf(closing[0]) < 0;
  return mayClose && (silent || push(state, startLine, endLine, `${opening}${lines.join("\n")}`, opening, true));
}

function push(state, startLine, nextLine, content, markup, open) {
  Object.assign(state.push("math_block", "div", 0),
      { block: true, content, markup, map: [startLine, nextLine], meta: { open } });
  state.line = nextLine;
  return true;
}

function inline(state, silent) {
  const { src, pos } = state;
  const found = src[pos] === "$" ? dollars(src, pos) : src[pos] === "\\" ? brackets(src, pos) : null;
  if (found === null) {
    return false;
  }
  if (!silent) {
    Object.assign(state.push("math_inline", "span", 0),
        { content: found.content.trim(), meta: { display: found.display }, markup: found.mark });
  }
  state.pos = found.next;
  return true;
}

function dollars(src, pos) {
  const mark = src.startsWith("$$", pos) ? "$$" : "$";
  const from = pos + mark.length;
  const end = closingDollar(src, from, mark);
  const content = end < 0 ? "" : src.slice(from, end);
  if (content.trim() === "" || content.includes("`")) {
    return null;
  }
  const price = mark === "$"
      && (/^\s/.test(content) || UNFINISHED.test(content) || PRICE.test(content) || /\d/.test(src[end + 1] ?? ""));
  return price ? null : { content, display: mark === "$$", mark, next: end + mark.length };
}

/** The next dollar that is not escaped; a single one must not be half of a pair. */
function closingDollar(src, from, mark) {
  for (let at = src.indexOf("$", from); at >= 0; at = src.indexOf("$", at + 1)) {
    if (src[at - 1] !== "\\") {
      return src.startsWith(mark, at) ? at : -1;
    }
  }
  return -1;
}

function brackets(src, pos) {
  const closing = { "(": "\\)", "[": "\\]" }[src[pos + 1]];
  const end = closing === undefined ? -1 : src.indexOf(closing, pos + 2);
  const content = end < 0 ? "" : src.slice(pos + 2, end);
  return content.trim() === "" || content.includes("`")
    ? null
    : { content, display: closing === "\\]", mark: closing, next: end + 2 };
}
