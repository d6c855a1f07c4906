package dev.kimi.test;

import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ChatWriter;
import dev.kimi.test.internal.MessagesWriter;
import dev.kimi.test.internal.ModelOutput;
import dev.kimi.test.internal.Piece;
import dev.kimi.test.internal.Pieces;
import dev.kimi.test.internal.WireFormat;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;

/** The kinds of content a reply can have. */
final class Contents {

    static final String JSON = "application/json; charset=utf-8";
    static final String EVENT_STREAM = "text/event-stream; charset=utf-8";
    static final int FLOOD_EVENT = 16 * 1024;
    static final byte[] GATEWAY_PAGE = ("<html>\r\n<head><title>504 Gateway Time-out</title></head>\r\n<body>\r\n"
                    + "<center><h1>504 Gateway Time-out</h1></center>\r\n</body>\r\n</html>\r\n")
            .getBytes(StandardCharsets.UTF_8);

    private static final byte[] HALF =
            "{\"id\":\"chatcmpl-half\",\"choices\":[{\"index\":0,\"delta\":{\"cont".getBytes(StandardCharsets.UTF_8);

    private Contents() {}

    static Content generated() {
        return context -> {
            Latency latency = context.latency();
            int tokens = latency.tokensOf(context.number());
            return render(ModelOutput.generate(context.query(), latency.reasoningTokens(), tokens), context);
        };
    }

    static Content fixed(int status, String contentType, byte[] body) {
        return context -> whole(status, contentType, body, 0);
    }

    static Content eventStream(List<Piece> steps) {
        return context -> new Content.Rendering(200, EVENT_STREAM, null, Pieces.of(steps), 0, Map.of());
    }

    static Content raw(byte[] body) {
        return context -> whole(200, context.query().stream() ? EVENT_STREAM : JSON, body, 0);
    }

    static Content malformed() {
        return context -> {
            if (!context.query().stream()) {
                return whole(200, JSON, HALF, 0);
            }
            byte[] event =
                    ("data: " + new String(HALF, StandardCharsets.UTF_8) + "\n\n").getBytes(StandardCharsets.UTF_8);
            Pieces pieces = Pieces.of(List.of(Piece.event(event, 0), Piece.DONE));
            return new Content.Rendering(200, EVENT_STREAM, null, pieces, 0, Map.of());
        };
    }

    static Content bulk(long count, int size) {
        String text = "lorem ipsum ".repeat(size / 12 + 1).substring(0, size);
        return context -> {
            List<String> words = new Repeated(text, (int) Math.min(Integer.MAX_VALUE, count));
            int tokens = (int) Math.min(Integer.MAX_VALUE, count);
            ModelOutput.Counts counts = ModelOutput.counts(context.query(), tokens, 0);
            List<ModelOutput.Part> parts = List.of(new ModelOutput.Words(words));
            return render(new ModelOutput(parts, "stop", counts, ModelOutput.Notes.NONE), context);
        };
    }

    static Content.Rendering render(ModelOutput output, Content.RenderContext context) {
        Latency latency = context.latency();
        context.generated().accept(output.counts().completion());
        if (context.query().format().messages()) {
            return message(output, context);
        }
        String model = context.query().model().id();
        ChatWriter writer = new ChatWriter(output, context.id(), model, context.created());
        if (context.query().stream()) {
            Pieces chunks = writer.chunks(context.query().usageChunk(), latency.firstTokenNanos(), latency.gapNanos());
            return new Content.Rendering(200, EVENT_STREAM, null, chunks, 0, Map.of());
        }
        int tokens = output.counts().completion();
        return whole(200, JSON, writer.whole(), latency.firstTokenNanos() + tokens * latency.gapNanos());
    }

    private static Content.Rendering message(ModelOutput output, Content.RenderContext context) {
        MessagesWriter writer = new MessagesWriter(output, context.id(), context.query());
        long first = context.latency().firstTokenNanos();
        long gap = context.latency().gapNanos();
        if (context.query().stream()) {
            return new Content.Rendering(200, EVENT_STREAM, null, writer.events(first, gap), 0, Map.of());
        }
        return whole(200, JSON, writer.whole(), first + output.counts().completion() * gap);
    }

    static Content error(ApiError error) {
        return context -> {
            WireFormat format = context.query().format();
            Content.Rendering body = whole(format.status(error), JSON, format.body(error, context.requestId()), 0);
            return body.with(format.headers(error));
        };
    }

    static Content.Rendering whole(int status, String contentType, byte[] body, long delayNanos) {
        Pieces pieces = Pieces.of(List.of(Piece.bytes(body, 0)));
        return new Content.Rendering(status, contentType, body, pieces, delayNanos, Map.of());
    }

    /** The same text many times over, without holding it many times over. */
    private static final class Repeated extends AbstractList<String> {

        private final String text;
        private final int count;

        Repeated(String text, int count) {
            this.text = text;
            this.count = count;
        }

        @Override
        public String get(int index) {
            return text;
        }

        @Override
        public int size() {
            return count;
        }
    }
}
