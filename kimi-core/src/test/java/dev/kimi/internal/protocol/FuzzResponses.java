package dev.kimi.internal.protocol;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.ToolCall;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.json.JsonReader;
import dev.kimi.internal.model.ModelCards;
import dev.kimi.internal.protocol.anthropic.MessagesDecoders;
import dev.kimi.internal.protocol.anthropic.MessagesProtocol;
import dev.kimi.internal.protocol.openai.OpenAiDecoders;
import dev.kimi.internal.protocol.openai.OpenAiProtocol;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Responses, streamed and whole, and lists of models: read alike however they come, or rejected by type. */
final class FuzzResponses {

    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final Protocol MESSAGES = new MessagesProtocol(MessagesProtocol.LATEST_VERSION);
    private static final Headers JSON =
            Headers.builder().add("content-type", "application/json").build();

    private FuzzResponses() {}

    private static SseLimits limits(FuzzInput input) {
        return input.below(4) == 3
                ? new SseLimits(64 + input.below(400), 64 + input.below(400), 1 << 20, 64 + input.below(400))
                : SseLimits.DEFAULT;
    }

    static void messageStream(FuzzInput input) {
        SseLimits limits = limits(input);
        input.plantSecret();
        byte[] text = input.text();

        List<Object> atOnce = read(MessagesDecoders.limited(Headers.empty(), limits), text, false, input);
        List<Object> inParts = read(MessagesDecoders.limited(Headers.empty(), limits), text, true, input);
        FuzzCheck.same(atOnce, inParts, "read in parts");
    }

    /** The pieces of a text in order, or, where blocks may take turns, what is in them. */
    private static String inOrder(ChatStreamDecoder decoder, CharSequence text) {
        return OpenAiDecoders.isOne(decoder)
                ? text.toString()
                : text.codePoints().sorted().mapToObj(Character::toString).collect(Collectors.joining());
    }

    static void stream(FuzzInput input) {
        SseLimits limits = limits(input);
        input.plantSecret();
        byte[] text = input.text();

        // What follows the end mark counts only in the same chunk.
        byte[] untilEnd = Arrays.copyOf(text, end(OpenAiDecoders.limited(Headers.empty(), limits), text));
        List<Object> atOnce = read(OpenAiDecoders.limited(Headers.empty(), limits), untilEnd, false, input);
        List<Object> inParts = read(OpenAiDecoders.limited(Headers.empty(), limits), untilEnd, true, input);
        FuzzCheck.same(atOnce, inParts, "read in parts");
        read(OpenAiDecoders.limited(Headers.empty(), limits), text, false, input);
    }

    /** How many bytes it takes to complete the decoder, or to make it fail; all when neither happens. */
    private static int end(ChatStreamDecoder decoder, byte[] text) {
        int from = 0;
        int mark = new String(text, StandardCharsets.ISO_8859_1).indexOf("[DONE]");
        for (int to = mark < 0 ? text.length : mark; to <= text.length; to++) {
            try {
                decoder.feed(ByteBuffer.wrap(text, from, to - from), event -> {});
            } catch (StreamFailure e) {
                return to;
            }
            if (decoder.complete()) {
                return to;
            }
            from = to;
        }
        return text.length;
    }

    static void whole(FuzzInput input) {
        whole(PROTOCOL, input);
    }

    static void wholeMessage(FuzzInput input) {
        whole(MESSAGES, input);
    }

    private static void whole(Protocol protocol, FuzzInput input) {
        input.plantSecret();
        byte[] text = input.text();

        Object whole = tried(
                () -> {
                    ChatResponse response =
                            protocol.decode(Headers.empty(), ByteBuffer.wrap(text), FuzzFailures.CONTEXT);
                    if (protocol == MESSAGES) {
                        FuzzMessages.goesBack(response);
                    }
                    return summary(response);
                },
                input);
        List<Object> streamed = read(protocol.decoder(JSON), text, true, input);
        Object end = streamed.get(streamed.size() - 1);
        if (end.equals("cut")) {
            FuzzCheck.hold(whole instanceof String, "a cut stream is whole to a call that wanted none");
        } else {
            FuzzCheck.same(withoutAdvice(whole), withoutAdvice(end), "sent to a call that wanted a stream");
        }
    }

    /** Whether to ask again for a response without a choice depends on what was asked for. */
    private static Object withoutAdvice(Object end) {
        return end instanceof String failure ? failure.replaceFirst("it holds no choices\\..*", "no choices") : end;
    }

    static void models(FuzzInput input) {
        input.plantSecret();
        byte[] text = input.text();

        Object models = tried(
                () -> checked(PROTOCOL.decodeModels(ByteBuffer.wrap(text), FuzzFailures.CONTEXT)
                        .models()),
                input);
        ByteBuffer direct = ByteBuffer.allocateDirect(text.length).put(text).flip();
        Object again =
                tried(() -> PROTOCOL.decodeModels(direct, FuzzFailures.CONTEXT).models(), input);
        FuzzCheck.same(models, again, "outside the heap");
    }

    private static List<ModelCard> checked(List<ModelCard> models) {
        for (ModelCard model : models) {
            FuzzCheck.hold(!model.id().isEmpty(), "a model without name");
            FuzzCheck.hold(model.contextLength() >= 0, "a negative length");
        }
        FuzzCheck.same(
                models.size(), new ModelCards.Settings().cards().listed(models).size(), "models kept");
        return models;
    }

    /** The result, or the failure as it is shown. */
    private static Object tried(Supplier<?> reading, FuzzInput input) {
        try {
            return reading.get();
        } catch (KimiException e) {
            FuzzFailures.failure(e, input);
            return e.toString();
        }
    }

    /** What the decoder hands out, then what it holds, and last how it ended. */
    static List<Object> read(ChatStreamDecoder decoder, byte[] text, boolean parts, FuzzInput input) {
        List<ChatEvent> events = new ArrayList<>();
        List<Object> out = new ArrayList<>();
        Object end;
        try {
            feed(decoder, text, parts, input, event -> {
                FuzzCheck.hold(!decoder.complete(), "an event after the end");
                events.add(event);
            });
            end = decoder.complete() ? summary(decoder.response()) : "cut";
        } catch (StreamFailure e) {
            FuzzCheck.hold(!input.shows(String.valueOf(e.getMessage())), "words of the answer in " + e.getMessage());
            KimiException failure = e.toException(FuzzFailures.CONTEXT);
            FuzzFailures.failure(failure, input);
            end = failure.toString();
        }
        out.addAll(events);
        out.add(decoder.partial());
        out.add(end);
        agrees(events, decoder, decoder.complete() ? decoder.response() : null);
        return out;
    }

    private static void feed(
            ChatStreamDecoder decoder, byte[] text, boolean parts, FuzzInput input, Consumer<ChatEvent> out) {
        int from = 0;
        while (from < text.length) {
            int to = parts ? from + 1 + input.below(Math.min(40, text.length - from)) : text.length;
            if (parts && input.below(4) == 3) {
                decoder.feed(
                        ByteBuffer.allocateDirect(to - from)
                                .put(text, from, to - from)
                                .flip(),
                        out);
            } else {
                // the reader may look at no byte beyond its part, and must not count on the array afterwards
                byte[] part = Arrays.copyOfRange(text, from, to);
                decoder.feed(ByteBuffer.wrap(part), out);
                Arrays.fill(part, (byte) '\n');
            }
            from = to;
        }
        decoder.end(out);
    }

    /** What was handed out in pieces is what is there at the end. */
    private static void agrees(List<ChatEvent> events, ChatStreamDecoder decoder, @Nullable ChatResponse response) {
        TruncatedStreamException.Partial partial = decoder.partial();
        StringBuilder text = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        Map<Integer, StringBuilder> arguments = new TreeMap<>();
        FinishReason finish = FinishReason.UNKNOWN;
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.Text piece) {
                FuzzCheck.hold(!piece.value().isEmpty(), "an empty piece of text");
                text.append(piece.value());
            } else if (event instanceof ChatEvent.Reasoning piece) {
                FuzzCheck.hold(!piece.value().isEmpty(), "an empty piece of reasoning");
                reasoning.append(piece.value());
            } else if (event instanceof ChatEvent.ToolFragment piece) {
                arguments
                        .computeIfAbsent(piece.index(), index -> new StringBuilder())
                        .append(piece.arguments());
            } else if (event instanceof ChatEvent.Tokens tokens) {
                counted(tokens.usage());
            } else if (event instanceof ChatEvent.Finished finished) {
                finish = finished.reason();
            }
        }
        FuzzCheck.same(inOrder(decoder, partial.text()), inOrder(decoder, text), "text in pieces");
        FuzzCheck.same(inOrder(decoder, partial.reasoning()), inOrder(decoder, reasoning), "reasoning in pieces");
        // What leaves doubt is kept back until the end.
        FuzzCheck.hold(partial.toolCalls().size() >= arguments.size(), "tool calls in pieces");
        for (int i = 0; i < arguments.size(); i++) {
            String whole = partial.toolCalls().get(i).arguments();
            FuzzCheck.hold(whole.startsWith(String.valueOf(arguments.get(i))), "arguments in pieces");
        }
        if (response != null) {
            List<String> shown = arguments.values().stream()
                    .map(StringBuilder::toString)
                    .map(sent -> sent.isBlank() || sent.strip().equals("null") ? "{}" : sent)
                    .toList();
            FuzzCheck.hold(
                    shown.containsAll(response.toolCalls().stream()
                            .map(ToolCall::arguments)
                            .toList()),
                    "arguments that were not shown");
            FuzzCheck.same(inOrder(decoder, text), inOrder(decoder, response.text()), "text of the response");
            FuzzCheck.same(finish, response.finishReason(), "finish reason of the response");
            FuzzCheck.hold(response.toolCalls().size() <= arguments.size(), "tool calls from nowhere");
        }
    }

    /** All of a response in a form that can be compared. */
    private static List<Object> summary(ChatResponse response) {
        counted(response.usage());
        response.toolCalls().forEach(FuzzResponses::runnable);
        return List.of(
                response.id(),
                response.model(),
                response.text(),
                response.reasoning(),
                response.toolCalls(),
                response.cutToolCalls(),
                response.finishReason(),
                response.usage(),
                response.message().extra(),
                response.extra());
    }

    private static void counted(Usage usage) {
        long least = Math.min(
                Math.min(usage.promptTokens(), usage.completionTokens()),
                Math.min(usage.totalTokens(), Math.min(usage.cachedTokens(), usage.reasoningTokens())));
        FuzzCheck.hold(least >= 0, "a negative count in " + usage);
    }

    /** A tool must be able to take the arguments for what every other reader takes them for. */
    private static void runnable(ToolCall call) {
        FuzzCheck.hold(!call.name().isEmpty(), "a call without name");
        try (JsonReader in = new JsonReader(call.arguments().getBytes(StandardCharsets.UTF_8))) {
            FuzzCheck.hold(in.next() && in.isObject(), "arguments that are no object");
            in.anyUnique();
            FuzzCheck.hold(!in.next(), "arguments with something behind them");
        }
    }
}
