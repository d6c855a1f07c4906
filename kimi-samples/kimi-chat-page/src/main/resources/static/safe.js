const { DOMPurify } = globalThis;

const CLASS = /^(?:hljs-[\w-]+|language-\S+|math|math-display|math-source|center|right)(?:[ _]|$)/;

const RULES = {
  ALLOWED_TAGS: ["a", "blockquote", "br", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"],
  ALLOWED_ATTR: ["class", "href", "start"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/i,
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

DOMPurify.addHook("uponSanitizeAttribute", (_, attribute) => {
  // The page's own classes would let text pose as a part of the page.
  attribute.keepAttr &&= attribute.attrName !== "class" || CLASS.test(attribute.attrValue);
});
DOMPurify.addHook("afterSanitizeAttributes", (element) => {
  if (element.localName === "a") {
    element.target = "_blank";
    element.rel = "noopener noreferrer nofollow";
  }
});

/** The only way for HTML to become part of the page: what is not on the list above is dropped. */
export function fragment(html) {
  return DOMPurify.sanitize(html, RULES);
}
