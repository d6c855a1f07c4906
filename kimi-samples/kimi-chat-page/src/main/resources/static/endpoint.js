import { make } from "./dom.js";
import { words } from "./words.js";

/** Says which model responds, and where. */
export async function showEndpoint(element) {
  try {
    const { model, endpoint, simulated } = await (await fetch("api/info")).json();
    const place = make("b", "", simulated ? words.simulator : host(endpoint));
    element.replaceChildren(make("span", "", model), " ", place);
    element.title = simulated ? words.simulatorMore : endpoint;
  } catch {
    element.textContent = words.modelUnknown;
  }
}

function host(endpoint) {
  try {
    return new URL(endpoint).host;
  } catch {
    return endpoint;
  }
}
