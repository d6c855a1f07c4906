package dev.kimi.test;

import dev.kimi.test.internal.Answer;
import dev.kimi.test.internal.ApiError;
import dev.kimi.test.internal.ChatWriter;
import dev.kimi.test.internal.Face;
import dev.kimi.test.internal.MessagesWriter;
import dev.kimi.test.internal.Piece;
import dev.kimi.test.internal.Pieces;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.List;

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
        return asked -> {
            Latency latency = asked.latency();
            int tokens = latency.tokensOf(asked.number());
            return render(Answer.generate(asked.query(), latency.reasoningTokens(), tokens), asked);
        };
    }

    static Content fixed(int status, String contentType, byte[] body) {
        return asked -> whole(status, contentType, body, 0);
    }

    static Content eventStream(List<Piece> steps) {
        return asked -> new Content.Rendering(200, EVENT_STREAM, null, Pieces.of(steps), 0);
    }

    static Content raw(byte[] body) {
        return asked -> whole(200, asked.query().stream() ? EVENT_STREAM : JSON, body, 0);
    }

    static Content malformed() {
        return asked -> {
            if (!asked.query().stream()) {
                return whole(200, JSON, HALF, 0);
            }
            byte[] event =
                    ("data: " + new String(HALF, StandardCharsets.UTF_8) + "\n\n").getBytes(StandardCharsets.UTF_8);
            Pieces pieces = Pieces.of(List.of(Piece.event(event, 0), Piece.DONE));
            return new Content.Rendering(200, EVENT_STREAM, null, pieces, 0);
        };
    }

    static Content bulk(long count, int size) {
        String text = "lorem ipsum ".repeat(size / 12 + 1).substring(0, size);
        return asked -> {
            List<String> words = new Repeated(text, (int) Math.min(Integer.MAX_VALUE, count));
            int tokens = (int) Math.min(Integer.MAX_VALUE, count);
            Answer.Counts counts = new Answer.Counts(asked.query().promptTokens(), tokens, 0, 0);
            return render(new Answer(List.of(), words, List.of(), "stop", counts), asked);
        };
    }

    static Content.Rendering render(Answer answer, Content.Asked asked) {
        Latency latency = asked.latency();
        if (asked.query().face().messages()) {
            return message(answer, asked);
        }
        String model = asked.query().model().id();
        ChatWriter writer = new ChatWriter(answer, asked.id(), model, asked.created());
        if (asked.query().stream()) {
            Pieces chunks = writer.chunks(asked.query().usageChunk(), latency.firstTokenNanos(), latency.gapNanos());
            return new Content.Rendering(200, EVENT_STREAM, null, chunks, 0);
        }
        int tokens = answer.counts().completion();
        return whole(200, JSON, writer.whole(), latency.firstTokenNanos() + tokens * latency.gapNanos());
    }

    private static Content.Rendering message(Answer answer, Content.Asked asked) {
        MessagesWriter writer = new MessagesWriter(answer, asked.id(), asked.query());
        long first = asked.latency().firstTokenNanos();
        long gap = asked.latency().gapNanos();
        if (asked.query().stream()) {
            return new Content.Rendering(200, EVENT_STREAM, null, writer.events(first, gap), 0);
        }
        return whole(200, JSON, writer.whole(), first + answer.counts().completion() * gap);
    }

    static Content error(ApiError error) {
        return asked -> {
            Face face = asked.query().face();
            return whole(face.status(error), JSON, face.body(error, asked.id()), 0);
        };
    }

    static Content.Rendering whole(int status, String contentType, byte[] body, long delayNanos) {
        Pieces pieces = Pieces.of(List.of(Piece.bytes(body, 0)));
        return new Content.Rendering(status, contentType, body, pieces, delayNanos);
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
