export function make(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

export function button(label, className, action) {
  const made = make("button", className, label);
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}
