import OpenAI from "openai";
import { bothOf, broken, failure, serve } from "./protocol.mjs";

const options = { baseURL: `${process.argv[2]}/v1`, apiKey: "sk-client" };
const client = new OpenAI({ ...options, maxRetries: 0 });
const patient = new OpenAI({ ...options, maxRetries: 1 });

const isVendors = (e) => e instanceof OpenAI.APIError;
const ask = (model) => ({
  model,
  max_completion_tokens: 500,
  messages: [{ role: "user", content: "What colour is it?" }],
});
const said = (completion) =>
  `${completion.choices[0].message.content} ${completion.usage.prompt_tokens}/${completion.usage.completion_tokens}`;

const create = (params) => client.chat.completions.create(params);

/** The SDK's own accumulator, and the reasoning, which it does not know. */
async function stream(params) {
  let reasoning = "";
  const runner = client.chat.completions.stream({ ...params, stream_options: { include_usage: true } });
  runner.on("chunk", (chunk) => (reasoning += chunk.choices[0]?.delta?.reasoning_content ?? ""));
  return { completion: await runner.finalChatCompletion(), reasoning };
}

async function thinking(model) {
  const thoughtful = { ...ask(model), reasoning_effort: "high" };
  const whole = await create(thoughtful);
  const streamed = await stream(thoughtful);
  const text = streamed.completion.choices[0].message.content;
  return `${whole.choices[0].message.reasoning_content}/${streamed.reasoning} ${text}`;
}

async function tools(model) {
  const conversation = {
    ...ask(model),
    tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
  };
  for (let rounds = 0; ; rounds++) {
    let message;
    if (rounds % 2 === 1) {
      const { completion, reasoning } = await stream(conversation);
      message = { ...completion.choices[0].message, reasoning_content: reasoning };
      delete message.parsed;
    } else {
      message = (await create(conversation)).choices[0].message;
    }
    if (!message.tool_calls?.length) return `${rounds} rounds ${message.content}`;
    const given = message.tool_calls.map((call) => call.function.arguments).join("");
    if (given !== '{"at":"sky"}{"at":"sea"}') return `wrong arguments ${given}`;
    conversation.messages.push(message);
    for (const call of message.tool_calls) {
      conversation.messages.push({ role: "tool", tool_call_id: call.id, content: "blue" });
    }
  }
}

async function image(model, png) {
  const content = [
    { type: "text", text: "What is it?" },
    { type: "image_url", image_url: { url: `data:image/png;base64,${png}` } },
  ];
  const completion = await create({ ...ask(model), messages: [{ role: "user", content }] });
  return completion.choices[0].message.content;
}

async function models() {
  const ids = [];
  for await (const model of client.models.list()) ids.push(model.id);
  return bothOf(ids);
}

await serve(async (name, model, png) => {
  switch (name) {
    case "TEXT":
      return said(await create(ask(model)));
    case "STREAM":
    case "PINGED":
      return said((await stream(ask(model))).completion);
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
      return failure(async () => said(await patient.chat.completions.create(ask(model))), isVendors);
    case "RETRIED":
      return (await patient.chat.completions.create(ask(model))).choices[0].message.content;
    case "CUT":
    case "ERROR_EVENT":
      return broken(() => create({ ...ask(model), stream: true }), isVendors);
    case "MODELS":
      return models();
    default:
      throw new Error(`there is no case ${name}`);
  }
});
