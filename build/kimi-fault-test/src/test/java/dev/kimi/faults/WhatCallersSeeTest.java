package dev.kimi.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatStream;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.ContentFilteredException;
import dev.kimi.error.DeadlineExceededException;
import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.error.OverloadedException;
import dev.kimi.error.PermissionException;
import dev.kimi.error.QuotaExceededException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TransportException;
import dev.kimi.error.TruncatedStreamException;
import dev.kimi.test.KimiSimulator;
import dev.kimi.test.Reply;
import dev.kimi.time.Timeouts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which exception comes of what, what it says, and how often the service is asked before it is thrown. */
@Timeout(60)
@ParameterizedClass
@EnumSource
class WhatCallersSeeTest {

    private static final String KEY = "sk-canary-of-the-key";
    private static final String PROMPT = "canary of the prompt";
    private static final String BODY = "canary-of-the-body";
    /** What the simulator sends as {@code x-msh-trace-id}. */
    private static final String TRACE = "[0-9a-f]{32}";

    @Parameter
    TransportUnderTest transport = TransportUnderTest.HTTP1;

    private KimiSimulator kimi;
    private KimiClient client;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        client = builder(kimi.baseUrl()).build();
    }

    /** Chance always gives the shortest wait, which is none. */
    private KimiClientBuilder builder(String baseUrl) {
        return transport.client().baseUrl(baseUrl).apiKey(KEY).random(() -> 0L);
    }

    @AfterEach
    void close() {
        client.close();
        kimi.close();
    }

    static Stream<Arguments> rejections() {
        return Stream.of(
                rejection(400, InvalidRequestException.class, 1),
                rejection(401, AuthenticationException.class, 1),
                rejection(403, PermissionException.class, 1),
                rejection(404, InvalidRequestException.class, 1),
                rejection(408, ServerException.class, 3),
                rejection(409, ServerException.class, 3),
                rejection(413, InvalidRequestException.class, 1),
                rejection(422, InvalidRequestException.class, 1),
                rejection(429, RateLimitException.class, 3),
                rejection(500, ServerException.class, 3),
                rejection(502, ServerException.class, 3),
                rejection(503, OverloadedException.class, 3),
                rejection(504, ServerException.class, 3),
                rejection(529, OverloadedException.class, 3),
                named(429, "engine_overloaded_error", OverloadedException.class, 3),
                named(429, "exceeded_current_quota_error", QuotaExceededException.class, 1),
                named(403, "insufficient_quota", QuotaExceededException.class, 1),
                named(402, "billing_error", QuotaExceededException.class, 1),
                named(400, "content_filter", ContentFilteredException.class, 1));
    }

    private static Arguments rejection(int status, Class<? extends KimiException> type, int attempts) {
        return named(status, "name_of_the_error", type, attempts);
    }

    private static Arguments named(int status, String name, Class<? extends KimiException> type, int attempts) {
        return Arguments.of(status, name, type, attempts);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rejections")
    void a_rejection_is_an_exception_of_its_type_with_its_data(
            int status, String name, Class<? extends KimiException> type, int attempts) {
        kimi.otherwise(Reply.error(status, name, BODY + " and " + PROMPT));

        KimiException failure = failureOfChat(type);

        assertThat(failure.status()).isEqualTo(status);
        assertThat(failure.errorType()).isEqualTo(name);
        assertThat(failure.requestId()).matches(TRACE);
        assertThat(failure.attempts()).isEqualTo(attempts);
        assertThat(failure.elapsed()).isPositive();
        assertThat(kimi.requests()).hasSize(attempts);
        assertThat(failureOfStream(type).attempts()).isEqualTo(attempts);
    }

    @Test
    void a_rate_limit_says_which_and_until_when() {
        kimi.otherwise(Reply.rateLimited(Duration.ofHours(1)));

        RateLimitException failure = failureOfChat(RateLimitException.class);

        assertThat(failure.limit()).isEqualTo(RateLimitException.Limit.REQUESTS_PER_MINUTE);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(failure.retryAt()).isNotNull();
    }

    @Test
    void a_daily_limit_is_not_tried_again_when_the_wait_does_not_fit() {
        kimi.otherwise(Reply.tpdLimited(Duration.ofHours(5)));

        RateLimitException failure = failureOfChat(RateLimitException.class);

        assertThat(failure.limit()).isEqualTo(RateLimitException.Limit.TOKENS_PER_DAY);
        assertThat(failure.attempts()).isEqualTo(1);
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void an_invalid_request_says_which_field_and_what_to_write() {
        kimi.otherwise(Reply.error(400, "invalid_request_error", "invalid temperature: only 1 is allowed"));

        InvalidRequestException failure = failureOfChat(InvalidRequestException.class);

        assertThat(failure.param()).isEqualTo("temperature");
        assertThat(failure.fix()).contains("unset");
    }

    @Test
    void what_is_known_to_be_rejected_is_not_sent() {
        InvalidRequestException failure = catchThrowableOfType(
                InvalidRequestException.class,
                () -> client.chat(
                        ChatRequest.builder().user(PROMPT).temperature(0.3).build()));

        assertThat(failure.param()).isEqualTo("temperature");
        assertThat(failure.attempts()).isZero();
        assertThat(failure.status()).isZero();
        assertThat(kimi.requests()).isEmpty();
    }

    @Test
    void a_service_that_is_not_there_is_tried_again_since_it_cannot_have_worked() throws IOException {
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            client.close();
            client = builder("http://127.0.0.1:" + nobody.getLocalPort()).build();
        }

        TransportException failure = failureOfChat(TransportException.class);

        assertThat(failure.unprocessed()).isTrue();
        assertThat(failure.status()).isZero();
        assertThat(failure.attempts()).isEqualTo(3);
    }

    @Test
    void a_connection_that_breaks_before_the_response_is_not_tried_again_since_it_may_have_worked() {
        kimi.otherwise(Reply.noResponse());

        TransportException failure = failureOfChat(TransportException.class);

        assertThat(failure.unprocessed()).isFalse();
        assertThat(failure.attempts()).isEqualTo(1);
        assertThat(kimi.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_cut_stream_says_what_had_arrived_and_which_request_it_was(boolean cut) {
        Reply reply = Reply.text("one two three four five six");
        kimi.otherwise(cut ? reply.cutAfterEvents(4) : reply.withoutDone());

        TruncatedStreamException failure = failureOfStream(TruncatedStreamException.class);

        assertThat(failure.partial().text()).startsWith("one");
        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(TRACE);
        assertThat(failure.attempts()).isEqualTo(1);
        assertThat(kimi.requests()).as("past the commit point").hasSize(1);
    }

    @Test
    void a_response_that_breaks_off_says_which_request_it_was() {
        kimi.otherwise(Reply.text("one two three").cutAfterBytes(5));

        TransportException failure = failureOfChat(TransportException.class);

        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(TRACE);
    }

    @Test
    void a_response_that_cannot_be_read_is_tried_again_and_says_which_request_it_was() {
        kimi.otherwise(Reply.malformed());

        ServerException failure = failureOfChat(ServerException.class);

        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(TRACE);
        assertThat(failure.attempts()).isEqualTo(2);
    }

    @Test
    void a_stream_that_falls_silent_says_in_which_phase_and_which_request_it_was() {
        client.close();
        client = builder(kimi.baseUrl())
                .timeouts(Timeouts.builder().idle(Duration.ofMillis(100)).build())
                .build();
        kimi.otherwise(Reply.text("one two three four").stallAfterEvents(3));

        DeadlineExceededException failure = failureOfStream(DeadlineExceededException.class);

        assertThat(failure.phase()).isEqualTo(DeadlineExceededException.Phase.IDLE);
        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(TRACE);
        assertThat(kimi.requests()).hasSize(1);
    }

    @Test
    void a_service_that_does_not_respond_in_time_has_neither_status_nor_request() {
        kimi.otherwise(Reply.text("never").stallBeforeHeaders());

        DeadlineExceededException failure = catchThrowableOfType(
                DeadlineExceededException.class,
                () -> client.chat(ChatRequest.builder()
                        .user(PROMPT)
                        .deadline(Duration.ofMillis(100))
                        .build()));

        assertThat(failure.phase()).isEqualTo(DeadlineExceededException.Phase.FIRST_EVENT);
        assertThat(failure.status()).isZero();
        assertThat(failure.requestId()).isNull();
        assertThat(failure.attempts()).isEqualTo(1);
    }

    private <T extends KimiException> T failureOfChat(Class<T> type) {
        T failure = catchThrowableOfType(type, () -> client.chat(PROMPT));
        assertTellsNoSecret(failure);
        return failure;
    }

    private <T extends KimiException> T failureOfStream(Class<T> type) {
        try (ChatStream stream = client.stream(ChatRequest.of(PROMPT))) {
            T failure = catchThrowableOfType(type, () -> stream.forEach(event -> {}));
            assertTellsNoSecret(failure);
            return failure;
        }
    }

    /** Whatever a log would show of it, causes included. */
    private static void assertTellsNoSecret(KimiException failure) {
        assertThat(failure).isNotNull();
        assertThat(failure.getMessage()).as("what to do").contains(" ");
        StringWriter printed = new StringWriter();
        failure.printStackTrace(new PrintWriter(printed));
        assertThat(printed.toString()).doesNotContain("canary");
    }
}
