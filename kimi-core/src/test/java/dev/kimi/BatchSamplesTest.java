package dev.kimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kimi.auth.Credentials;
import dev.kimi.batch.CallSample;
import dev.kimi.chat.ChatRequest;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.retry.RetryDecision;
import dev.kimi.retry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the window of a bulk run gets to know of each call. */
@Timeout(60)
class BatchSamplesTest {

    private final Deque<ClientFixture.Reply> replies = new ArrayDeque<>();
    private final ClientFixture service =
            new ClientFixture(body -> replies.isEmpty() ? ClientFixture.Reply.text("yes") : replies.poll());
    private final WatchedWindow window = new WatchedWindow(8);

    private static ClientFixture.Reply rejected(int status) {
        return new ClientFixture.Reply(status, "{\"error\":{\"type\":\"no\",\"message\":\"not now\"}}");
    }

    private static List<ChatRequest> questions(int count) {
        List<ChatRequest> questions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            questions.add(ChatRequest.of("question " + i));
        }
        return questions;
    }

    private static long millis(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }

    private void advance(long millis) {
        service.time.advance(Duration.ofMillis(millis));
    }

    @Test
    void a_sample_says_when_a_call_was_queued_sent_begun_and_ended_and_what_it_wrote() {
        replies.add(new ClientFixture.Reply(200, ClientFixture.Reply.text("yes").body(), Duration.ofMillis(300)));
        service.untilHead = () -> Duration.ofMillis(20);
        CompletableFuture<Credentials> token = new CompletableFuture<>();
        try (KimiClient client = service.builder().credentials(() -> token).build()) {
            client.batch(questions(1), BatchOptions.window(window));
            advance(5);
            token.complete(Credentials.bearer("sk-test"));
            advance(400);

            CallSample sample = window.samples.get(0);
            assertThat(window.samples).hasSize(1);
            assertThat(sample.index()).isZero();
            assertThat(sample.attempt()).isEqualTo(1);
            assertThat(sample.queuedNanos()).isZero();
            assertThat(sample.sentNanos()).hasValue(millis(5));
            assertThat(sample.firstEventNanos()).hasValue(millis(25));
            assertThat(sample.endedNanos()).hasValue(millis(325));
            assertThat(sample.streamed()).isFalse();
            assertThat(sample.outputTokens()).isEqualTo(1);
            assertThat(sample.throttled()).isFalse();
            assertThat(sample.succeeded()).isTrue();
            assertThat(sample.inFlight()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({"429, true", "503, true", "529, true", "500, false"})
    void each_attempt_has_its_sample_and_a_rejected_one_says_when_it_was_sent(int status, boolean throttled) {
        replies.add(rejected(status));
        service.untilHead = () -> Duration.ofMillis(10);
        RetryPolicy patient = attempt -> RetryDecision.after(Duration.ofSeconds(30));
        try (KimiClient client = service.builder().retryPolicy(patient).build()) {
            client.batch(questions(1), BatchOptions.window(window));
            advance(1_010);
            assertThat(window.samples).hasSize(1);

            advance(60_000);

            assertThat(window.samples).hasSize(2);
            CallSample first = window.samples.get(0);
            assertThat(first.throttled()).isEqualTo(throttled);
            assertThat(first.succeeded()).isFalse();
            assertThat(first.attempt()).isEqualTo(1);
            assertThat(first.sentNanos()).hasValue(0);
            assertThat(first.firstEventNanos()).isEmpty();
            assertThat(first.endedNanos()).hasValue(millis(10));
            assertThat(first.outputTokens()).isEqualTo(-1);
            CallSample second = window.samples.get(1);
            assertThat(second.index()).isEqualTo(first.index());
            assertThat(second.attempt()).isEqualTo(2);
            assertThat(second.queuedNanos()).isZero();
            assertThat(second.sentNanos().getAsLong()).isGreaterThanOrEqualTo(millis(30_010));
            assertThat(second.succeeded()).isTrue();
        }
    }

    @Test
    void a_rejection_is_sampled_before_the_next_call_starts_and_without_waiting_for_a_tick() {
        replies.add(rejected(429));
        service.untilHead = () -> Duration.ofMillis(10);
        List<Integer> startedBefore = new ArrayList<>();
        WatchedWindow shrinking = new WatchedWindow(4) {
            @Override
            void onSample(CallSample sample) {
                if (sample.throttled()) {
                    startedBefore.add(service.sent.size());
                    permits = 1;
                }
            }
        };
        RetryPolicy patient = attempt -> RetryDecision.after(Duration.ofSeconds(30));
        try (KimiClient client = service.builder().retryPolicy(patient).build();
                BatchRun run = client.batch(questions(100), BatchOptions.window(shrinking))) {
            advance(10);

            assertThat(startedBefore).containsExactly(4);
            assertThat(service.sent).hasSize(4);
            assertThat(shrinking.samples.get(0).inFlight()).isEqualTo(4);
            assertThat(run.progress().window()).isEqualTo(1);
        }
    }

    @Test
    void a_call_that_is_not_sent_has_a_sample_that_says_so() {
        try (KimiClient client = service.builder()
                        .credentials(() -> CompletableFuture.failedFuture(
                                new AuthenticationException("no key", KimiException.Details.NONE, null)))
                        .build();
                BatchRun run = client.batch(questions(3), BatchOptions.window(window))) {
            assertThat(WatchedWindow.all(run)).hasSize(3);

            assertThat(window.samples).extracting(CallSample::index).containsExactly(0, 1, 2);
            assertThat(window.samples).allSatisfy(sample -> {
                assertThat(sample.attempt()).isZero();
                assertThat(sample.sentNanos()).isEmpty();
                assertThat(sample.firstEventNanos()).isEmpty();
                assertThat(sample.endedNanos()).hasValue(0);
                assertThat(sample.succeeded()).isFalse();
            });
        }
    }

    @Test
    void calls_that_are_cancelled_have_their_samples_too() {
        service.hold = true;
        try (KimiClient client = service.builder().build()) {
            BatchRun run = client.batch(questions(100), BatchOptions.window(window));
            advance(100);

            run.close();

            assertThat(window.samples).hasSize(8).allSatisfy(sample -> {
                assertThat(sample.sentNanos()).hasValue(0);
                assertThat(sample.endedNanos()).hasValue(millis(100));
                assertThat(sample.throttled()).isFalse();
                assertThat(sample.succeeded()).isFalse();
            });
        }
    }

    @Test
    void the_window_has_all_samples_before_the_consumer_sees_the_end_even_if_the_callback_executor_is_stuck() {
        List<Runnable> stuck = new ArrayList<>();
        try (KimiClient client = service.builder().callbackExecutor(stuck::add).build();
                BatchRun run = client.batch(questions(20), BatchOptions.window(window))) {
            int taken = 0;
            service.answerAll();
            for (BatchResult result : run) {
                assertThat(result.succeeded()).isTrue();
                taken++;
                service.answerAll();
            }

            assertThat(taken).isEqualTo(20);
            assertThat(window.samples).hasSize(20).allMatch(CallSample::succeeded);
            assertThat(stuck).isNotEmpty();
        }
    }
}
