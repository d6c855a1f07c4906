package dev.kimi.internal.protocol.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kimi.chat.ChatEvent;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Usage;
import dev.kimi.error.KimiException;
import dev.kimi.error.RateLimitException;
import dev.kimi.error.ServerException;
import dev.kimi.error.TruncatedStreamException.Partial;
import dev.kimi.internal.protocol.Captures;
import dev.kimi.internal.protocol.ChatStreamDecoder;
import dev.kimi.internal.protocol.ErrorContext;
import dev.kimi.internal.protocol.Protocol;
import dev.kimi.internal.protocol.StreamFailure;
import dev.kimi.internal.sse.SseLimits;
import dev.kimi.transport.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class OpenAiStreamDecoderTest {

    private static final ErrorContext CONTEXT =
            new ErrorContext(1, Duration.ZERO, Instant.parse("2026-09-01T00:00:00Z"));
    private static final Protocol PROTOCOL = new OpenAiProtocol();
    private static final Headers SSE = Headers.builder()
            .add("content-type", "text/event-stream; charset=utf-8")
            .add("x-msh-trace-id", "t1")
            .build();

    @TestFactory
    Stream<DynamicTest> every_oddity_is_read_however_it_is_split() {
        return Captures.table(OpenAiStreamDecoderTest.class, "streams.tsv").stream()
                .map(row -> DynamicTest.dynamicTest(row[0], () -> {
                    byte[] stream = fixture(row[0]);
                    check(row, run(stream, List.of()));
                    // Every place is the parser's own test; here a prime step meets all kinds of places.
                    for (int at = 0; at <= stream.length; at += 7) {
                        check(row, run(stream, List.of(at)));
                    }
                    List<Integer> everywhere = new ArrayList<>();
                    for (int at = 1; at < stream.length; at++) {
                        everywhere.add(at);
                    }
                    check(row, run(stream, everywhere));
                }));
    }

    private record Run(
            ChatStreamDecoder decoder,
            List<ChatEvent> events,
            @Nullable KimiException failure) {}

    private static Run run(byte[] stream, List<Integer> splits) {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        List<ChatEvent> events = new ArrayList<>();
        try {
            int from = 0;
            for (int at : splits) {
                decoder.feed(ByteBuffer.wrap(Arrays.copyOfRange(stream, from, at)), events::add);
                from = at;
            }
            decoder.feed(ByteBuffer.wrap(Arrays.copyOfRange(stream, from, stream.length)), events::add);
            decoder.end(events::add);
        } catch (StreamFailure e) {
            return new Run(decoder, events, e.toException(CONTEXT));
        }
        return new Run(decoder, events, null);
    }

    private static void check(String[] row, Run run) {
        String outcome = run.failure() != null
                ? run.failure().getClass().getSimpleName()
                : run.decoder().complete() ? "whole" : "truncated";
        Partial partial = run.decoder().partial();

        assertThat(outcome).isEqualTo(row[1]);
        assertThat(List.of(dash(partial.text()), dash(partial.reasoning()), finish(run.events()), usage(run.events())))
                .containsExactly(row[2], row[3], row[5], row[6]);
        if (outcome.equals("whole")) {
            checkWhole(row, run.decoder().response());
        } else {
            assertThat(calls(partial.toolCalls().stream()
                            .map(call -> call.id() + " " + call.name() + " " + call.arguments())))
                    .isEqualTo(row[4]);
            assertThat(row[6].equals("-") ? "-1/-1/" : row[6])
                    .startsWith(partial.promptTokens() + "/" + partial.completionTokens() + "/");
            assertThatThrownBy(run.decoder()::response).isInstanceOf(IllegalStateException.class);
        }
        if (run.failure() != null) {
            assertThat(run.failure().status()).isEqualTo(200);
            assertThat(run.failure().requestId()).isEqualTo("t1");
        }
    }

    private static void checkWhole(String[] row, ChatResponse response) {
        assertThat(response.text()).isEqualTo(row[2].equals("-") ? "" : row[2]);
        assertThat(response.reasoning()).isEqualTo(row[3].equals("-") ? "" : row[3]);
        assertThat(calls(response.toolCalls().stream()
                        .map(call -> call.id() + " " + call.name() + " " + call.arguments())))
                .isEqualTo(row[4]);
        assertThat(response.finishReason().value()).isEqualTo(row[5].equals("-") ? "unknown" : row[5]);
        assertThat(response.usage()).isEqualTo(row[6].equals("-") ? Usage.NONE : lastUsage(row[6]));
        assertThat(response.id()).isEqualTo(row[7]);
        assertThat(response.requestId()).isEqualTo("t1");
    }

    private static Usage lastUsage(String counts) {
        long[] n = Arrays.stream(counts.split("/")).mapToLong(Long::parseLong).toArray();
        return UsageFixture.usage(n[0], n[1], n[2], n[3], n[4]);
    }

    private static String dash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private static String calls(Stream<String> calls) {
        return dash(calls.collect(Collectors.joining("; ")));
    }

    private static String finish(List<ChatEvent> events) {
        String reason = "-";
        for (ChatEvent event : events) {
            reason = event instanceof ChatEvent.Finished finished
                    ? finished.reason().value()
                    : reason;
        }
        return reason;
    }

    private static String usage(List<ChatEvent> events) {
        String usage = "-";
        for (ChatEvent event : events) {
            if (event instanceof ChatEvent.Tokens tokens) {
                Usage u = tokens.usage();
                usage = u.promptTokens() + "/" + u.completionTokens() + "/" + u.totalTokens() + "/" + u.cachedTokens()
                        + "/" + u.reasoningTokens();
            }
        }
        return usage;
    }

    @Test
    void line_ends_inside_a_stream_may_be_cr_lf() throws IOException {
        byte[] crlf = new String(fixture("plain"), StandardCharsets.UTF_8)
                .replace("\n", "\r\n")
                .getBytes(StandardCharsets.UTF_8);
        assertThat(run(crlf, List.of()).decoder().response().text()).isEqualTo("Hello 月");
    }

    @Test
    void events_come_in_the_order_in_which_they_make_sense() {
        List<ChatEvent> events =
                run(fixture("usage-in-choice-then-empty-choices"), List.of()).events();

        assertThat(events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Text", "Finished", "Tokens", "Tokens");
        assertThat(run(fixture("reasoning-three-names-at-once"), List.of()).events())
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Reasoning", "Text", "Finished");
    }

    @Test
    void usage_alone_is_no_first_event() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        List<ChatEvent> events = new ArrayList<>();

        feed(
                decoder,
                "data: {\"choices\":[{\"delta\":{\"content\":\"\"}}],\"usage\":{\"prompt_tokens\":9}}\n\n",
                events);
        assertThat(events).isEmpty();
        assertThat(decoder.eventsRead()).isEqualTo(1);

        feed(decoder, "data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", events);
        assertThat(events)
                .containsExactly(new ChatEvent.Text("x"), new ChatEvent.Tokens(UsageFixture.usage(9, 0, 9, 0, 0)));
    }

    @Test
    void comments_are_no_events() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        feed(decoder, ": ping\n\n: ping\n\n", new ArrayList<>());
        assertThat(decoder.eventsRead()).isZero();
    }

    @Test
    void tool_fragments_say_what_is_known_so_far() {
        assertThat(run(fixture("tools-name-late"), List.of()).events())
                .contains(
                        new ChatEvent.ToolFragment(0, "", "", "{\"a\""),
                        new ChatEvent.ToolFragment(0, "f:0", "add", ":1}"));
        assertThat(run(fixture("tools-only-index-1"), List.of()).events())
                .contains(new ChatEvent.ToolFragment(0, "f:0", "add", "{}"));
    }

    @Test
    void unknown_members_are_kept() {
        ChatResponse response =
                run(fixture("extra-members"), List.of()).decoder().response();
        assertThat(response.extra())
                .containsEntry("system_fingerprint", "fp")
                .containsEntry("provider", "P")
                .containsEntry("citations", List.of("u"))
                .doesNotContainKey("odd");
        assertThat(run(fixture("usage-beyond-double"), List.of())
                        .decoder()
                        .response()
                        .extra())
                .containsEntry("seed", 7228414683750928000L);
    }

    @Test
    void routed_reasoning_is_put_together_for_its_way_back() {
        ChatResponse response =
                run(fixture("reasoning-routed"), List.of()).decoder().response();
        assertThat(response.message().blocks().get(0))
                .isEqualTo(
                        new Message.Block(
                                new ContentPart.Reasoning("ab", "sig"),
                                null,
                                "{\"reasoning\":\"ab\",\"reasoning_details\":"
                                        + "[{\"type\":\"reasoning.text\",\"text\":\"ab\",\"index\":0,\"signature\":\"sig\"}]}"));
    }

    @Test
    void an_error_in_the_stream_says_when_to_try_again() {
        assertThat(run(fixture("error-event"), List.of()).failure())
                .isInstanceOfSatisfying(RateLimitException.class, e -> {
                    assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(2));
                    assertThat(e.limit()).isEqualTo(RateLimitException.Limit.REQUESTS_PER_MINUTE);
                    assertThat(e.errorType()).isEqualTo("rate_limit_reached_error");
                });
    }

    @Test
    void a_stream_over_a_limit_is_reported() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        assertThatThrownBy(() -> feed(decoder, "data: " + "x".repeat(2 << 20), new ArrayList<>()))
                .isInstanceOfSatisfying(
                        StreamFailure.class,
                        e -> assertThat(e.toException(CONTEXT))
                                .isInstanceOf(ServerException.class)
                                .hasMessageContaining("over its limit"));
    }

    @Test
    void a_limit_passed_by_the_last_unfinished_line_is_reported_too() {
        ChatStreamDecoder decoder = new OpenAiStreamDecoder(SSE, new SseLimits(64, 64, 1_024, 64));
        feed(decoder, "data: " + "x".repeat(40) + "\ndata: " + "x".repeat(40), new ArrayList<>());

        assertThatThrownBy(() -> decoder.end(event -> {}))
                .isInstanceOfSatisfying(
                        StreamFailure.class,
                        e -> assertThat(e.toException(CONTEXT)).hasMessageContaining("64 bytes per event"));
    }

    @Test
    void what_comes_after_the_end_mark_may_be_over_a_limit() {
        ChatStreamDecoder decoder = new OpenAiStreamDecoder(SSE, new SseLimits(64, 64, 1_024, 64));

        feed(decoder, "data:{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n", new ArrayList<>());
        feed(decoder, "data: [DONE]\n\n" + "x".repeat(100), new ArrayList<>());

        assertThat(decoder.complete()).isTrue();
    }

    @Test
    void a_thousand_tool_calls_are_enough() {
        ChatStreamDecoder decoder = PROTOCOL.decoder(SSE);
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 2_000; i++) {
                        feed(
                                decoder,
                                "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":" + i
                                        + ",\"id\":\"x\"}]}}]}\n\n",
                                new ArrayList<>());
                    }
                })
                .isInstanceOf(StreamFailure.class);
    }

    @Test
    void one_json_body_in_place_of_a_stream_is_read_too() {
        Headers json = Headers.builder().add("content-type", "Application/JSON").build();
        List<ChatEvent> events = new ArrayList<>();
        ChatStreamDecoder decoder = PROTOCOL.decoder(json);

        feed(decoder, "{\"id\":\"a\",\"choices\":[{\"message\":{\"content\":\"x\"},", events);
        assertThat(decoder.complete()).isFalse();
        feed(decoder, "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}", events);

        assertThat(decoder.complete()).isTrue();
        assertThat(decoder.response().text()).isEqualTo("x");
        assertThat(events)
                .extracting(event -> event.getClass().getSimpleName())
                .containsExactly("Text", "Finished", "Tokens");

        ChatStreamDecoder failing = PROTOCOL.decoder(json);
        assertThatThrownBy(() -> feed(failing, "{\"error\":{\"type\":\"rate_limit_error\",\"message\":\"x\"}}", events))
                .isInstanceOfSatisfying(
                        StreamFailure.class,
                        e -> assertThat(e.toException(CONTEXT)).isInstanceOf(RateLimitException.class));
    }

    private static void feed(ChatStreamDecoder decoder, String text, List<ChatEvent> events) {
        decoder.feed(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), events::add);
    }

    private static byte[] fixture(String name) {
        try (InputStream in = OpenAiStreamDecoderTest.class.getResourceAsStream("streams/" + name + ".sse")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
