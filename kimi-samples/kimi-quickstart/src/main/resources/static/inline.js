const ESCAPABLE = /[!-/:-@[-`{-~]/;
const URL_START = /^https?:\/\//;
const URL_BODY = /https?:\/\/[^\s<>"'`\u3000-\u303f\uff00-\uff0f\uff1a-\uff1f]+/y;
const LINK = /!?\[((?:[^[\]\\]|\\.){0,1000})\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+["'][^"']*["'])?\s*\)/y;
const MARK = /[\\`*_~[!h\n]/g;
const WORD = /[\p{L}\p{N}]/u;
const MAX_NESTING = 8;

/**
 * Renders inline Markdown into a fragment of text nodes and a few harmless elements.
 *
 * @param open whether more text may follow; bold and code that have begun then show at once instead of as asterisks
 */
export function inline(text, open, nesting = 0) {
  const out = document.createDocumentFragment();
  let plain = "";
  let i = 0;
  const flush = () => {
    if (plain !== "") {
      out.append(plain);
      plain = "";
    }
  };
  // What was once sought in vain up to the end need not be sought again: keeps stray marks from costing n².
  const missing = new Set();
  while (i < text.length) {
    const token = nesting < MAX_NESTING ? read(text, i, open, missing) : null;
    if (token === null) {
      MARK.lastIndex = i + 1;
      const next = MARK.exec(text)?.index ?? text.length;
      plain += text.slice(i, next);
      i = next;
    } else if (token.plain !== undefined) {
      plain += token.plain;
      i = token.next;
    } else {
      flush();
      out.append(build(token, open, nesting));
      i = token.next;
    }
  }
  flush();
  return out;
}

function build(token, open, nesting) {
  const made = document.createElement(token.name);
  if (token.name === "a") {
    made.href = token.href;
    made.target = "_blank";
    made.rel = "noopener noreferrer";
  }
  if (token.verbatim !== undefined) {
    made.append(token.verbatim);
  } else if (token.inner !== undefined) {
    made.append(inline(token.inner, open && token.unclosed === true, nesting + 1));
  }
  return made;
}

function read(text, i, open, missing) {
  switch (text[i]) {
    case "\\":
      return readEscape(text, i);
    case "`":
      return readCode(text, i, open, missing);
    case "*":
    case "_":
    case "~":
      return readEmphasis(text, i, open, missing);
    case "[":
    case "!":
      return readLink(text, i);
    case "h":
      return readUrl(text, i);
    case "\n":
      return { name: "br", next: i + 1 };
    default:
      return null;
  }
}

function readEscape(text, i) {
  const next = text[i + 1];
  return next !== undefined && ESCAPABLE.test(next) ? { plain: next, next: i + 2 } : null;
}

function run(text, i) {
  let end = i;
  while (text[end] === text[i]) {
    end++;
  }
  return end - i;
}

function readCode(text, i, open, missing) {
  const ticks = run(text, i);
  const sought = missing.has(`code${ticks}`);
  for (let at = sought ? -1 : text.indexOf("`", i + ticks); at >= 0; ) {
    const length = run(text, at);
    if (length === ticks) {
      const code = text.slice(i + ticks, at).replaceAll("\n", " ");
      const padded = /^ .*[^ ].* $/.test(code);
      return { name: "code", verbatim: padded ? code.slice(1, -1) : code, next: at + length };
    }
    at = text.indexOf("`", at + length);
  }
  missing.add(`code${ticks}`);
  if (open && ticks === 1 && i + 1 < text.length) {
    return { name: "code", verbatim: text.slice(i + 1), next: text.length };
  }
  return { plain: "`".repeat(ticks), next: i + ticks };
}

function readEmphasis(text, i, open, missing) {
  const mark = text[i];
  const length = run(text, i);
  const width = mark === "~" ? 2 : Math.min(length, 2);
  const literal = { plain: mark.repeat(length), next: i + length };
  const insideWord = mark === "_" && i > 0 && WORD.test(text[i - 1]);
  if (length < width || length > 3 || insideWord || /^\s?$/.test(text[i + length] ?? "")) {
    return literal;
  }
  const name = mark === "~" ? "del" : width === 2 ? "strong" : "em";
  const sought = mark + width;
  const close = missing.has(sought) ? -1 : closing(text, i + width, mark, width);
  if (close >= 0) {
    return { name, inner: text.slice(i + width, close), next: close + width };
  }
  missing.add(sought);
  if (open && width === 2) {
    return { name, inner: text.slice(i + width).replace(/[*~_]$/, ""), unclosed: true, next: text.length };
  }
  return literal;
}

/**
 * Finds the end of an emphasis. Unlike CommonMark it asks nothing of the character after it, because Chinese text
 * often closes bold right after a full-width mark and goes on without a space.
 */
function closing(text, from, mark, width) {
  for (let at = text.indexOf(mark, from); at >= 0; ) {
    const length = run(text, at);
    const free = !/[\s\\]/.test(text[at - 1] ?? " ") && at > from;
    const wordGoesOn = (mark === "_" || (width === 1 && /[!-/:-@]/.test(text[at - 1]))) && WORD.test(text[at + length] ?? "");
    if (free && !wordGoesOn && (length === width || length === 3)) {
      return at + length - width;
    }
    at = text.indexOf(mark, at + length);
  }
  return -1;
}

function readLink(text, i) {
  LINK.lastIndex = i;
  const link = LINK.exec(text);
  if (link === null) {
    return null;
  }
  const [whole, label, target] = link;
  const next = i + whole.length;
  const href = safeHref(target);
  return href === null ? { plain: whole, next } : { name: "a", href, inner: label || target, next };
}

function readUrl(text, i) {
  if (!URL_START.test(text.slice(i, i + 8)) || (i > 0 && WORD.test(text[i - 1]))) {
    return null;
  }
  URL_BODY.lastIndex = i;
  const match = URL_BODY.exec(text);
  if (match === null) {
    return null;
  }
  let url = match[0].replace(/[.,;:!?*_~]+$/, "");
  if (url.endsWith(")") && !url.includes("(")) {
    url = url.slice(0, -1);
  }
  const href = safeHref(url);
  return href === null ? null : { name: "a", href, verbatim: url, next: i + url.length };
}

function safeHref(target) {
  try {
    const url = new URL(target);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
