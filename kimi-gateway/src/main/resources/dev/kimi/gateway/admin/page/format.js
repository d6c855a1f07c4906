const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = (value) => (value < 10000 ? whole.format(value) : compact.format(value));

/** With as many digits as are of use. */
export const rate = (value) => (value < 10 ? String(Number(value.toFixed(1))) : count(value));

export function money(value) {
  if (value === 0) {
    return "$0";
  }
  if (value < 0.01) {
    return "<$0.01";
  }
  return value < 1000 ? `$${value.toFixed(2)}` : `$${compact.format(value)}`;
}

/** The number and its unit. */
export function millis(value) {
  if (value === null || value === undefined) {
    return ["–", ""];
  }
  if (value < 1000) {
    return [whole.format(value), "ms"];
  }
  return value < 100000 ? [(value / 1000).toFixed(value < 10000 ? 1 : 0), "s"] : [whole.format(value / 60000), "min"];
}

export const duration = (value) => millis(value).join(" ").trim();

export function age(value) {
  const seconds = Math.floor(value / 1000);
  if (seconds < 60) {
    return `${seconds} s`;
  }
  const minutes = Math.floor(seconds / 60);
  const rest = String(seconds % 60).padStart(2, "0");
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

export const day = (text) => new Date(text).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric" });
