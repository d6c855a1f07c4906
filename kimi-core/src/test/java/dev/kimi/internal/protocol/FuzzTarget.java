package dev.kimi.internal.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * What is fed with bad input, and what must hold of it, once for the seeded loops of {@link FuzzTest} and for the runs
 * that coverage guides ({@link FuzzRun}). A further target is a further constant: texts to begin with, and a method
 * that takes any input and throws an {@link AssertionError}, or lets through what must not escape, when something is
 * wrong.
 */
enum FuzzTarget {

    /** Event streams, against a plain reading of the standard. */
    SSE(FuzzSse::events, Corpus.STREAMS),
    /** JSON of any shape. */
    JSON(FuzzJson::values, Corpus.JSON),
    /** Streamed responses. */
    STREAM(FuzzResponses::stream, Corpus.STREAMS),
    /** Whole responses. */
    ANSWER(FuzzResponses::whole, Corpus.ANSWERS),
    /** Streamed responses of the Messages protocol. */
    MESSAGE_STREAM(FuzzResponses::messageStream, Corpus.MESSAGE_STREAMS),
    /** Streams of the Messages protocol whose events were lawful before they were changed; the text is only a seed. */
    MESSAGE_EVENTS(FuzzMessages::events, Corpus.JSON),
    /** Whole responses of the Messages protocol, and what goes back of them. */
    MESSAGE(FuzzResponses::wholeMessage, Corpus.MESSAGE_BODIES),
    /** Lists of models. */
    MODELS(FuzzResponses::models, Corpus.MODELS),
    /** Files of model cards. */
    CARDS(FuzzCards::file, Corpus.CARDS),
    /** Responses that say what went wrong: header lines, a blank line, the body. */
    ERROR(FuzzFailures::error, Corpus.ERRORS, Corpus.HINT_HEADERS),
    /** When to come again: header lines, a blank line, the service's words. */
    HINT(FuzzFailures::hint, Corpus.HINTS, Corpus.HINT_HEADERS),
    /** Bodies packed by gzip. */
    GZIP(FuzzGzip::body, Corpus.ANSWERS);

    private static final int DRAWN = 200;
    private static final int MAX_DRAWS = 128;

    private final Consumer<FuzzInput> check;
    private final List<String> texts;
    private final List<String> headers;

    FuzzTarget(Consumer<FuzzInput> check, List<String> texts) {
        this(check, texts, List.of());
    }

    FuzzTarget(Consumer<FuzzInput> check, List<String> texts, List<String> headers) {
        this.check = check;
        this.texts = texts;
        this.headers = headers;
    }

    static FuzzTarget of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    /** Its name in settings and folders. */
    String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Feeds one input, as {@link FuzzInput} divides it; but where the last byte is negative, the others are the draws
     * of a {@link Mutator}. What a pattern matches shows in no coverage, so mutating bytes alone would not get far
     * there.
     */
    void check(byte[] input) {
        int last = input.length - 1;
        boolean drawn = last >= 0 && input[last] < 0;
        check.accept(new FuzzInput(
                drawn ? mutated(new Mutator(FuzzInput.draws(Arrays.copyOf(input, last), false))) : input));
    }

    /** Inputs to begin with. */
    List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        for (String text : texts == Corpus.STREAMS ? Corpus.allStreams() : texts) {
            if (headers.isEmpty()) {
                seeds.addAll(choices(text));
            }
            for (int i = 0; i < headers.size(); i++) {
                String value = Corpus.HINTS.get((seeds.size() + i) % Corpus.HINTS.size());
                seeds.addAll(choices(headers.get(i) + ": " + value + "\n\n" + text));
            }
        }
        for (int i = 0; i < DRAWN; i++) {
            byte[] draws = new byte[MAX_DRAWS];
            new SplittableRandom(i).nextBytes(draws);
            draws[MAX_DRAWS - 1] = -1;
            seeds.add(draws);
        }
        return seeds;
    }

    private static List<byte[]> choices(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return List.of(
                FuzzInput.join(bytes),
                FuzzInput.join(bytes, new byte[] {3, 0, 7, 1, 40}),
                FuzzInput.join(bytes, new byte[] {(byte) 200, 17, 1, 2, 3, 5, 8, 13, 21}));
    }

    /** One input of the seeded loops. */
    byte[] mutated(Mutator mutator) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        if (!headers.isEmpty()) {
            for (int i = mutator.below(4); i > 0; i--) {
                String value = new String(mutator.mutate(Corpus.HINTS), StandardCharsets.ISO_8859_1);
                String line =
                        headers.get(mutator.below(headers.size())) + ':' + value.replaceAll("[\r\n\0]", "") + '\n';
                text.writeBytes(line.getBytes(StandardCharsets.ISO_8859_1));
            }
            text.write('\n');
        }
        text.writeBytes(mutator.mutate(texts));
        byte[] choices = new byte[mutator.below(FuzzInput.MAX_CHOICES + 1)];
        for (int i = 0; i < choices.length; i++) {
            choices[i] = (byte) mutator.below(256);
        }
        return FuzzInput.join(text.toByteArray(), choices);
    }
}
