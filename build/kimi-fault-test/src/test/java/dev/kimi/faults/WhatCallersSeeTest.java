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

    @Parameter
    Wire wire = Wire.OPENAI_HTTP1;

    private KimiSimulator kimi;
    private KimiClient client;

    @BeforeEach
    void start() {
        kimi = KimiSimulator.start();
        client = builder(kimi.baseUrl()).build();
    }

    /** Chance always gives the shortest wait, which is none. */
    private KimiClientBuilder builder(String baseUrl) {
        return wire.client().baseUrl(baseUrl).apiKey(KEY).random(() -> 0L);
    }

    @AfterEach
    void close() {
        client.close();
        kimi.close();
    }

    /** What a service says of an error. */
    record Said(int status, String name, String words) {}

    private static Said said(int status, String name) {
        return new Said(status, name, "");
    }

    static Stream<Arguments> rejections() {
        return Stream.concat(byStatus(), byName());
    }

    private static Stream<Arguments> byStatus() {
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
                rejection(529, OverloadedException.class, 3));
    }

    private static Stream<Arguments> byName() {
        return Stream.of(
                rejection(
                        said(400, "invalid_request_error"),
                        said(400, "invalid_request_error"),
                        InvalidRequestException.class,
                        1),
                rejection(
                        said(401, "incorrect_api_key_error"),
                        said(401, "authentication_error"),
                        AuthenticationException.class,
                        1),
                rejection(
                        said(403, "permission_denied_error"),
                        said(403, "permission_error"),
                        PermissionException.class,
                        1),
                rejection(
                        said(404, "resource_not_found_error"),
                        said(404, "not_found_error"),
                        InvalidRequestException.class,
                        1),
                rejection(
                        said(413, "invalid_request_error"),
                        said(413, "request_too_large"),
                        InvalidRequestException.class,
                        1),
                rejection(
                        said(429, "rate_limit_reached_error"),
                        said(429, "rate_limit_error"),
                        RateLimitException.class,
                        3),
                rejection(said(500, "server_error"), said(500, "api_error"), ServerException.class, 3),
                rejection(said(504, "server_error"), said(504, "timeout_error"), ServerException.class, 3),
                rejection(
                        said(429, "engine_overloaded_error"),
                        said(529, "overloaded_error"),
                        OverloadedException.class,
                        3),
                rejection(
                        said(429, "exceeded_current_quota_error"),
                        said(402, "billing_error"),
                        QuotaExceededException.class,
                        1),
                rejection(
                        said(403, "insufficient_quota"),
                        new Said(
                                400,
                                "invalid_request_error",
                                "You have reached your specified API usage limits. You will regain access on 2026-12-01"
                                        + " at 00:00 UTC. "),
                        QuotaExceededException.class,
                        1),
                rejection(
                        said(400, "content_filter"),
                        new Said(400, "invalid_request_error", "Output blocked by content filtering policy. "),
                        ContentFilteredException.class,
                        1));
    }

    private static Arguments rejection(int status, Class<? extends KimiException> type, int attempts) {
        return rejection(said(status, "name_of_the_error"), said(status, "name_of_the_error"), type, attempts);
    }

    private static Arguments rejection(Said openai, Said anthropic, Class<? extends KimiException> type, int attempts) {
        return Arguments.of(openai, anthropic, type, attempts);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("rejections")
    void a_rejection_is_an_exception_of_its_type_with_its_data(
            Said openai, Said anthropic, Class<? extends KimiException> type, int attempts) {
        Said said = wire.isAnthropic() ? anthropic : openai;
        Reply reply = Reply.error(said.status(), said.name(), said.words() + BODY + " and " + PROMPT);
        // Anthropic's service rejects for good where it says so, and names no time
        kimi.otherwise(wire.isAnthropic() ? reply.header("x-should-retry", Boolean.toString(attempts > 1)) : reply);

        KimiException failure = failureOfChat(type);

        assertThat(failure.status()).isEqualTo(said.status());
        assertThat(failure.errorType()).isEqualTo(said.name());
        assertThat(failure.requestId()).matches(wire.requestId());
        assertThat(failure.attempts()).isEqualTo(attempts);
        assertThat(failure.elapsed()).isPositive();
        assertThat(kimi.requests()).hasSize(attempts);
        assertThat(failureOfStream(type).attempts()).isEqualTo(attempts);
    }

    @Test
    void a_rate_limit_says_which_and_until_when() {
        // Anthropic's service says in a header alone which limit it is; the other passes such headers over
        kimi.otherwise(Reply.rateLimited(Duration.ofHours(1)).header("anthropic-ratelimit-requests-remaining", "0"));

        RateLimitException failure = failureOfChat(RateLimitException.class);

        assertThat(failure.limit()).isEqualTo(RateLimitException.Limit.REQUESTS_PER_MINUTE);
        assertThat(failure.retryAfter()).isEqualTo(Duration.ofHours(1));
        assertThat(failure.retryAt()).isNotNull();
    }

    @Test
    void a_daily_limit_is_not_tried_again_when_the_wait_does_not_fit() {
        kimi.otherwise(Reply.tpdLimited(Duration.ofHours(5)));

        RateLimitException failure = failureOfChat(RateLimitException.class);

        // Anthropic has no limits of a day
        assertThat(failure.limit())
                .isEqualTo(
                        wire.isAnthropic()
                                ? RateLimitException.Limit.TOKENS_PER_MINUTE
                                : RateLimitException.Limit.TOKENS_PER_DAY);
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
        kimi.otherwise(cut ? reply.cutAfterEvents(wire.eventsUntilText(3)) : reply.withoutDone());

        TruncatedStreamException failure = failureOfStream(TruncatedStreamException.class);

        assertThat(failure.partial().text()).startsWith("one");
        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(wire.requestId());
        assertThat(failure.attempts()).isEqualTo(1);
        assertThat(kimi.requests()).as("past the commit point").hasSize(1);
    }

    @Test
    void a_response_that_breaks_off_says_which_request_it_was() {
        kimi.otherwise(Reply.text("one two three").cutAfterBytes(5));

        TransportException failure = failureOfChat(TransportException.class);

        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(wire.requestId());
    }

    @Test
    void a_response_that_cannot_be_read_is_tried_again_and_says_which_request_it_was() {
        kimi.otherwise(Reply.malformed());

        ServerException failure = failureOfChat(ServerException.class);

        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(wire.requestId());
        assertThat(failure.attempts()).isEqualTo(2);
    }

    @Test
    void a_stream_that_falls_silent_says_in_which_phase_and_which_request_it_was() {
        client.close();
        client = builder(kimi.baseUrl())
                .timeouts(Timeouts.builder().idle(Duration.ofMillis(100)).build())
                .build();
        kimi.otherwise(Reply.text("one two three four").stallAfterEvents(wire.eventsUntilText(2)));

        DeadlineExceededException failure = failureOfStream(DeadlineExceededException.class);

        assertThat(failure.phase()).isEqualTo(DeadlineExceededException.Phase.IDLE);
        assertThat(failure.status()).isEqualTo(200);
        assertThat(failure.requestId()).matches(wire.requestId());
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
