import { drawMaths, maths } from "./maths.js";
import { fragment } from "./safe.js";
import { words } from "./words.js";

const { hljs, markdownit } = globalThis;
const MOST_COLOURED = 40_000;
const LINE_BREAK = /<br\s*\/?>/iy;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uffef]/u;

const md = markdownit({ html: false, linkify: true, breaks: true })
    // A paragraph must not turn into a heading, nor a clumsily indented one into code, when its next line arrives.
    .disable(["lheading", "code"])
    .use(maths)
    .use(lineBreaks)
    .use(pageElements);
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
md.validateLink = (url) => /^(?:https?|mailto):/i.test(url);

/**
 * CommonMark does not close bold between a full-width mark and a letter, where Chinese text, which has no spaces,
 * closes it all the time.
 */
md.inline.State = class extends md.inline.State {
  scanDelims(start, canSplitWord) {
    const found = super.scanDelims(start, canSplitWord);
    const [before, after] = [this.src[start - 1] ?? " ", this.src[start + found.length] ?? " "];
    if (canSplitWord && (CJK.test(before) || CJK.test(after))) {
      found.can_open ||= !/\s/.test(after);
      found.can_close ||= !/\s/.test(before);
    }
    return found;
  }
};

/** Services write `<br>` into tables, where Markdown has no other way; all other HTML is shown as text. */
function lineBreaks(parser) {
  parser.inline.ruler.before("autolink", "line_break", (state, silent) => {
    LINE_BREAK.lastIndex = state.pos;
    const found = LINE_BREAK.exec(state.src);
    if (found === null) {
      return false;
    }
    if (!silent) {
      state.push("hardbreak", "br", 0);
    }
    state.pos += found[0].length;
    return true;
  });
}

function pageElements(parser) {
  parser.core.ruler.push("page_elements", (state) => state.tokens.forEach((token, i) => {
    if (token.type.startsWith("heading_")) {
      // The page's own headings are h1 and h2.
      token.tag = `h${Math.min(6, Number(token.tag[1]) + 2)}`;
    } else if (token.type === "th_open" || token.type === "td_open") {
      // The page's policy allows no style attributes.
      const align = /right|center/.exec(token.attrGet("style") ?? "")?.[0];
      token.attrs = align === undefined ? null : [["class", align]];
    } else if (token.type === "inline" && state.tokens[i - 2]?.type === "list_item_open" && token.children.length > 0) {
      const first = token.children[0];
      first.content = first.content.replace(/^\[ \] /, "\u2610 ").replace(/^\[[xX]\] /, "\u2611 ");
    }
  }));
  // A picture would be fetched from wherever the model says, with whatever it put into the address.
  parser.renderer.rules.image = (tokens, i) => {
    const { escapeHtml } = parser.utils;
    const href = tokens[i].attrGet("src");
    return `<a href="${escapeHtml(href)}">${escapeHtml(tokens[i].content || href)}</a>`;
  };
}

/**
 * Cuts Markdown into its top blocks, each with its place in the source (`start`, `end`) and its tokens.
 *
 * @param open whether more text may follow
 */
export function blocks(source, open) {
  const env = { open };
  const found = [];
  let depth = 0;
  for (const token of md.parse(source, env)) {
    if (depth === 0) {
      found.push({ type: token.type, lines: token.map, tokens: [], env });
    }
    found.at(-1).tokens.push(token);
    depth += token.nesting;
  }
  const starts = lineStarts(source);
  found.forEach((block) => {
    block.start = starts[block.lines[0]];
    block.source = source.slice(block.start, starts[block.lines[1]]);
  });
  return found;
}

/** True when a link named elsewhere in the source could read differently once all of it is known. */
export function hasReferences(source) {
  return /^ {0,3}\[[^\]\n]+\]:/m.test(source);
}

function lineStarts(source) {
  const starts = [0];
  for (let at = source.indexOf("\n"); at >= 0; at = source.indexOf("\n", at + 1)) {
    starts.push(at + 1);
  }
  return starts;
}

/** The elements of some tokens, safe to put into the page. */
export function elements(tokens, env, finished) {
  const made = fragment(md.renderer.render(tokens, md.options, env));
  made.querySelectorAll("pre > code").forEach((code) => frameCode(code, finished));
  made.querySelectorAll("table").forEach(frameTable);
  drawMaths(made);
  return made;
}

function frameTable(table) {
  const frame = document.createElement("div");
  frame.className = "table";
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}

function frameCode(code, finished) {
  const pre = code.parentElement;
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? "";
  const figure = document.createElement("figure");
  figure.className = "code";
  const caption = document.createElement("figcaption");
  caption.textContent = language || words.plainText;
  const copy = document.createElement("button");
  copy.type = "button";
  copy.className = "quiet copy-code";
  copy.textContent = words.copy;
  copy.setAttribute("aria-label", words.copyCode);
  pre.replaceWith(figure);
  pre.tabIndex = 0;
  figure.append(caption, copy, pre);
  if (finished && hljs.getLanguage(language) !== undefined && code.textContent.length <= MOST_COLOURED) {
    code.replaceChildren(fragment(hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value));
  }
}
