import Anthropic from "@anthropic-ai/sdk";
import { bothOf, broken, failure, serve } from "./protocol.mjs";

const options = { baseURL: process.argv[2], apiKey: "sk-client" };
const client = new Anthropic({ ...options, maxRetries: 0 });
const patient = new Anthropic({ ...options, maxRetries: 1 });

const isVendors = (e) => e instanceof Anthropic.APIError;
const ask = (model) => ({ model, max_tokens: 500, messages: [{ role: "user", content: "What colour is it?" }] });
const thoughtful = (model) => ({ ...ask(model), thinking: { type: "adaptive", display: "summarized" } });
const joined = (message, type, member) =>
  message.content
    .filter((block) => block.type === type)
    .map((block) => block[member])
    .join("");
const text = (message) => joined(message, "text", "text");
const said = (message) => {
  const { input_tokens, cache_read_input_tokens, output_tokens } = message.usage;
  return `${text(message)} ${input_tokens + (cache_read_input_tokens ?? 0)}/${output_tokens}`;
};

const create = (params) => client.messages.create(params);
const stream = (params) => client.messages.stream(params).finalMessage();

async function thinking(model) {
  const whole = await create(thoughtful(model));
  const streamed = await stream(thoughtful(model));
  return `${joined(whole, "thinking", "thinking")}/${joined(streamed, "thinking", "thinking")} ${text(streamed)}`;
}

async function tools(model) {
  const conversation = { ...thoughtful(model), tools: [{ name: "look", input_schema: { type: "object" } }] };
  for (let rounds = 0; ; rounds++) {
    const message = await (rounds % 2 === 1 ? stream(conversation) : create(conversation));
    const calls = message.content.filter((block) => block.type === "tool_use");
    if (!calls.length) return `${rounds} rounds ${text(message)}`;
    const given = calls.map((call) => JSON.stringify(call.input)).join("");
    if (given !== '{"at":"sky"}{"at":"sea"}') return `wrong arguments ${given}`;
    conversation.messages.push({ role: "assistant", content: message.content });
    conversation.messages.push({
      role: "user",
      content: calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: "blue" })),
    });
  }
}

async function image(model, png) {
  const content = [
    { type: "text", text: "What is it?" },
    { type: "image", source: { type: "base64", media_type: "image/png", data: png } },
  ];
  return text(await create({ ...ask(model), messages: [{ role: "user", content }] }));
}

async function models() {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  return bothOf(ids);
}

async function count(model) {
  const { messages } = ask(model);
  const { input_tokens } = await client.messages.countTokens({ model, messages });
  return input_tokens > 0 ? "counted" : "no tokens";
}

await serve(async (name, model, png) => {
  switch (name) {
    case "TEXT":
      return said(await create(ask(model)));
    case "STREAM":
    case "PINGED":
      return said(await stream(ask(model)));
    case "THINKING":
      return thinking(model);
    case "TOOLS":
      return tools(model);
    case "IMAGE":
      return image(model, png);
    case "LIMITED":
    case "REJECTED":
    case "UNKNOWN_MODEL":
      return failure(async () => said(await create(ask(model))), isVendors);
    case "SPENT":
      return failure(async () => said(await patient.messages.create(ask(model))), isVendors);
    case "RETRIED":
      return text(await patient.messages.create(ask(model)));
    case "CUT":
    case "ERROR_EVENT":
      return broken(() => create({ ...ask(model), stream: true }), isVendors);
    case "MODELS":
      return models();
    case "COUNT":
      return count(model);
    default:
      throw new Error(`there is no case ${name}`);
  }
});
