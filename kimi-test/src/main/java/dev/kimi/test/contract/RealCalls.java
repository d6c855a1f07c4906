package dev.kimi.test.contract;

import dev.kimi.KimiClient;
import dev.kimi.KimiClientBuilder;
import dev.kimi.KimiClientBuilder.ThinkingMismatch;
import dev.kimi.auth.Credentials;
import dev.kimi.auth.CredentialsProvider;
import dev.kimi.chat.ChatRequest;
import dev.kimi.chat.ChatResponse;
import dev.kimi.chat.ChatStream;
import dev.kimi.chat.ContentPart;
import dev.kimi.chat.Message;
import dev.kimi.chat.Provenance;
import dev.kimi.error.AuthenticationException;
import dev.kimi.error.KimiException;
import dev.kimi.event.CallListener;
import dev.kimi.retry.RetryDecision;
import dev.kimi.time.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Calls of a client without a network, on a clock that moves when a call waits: each as the engine really makes it. */
final class RealCalls implements AutoCloseable {

    private static final ChatRequest REQUEST = ChatRequest.of("Why is the sky blue?");
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration FIRST_EVENT = Duration.ofMillis(300);
    private static final String RESPONSE = """
            {"id": "c-1", "choices": [{"message": {"role": "assistant", "content": "Rayleigh scattering."},
            "finish_reason": "stop"}], "usage": {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}}""";
    private static final String REPAIRED = """
            {"type": "message", "content": [{"type": "text", "text": "Rayleigh scattering."}],
            "stop_reason": "end_turn", "input_transformations":
            [{"type": "thinking_dropped", "reason": "prefix_binding_mismatch"}]}""";
    private static final String EVENT = """
            data: {"choices": [{"index": 0, "delta": {"content": "Rayleigh"}}]}

            """;
    private static final String END = """
            data: {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

            data: [DONE]

            """;

    private final VirtualTime time = new VirtualTime();
    private final PromptedTransport service = new PromptedTransport();
    private final Keys keys = new Keys();
    private final KimiClient client;
    private final KimiClient claude;
    private final KimiClient routed;
    private final KimiClient hedging;

    RealCalls(CallListener listener) {
        client = builder(listener).name("contract").model("kimi-k3").build();
        claude = builder(listener)
                .name("contract-claude")
                .protocol(Provenance.ANTHROPIC)
                .model("claude-opus-5-5")
                .thinkingMismatch(ThinkingMismatch.REPAIR)
                .build();
        routed = builder(listener)
                .name("contract-routed")
                .failover(builder(listener).name("contract-other").baseUrl("https://other.test"))
                .build();
        hedging = builder(listener)
                .name("contract-hedging")
                .failover(builder(listener).name("contract-second").baseUrl("https://second.test"))
                .hedging(0.5)
                .build();
    }

    private KimiClientBuilder builder(CallListener listener) {
        return KimiClient.builder()
                .credentials(keys)
                .transport(service)
                .time(time, time)
                .callbackExecutor(Runnable::run)
                .retryPolicy(failed -> failed.attempt() < 3 ? RetryDecision.after(BACK_OFF) : RetryDecision.stop())
                .listener(listener);
    }

    @Override
    public void close() {
        client.close();
        claude.close();
        routed.close();
        hedging.close();
    }

    void succeeds() {
        CompletableFuture<ChatResponse> call = client.chatAsync(REQUEST);
        succeed();
        call.join();
    }

    void hasNoModel() {
        CompletableFuture<?> call = client.modelsAsync();
        service.next().respond(200, "{\"object\": \"list\", \"data\": []}");
        call.join();
    }

    void isRetriedAndFails() {
        client.chatAsync(REQUEST);
        for (int attempt = 0; attempt < 3; attempt++) {
            service.next().respond(503, "{\"error\": {\"message\": \"busy\"}}", "x-request-id", "r-1");
            time.advance(BACK_OFF);
        }
    }

    void isSentAgainWithNewCredentials() {
        client.chatAsync(REQUEST);
        service.next().respond(401, "{\"error\": {\"message\": \"who?\"}}");
        succeed();
    }

    void neverGetsCredentials() {
        keys.none = true;
        client.chatAsync(REQUEST);
        keys.none = false;
    }

    void isHeldAtAGate() {
        client.chatAsync(REQUEST);
        service.next().respond(429, "{\"error\": {\"type\": \"rate_limit_reached_error\"}}", "retry-after", "20");
        client.chatAsync(REQUEST);
        for (int call = 0; call < 2; call++) {
            time.advance(Duration.ofSeconds(30));
            succeed();
        }
    }

    /** Budget, gates and throttle are as new. */
    void forgetLimits() {
        client.resetLimits();
        routed.resetLimits();
    }

    void losesContentOnItsWay() {
        Provenance elsewhere = new Provenance(Provenance.ANTHROPIC, "elsewhere.test", "other");
        client.chatAsync(ChatRequest.builder()
                .user("Hi")
                .message(Message.of(
                        Message.Role.ASSISTANT,
                        List.of(
                                new Message.Block(new ContentPart.Reasoning("Hm.", null), elsewhere, null),
                                new Message.Block(ContentPart.text("Hello"), elsewhere, null))))
                .user("Go on.")
                .build());
        succeed();
    }

    /** What was changed, and what the service says that it left out, comes amid the attempts. */
    void isRepairedAndLosesReasoning() {
        claude.chatAsync(REQUEST);
        service.next().respond(400, "{\"error\": {\"message\": \"The block is bound to a different conversation.\"}}");
        service.next().respond(200, REPAIRED, "content-type", "application/json");
    }

    /** The first call fails where it begins; the next one begins elsewhere, since that failure holds for it too. */
    void goesElsewhere() {
        CompletableFuture<ChatResponse> failing = routed.chatAsync(REQUEST);
        service.next().respond(403, "{\"error\": {\"message\": \"not you\"}}");
        succeed();
        failing.join();
        CompletableFuture<ChatResponse> next = routed.chatAsync(REQUEST);
        succeed();
        next.join();
    }

    /** Once it is known how long a stream takes, one that takes longer is sent to the second endpoint too. */
    void isSentToTwoEndpoints() {
        for (int measured = 0; measured < 20; measured++) {
            ChatStream stream = hedging.stream(REQUEST);
            time.advance(FIRST_EVENT);
            respond(stream);
        }
        ChatStream slow = hedging.stream(REQUEST);
        service.next();
        time.advance(FIRST_EVENT.multipliedBy(2));
        respond(slow);
    }

    private void respond(ChatStream stream) {
        PromptedTransport.Sent exchange = begin();
        exchange.chunk(EVENT);
        exchange.chunk(END);
        exchange.end();
        try (stream) {
            stream.forEach(event -> {});
        }
    }

    void isCancelledBeforeItsResponse() {
        CompletableFuture<ChatResponse> call = client.chatAsync(REQUEST);
        service.next();
        call.cancel(true);
    }

    void passesItsDeadline() {
        client.chatAsync(ChatRequest.builder().user("?").deadline(BACK_OFF).build());
        service.next();
        time.advance(BACK_OFF);
    }

    void streams() {
        respond(client.stream(REQUEST));
    }

    void streamsAndIsCutOff() {
        ChatStream stream = client.stream(REQUEST);
        PromptedTransport.Sent exchange = begin();
        exchange.chunk(EVENT);
        exchange.end();
        stream.close();
    }

    void streamsAndIsClosed() {
        ChatStream stream = client.stream(REQUEST);
        begin().chunk(EVENT);
        stream.close();
    }

    /** Begins calls that are under way together. */
    List<PromptedTransport.Sent> begin(int calls) {
        List<PromptedTransport.Sent> sent = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            client.chatAsync(REQUEST);
        }
        for (int i = 0; i < calls; i++) {
            sent.add(service.next());
        }
        return sent;
    }

    static void succeed(PromptedTransport.Sent exchange) {
        exchange.respond(200, RESPONSE, "content-type", "application/json");
    }

    private void succeed() {
        succeed(service.next());
    }

    private PromptedTransport.Sent begin() {
        PromptedTransport.Sent exchange = service.next();
        exchange.headers(200, "content-type", "text/event-stream");
        return exchange;
    }

    /** Others after each rejection. */
    private static final class Keys implements CredentialsProvider {
        private int number;
        private boolean none;

        @Override
        public CompletionStage<Credentials> credentials() {
            return none
                    ? CompletableFuture.failedFuture(
                            new AuthenticationException("no credentials", KimiException.Details.NONE, null))
                    : CompletableFuture.completedFuture(Credentials.bearer("sk-contract-" + number));
        }

        @Override
        public boolean invalidate(Credentials rejected) {
            number++;
            return true;
        }
    }
}
