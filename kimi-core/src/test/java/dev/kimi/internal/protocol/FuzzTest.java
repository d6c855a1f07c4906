package dev.kimi.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a service may send, mutated from seeds: the short form of fuzzing, the same on every run. {@link FuzzRun} is the
 * long form. {@code -Dkimi.fuzz.inputs} and {@code -Dkimi.fuzz.base} ask for more, or others; the message of a failure
 * names the seed, which as base with one input runs that one alone.
 */
class FuzzTest {

    private static final long INPUTS = Long.getLong("kimi.fuzz.inputs", 10_000);
    private static final long BASE = Long.getLong("kimi.fuzz.base", 20_261_123);

    @ParameterizedTest
    @EnumSource
    void what_mutation_begins_with_is_read(FuzzTarget target) {
        List<byte[]> seeds = target.seeds();

        assertThat(seeds).hasSizeGreaterThan(2).allSatisfy(target::check);
    }

    @Test
    void an_event_stream_is_read_as_the_standard_says() {
        fuzz(FuzzTarget.SSE);
    }

    @Test
    void json_is_read_alike_on_every_way_through_it() {
        fuzz(FuzzTarget.JSON);
    }

    @Test
    void a_stream_is_read_alike_wherever_it_is_cut() {
        fuzz(FuzzTarget.STREAM);
    }

    @Test
    void a_whole_response_is_read_or_rejected_by_type() {
        fuzz(FuzzTarget.ANSWER);
    }

    @Test
    void a_stream_of_messages_is_read_alike_wherever_it_is_cut() {
        fuzz(FuzzTarget.MESSAGE_STREAM);
    }

    @Test
    void a_whole_message_is_read_or_rejected_by_type() {
        fuzz(FuzzTarget.MESSAGE);
    }

    @Test
    void what_was_done_to_the_events_of_a_message_never_makes_another_message_of_it() {
        fuzz(FuzzTarget.MESSAGE_EVENTS);
    }

    @Test
    void a_file_of_model_cards_is_taken_or_rejected_by_setting() {
        fuzz(FuzzTarget.CARDS);
    }

    @Test
    void a_list_of_models_is_read_or_rejected_by_type() {
        fuzz(FuzzTarget.MODELS);
    }

    @Test
    void an_error_is_always_classified_and_shows_nothing() {
        fuzz(FuzzTarget.ERROR);
    }

    @Test
    void a_hint_is_sane_or_absent() {
        fuzz(FuzzTarget.HINT);
    }

    @Test
    void a_compressed_body_is_decompressed_as_the_jdk_does_or_rejected_by_type() {
        fuzz(FuzzTarget.GZIP);
    }

    /** For what {@link FuzzRun} found. */
    @Test
    @EnabledIfSystemProperty(named = "kimi.fuzz.replay", matches = ".+")
    void an_input_from_a_file_is_read() throws IOException {
        FuzzTarget target = FuzzTarget.of(System.getProperty("kimi.fuzz.target", ""));

        target.check(Files.readAllBytes(Path.of(System.getProperty("kimi.fuzz.replay"))));
    }

    private static void fuzz(FuzzTarget target) {
        for (long seed = BASE; seed < BASE + INPUTS; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] input = target.mutated(new Mutator(random::nextInt));
            try {
                target.check(input);
            } catch (RuntimeException | AssertionError | StackOverflowError e) {
                fail("input of seed " + seed, e);
            }
        }
    }
}
