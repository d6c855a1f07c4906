package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.chat.ToolCall;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.anthropic.MessagesDecoders;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/**
 * Streams of the Messages protocol that were lawful until somebody dropped, doubled, moved or changed their events, and
 * whether what was read goes back as it came.
 */
final class FuzzMessages {

    private static final MessagesProtocol PROTOCOL = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final Provenance HERE = new Provenance(Provenance.ANTHROPIC, "api.anthropic.com", "claude-opus-4-6");
    private static final ModelCards CARDS = new ModelCards.Settings().cards();
    private static final List<String> ENDS = List.of("\n", "\r\n", "\r");
    private static final List<String> NUMBERS = List.of(
            "-1",
            "0",
            "1",
            "4",
            "1e9",
            "1.5",
            "\"0\"",
            "null",
            "true",
            "9223372036854775807",
            "99999999999999999999999");
    private static final List<String> TYPES = List.of(
            "message_start",
            "message_delta",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "ping",
            "news",
            "");

    private static final List<String> STRANGE = List.of(
            "{\"type\":\"message_start\",\"message\":{\"id\":\"msg_2\",\"content\":[],\"usage\":{\"input_tokens\":1}}}",
            "{\"type\":\"message_stop\"}",
            "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}",
            "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"" + FuzzInput.SECRET + "\"}}",
            "{\"code\":429,\"message\":\"slow down\"}",
            "{\"type\":\"news\",\"index\":0,\"delta\":{\"text\":\"no\"}}",
            "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"fallback\"}}",
            "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\","
                    + "\"name\":\"f\",\"input\":{\"x\":1}}}",
            "{\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"name\":\"\"}}",
            "{\"type\":\"content_block_start\",\"index\":2,\"content_block\":\"text\"}",
            "{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"partial_json\":\"{\\\"a\\\":\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"text\":\"\\ud800\"}}",
            "{\"type\":\"content_block_delta\",\"index\":9,\"delta\":{\"thinking\":\"\\udc00\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"signature\":\"\\ud83d\"}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"name\":\"x\",\"id\":\"y\",\"input\":[1]}}",
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"citation\":{},\"more\":[1]}}",
            "{\"type\":\"content_block_delta\",\"index\":0}",
            "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"\"},\"usage\":{\"input_tokens\":-5}}",
            "{\"type\":\"message_delta\",\"usage\":{\"output_tokens\":9223372036854775807,\"input_tokens\":1}}",
            "{\"type\":\"content_block_delta\",\"x\":" + "[".repeat(70),
            "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"x\":" + "{\"a\":".repeat(40) + "1"
                    + "}".repeat(40) + "}}",
            "[]",
            "null",
            "[DONE]",
            "alive");

    private final SplittableRandom random;
    private final FuzzInput input;

    private FuzzMessages(FuzzInput input) {
        long seed = 0;
        for (byte each : input.text()) {
            seed = seed * 31 + each;
        }
        for (int i = 0; i < FuzzInput.MAX_CHOICES; i++) {
            seed = seed * 257 + input.below(256);
        }
        this.random = new SplittableRandom(seed);
        this.input = input;
    }

    static void events(FuzzInput input) {
        new FuzzMessages(input).run();
    }

    private void run() {
        LawfulStream stream = new LawfulStream(random);
        List<String> events = new ArrayList<>(stream.events);
        int changes = random.nextInt(5);
        for (int i = 0; i < changes && !events.isEmpty(); i++) {
            change(events);
        }
        input.secretIsIn();
        byte[] text = framed(events).getBytes(StandardCharsets.UTF_8);
        SseLimits limits = SseLimits.DEFAULT;
        ChatStreamDecoder decoder = MessagesDecoders.limited(Headers.empty(), limits);
        List<Object> atOnce = FuzzResponses.read(decoder, text, false, input);
        List<Object> inParts = FuzzResponses.read(MessagesDecoders.limited(Headers.empty(), limits), text, true, input);
        FuzzCheck.same(atOnce, inParts, "read in parts");
        if (changes == 0) {
            FuzzCheck.hold(decoder.complete(), "a lawful stream has no end: " + atOnce.get(atOnce.size() - 1));
            says(decoder.response(), stream);
        }
        FuzzCheck.hold(
                !decoder.complete()
                        || events.stream().anyMatch(event -> event.contains("message_stop") || event.equals("[DONE]")),
                "a success without an end mark");
        if (decoder.complete() && random.nextInt(4) == 0) {
            goesBack(decoder.response());
        }
    }

    private static void says(ChatResponse response, LawfulStream stream) {
        FuzzCheck.same(stream.text.toString(), response.text(), "text");
        FuzzCheck.same(stream.reasoning.toString(), response.reasoning(), "reasoning");
        List<String> arguments =
                response.toolCalls().stream().map(ToolCall::arguments).toList();
        FuzzCheck.same(stream.arguments, arguments, "arguments");
        FuzzCheck.same(stream.input + 7, response.usage().promptTokens(), "input");
        FuzzCheck.same(stream.output, response.usage().completionTokens(), "output");
    }

    private void change(List<String> events) {
        int at = random.nextInt(events.size());
        String event = events.get(at);
        switch (random.nextInt(9)) {
            case 0 -> events.remove(at);
            case 1 -> events.add(at, event);
            case 2 -> Collections.swap(events, at, random.nextInt(events.size()));
            case 3 -> events.set(at, event.substring(0, random.nextInt(event.length() + 1)));
            case 4 -> events.set(at, event.replaceFirst("(?<=:)[0-9]+", one(NUMBERS)));
            case 5 -> events.set(at, event.replaceFirst("(?<=\"type\":\")\\w*", one(TYPES)));
            case 6 -> events.set(at, event.replaceFirst("\\{", "{\"type\":\"ping\",\"index\":0,\"delta\":{},"));
            case 7 -> events.set(at, event.replaceFirst("\":\"", "\":\"\\\\ud800"));
            default -> events.add(at, one(STRANGE));
        }
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private String framed(List<String> events) {
        String end = one(ENDS);
        boolean named = random.nextBoolean();
        StringBuilder out = new StringBuilder(random.nextInt(4) == 0 ? "\uFEFF" : "");
        for (String event : events) {
            if (random.nextInt(8) == 0) {
                out.append(one(List.of(": note", "retry: 5", "id: 7\0", "event: ping" + end + "data: {}", "data")))
                        .append(end)
                        .append(end);
            }
            if (named && random.nextInt(8) > 0) {
                out.append("event: ").append(one(TYPES)).append(end);
            }
            out.append(random.nextBoolean() ? "data: " : "data:")
                    .append(event)
                    .append(end)
                    .append(end);
        }
        return events.isEmpty() || random.nextInt(8) > 0
                ? out.toString()
                : out.substring(0, out.length() - end.length());
    }

    /** What was read can be sent back, reads alike then, and makes the same bytes again. */
    static void goesBack(ChatResponse response) {
        ChatResponse ours = response.toBuilder().origin(HERE).build();
        String sent = assistant(ours.message());
        if (sent == null) {
            return;
        }
        ChatResponse again = PROTOCOL.decode(
                Headers.empty(), ByteBuffer.wrap(sent.getBytes(StandardCharsets.UTF_8)), FuzzFailures.CONTEXT);
        FuzzCheck.same(sent, assistant(again.toBuilder().origin(HERE).build().message()), "sent again");
        FuzzCheck.same(response.text(), again.text(), "the text that was sent back");
        List<String> calls = new ArrayList<>();
        response.toolCalls()
                .forEach(call -> calls.add(call.name() + ' ' + call.arguments().strip()));
        List<String> callsAgain = new ArrayList<>();
        again.toolCalls()
                .forEach(call ->
                        callsAgain.add(call.name() + ' ' + call.arguments().strip()));
        FuzzCheck.same(calls, callsAgain, "the calls that were sent back");
    }

    /** The turn as it is sent, or null when there is nothing in it. */
    private static String assistant(Message turn) {
        ChatRequest.Builder request =
                ChatRequest.builder().message(Message.user("Hi")).message(turn);
        turn.toolCalls().forEach(call -> request.message(Message.toolResult(call.id(), "done")));
        request.message(Message.user("Go on."));
        byte[] body = PROTOCOL.encode(request.build(), new EncodeTarget(HERE, true, false, CARDS.of(HERE.model())))
                .body();
        try (JsonReader in = new JsonReader(body)) {
            in.next();
            in.beginObject();
            JsonReader.Names names = JsonReader.Names.of("messages");
            while (in.nextName(names) != 0) {
                in.skip();
            }
            in.beginArray();
            in.nextElement();
            in.skip();
            in.nextElement();
            String second = Objects.requireNonNull(in.objectText());
            return second.contains("\"role\":\"assistant\"") ? second : null;
        }
    }
}
