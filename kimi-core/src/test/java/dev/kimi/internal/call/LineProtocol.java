package dev.kimi.internal.call;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.FinishReason;
import dev.kimi.chat.Message;
import dev.kimi.chat.Usage;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.EncodeTarget;
import dev.kimi.internal.protocol.EncodedChat;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.ModelPage;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.service.ModelCard;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The simplest protocol that an engine can be tested with: a body is the response's text; a stream is a line per event,
 * {@code .} is its end mark, {@code !} an error, {@code ~} an event without content.
 */
class LineProtocol implements Protocol {

    @Override
    public String chatPath() {
        return "/chat";
    }

    @Override
    public String countPath() {
        return "/count";
    }

    @Override
    public String modelsPath(@Nullable String after) {
        return after == null ? "/models" : "/models?" + after;
    }

    @Override
    public Headers fixedHeaders() {
        return Headers.empty();
    }

    @Override
    public String name() {
        return "lines";
    }

    @Override
    public EncodedChat encode(ChatRequest request, EncodeTarget target) {
        String text = request.messages().get(0).text();
        if (text.equals("refused")) {
            throw new InvalidRequestException("refused here", KimiException.Details.NONE, "messages", "write else");
        }
        return new EncodedChat(EncodedChat.JSON, text.getBytes(StandardCharsets.UTF_8), List.of());
    }

    @Override
    public long inputTokens(ChatRequest request) {
        return 0;
    }

    @Override
    public long outputCap(ChatRequest request, ModelCard card) {
        return request.maxCompletionTokens();
    }

    @Override
    public ChatResponse decode(Headers headers, ByteBuffer body, ErrorContext context) {
        return answer(text(body));
    }

    private static ChatResponse answer(String text) {
        return ChatResponse.builder(Message.assistant(text))
                .finishReason(FinishReason.STOP)
                .usage(Usage.builder()
                        .promptTokens(3)
                        .completionTokens(text.length())
                        .build())
                .build();
    }

    @Override
    public ModelPage decodeModels(ByteBuffer body, ErrorContext context) {
        return new ModelPage(List.of(), null);
    }

    @Override
    public long decodeCount(ByteBuffer body, ErrorContext context) {
        return Long.parseLong(text(body));
    }

    @Override
    public KimiException error(int status, Headers headers, ByteBuffer body, ErrorContext context) {
        KimiException.Details.Builder details = context.details().status(status);
        String retryAfter = headers.first("retry-after");
        if (retryAfter != null) {
            Duration hint = Duration.ofSeconds(Long.parseLong(retryAfter));
            details.retry(hint, context.now().plus(hint));
        }
        return switch (status) {
            case 401 -> new AuthenticationException("401", details.build(), null);
            case 400 -> new InvalidRequestException("400", details.build(), null, null);
            case 429 ->
                new RateLimitException("429", details.build(), RateLimitException.Limit.REQUESTS_PER_MINUTE, null);
            case 529 -> new OverloadedException("529", details.build(), null);
            default -> new ServerException(String.valueOf(status), details.build(), null);
        };
    }

    @Override
    public ChatStreamDecoder decoder(Headers headers) {
        return new Lines();
    }

    private static String text(ByteBuffer body) {
        return StandardCharsets.UTF_8.decode(body).toString();
    }

    private static final class Lines implements ChatStreamDecoder {
        private final StringBuilder line = new StringBuilder();
        private final StringBuilder all = new StringBuilder();
        private boolean complete;
        private long events;

        @Override
        public void feed(ByteBuffer chunk, Consumer<? super ChatEvent> out) {
            for (char c : text(chunk).toCharArray()) {
                if (c == '\n') {
                    accept(line.toString(), out);
                    line.setLength(0);
                } else {
                    line.append(c);
                }
            }
        }

        private void accept(String event, Consumer<? super ChatEvent> out) {
            if (event.startsWith(":")) {
                return;
            }
            events++;
            switch (event) {
                case "." -> complete = true;
                case "!" ->
                    throw StreamFailure.reported(
                            "error event",
                            context -> new OverloadedException(
                                    "in stream", context.details().status(200).build(), null));
                case "~" -> {}
                default -> {
                    all.append(event);
                    out.accept(new ChatEvent.Text(event));
                }
            }
        }

        @Override
        public void end(Consumer<? super ChatEvent> out) {
            line.setLength(0);
        }

        @Override
        public boolean complete() {
            return complete;
        }

        @Override
        public long eventsRead() {
            return events;
        }

        @Override
        public boolean begun() {
            return events > 0;
        }

        @Override
        public Usage usage() {
            return complete ? response().usage() : Usage.NONE;
        }

        @Override
        public ChatResponse response() {
            return answer(all.toString());
        }

        @Override
        public TruncatedStreamException.Partial partial() {
            return new TruncatedStreamException.Partial(all.toString(), "", List.of(), -1, -1);
        }
    }
}
