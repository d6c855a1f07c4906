package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.kimi.chat.ChatEvent;
import dev.kimi.error.KimiException;
import dev.kimi.transport.Headers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What a service may send, mutated: readers fail with the types made for it or not at all, and do not care where the
 * network cuts. {@code -Dkimi.fuzz.inputs} and {@code -Dkimi.fuzz.base} ask for more, or others; the message of a
 * failure names the seed, which as base with one input runs that one alone.
 */
class FuzzTest {

    private static final long INPUTS = Long.getLong("kimi.fuzz.inputs", 10_000);
    private static final long BASE = Long.getLong("kimi.fuzz.base", 20_261_123);
    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ofSeconds(1), Instant.parse("2026-01-01T00:00:00Z"));
    private static final int LONGEST_MESSAGE = 2_000;

    private final OpenAiProtocol protocol = new OpenAiProtocol();

    /** One input. */
    private interface Target {
        void run(Mutator mutator);
    }

    private static void fuzz(Target target) {
        for (long seed = BASE; seed < BASE + INPUTS; seed++) {
            try {
                target.run(new Mutator(new SplittableRandom(seed)));
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                fail("input of seed " + seed, e);
            }
        }
    }

    @Test
    void a_stream_is_read_alike_wherever_it_is_cut() {
        fuzz(mutator -> {
            byte[] bytes = mutator.mutate(Corpus.STREAMS);
            assertThat(read(bytes, mutator, false)).isEqualTo(read(bytes, mutator, true));
        });
    }

    /** All that the decoder hands out, and last how it ended. */
    private List<Object> read(byte[] bytes, Mutator mutator, boolean cut) {
        List<Object> out = new ArrayList<>();
        ChatStreamDecoder decoder = protocol.decoder(Headers.empty());
        try {
            int from = 0;
            while (from < bytes.length) {
                int to = cut ? from + 1 + mutator.below(Math.min(40, bytes.length - from)) : bytes.length;
                decoder.feed(buffer(bytes, from, to, cut && mutator.below(4) == 0), out::add);
                from = to;
            }
            decoder.end(out::add);
            out.add(decoder.complete() ? decoder.response().text() : "cut");
        } catch (StreamFailure failure) {
            out.add(checked(failure.toException(CONTEXT)).getMessage());
        }
        assertThat(out.subList(0, out.size() - 1)).allMatch(event -> event instanceof ChatEvent);
        assertThat(decoder.partial()).isNotNull();
        return out;
    }

    private static ByteBuffer buffer(byte[] bytes, int from, int to, boolean direct) {
        if (!direct) {
            // the reader may look at no byte beyond its part
            byte[] part = new byte[to - from];
            System.arraycopy(bytes, from, part, 0, part.length);
            return ByteBuffer.wrap(part);
        }
        return ByteBuffer.allocateDirect(to - from).put(bytes, from, to - from).flip();
    }

    @Test
    void a_whole_answer_is_read_or_refused_by_type() {
        fuzz(mutator -> {
            byte[] bytes = mutator.mutate(Corpus.ANSWERS);
            readOrRefused(() -> assertThat(protocol.decode(Headers.empty(), ByteBuffer.wrap(bytes), CONTEXT))
                    .isNotNull());
        });
    }

    @Test
    void a_list_of_models_is_read_or_refused_by_type() {
        fuzz(mutator -> {
            byte[] bytes = mutator.mutate(Corpus.MODELS);
            readOrRefused(() -> assertThat(protocol.decodeModels(ByteBuffer.wrap(bytes), CONTEXT))
                    .isNotNull());
        });
    }

    @Test
    void an_error_is_always_classified() {
        fuzz(mutator -> {
            byte[] bytes = mutator.mutate(Corpus.ERRORS);
            int status = 300 + mutator.below(300);
            checked(protocol.error(status, hints(mutator), ByteBuffer.wrap(bytes), CONTEXT));
        });
    }

    @Test
    void a_hint_is_sane_or_absent() {
        fuzz(mutator -> {
            String message = text(mutator.mutate(Corpus.HINTS));
            checkHint(RetryHints.find(hints(mutator), message, CONTEXT.now()));
        });
    }

    private static Headers hints(Mutator mutator) {
        Headers.Builder headers = Headers.builder();
        int count = mutator.below(4);
        for (int i = 0; i < count; i++) {
            String name = Corpus.HINT_HEADERS.get(mutator.below(Corpus.HINT_HEADERS.size()));
            headers.add(name, text(mutator.mutate(Corpus.HINTS)).replaceAll("[\r\n\0]", ""));
        }
        return headers.build();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void readOrRefused(Runnable reading) {
        KimiException refused = null;
        try {
            reading.run();
        } catch (KimiException e) {
            refused = e;
        }
        if (refused != null) {
            checked(refused);
        }
    }

    private static KimiException checked(KimiException failure) {
        assertThat(failure.getMessage()).isNotBlank().hasSizeLessThan(LONGEST_MESSAGE);
        checkHint(failure.retryAfter());
        return failure;
    }

    private static void checkHint(@Nullable Duration hint) {
        if (hint != null) {
            assertThat(hint).isBetween(Duration.ZERO, RetryHints.LONGEST);
        }
    }
}
